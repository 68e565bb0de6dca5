//! Networks that arrive quantized: `QuantizeLinear` and `DequantizeLinear`, and the operators that stand for
//! both around another.
//!
//! Activations become integers and floats by nodes of the graph. Constants become floats at once, which know
//! the grid that they lie on.

mod channels;
mod constants;
mod dynamic;
mod grid;
mod operators;

pub(super) use dynamic::{
    conv as conv_integer, matmul as matmul_integer, matmul_to_float, quantize as quantize_dynamic,
    quantized_matmul,
};
pub(super) use operators::{
    average_pool, binary, concat, conv, gemm, global_average_pool, leaky_relu, matmul, reduce_mean,
    sigmoid, softmax,
};

use super::node::{NodeCx, node_name};
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::{DType, TensorType};
use crate::ops::{Dequantize, Quantize};
use grid::{Grid, Storage};

pub(super) fn quantize_linear(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let grid = Grid::of_output(cx, 1, 2, cx.attrs.int("axis")?.unwrap_or(1))?;
    Ok(vec![quantized(cx, &x, &grid)?])
}

pub(super) fn dequantize_linear(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let grid = Grid::of_input(cx, 1, 2, cx.attrs.int("axis")?.unwrap_or(1))?;
    Ok(vec![dequantized(cx, &x, &grid)?])
}

/// The reals that integers stand for.
fn dequantized(cx: &mut NodeCx<'_>, x: &Datum, grid: &Grid) -> Result<Datum, Problem> {
    let id = match x {
        Datum::Constant(constant) => {
            cx.builder
                .charge(constant.tensor.shape(), constant.ty().len())?;
            return constants::dequantized(&constant.tensor, grid);
        }
        Datum::Computed(id) => *id,
    };
    let ty = cx.ty(x);
    let storage = match ty.dtype {
        DType::I8 => Storage::I8,
        DType::U8 => Storage::U8,
        DType::F32 | DType::I16 | DType::I32 | DType::I64 | DType::Bool => {
            return Err(Problem::dtype(
                format!("DequantizeLinear of a computed {ty}"),
                "computed int8 and uint8, constants of any integer type",
            ));
        }
    };
    if grid.axis.is_some() {
        return channels::dequantized(cx, id, grid);
    }
    let params = grid.params(storage)?;
    let name = node_name(cx.proto).to_owned();
    let id = cx.builder.signed(&name, id)?;
    let id = cx.builder.meaning(&name, id, params)?;
    let real = TensorType::f32(ty.shape);
    let id = cx.builder.node_of_one(&name, Dequantize.into(), id, real)?;
    Ok(Datum::Computed(id))
}

/// The integers nearest to reals.
fn quantized(cx: &mut NodeCx<'_>, x: &Datum, grid: &Grid) -> Result<Datum, Problem> {
    let id = match x {
        Datum::Constant(constant) => {
            cx.builder
                .charge(constant.tensor.shape(), constant.ty().len())?;
            return constants::quantized(&constant.tensor, grid);
        }
        Datum::Computed(id) => *id,
    };
    let ty = cx.ty(x);
    if ty.dtype != DType::F32 {
        return Err(Problem::dtype(
            format!("QuantizeLinear of a computed {ty}"),
            "f32",
        ));
    }
    if grid.axis.is_some() {
        return channels::quantized(cx, x, grid);
    }
    let params = grid.params(grid.storage)?;
    let name = node_name(cx.proto).to_owned();
    let bytes = TensorType::i8(ty.shape, params);
    let quantize = Quantize { dtype: DType::I8 };
    let id = cx.builder.node_of_one(&name, quantize.into(), id, bytes)?;
    Ok(Datum::Computed(match grid.storage {
        Storage::I8 => id,
        Storage::U8 => cx.builder.unsigned(&name, id)?,
    }))
}

/// Computed integers as floats of the same value.
pub(super) fn cast_to_float(cx: &mut NodeCx<'_>, x: &Datum) -> Result<Datum, Problem> {
    match cx.ty(x).dtype {
        DType::I8 | DType::U8 => dequantized(cx, x, &Grid::of_integers()),
        DType::F32 => Ok(x.clone()),
        DType::I16 | DType::I32 | DType::I64 | DType::Bool => dynamic::cast_to_float(cx, x),
    }
}

#[cfg(test)]
mod tests;
