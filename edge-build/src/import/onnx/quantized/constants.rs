//! Quantized constants.

use super::grid::{Grid, Storage, ints};
use crate::import::builder::{Constant, Datum};
use crate::import::onnx::node::resolve_axis;
use crate::import::problem::Problem;
use crate::ir::{Quant, QuantParams, Tensor};
use std::sync::Arc;

/// The floats that integers stand for, with the grid that they lie on.
pub(super) fn dequantized(tensor: &Tensor, grid: &Grid) -> Result<Datum, Problem> {
    let (len, inner) = grid.walk(tensor.shape())?;
    let numbers = ints(tensor)?;
    let mut reals = Vec::with_capacity(numbers.len());
    for (index, q) in numbers.iter().enumerate() {
        let channel = (index / inner.max(1)) % len.max(1);
        let (scale, zero) = (grid.scales.get(channel), grid.zeros.get(channel));
        let (Some(scale), Some(zero)) = (scale, zero) else {
            return Err(Problem::broken("a scale is missing"));
        };
        reals.push(q.saturating_sub(*zero) as f32 * scale);
    }
    let quant = lattice(grid, tensor.shape())?;
    Tensor::from_f32(tensor.shape(), reals)
        .map(|tensor| {
            let tensor = Arc::new(tensor);
            Datum::Constant(Constant { tensor, quant })
        })
        .ok_or_else(|| Problem::broken("a constant whose shape does not fit"))
}

/// The grid of the floats: multiples of the scales, whatever the zero points were.
fn lattice(grid: &Grid, shape: &[usize]) -> Result<Option<Quant>, Problem> {
    let sound = |scale: &f32| scale.is_finite() && *scale > 0.0;
    if !grid.scales.iter().all(sound) {
        return Ok(None);
    }
    Ok(match (grid.axis, grid.scales.as_slice()) {
        (Some(axis), scales) => Some(Quant::PerChannel {
            axis: resolve_axis(axis, shape.len())?,
            scales: scales.to_vec(),
        }),
        (None, &[scale]) => Some(Quant::PerTensor(QuantParams {
            scale,
            zero_point: 0,
        })),
        (None, _) => None,
    })
}

/// The integers nearest to floats, halves to even.
pub(super) fn quantized(tensor: &Tensor, grid: &Grid) -> Result<Datum, Problem> {
    let (len, inner) = grid.walk(tensor.shape())?;
    let reals = tensor
        .as_f32()
        .ok_or_else(|| Problem::dtype(format!("QuantizeLinear of {}", tensor.ty()), "floats"))?;
    let [least, greatest] = grid.storage.range();
    let mut numbers = Vec::with_capacity(reals.len());
    for (index, x) in reals.iter().enumerate() {
        let channel = (index / inner.max(1)) % len.max(1);
        let (scale, zero) = (grid.scales.get(channel), grid.zeros.get(channel));
        let (Some(scale), Some(zero)) = (scale, zero) else {
            return Err(Problem::broken("a scale is missing"));
        };
        let steps = (x / scale).round_ties_even() as i64;
        let q = steps.saturating_add(*zero);
        numbers.push(q.clamp(least.into(), greatest.into()));
    }
    let shape = tensor.shape();
    let tensor = match grid.storage {
        Storage::I8 => Tensor::from_i8(shape, numbers.iter().map(|&q| q as i8).collect()),
        Storage::U8 => Tensor::from_u8(shape, numbers.iter().map(|&q| q as u8).collect()),
    };
    tensor
        .map(Datum::from)
        .ok_or_else(|| Problem::broken("a constant whose shape does not fit"))
}
