//! The same elements under another shape, and questions about shapes: `RESHAPE`, `SQUEEZE`, `EXPAND_DIMS`,
//! `SHAPE`, `RANK`, `ZEROS_LIKE`.

use super::Reader;
use crate::import::builder::{Constant, Datum};
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;
use crate::ir::{DType, Tensor};
use std::sync::Arc;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("EXPAND_DIMS", as_declared),
    ("RANK", rank),
    ("RESHAPE", as_declared),
    ("SHAPE", shape),
    ("SQUEEZE", as_declared),
    ("ZEROS_LIKE", zeros_like),
];

/// The shape of the output stands in the file; inputs and options that say it again are not looked at.
fn as_declared(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.moved(0, 0)?;
    cx.give_reshaped(&x)
}

fn shape(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let dims: Vec<i64> = cx.shape(&x).iter().map(|&dim| dim as i64).collect();
    let numbers = integers(cx, &[dims.len()], &dims)?;
    cx.give(numbers)
}

fn rank(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let rank = cx.shape(&x).len() as i64;
    let numbers = integers(cx, &[], &[rank])?;
    cx.give(numbers)
}

/// Integers of the type of the output.
fn integers(cx: &OpCx<'_>, shape: &[usize], numbers: &[i64]) -> Result<Datum, Problem> {
    let tensor = if cx.output(0)?.dtype == DType::I64 {
        Tensor::from_i64(shape, numbers.to_vec())
    } else {
        // No dimension of a tensor has more than 31 bits.
        Tensor::from_i32(shape, numbers.iter().map(|&n| n as i32).collect())
    };
    tensor
        .map(Datum::from)
        .ok_or_else(|| Problem::broken("a list of integers without a shape"))
}

/// Numbers that are 0, also where 0 stands for another real number.
fn zeros_like(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let ty = cx.output(0)?.clone();
    cx.builder.charge(&ty.shape, ty.len())?;
    let (shape, len) = (&ty.shape, ty.len());
    let tensor = match ty.dtype {
        DType::F32 => Tensor::from_f32(shape, vec![0.0; len]),
        DType::I8 => Tensor::from_i8(shape, vec![0; len]),
        DType::U8 => Tensor::from_u8(shape, vec![0; len]),
        DType::I16 => Tensor::from_i16(shape, vec![0; len]),
        DType::I32 => Tensor::from_i32(shape, vec![0; len]),
        DType::I64 => Tensor::from_i64(shape, vec![0; len]),
        DType::Bool => Tensor::from_bool(shape, vec![false; len]),
    };
    let tensor = tensor.ok_or_else(|| Problem::broken("zeros without a shape"))?;
    Ok(vec![Datum::Constant(Constant {
        tensor: Arc::new(tensor),
        quant: ty.quant,
    })])
}
