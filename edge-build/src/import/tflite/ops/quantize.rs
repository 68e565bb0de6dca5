//! Between element types: `CAST`, `DEQUANTIZE`, `QUANTIZE`.

use super::Reader;
use crate::import::builder::{Constant, Datum};
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::tensors;
use crate::ir::{DType, Quant, QuantParams, Tensor, TensorType};
use crate::ops::{Cast, Dequantize, Quantize, Recode, Requantize};
use std::sync::Arc;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("CAST", cast),
    ("DEQUANTIZE", dequantize),
    ("QUANTIZE", quantize),
];

/// Plain numbers, whatever scales say.
fn cast(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let mut x = cx.input(0)?;
    let to = cx.output(0)?.clone();
    if cx.ty(&x).dtype == to.dtype && cx.ty(&x).quant == to.quant {
        return cx.give(x);
    }
    if is_shifted(cx, cx.def.inputs.first().copied().flatten())? {
        x = cx.apply(Recode, &[x], None)?;
    }
    if is_shifted(cx, cx.def.outputs.first().copied())? {
        let dtype = DType::U8;
        let bytes = cx.apply(Cast { dtype }, &[x], None)?;
        return cx.finish(Recode, &[bytes]);
    }
    cx.finish(Cast { dtype: to.dtype }, &[x])
}

/// Whether a tensor holds unsigned bytes in the file and signed ones in the graph.
fn is_shifted(cx: &OpCx<'_>, index: Option<usize>) -> Result<bool, Problem> {
    match index.and_then(|index| cx.graph.tensors.get(index)) {
        Some(def) => Ok(tensors::kind(def)?.is_shifted()),
        None => Ok(false),
    }
}

fn quantize(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let (from, to) = (cx.ty(&x), cx.output(0)?.clone());
    let dtype = to.dtype;
    if from.dtype == DType::F32 {
        return cx.finish(Quantize { dtype }, &[x]);
    }
    let wide = match (from.dtype, dtype) {
        (DType::I32, _) => wide_params(cx, cx.def.inputs.first().copied().flatten())?,
        (_, DType::I32) => wide_params(cx, cx.def.outputs.first().copied())?,
        (_, _) => PLAIN,
    };
    cx.finish(Requantize { dtype, wide }, &[x])
}

/// Integers that stand for themselves.
const PLAIN: QuantParams = QuantParams {
    scale: 1.0,
    zero_point: 0,
};

/// Scale and zero point of a tensor of 32-bit integers, whose type in the graph does not hold them.
fn wide_params(cx: &OpCx<'_>, index: Option<usize>) -> Result<QuantParams, Problem> {
    let def = index.and_then(|index| cx.graph.tensors.get(index));
    let quant = def.and_then(|def| def.quantization.as_ref());
    let zero = quant.and_then(|quant| quant.zero_point.first().copied());
    match quant.map(|quant| quant.scale.as_slice()) {
        Some(&[scale]) if scale.is_finite() && scale > 0.0 => Ok(QuantParams {
            scale,
            zero_point: i32::try_from(zero.unwrap_or(0)).map_err(|_| {
                Problem::attribute(
                    "a zero point beyond 32 bits",
                    "zero points in the range of the type",
                )
            })?,
        }),
        _ => Err(Problem::attribute(
            "32-bit integers without one positive scale",
            "one scale for the whole tensor",
        )),
    }
}

/// Constants become floats here; those that were floats of 16 bits are floats already.
fn dequantize(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let ty = cx.ty(&x);
    if ty.dtype == DType::F32 {
        return cx.give(x);
    }
    if let Some(tensor) = x.tensor() {
        cx.builder.charge(&ty.shape, ty.len())?;
        let floats = floats(tensor, &ty).ok_or_else(|| {
            Problem::dtype(format!("a constant of type {ty}"), "quantized constants")
        })?;
        return cx.give(Datum::Constant(Constant {
            tensor: Arc::new(floats),
            quant: ty.quant,
        }));
    }
    cx.finish(Dequantize, &[x])
}

/// The numbers that quantized ones stand for.
fn floats(tensor: &Tensor, ty: &TensorType) -> Option<Tensor> {
    let integers: Vec<i32> = match tensor {
        Tensor::I8(array) => array.iter().map(|&x| x.into()).collect(),
        Tensor::I16(array) => array.iter().map(|&x| x.into()).collect(),
        Tensor::F32(_) | Tensor::U8(_) | Tensor::I32(_) | Tensor::I64(_) | Tensor::Bool(_) => {
            return None;
        }
    };
    let numbers: Vec<f32> = match ty.quant.as_ref()? {
        Quant::PerTensor(p) => {
            let real = |&q: &i32| q.saturating_sub(p.zero_point) as f32 * p.scale;
            integers.iter().map(real).collect()
        }
        Quant::PerChannel { axis, scales } => {
            let inner: usize = ty.shape.get(axis + 1..)?.iter().product();
            let channels = scales.iter().flat_map(|&s| std::iter::repeat_n(s, inner));
            let real = |(&q, scale): (&i32, f32)| q as f32 * scale;
            integers.iter().zip(channels.cycle()).map(real).collect()
        }
    };
    Tensor::from_f32(&ty.shape, numbers)
}
