//! Layers with constant weights and a bias: convolutions and fully connected layers.

use super::{LowerError, NodeLowering, arithmetic};
use crate::ir::{Quant, Tensor};
use crate::program::{Element, Kernel};
use edge_core::quant::Requant;

/// Emits a float layer: input 1 is the weights, input 2 the bias.
///
/// # Errors
/// If weights or bias are not constant floats.
pub fn lower_f32(node: &mut NodeLowering<'_>, kernel: Kernel) -> Result<(), LowerError> {
    let (weights, bias) = (node.input_tensor(1)?, node.input_tensor(2)?);
    let (Some(w), Some(b)) = (weights.as_f32(), bias.as_f32()) else {
        return Err(LowerError::new(
            format!("weights {}, bias {}", weights.ty(), bias.ty()),
            "floats",
        ));
    };
    let name = &node.node().name;
    let w = node.add_constant(&format!("{name} weights {}", weights.ty()), Element::F32, w);
    let b = node.add_constant(&format!("{name} bias {}", bias.ty()), Element::F32, b);
    let x = node.operand(0)?;
    node.step(kernel, &[x], &[w, b]);
    Ok(())
}

/// Emits an int8 layer. The zero point of the input is folded into the bias; `kernel` makes the kernel from
/// the requantization and the value of the padding.
///
/// # Errors
/// If weights or bias are not quantized constants, or an accumulator could overflow.
pub fn lower_s8(
    node: &mut NodeLowering<'_>,
    axis: usize,
    kernel: impl FnOnce(Requant, i8) -> Kernel,
) -> Result<(), LowerError> {
    let (x, y) = (
        arithmetic::params_of(node.input_type(0)?)?,
        arithmetic::params_of(node.output_type())?,
    );
    let (weights, bias) = (node.input_tensor(1)?, node.input_tensor(2)?);
    let (Some(w), Some(b)) = (weights.as_i8(), bias.as_i32()) else {
        return Err(LowerError::new(
            format!("weights {}, bias {}", weights.ty(), bias.ty()),
            "i8 weights, i32 bias",
        ));
    };
    let scales = channel_scales(node, axis, b.len())?;
    let sums = channel_sums(weights, axis, w);
    let mut folded = Vec::with_capacity(b.len());
    let mut bound = 0;
    for (&bias, sum) in b.iter().zip(&sums) {
        let value = i64::from(bias) - i64::from(x.zero_point) * sum.total;
        bound = bound.max(value.abs() + 128 * sum.absolute);
        folded.push(arithmetic::fit_i32(value)?);
    }
    let real: Vec<f64> = scales
        .iter()
        .map(|s| f64::from(x.scale) * f64::from(*s) / f64::from(y.scale))
        .collect();
    let (multipliers, requant) = arithmetic::requant(&real, y.zero_point, bound)?;
    let name = &node.node().name;
    let constants = [
        node.add_constant(&format!("{name} weights {}", weights.ty()), Element::I8, w),
        node.add_constant(
            &format!("{name} bias, input zero point folded"),
            Element::I32,
            &folded,
        ),
        node.add_constant(&format!("{name} multipliers"), Element::I32, &multipliers),
    ];
    let operand = node.operand(0)?;
    node.step(kernel(requant, x.zero_point as i8), &[operand], &constants);
    Ok(())
}

fn channel_scales(
    node: &NodeLowering<'_>,
    axis: usize,
    channels: usize,
) -> Result<Vec<f32>, LowerError> {
    let ty = node.input_type(1)?;
    match &ty.quant {
        Some(Quant::PerChannel { axis: by, scales }) if *by == axis && scales.len() == channels => {
            Ok(scales.clone())
        }
        Some(Quant::PerTensor(params)) if params.zero_point == 0 => {
            Ok(vec![params.scale; channels])
        }
        Some(Quant::PerTensor(_) | Quant::PerChannel { .. }) | None => Err(LowerError::new(
            format!("weights {ty} whose scales do not fit {channels} channels of axis {axis}"),
            "symmetric weights, one scale per output channel",
        )),
    }
}

/// Sum and absolute sum of the weights of one output channel.
#[derive(Clone, Copy, Default)]
struct ChannelSum {
    total: i64,
    absolute: i64,
}

fn channel_sums(weights: &Tensor, axis: usize, data: &[i8]) -> Vec<ChannelSum> {
    let shape = weights.shape();
    let channels = shape[axis];
    let inner: usize = shape[axis + 1..].iter().product();
    let mut sums = vec![ChannelSum::default(); channels];
    for (index, &w) in data.iter().enumerate() {
        let sum = &mut sums[index / inner.max(1) % channels.max(1)];
        sum.total += i64::from(w);
        sum.absolute += i64::from(w).abs();
    }
    sums
}
