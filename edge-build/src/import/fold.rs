//! Operators on constants, evaluated at build time.
//!
//! Shapes and axes have been checked by the operator's `infer`, and sizes by the caller; should a check be
//! missing, evaluation gives an error and never reads outside the data.

mod arithmetic;
mod copy;

use super::problem::Problem;
use crate::ir::Tensor;
use crate::ops::{Op, opaque};
use ndarray::ArrayD;

pub(super) use arithmetic::product;

/// Evaluates the expression for whichever element type a tensor has, with the array bound to a name; the
/// result is an `Option<ArrayD>` of the same element type.
macro_rules! same_type {
    ($tensor:expr, $array:ident => $body:expr) => {
        match $tensor {
            Tensor::F32($array) => $body.map(Tensor::F32),
            Tensor::I8($array) => $body.map(Tensor::I8),
            Tensor::U8($array) => $body.map(Tensor::U8),
            Tensor::I16($array) => $body.map(Tensor::I16),
            Tensor::I32($array) => $body.map(Tensor::I32),
            Tensor::I64($array) => $body.map(Tensor::I64),
            Tensor::Bool($array) => $body.map(Tensor::Bool),
        }
    };
}

/// Evaluates an operator; `None` if it is only computed on the device.
///
/// # Errors
/// If integers overflow or are divided by 0, or element types do not fit.
pub(super) fn evaluate(
    op: &Op,
    inputs: &[&Tensor],
    shape: &[usize],
) -> Result<Option<Tensor>, Problem> {
    let Some(&x) = inputs.first() else {
        return Ok(None);
    };
    let done = match op {
        Op::Reshape(_) => same_type!(x, a => copy::reshape(a, shape)),
        Op::Transpose(op) => same_type!(x, a => copy::transpose(a, &op.perm, shape)),
        Op::Slice(op) => same_type!(x, a => copy::slice(a, op)),
        Op::Expand(_) => same_type!(x, a => copy::expand(a, shape)),
        Op::Gather(op) => same_type!(x, a => copy::gather(a, op, shape)),
        Op::Concat(op) => copy::concat(inputs, op.axis, shape),
        Op::Pad(_) if inputs.len() > 1 => return Ok(None),
        Op::Pad(op) => copy::pad(x, op, shape),
        Op::Unary(op) => arithmetic::unary(x, &op.functions),
        Op::Binary(op) => return arithmetic::binary(op, inputs, shape).map(Some),
        Op::Reduce(op) => return arithmetic::reduce(op, x, shape).map(Some),
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Softmax(_)
        | Op::ResizeLinear(_)
        | Op::Quantize(_)
        | Op::Dequantize(_)
        | opaque!() => return Ok(None),
    };
    match done {
        Some(tensor) => Ok(Some(tensor)),
        None => Err(Problem::dtype(
            format!("{} of constants {}", op.name(), x.ty()),
            "constants of one element type that has this operation",
        )),
    }
}

/// An array of a shape; `None` if the number of elements is another.
fn array<T>(shape: &[usize], data: Vec<T>) -> Option<ArrayD<T>> {
    ArrayD::from_shape_vec(shape, data).ok()
}
