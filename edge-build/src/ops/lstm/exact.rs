//! The layer in integers.
//!
//! Source: `TFLite` Micro `lstm_eval_common.cc`.

use super::Lstm;
use crate::ir::{DType, Quant, QuantParams, TensorType};
use crate::lower::arithmetic::params_of;
use crate::lower::exact::multiplier::{check_i32, check_i64, conv_factor, quantize_multiplier};
use crate::lower::{LowerError, NodeLowering};
use crate::ops::recurrent;
use crate::program::{Element, Kernel};
use edge_core::params::{LstmExact, Sequence};
use edge_core::quant::{Scale, TableScale};

/// Inputs of functions have steps of 2⁻¹².
const GATE_STEP: f32 = 1.0 / 4096.0;
/// Outputs of functions have steps of 2⁻¹⁵.
const FUNCTION_STEP: f64 = 1.0 / 32768.0;
/// Greatest product of two 16-bit numbers.
const GREATEST_PRODUCT: i64 = 1 << 30;

/// The kernel with its constants: weights, recurrent weights, bias, bias of the state.
pub(super) fn layer(
    op: &Lstm,
    node: &mut NodeLowering<'_>,
    sequence: Sequence,
) -> Result<(Kernel, Vec<usize>), LowerError> {
    let [x, h, c] = [0, 4, 5].map(|index| node.input_type(index));
    let (x, h, c) = (x?, h?, c?);
    let (x_quant, hidden) = (params_of(x)?, params_of(h)?);
    let bias = recurrent::integers(node.input_tensor(3)?)?;
    let inputs = side(node, 1, x, x_quant, &bias)?;
    let recurrent = side(node, 2, h, hidden, &vec![0; bias.len()])?;
    let cell = f64::from(params_of(c)?.scale);
    let product = |factor: f64| {
        let scale = quantize_multiplier(factor)?;
        check_i32(scale, GREATEST_PRODUCT)?;
        Ok::<Scale, LowerError>(scale)
    };
    let p = LstmExact {
        sequence,
        input_scales: inputs.scales,
        hidden_scales: recurrent.scales,
        forget_scale: product(FUNCTION_STEP * cell / cell)?,
        input_scale: product(FUNCTION_STEP * FUNCTION_STEP / cell)?,
        cell_range: cell_range(op.cell_clip, cell),
        cell_tanh: cell_tanh(params_of(c)?.scale)?,
        output_scale: product(FUNCTION_STEP * FUNCTION_STEP / f64::from(hidden.scale))?,
        output_zero: hidden.zero_point,
        output_range: range(x.dtype),
    };
    let mut constants = vec![
        recurrent::bytes(node, 1, "weights")?,
        recurrent::bytes(node, 2, "recurrent weights")?,
    ];
    let names = ["bias", "bias of the state"];
    for (what, bias) in names.iter().zip([&inputs.bias, &recurrent.bias]) {
        constants.push(if x.dtype == DType::I8 {
            // The bounds above keep them in 32 bits.
            let narrow: Vec<i32> = bias.iter().map(|&bias| bias as i32).collect();
            node.add_constant(what, Element::I32, &narrow)
        } else {
            node.add_constant(what, Element::I64, bias)
        });
    }
    let kernel = if x.dtype == DType::I8 {
        Kernel::LstmExactS8(p)
    } else {
        Kernel::LstmExactS16(p)
    };
    Ok((kernel, constants))
}

/// One of the two sums of each gate.
struct Side {
    scales: [Scale; 4],
    /// With the zero point of the inputs folded in, `[4, units]`.
    bias: Vec<i64>,
}

fn side(
    node: &NodeLowering<'_>,
    input: usize,
    x: &TensorType,
    quant: QuantParams,
    bias: &[i64],
) -> Result<Side, LowerError> {
    let ty = node.input_type(input)?;
    let tensor = node.input_tensor(input)?;
    let weights = tensor
        .as_i8()
        .ok_or_else(|| LowerError::of_dtype(tensor.dtype()))?;
    let Some(Quant::PerChannel { axis: 0, scales }) = &ty.quant else {
        return Err(LowerError::new(
            format!("weights {ty} without a scale per gate"),
            "a scale per gate",
        ));
    };
    let zero = i64::from(quant.zero_point);
    let [low, high] = range(x.dtype).map(i64::from);
    let most = (low - zero).abs().max((high - zero).abs());
    let rows = bias.len().max(1);
    let mut folded = Vec::with_capacity(bias.len());
    let mut bounds = [0i64; 4];
    for (row, (&bias, weights)) in bias
        .iter()
        .zip(weights.chunks(weights.len().div_ceil(rows).max(1)))
        .enumerate()
    {
        let sum: i64 = weights.iter().map(|&w| i64::from(w)).sum();
        let size: i64 = weights.iter().map(|&w| i64::from(w).abs()).sum();
        folded.push(bias.saturating_sub(zero * sum));
        if let Some(bound) = bounds.get_mut(row * 4 / rows) {
            *bound = (*bound).max(bias.saturating_abs().saturating_add(size * most));
        }
    }
    let mut made = [Scale {
        multiplier: 0,
        shift: 0,
    }; 4];
    for ((made, &weight), bound) in made.iter_mut().zip(scales).zip(bounds) {
        *made = quantize_multiplier(conv_factor(quant.scale, weight, GATE_STEP))?;
        if x.dtype == DType::I8 {
            check_i32(*made, bound)?;
        } else {
            check_i64(*made, bound)?;
        }
    }
    Ok(Side {
        scales: made,
        bias: folded,
    })
}

fn range(dtype: DType) -> [i32; 2] {
    if dtype == DType::I8 {
        [i8::MIN, i8::MAX].map(i32::from)
    } else {
        [i16::MIN, i16::MAX].map(i32::from)
    }
}

/// Limits of the cell, cut towards zero to whole steps.
fn cell_range(clip: f32, scale: f64) -> [i32; 2] {
    if !clip.is_finite() {
        return range(DType::I16);
    }
    let steps = (f64::from(clip) / scale).clamp(-32768.0, 32767.0) as i32;
    [-steps, steps]
}

/// What brings a cell to the table of tanh; its scale counts as the nearest power of two.
fn cell_tanh(scale: f32) -> Result<TableScale, LowerError> {
    let power = (scale.ln() * (1.0 / std::f32::consts::LN_2)).round();
    let shift = power as i32 + 12;
    match shift {
        0..=14 => Ok(TableScale {
            multiplier: 3 << shift,
            shift: 0,
        }),
        -31..=-1 => Ok(TableScale {
            multiplier: 3,
            shift: shift.unsigned_abs(),
        }),
        _ => Err(LowerError::new(
            format!("a cell with scale {scale:e}"),
            "cells with scales between 2^-43 and 4",
        )),
    }
}
