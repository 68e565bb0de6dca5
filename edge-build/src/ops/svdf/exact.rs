//! The layer in integers.
//!
//! Source: `TFLite` Micro `svdf_common.cc`.

use crate::ir::DType;
use crate::lower::arithmetic::{fit_i32, params_of};
use crate::lower::exact::multiplier::{check_i32, quantize_multiplier};
use crate::lower::{LowerError, NodeLowering};
use crate::ops::recurrent;
use crate::program::{Element, Kernel};
use edge_core::params::{Svdf, SvdfExact};

/// The kernel with its constants: features, their sums, time, bias.
pub(super) fn layer(
    node: &mut NodeLowering<'_>,
    shape: Svdf,
) -> Result<(Kernel, Vec<usize>), LowerError> {
    let wide = node.input_type(2)?.dtype == DType::I16;
    let [x, features, time, state] =
        [0, 1, 2, 4].map(|index| node.input_type(index).and_then(params_of));
    let (x, features, time, state) = (x?, features?, time?, state?);
    let y = params_of(node.output_type())?;
    // In single precision, as the reference.
    let feature_factor = x.scale * features.scale / state.scale;
    let output_factor = state.scale * time.scale / y.scale;
    let range = if wide {
        [i32::from(i16::MIN), i32::from(i16::MAX)]
    } else {
        [i32::from(i8::MIN), i32::from(i8::MAX)]
    };
    let p = SvdfExact {
        shape,
        feature_scale: quantize_multiplier(f64::from(feature_factor))?,
        memory_zero: state.zero_point,
        memory_range: range,
        output_scale: quantize_multiplier(f64::from(output_factor))?,
        output_zero: y.zero_point,
    };
    let weights = recurrent::integers(node.input_tensor(1)?)?;
    let sums = fold(&weights, shape.inputs, x.zero_point, &[]);
    check_i32(p.feature_scale, bound(&sums, &weights, shape.inputs, 128))?;
    let weights = recurrent::integers(node.input_tensor(2)?)?;
    let bias = recurrent::integers(node.input_tensor(3)?)?;
    let len = shape.rank * shape.memory;
    let bias = fold(&weights, len, state.zero_point, &bias);
    if p.output_scale.shift > 0 {
        let most = i64::from(range[1]) + 1;
        check_i32(p.output_scale, bound(&bias, &weights, len, most))?;
    }
    let sums: Vec<i32> = sums.into_iter().map(fit_i32).collect::<Result<_, _>>()?;
    let mut constants = vec![
        recurrent::bytes(node, 1, "features")?,
        node.add_constant("sums of the features", Element::I32, &sums),
    ];
    // Sums wrap at 32 bits, and so may what they start with.
    let bias: Vec<i32> = bias.into_iter().map(|bias| bias as i32).collect();
    constants.push(if wide {
        let tensor = node.input_tensor(2)?;
        let time = tensor
            .as_i16()
            .ok_or_else(|| LowerError::of_dtype(tensor.dtype()))?;
        node.add_constant("time", Element::I16, time)
    } else {
        recurrent::bytes(node, 2, "time")?
    });
    constants.push(node.add_constant("bias", Element::I32, &bias));
    let kernel = if wide {
        Kernel::SvdfS16(p)
    } else {
        Kernel::SvdfS8(p)
    };
    Ok((kernel, constants))
}

/// `bias − zero · Σ w` of each row of `len` weights.
fn fold(weights: &[i64], len: usize, zero: i32, bias: &[i64]) -> Vec<i64> {
    let rows = weights.chunks(len.max(1)).enumerate();
    rows.map(|(row, weights)| {
        let bias = bias.get(row).copied().unwrap_or(0);
        bias - i64::from(zero) * weights.iter().sum::<i64>()
    })
    .collect()
}

/// The greatest sum of a row where inputs are at most `most`.
fn bound(bias: &[i64], weights: &[i64], len: usize, most: i64) -> i64 {
    let rows = bias.iter().zip(weights.chunks(len.max(1)));
    let sizes = rows.map(|(bias, weights)| {
        let size: i64 = weights.iter().map(|w| w.abs()).sum();
        bias.abs() + size * most
    });
    sizes.max().unwrap_or(0)
}
