//! Operators on integers: the float operator between `DequantizeLinear` and `QuantizeLinear`.
//!
//! Source: ONNX `QLinearConv`, `QLinearMatMul`; onnxruntime's domain `com.microsoft`.

use super::grid::Grid;
use super::{constants, dequantized, quantized};
use crate::import::builder::Datum;
use crate::import::onnx::node::NodeCx;
use crate::import::onnx::ops::Read;
use crate::import::onnx::{
    binary as float_binary, conv as float_conv, matmul as float_matmul, normalization, pool,
    reduce, select, unary,
};
use crate::import::problem::Problem;
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

/// The first version of the standard operators whose softmax looks at one axis.
const SOFTMAX_OF_AXIS: i64 = 13;

/// Where a value and its quantization stand among the inputs of a node: value, scale, zero point.
type Place = [usize; 3];

/// The reals behind an input; scales per index belong to `axis`.
fn real(cx: &mut NodeCx<'_>, [x, scale, zero]: Place, axis: i64) -> Result<Datum, Problem> {
    let grid = Grid::of_input(cx, scale, zero, axis)?;
    let x = cx.input(x)?;
    dequantized(cx, &x, &grid)
}

/// Applies the reader of a float operator to other inputs, and quantizes what it makes.
fn between(
    cx: &mut NodeCx<'_>,
    inputs: Vec<Option<Datum>>,
    read: Read,
    output: [usize; 2],
) -> Result<Vec<Datum>, Problem> {
    let made = floats(cx, inputs, read)?;
    let grid = Grid::of_output(cx, output[0], output[1], 0)?;
    made.iter().map(|y| quantized(cx, y, &grid)).collect()
}

/// Applies the reader of a float operator to other inputs.
fn floats(
    cx: &mut NodeCx<'_>,
    inputs: Vec<Option<Datum>>,
    read: Read,
) -> Result<Vec<Datum>, Problem> {
    read(&mut NodeCx {
        proto: cx.proto,
        attrs: cx.attrs,
        opset: cx.opset,
        folder: cx.folder,
        inputs,
        builder: &mut *cx.builder,
    })
}

/// A bias of integers: its scale is the product of those of the two factors.
fn bias(
    cx: &mut NodeCx<'_>,
    index: usize,
    factors: [&Grid; 2],
    alpha: f32,
) -> Result<Option<Datum>, Problem> {
    let Some(tensor) = cx.constant(index)? else {
        return Ok(None);
    };
    let [x, w] = factors;
    let first = x.scales.first().copied().unwrap_or(1.0);
    let grid = Grid {
        scales: w.scales.iter().map(|scale| alpha * first * scale).collect(),
        zeros: vec![0; w.scales.len()],
        // Its channels stand last.
        axis: w.axis.map(|_| -1),
        storage: w.storage,
    };
    constants::dequantized(&tensor, &grid).map(Some)
}

pub(crate) fn conv(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let grids = [Grid::of_input(cx, 1, 2, 1)?, Grid::of_input(cx, 4, 5, 0)?];
    let bias = bias(cx, 8, [&grids[0], &grids[1]], 1.0)?;
    let (x, w) = (real(cx, [0, 1, 2], 1)?, real(cx, [3, 4, 5], 0)?);
    between(cx, vec![Some(x), Some(w), bias], float_conv::conv, [6, 7])
}

pub(crate) fn matmul(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (a, b) = (real(cx, [0, 1, 2], -2)?, real(cx, [3, 4, 5], -1)?);
    between(cx, vec![Some(a), Some(b)], float_matmul::matmul, [6, 7])
}

/// Without an output scale the result stays float.
pub(crate) fn gemm(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let axis = i64::from(!cx.attrs.flag("transB")?);
    let grids = [
        Grid::of_input(cx, 1, 2, 0)?,
        Grid::of_input(cx, 4, 5, axis)?,
    ];
    let alpha = cx.attrs.float("alpha")?.unwrap_or(1.0);
    let bias = bias(cx, 6, [&grids[0], &grids[1]], alpha)?;
    let (a, b) = (real(cx, [0, 1, 2], 0)?, real(cx, [3, 4, 5], axis)?);
    let inputs = vec![Some(a), Some(b), bias];
    if cx.optional(7).is_none() {
        return floats(cx, inputs, float_matmul::gemm);
    }
    between(cx, inputs, float_matmul::gemm, [7, 8])
}

pub(crate) fn binary(cx: &mut NodeCx<'_>, kind: BinaryKind) -> Result<Vec<Datum>, Problem> {
    let (a, b) = (real(cx, [0, 1, 2], 0)?, real(cx, [3, 4, 5], 0)?);
    let read: Read = if kind == BinaryKind::Mul {
        |cx| float_binary::two(cx, BinaryKind::Mul)
    } else {
        |cx| float_binary::two(cx, BinaryKind::Add)
    };
    between(cx, vec![Some(a), Some(b)], read, [6, 7])
}

/// A function of one tensor whose quantization stands behind it, then that of the result.
fn of_one(cx: &mut NodeCx<'_>, read: Read) -> Result<Vec<Datum>, Problem> {
    let x = real(cx, [0, 1, 2], 0)?;
    between(cx, vec![Some(x)], read, [3, 4])
}

pub(crate) fn sigmoid(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    of_one(cx, |cx| unary::apply(cx, &[UnaryFn::Sigmoid]))
}

pub(crate) fn leaky_relu(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    of_one(cx, unary::leaky_relu)
}

pub(crate) fn average_pool(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    channels_second(cx)?;
    of_one(cx, pool::average_pool_of_integers)
}

pub(crate) fn global_average_pool(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    channels_second(cx)?;
    of_one(cx, |cx| pool::global(cx, ReduceKind::Mean))
}

fn channels_second(cx: &NodeCx<'_>) -> Result<(), Problem> {
    if cx.attrs.flag("channels_last")? {
        return Err(Problem::attribute("channels_last = 1", "channels_last = 0"));
    }
    Ok(())
}

pub(crate) fn reduce_mean(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    of_one(cx, |cx| reduce::between(cx, &[], ReduceKind::Mean, &[]))
}

/// The softmax of the version of the standard operators that an attribute names.
pub(crate) fn softmax(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = real(cx, [0, 1, 2], 0)?;
    let stated = cx.attrs.int("opset")?.unwrap_or(cx.opset);
    let read: Read = if stated < SOFTMAX_OF_AXIS {
        |cx| {
            cx.opset = SOFTMAX_OF_AXIS - 1;
            normalization::softmax(cx, false)
        }
    } else {
        |cx| {
            cx.opset = SOFTMAX_OF_AXIS;
            normalization::softmax(cx, false)
        }
    };
    between(cx, vec![Some(x)], read, [3, 4])
}

/// Scale and zero point of the result, then each tensor with its own.
pub(crate) fn concat(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let mut inputs = Vec::new();
    for first in (2..cx.inputs.len()).step_by(3) {
        inputs.push(Some(real(cx, [first, first + 1, first + 2], 0)?));
    }
    between(cx, inputs, select::concat, [0, 1])
}
