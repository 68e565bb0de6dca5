//! Activations with a scale for each index of an axis. Inside the graph an activation has one scale, so its integers
//! stand for themselves, and floats are scaled.

use super::grid::{Grid, Storage};
use crate::import::builder::Datum;
use crate::import::bytes::themselves;
use crate::import::onnx::binary::pair;
use crate::import::onnx::node::{NodeCx, node_name, resolve_axis};
use crate::import::problem::Problem;
use crate::ir::{DType, Tensor, TensorType, ValueId};
use crate::ops::{Dequantize, Quantize};
use edge_core::params::{BinaryKind, UnaryFn};

/// Numbers for each index of the axis of a grid, as an operand that is walked with a tensor of a shape.
fn operand(grid: &Grid, numbers: Vec<f32>, shape: &[usize]) -> Result<Datum, Problem> {
    let (len, _) = grid.walk(shape)?;
    let axis = resolve_axis(grid.axis.unwrap_or(0), shape.len())?;
    let mut dims = vec![1; shape.len()];
    if let Some(dim) = dims.get_mut(axis) {
        *dim = len;
    }
    Tensor::from_f32(&dims, numbers)
        .map(Datum::from)
        .ok_or_else(|| Problem::broken("scales whose number does not fit"))
}

fn operands(grid: &Grid, shape: &[usize]) -> Result<[Datum; 2], Problem> {
    let sound = |scale: &f32| scale.is_finite() && *scale > 0.0;
    if !grid.scales.iter().all(sound) {
        return Err(Problem::attribute(
            format!("an activation with scales {:?}", grid.scales),
            "positive scales",
        ));
    }
    let zeros = grid.zeros.iter().map(|&zero| zero as f32).collect();
    Ok([
        operand(grid, grid.scales.clone(), shape)?,
        operand(grid, zeros, shape)?,
    ])
}

/// The reals that computed bytes stand for.
pub(super) fn dequantized(cx: &mut NodeCx<'_>, id: ValueId, grid: &Grid) -> Result<Datum, Problem> {
    let ty = cx.ty(&Datum::Computed(id));
    let unsigned = ty.dtype == DType::U8;
    let [scales, zeros] = operands(grid, &ty.shape)?;
    let name = node_name(cx.proto).to_owned();
    let id = cx.builder.signed(&name, id)?;
    let id = cx.builder.meaning(&name, id, themselves(unsigned))?;
    let real = TensorType::f32(ty.shape);
    let id = cx.builder.node_of_one(&name, Dequantize.into(), id, real)?;
    let centred = pair(cx, BinaryKind::Sub, &Datum::Computed(id), &zeros)?;
    pair(cx, BinaryKind::Mul, &centred, &scales)
}

/// The bytes nearest to computed reals.
pub(super) fn quantized(cx: &mut NodeCx<'_>, x: &Datum, grid: &Grid) -> Result<Datum, Problem> {
    let shape = cx.shape(x);
    let [scales, zeros] = operands(grid, &shape)?;
    let steps = pair(cx, BinaryKind::Div, x, &scales)?;
    let rounded = cx.unary(&steps, &[UnaryFn::Round])?;
    let shifted = pair(cx, BinaryKind::Add, &rounded, &zeros)?;
    let Datum::Computed(id) = shifted else {
        return Err(Problem::broken("a computed value that is a constant"));
    };
    let unsigned = grid.storage == Storage::U8;
    let name = node_name(cx.proto).to_owned();
    let bytes = TensorType::i8(shape, themselves(unsigned));
    let quantize = Quantize { dtype: DType::I8 };
    let id = cx.builder.node_of_one(&name, quantize.into(), id, bytes)?;
    Ok(Datum::Computed(if unsigned {
        cx.builder.unsigned(&name, id)?
    } else {
        id
    }))
}
