//! Weights and biases of layers, in the types that the layers of the graph take.
//!
//! Weights with a zero point become 16-bit numbers without one. Integer weights of a layer that computes in floats
//! (a file quantized for its size only) become floats.

use crate::import::builder::{Constant, Datum};
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::tensors;
use crate::ir::{DType, Quant, QuantParams, Tensor};
use std::sync::Arc;

/// What a layer does with the zero point of its weights, and how these lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// `[out, height, width, depth]`, no zero point in `int8`.
    Convolution,
    /// `[1, height, width, out]`, which become `[height, width, out]`; no zero point in `int8`.
    Depthwise,
    /// `[out, inputs]`.
    FullyConnected,
}

/// Weights that are input `index` of a layer whose input is `x`.
pub(super) fn weights(
    cx: &mut OpCx<'_>,
    index: usize,
    x: &Datum,
    layer: Layer,
) -> Result<Datum, Problem> {
    let constant = match cx.input(index)? {
        Datum::Constant(constant) => constant,
        Datum::Computed(_) => {
            return Err(Problem::attribute(
                "weights that are computed at run time",
                "constant weights",
            ));
        }
    };
    let constant = match layer {
        Layer::Convolution | Layer::FullyConnected => constant,
        Layer::Depthwise => without_first_axis(&constant)?,
    };
    let constant = match (cx.ty(x).dtype, constant.tensor.dtype()) {
        (DType::F32, DType::F32) | (DType::I8 | DType::I16, DType::I16) => constant,
        (DType::F32, DType::I8) => {
            let elements = constant.tensor.shape();
            cx.builder.charge(elements, elements.iter().product())?;
            dequantized(&constant)?
        }
        (DType::I8 | DType::I16, DType::I8) => {
            let zero = constant.ty().params().map_or(0, |p| p.zero_point);
            if zero != 0 && layer != Layer::FullyConnected && !is_unsigned(cx, index)? {
                return Err(Problem::attribute(
                    format!("int8 filters with zero point {zero}"),
                    "int8 filters with zero point 0",
                ));
            }
            if zero == 0 {
                constant
            } else {
                widened(&constant, zero)?
            }
        }
        (input, _) => {
            return Err(Problem::dtype(
                format!("weights {} for an input of type {input}", constant.ty()),
                "weights of 4 or 8 bits, or of the type of a float input",
            ));
        }
    };
    Ok(Datum::Constant(constant))
}

/// Whether the file holds an input as unsigned bytes.
fn is_unsigned(cx: &OpCx<'_>, index: usize) -> Result<bool, Problem> {
    let tensor = cx.def.inputs.get(index).copied().flatten();
    match tensor.and_then(|tensor| cx.graph.tensors.get(tensor)) {
        Some(def) => Ok(tensors::kind(def)?.is_shifted()),
        None => Ok(false),
    }
}

fn without_first_axis(constant: &Constant) -> Result<Constant, Problem> {
    let &[1, height, width, out] = constant.tensor.shape() else {
        return Err(Problem::shape(
            format!("depthwise filters {}", constant.ty()),
            "filters [1, height, width, channels · multiplier]",
        ));
    };
    let quant = constant.quant.clone().map(|quant| match quant {
        Quant::PerChannel { axis, scales } => Quant::PerChannel {
            axis: axis.wrapping_sub(1),
            scales,
        },
        whole @ Quant::PerTensor(_) => whole,
    });
    let shape = [height, width, out];
    let tensor = match constant.tensor.as_ref() {
        Tensor::F32(_) => Tensor::from_f32(&shape, numbers(constant.tensor.as_f32())),
        Tensor::I8(_) => Tensor::from_i8(&shape, numbers(constant.tensor.as_i8())),
        Tensor::I16(_) => Tensor::from_i16(&shape, numbers(constant.tensor.as_i16())),
        Tensor::U8(_) | Tensor::I32(_) | Tensor::I64(_) | Tensor::Bool(_) => None,
    };
    made(tensor, quant, constant)
}

fn numbers<T: Copy>(numbers: Option<&[T]>) -> Vec<T> {
    numbers.unwrap_or_default().to_vec()
}

fn made(
    tensor: Option<Tensor>,
    quant: Option<Quant>,
    from: &Constant,
) -> Result<Constant, Problem> {
    let tensor = tensor.ok_or_else(|| {
        Problem::dtype(format!("weights {}", from.ty()), "weights of 4 or 8 bits")
    })?;
    Ok(Constant {
        tensor: Arc::new(tensor),
        quant,
    })
}

/// `q − zero` as 16-bit numbers with zero point 0.
fn widened(constant: &Constant, zero: i32) -> Result<Constant, Problem> {
    let scale = match &constant.quant {
        Some(Quant::PerTensor(params)) => params.scale,
        Some(Quant::PerChannel { .. }) | None => {
            return Err(Problem::attribute(
                "unsigned weights with scales per channel",
                "unsigned weights with one scale",
            ));
        }
    };
    let wide = |&q: &i8| (i32::from(q) - zero) as i16;
    let numbers = constant.tensor.as_i8().unwrap_or_default();
    let tensor = Tensor::from_i16(constant.tensor.shape(), numbers.iter().map(wide).collect());
    let quant = Quant::PerTensor(QuantParams {
        scale,
        zero_point: 0,
    });
    made(tensor, Some(quant), constant)
}

/// The real numbers that int8 weights stand for.
fn dequantized(constant: &Constant) -> Result<Constant, Problem> {
    let shape = constant.tensor.shape();
    let numbers = constant.tensor.as_i8().unwrap_or_default();
    let floats: Vec<f32> = match &constant.quant {
        Some(Quant::PerTensor(p)) => {
            let real = |&q: &i8| p.scale * (i32::from(q) - p.zero_point) as f32;
            numbers.iter().map(real).collect()
        }
        Some(Quant::PerChannel { axis, scales }) => {
            let inner: usize = shape.iter().skip(axis.saturating_add(1)).product();
            let scale = |index: usize| {
                let channel = index / inner.max(1) % scales.len().max(1);
                scales.get(channel).copied().unwrap_or(0.0)
            };
            let numbers = numbers.iter().enumerate();
            numbers
                .map(|(index, &q)| scale(index) * f32::from(q))
                .collect()
        }
        None => Vec::new(),
    };
    made(Tensor::from_f32(shape, floats), None, constant)
}

/// The bias of a layer with a number of outputs.
pub(super) struct Bias {
    pub(super) outputs: usize,
    /// Whether 16-bit inputs are summed in 32 bits where the bias has 32.
    pub(super) narrow: bool,
}

impl Bias {
    /// The bias that is input `index` of a layer whose input is `x`; zeros if there is none.
    pub(super) fn read(
        &self,
        cx: &mut OpCx<'_>,
        index: usize,
        x: &Datum,
    ) -> Result<Datum, Problem> {
        let given = cx.constant(index)?;
        let dtype = match cx.ty(x).dtype {
            DType::I8 => DType::I32,
            DType::I16 => match given.as_deref() {
                Some(Tensor::I32(_)) if self.narrow => DType::I32,
                Some(_) | None => DType::I64,
            },
            DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => DType::F32,
        };
        let Some(given) = given else {
            cx.builder.charge(&[self.outputs], self.outputs)?;
            let zeros = match dtype {
                DType::I32 => Tensor::from_i32(&[self.outputs], vec![0; self.outputs]),
                DType::I64 => Tensor::from_i64(&[self.outputs], vec![0; self.outputs]),
                DType::F32 | DType::I8 | DType::U8 | DType::I16 | DType::Bool => {
                    Tensor::from_f32(&[self.outputs], vec![0.0; self.outputs])
                }
            };
            return zeros
                .map(Datum::from)
                .ok_or_else(|| Problem::broken("a bias without a size"));
        };
        let shape = [given.shape().iter().product()];
        let bias = match (given.as_ref(), dtype) {
            (Tensor::F32(_), DType::F32) => Tensor::from_f32(&shape, numbers(given.as_f32())),
            (Tensor::I32(_), DType::I32) => Tensor::from_i32(&shape, numbers(given.as_i32())),
            (Tensor::I64(_), DType::I64) => Tensor::from_i64(&shape, numbers(given.as_i64())),
            (Tensor::I32(_), DType::I64) => Tensor::from_i64(&shape, widen(given.as_i32())),
            (Tensor::I16(_), DType::I64) => Tensor::from_i64(&shape, widen(given.as_i16())),
            (_, _) => None,
        };
        bias.map(Datum::from).ok_or_else(|| {
            Problem::dtype(
                format!(
                    "a bias {} for an input of type {}",
                    given.ty(),
                    cx.ty(x).dtype
                ),
                "a float bias for floats, INT32 for int8, INT64 or INT32 for int16",
            )
        })
    }
}

fn widen<T: Copy + Into<i64>>(numbers: Option<&[T]>) -> Vec<i64> {
    let numbers = numbers.unwrap_or_default().iter();
    numbers.map(|&number| number.into()).collect()
}

#[cfg(test)]
mod tests;
