//! Integers whose scale is known at run time only: `DynamicQuantizeLinear`, and layers that make sums of 32 bits.
//!
//! Bytes stand for themselves here. Of an unsigned number and its zero point both signed twins are less by 128, so
//! the difference is the same.

use super::grid::ints;
use crate::import::builder::{Constant, Datum};
use crate::import::bytes::themselves;
use crate::import::onnx::binary::pair;
use crate::import::onnx::conv::{groups, spatial_axes, weights};
use crate::import::onnx::image;
use crate::import::onnx::node::{NodeCx, node_name};
use crate::import::onnx::window::{self, Rounding};
use crate::import::problem::Problem;
use crate::ir::types::shape_text;
use crate::ir::{DType, Quant, Tensor, TensorType};
use crate::ops::{Cast, DynamicQuantize, IntegerConv2d, IntegerMatMul, Op};
use edge_core::params::BinaryKind;
use std::sync::Arc;

/// Signed bytes, computed or constant, and whether they are twins of unsigned ones.
struct Bytes {
    datum: Datum,
    unsigned: bool,
}

/// Bytes, their scale, their zero point.
pub(crate) fn quantize(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let ty = cx.ty(&x);
    if ty.dtype != DType::F32 || x.tensor().is_some() {
        return Err(Problem::dtype(
            format!("DynamicQuantizeLinear of {ty}"),
            "computed floats",
        ));
    }
    let byte = |shape: Vec<usize>| TensorType::i8(shape, themselves(true));
    let types = vec![byte(ty.shape), TensorType::f32(vec![]), byte(vec![])];
    let name = node_name(cx.proto).to_owned();
    let made = cx
        .builder
        .add_node(&name, DynamicQuantize.into(), &[x], types)?;
    let mut outputs = Vec::with_capacity(made.len());
    for datum in made {
        outputs.push(match datum {
            Datum::Computed(id) if cx.builder.graph.ty(id).dtype == DType::I8 => {
                Datum::Computed(cx.builder.unsigned(&name, id)?)
            }
            Datum::Computed(_) | Datum::Constant(_) => datum,
        });
    }
    Ok(outputs)
}

/// Input `index` as signed bytes.
fn bytes(cx: &mut NodeCx<'_>, index: usize) -> Result<Bytes, Problem> {
    let input = cx.input(index)?;
    let ty = cx.ty(&input);
    let unsigned = ty.dtype == DType::U8;
    if !matches!(ty.dtype, DType::I8 | DType::U8) {
        return Err(Problem::dtype(format!("input {index} {ty}"), "int8, uint8"));
    }
    let datum = match input {
        Datum::Constant(constant) => {
            let shift = if unsigned { 128 } else { 0 };
            let numbers = ints(&constant.tensor)?;
            let bytes = numbers.iter().map(|&q| (q - shift) as i8).collect();
            byte_constant(&ty.shape, bytes, unsigned)?
        }
        Datum::Computed(id) => {
            let name = node_name(cx.proto).to_owned();
            let id = cx.builder.signed(&name, id)?;
            if cx.builder.graph.ty(id).params().is_none() {
                cx.builder.meaning(&name, id, themselves(unsigned))?;
            }
            Datum::Computed(id)
        }
    };
    Ok(Bytes { datum, unsigned })
}

fn byte_constant(shape: &[usize], bytes: Vec<i8>, unsigned: bool) -> Result<Datum, Problem> {
    let tensor = Tensor::from_i8(shape, bytes)
        .ok_or_else(|| Problem::broken("a constant whose shape does not fit"))?;
    Ok(Datum::Constant(Constant {
        tensor: Arc::new(tensor),
        quant: Some(Quant::PerTensor(themselves(unsigned))),
    }))
}

/// The zero point that is input `index`, 0 if it is left out; `unsigned` is the type of what it belongs to.
fn zero_point(cx: &mut NodeCx<'_>, index: usize, unsigned: bool) -> Result<Datum, Problem> {
    if cx.optional(index).is_none() {
        return byte_constant(&[], vec![if unsigned { -128 } else { 0 }], unsigned);
    }
    let zero = bytes(cx, index)?;
    if zero.unsigned != unsigned {
        return Err(Problem::dtype(
            format!("a zero point {} of another type", cx.input_name(index)),
            "the type of what it belongs to",
        ));
    }
    Ok(zero.datum)
}

/// Constant weights without their zero points, of which there is one, or one for each index of an axis.
fn centred(cx: &NodeCx<'_>, index: usize, zero: usize, axis: usize) -> Result<Datum, Problem> {
    let tensor = cx
        .constant(index)?
        .ok_or_else(|| Problem::broken("weights are missing"))?;
    let shape = tensor.shape();
    let zeros = cx.ints(zero)?.unwrap_or_else(|| vec![0]);
    let len = shape.get(axis).copied().unwrap_or(1);
    if zeros.len() != 1 && zeros.len() != len {
        return Err(Problem::shape(
            format!(
                "{} zero points for weights {}",
                zeros.len(),
                shape_text(shape)
            ),
            "one, or one per output channel",
        ));
    }
    let inner: usize = shape.get(axis + 1..).unwrap_or(&[]).iter().product();
    let numbers = ints(&tensor)?;
    let differences = numbers.iter().enumerate().map(|(place, &q)| {
        let channel = (place / inner.max(1)) % zeros.len().max(1);
        q.saturating_sub(zeros.get(channel).copied().unwrap_or(0))
    });
    let differences: Vec<i64> = differences.collect();
    let narrow: Option<Vec<i8>> = differences.iter().map(|&x| i8::try_from(x).ok()).collect();
    let centred = match narrow {
        Some(bytes) => Tensor::from_i8(shape, bytes),
        None => differences
            .iter()
            .map(|&x| i16::try_from(x).ok())
            .collect::<Option<Vec<i16>>>()
            .and_then(|words| Tensor::from_i16(shape, words)),
    };
    let tensor = centred
        .ok_or_else(|| Problem::dtype(format!("weights of type {}", tensor.ty()), "int8, uint8"))?;
    Ok(Datum::Constant(Constant {
        tensor: Arc::new(tensor),
        quant: Some(Quant::PerTensor(themselves(false))),
    }))
}

/// Adds a node that makes sums of 32 bits.
fn sums(cx: &mut NodeCx<'_>, op: Op, inputs: &[Datum]) -> Result<Datum, Problem> {
    let types: Vec<TensorType> = inputs.iter().map(|input| cx.ty(input)).collect();
    let types: Vec<&TensorType> = types.iter().collect();
    let made = op.operator().infer(&types)?;
    let name = node_name(cx.proto).to_owned();
    let made = cx.builder.add_node(&name, op, inputs, made)?;
    made.into_iter()
        .next()
        .ok_or_else(|| Problem::broken("an operator without output"))
}

pub(crate) fn conv(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = bytes(cx, 0)?;
    let zero = zero_point(cx, 2, x.unsigned)?;
    let w = centred(cx, 1, 3, 0)?;
    let spatial = spatial_axes(cx, &x.datum)?;
    let channels = cx.shape(&x.datum).get(1).copied().unwrap_or(0);
    let groups = groups(cx, channels)?;
    let mut inner = NodeCx {
        proto: cx.proto,
        attrs: cx.attrs,
        opset: cx.opset,
        folder: cx.folder,
        inputs: vec![None, Some(w)],
        builder: &mut *cx.builder,
    };
    let (w, [_, _, kernel_h, kernel_w]) = weights(&mut inner, spatial)?;
    let w = inner.transpose(&w, &[0, 2, 3, 1])?;
    let image = image::to_nhwc(cx, &x.datum)?;
    let shape = cx.shape(&image);
    let kernel = [kernel_h, kernel_w];
    let sliding = window::read(cx, kernel, spatial, &shape, Rounding::Down)?.sliding;
    let op = IntegerConv2d { sliding, groups };
    let y = sums(cx, op.into(), &[image, zero, w])?;
    Ok(vec![image::from_nhwc(cx, &y, spatial + 2)?])
}

pub(crate) fn matmul(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let a = bytes(cx, 0)?;
    let zero = zero_point(cx, 2, a.unsigned)?;
    Ok(vec![product(cx, &a.datum, &zero, [1, 3])?])
}

/// The product with the matrix and zero point that are inputs by number.
fn product(
    cx: &mut NodeCx<'_>,
    a: &Datum,
    zero: &Datum,
    [b, b_zero]: [usize; 2],
) -> Result<Datum, Problem> {
    let right = cx.input(b)?;
    let shapes = (cx.shape(a), cx.shape(&right));
    let ([lead @ .., rows, inner], [b_lead @ .., b_inner, columns]) =
        (shapes.0.as_slice(), shapes.1.as_slice())
    else {
        return Err(Problem::shape("an integer product of vectors", "matrices"));
    };
    let (batch, b_batch): (usize, usize) = (lead.iter().product(), b_lead.iter().product());
    let row_zeros = cx.ty(zero).len();
    if inner != b_inner || (b_batch != 1 && lead != b_lead) || (row_zeros != 1 && batch != 1) {
        return Err(Problem::shape(
            format!("{} × {}", shape_text(&shapes.0), shape_text(&shapes.1)),
            "matrices that fit, the same leading axes or one matrix on the right",
        ));
    }
    let (right, right_zero) = match right {
        Datum::Constant(_) => {
            let axis = shapes.1.len() - 1;
            let none = byte_constant(&[], vec![0], false)?;
            (centred(cx, b, b_zero, axis)?, none)
        }
        Datum::Computed(_) => {
            let right = bytes(cx, b)?;
            let zero = zero_point(cx, b_zero, right.unsigned)?;
            (right.datum, zero)
        }
    };
    let flat = if b_batch == 1 {
        [1, batch * rows, *inner]
    } else {
        [batch, *rows, *inner]
    };
    let left = cx.reshape(a, &flat)?;
    let right = cx.reshape(&right, &[b_batch, *inner, *columns])?;
    let operands = [left, right, zero.clone(), right_zero];
    let y = sums(cx, IntegerMatMul.into(), &operands)?;
    let mut shape = lead.to_vec();
    shape.extend([*rows, *columns]);
    cx.reshape(&y, &shape)
}

/// The product of floats quantized on the way, and a constant matrix with its scale.
pub(crate) fn quantized_matmul(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let made = quantize(cx)?;
    let [x, scale, zero] = made.as_slice() else {
        return Err(Problem::broken("a quantization without three outputs"));
    };
    let operands = [twin(cx, x)?, twin(cx, zero)?];
    let y = product(cx, &operands[0], &operands[1], [1, 3])?;
    scaled(cx, &y, scale, [2, 4])
}

/// The product of bytes, scaled.
pub(crate) fn matmul_to_float(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let a = bytes(cx, 0)?;
    let zero = zero_point(cx, 4, a.unsigned)?;
    let scale = cx.input(2)?;
    let y = product(cx, &a.datum, &zero, [1, 5])?;
    scaled(cx, &y, &scale, [3, 6])
}

fn twin(cx: &mut NodeCx<'_>, x: &Datum) -> Result<Datum, Problem> {
    let Datum::Computed(id) = x else {
        return Err(Problem::broken("bytes that are no value"));
    };
    let name = node_name(cx.proto).to_owned();
    cx.builder.signed(&name, *id).map(Datum::Computed)
}

/// Sums times both scales, and a bias if there is one.
fn scaled(
    cx: &mut NodeCx<'_>,
    y: &Datum,
    scale: &Datum,
    [other, bias]: [usize; 2],
) -> Result<Vec<Datum>, Problem> {
    let real = cast_to_float(cx, y)?;
    let other = cx.input(other)?;
    let factor = pair(cx, BinaryKind::Mul, scale, &other)?;
    let y = pair(cx, BinaryKind::Mul, &real, &factor)?;
    Ok(vec![match cx.optional(bias) {
        Some(bias) => pair(cx, BinaryKind::Add, &y, &bias)?,
        None => y,
    }])
}

/// Computed integers as floats.
pub(in crate::import::onnx) fn cast_to_float(
    cx: &mut NodeCx<'_>,
    x: &Datum,
) -> Result<Datum, Problem> {
    let Datum::Computed(id) = x else {
        return Err(Problem::broken("a constant that was not folded"));
    };
    let (name, shape) = (node_name(cx.proto).to_owned(), cx.shape(x));
    let op = Cast { dtype: DType::F32 };
    let id = cx
        .builder
        .node_of_one(&name, op.into(), *id, TensorType::f32(shape))?;
    Ok(Datum::Computed(id))
}
