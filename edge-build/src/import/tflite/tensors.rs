//! Tensors: types, and the numbers of constants.
//!
//! A quantized unsigned byte is held as a signed one whose zero point is 128 less; 4-bit weights are held as bytes,
//! 16-bit floats as 32-bit floats.

use super::schema::{DataType, Model, Quantization, TensorDef};
use crate::import::builder::{Constant, MAX_ELEMENTS, checked_len};
use crate::import::problem::Problem;
use crate::ir::{DType, Quant, QuantParams, Tensor, TensorType};
use ndarray::ArrayD;
use std::sync::Arc;

/// What stands for what: an element type of the file, and whether its integers stand for real numbers.
pub(super) struct Kind {
    /// Type in the file.
    pub(super) stored: DataType,
    /// Type in the graph.
    pub(super) dtype: DType,
}

impl Kind {
    /// Whether the numbers of the file are 128 above those of the graph.
    pub(super) fn is_shifted(&self) -> bool {
        self.stored == DataType::Uint8 && self.dtype == DType::I8
    }
}

/// The kind of a tensor.
pub(super) fn kind(def: &TensorDef) -> Result<Kind, Problem> {
    let stored = DataType::try_from(def.data_type)
        .map_err(|code| Problem::broken(format!("element type {code}, which does not exist")))?;
    let dtype = match stored {
        DataType::Float32 | DataType::Float16 | DataType::Bfloat16 | DataType::Float64 => {
            DType::F32
        }
        DataType::Int8 | DataType::Int4 | DataType::Int2 => DType::I8,
        DataType::Uint8 if scales(def).is_some() => DType::I8,
        DataType::Uint8 => DType::U8,
        DataType::Int16 => DType::I16,
        DataType::Int32 => DType::I32,
        DataType::Int64 => DType::I64,
        DataType::Bool => DType::Bool,
        DataType::Uint4
        | DataType::Uint16
        | DataType::Uint32
        | DataType::Uint64
        | DataType::String
        | DataType::Complex64
        | DataType::Complex128
        | DataType::Resource
        | DataType::Variant
        | DataType::Float8E4M3Fn
        | DataType::Float8E5M2 => {
            return Err(Problem::dtype(
                format!("elements of type {}", stored.name()),
                "FLOAT32, FLOAT16, INT4, INT8, UINT8, INT16, INT32, INT64 and BOOL",
            ));
        }
    };
    Ok(Kind { stored, dtype })
}

fn scales(def: &TensorDef) -> Option<&Quantization> {
    def.quantization.as_ref().filter(|q| !q.scale.is_empty())
}

/// Dimensions of a tensor.
pub(super) fn shape(def: &TensorDef) -> Result<Vec<usize>, Problem> {
    let dim = |&dim: &i32| {
        usize::try_from(dim).map_err(|_| {
            Problem::shape(format!("a dimension of {dim}"), "static shapes")
                .help("convert the model with a fixed input shape")
        })
    };
    let shape: Vec<usize> = def.shape.iter().map(dim).collect::<Result<_, _>>()?;
    checked_len(&shape, MAX_ELEMENTS)?;
    Ok(shape)
}

/// Type of a tensor in the graph.
pub(super) fn tensor_type(def: &TensorDef) -> Result<TensorType, Problem> {
    let (kind, shape) = (kind(def)?, shape(def)?);
    let quant = if kind.dtype.is_quantized() {
        Some(quant(def, &kind, &shape)?)
    } else {
        None
    };
    Ok(TensorType {
        dtype: kind.dtype,
        shape,
        quant,
    })
}

/// What the integers of a tensor stand for; themselves if the file does not say.
fn quant(def: &TensorDef, kind: &Kind, shape: &[usize]) -> Result<Quant, Problem> {
    let Some(given) = scales(def) else {
        return Ok(Quant::PerTensor(QuantParams {
            scale: 1.0,
            zero_point: 0,
        }));
    };
    if given.details != 0 {
        return Err(Problem::attribute(
            "quantization by blocks or by a custom scheme",
            "scales per tensor or per channel",
        ));
    }
    let bad = |scale: &f32| !scale.is_finite() || *scale <= 0.0;
    if let Some(scale) = given.scale.iter().find(|scale| bad(scale)) {
        return Err(Problem::attribute(
            format!("a scale of {scale}"),
            "positive finite scales",
        ));
    }
    let shift = if kind.is_shifted() { 128 } else { 0 };
    let limit = if kind.dtype == DType::I16 {
        1 << 15
    } else {
        128
    };
    let zero = |index: usize| {
        let zero = given.zero_point.get(index).copied().unwrap_or(0) - shift;
        let zero = i32::try_from(zero)
            .ok()
            .filter(|z| (-limit..limit).contains(z));
        zero.ok_or_else(|| {
            Problem::attribute(
                format!("zero point {}", given.zero_point.get(index).unwrap_or(&0)),
                "a zero point that the element type can hold",
            )
        })
    };
    if let &[scale] = given.scale.as_slice() {
        let zero_point = zero(0)?;
        return Ok(Quant::PerTensor(QuantParams { scale, zero_point }));
    }
    let axis = usize::try_from(given.quantized_dimension).unwrap_or(usize::MAX);
    if shape.get(axis) != Some(&given.scale.len()) {
        return Err(Problem::broken(format!(
            "{} scales for axis {} of {shape:?}",
            given.scale.len(),
            given.quantized_dimension
        )));
    }
    for index in 0..given.zero_point.len().min(given.scale.len()) {
        if zero(index)? != 0 {
            return Err(Problem::attribute(
                "scales per channel with zero points",
                "zero points of 0 where there is a scale per channel",
            ));
        }
    }
    Ok(Quant::PerChannel {
        axis,
        scales: given.scale.clone(),
    })
}

/// The numbers of a constant; `None` if the file has none for it.
pub(super) fn constant(model: &Model<'_>, def: &TensorDef) -> Result<Option<Constant>, Problem> {
    if def.external_buffer != 0 {
        return Err(Problem::missing("weights in another file")
            .help("store the model with its weights in one file"));
    }
    let bytes = model.data(def);
    let (kind, ty) = (kind(def)?, tensor_type(def)?);
    if bytes.is_empty() && !ty.is_empty() {
        return Ok(None);
    }
    if def.sparsity.is_some() {
        return Err(Problem::attribute(
            "weights stored without their zeros",
            "dense weights",
        ));
    }
    let wrong = || {
        Problem::broken(format!(
            "{} bytes for {} elements of type {}",
            bytes.len(),
            ty.len(),
            kind.stored.name()
        ))
    };
    let tensor = decode(&kind, &ty.shape, bytes).ok_or_else(wrong)?;
    Ok(Some(Constant {
        tensor: Arc::new(tensor),
        quant: ty.quant,
    }))
}

fn decode(kind: &Kind, shape: &[usize], bytes: &[u8]) -> Option<Tensor> {
    macro_rules! numbers {
        ($ty:ty, $size:literal) => {
            whole::<$size>(bytes)?
                .iter()
                .map(|&b| <$ty>::from_le_bytes(b))
        };
    }
    match kind.stored {
        DataType::Float32 => array(shape, numbers!(f32, 4)).map(Tensor::F32),
        DataType::Float64 => array(shape, numbers!(f64, 8).map(|x| x as f32)).map(Tensor::F32),
        DataType::Float16 => array(
            shape,
            numbers!(u16, 2).map(crate::import::floats::from_half),
        )
        .map(Tensor::F32),
        DataType::Bfloat16 => array(
            shape,
            numbers!(u16, 2).map(|b| f32::from_bits(u32::from(b) << 16)),
        )
        .map(Tensor::F32),
        DataType::Int8 => array(shape, numbers!(i8, 1)).map(Tensor::I8),
        DataType::Uint8 if kind.is_shifted() => {
            array(shape, bytes.iter().map(|b| (b ^ 0x80) as i8)).map(Tensor::I8)
        }
        DataType::Uint8 => array(shape, bytes.iter().copied()).map(Tensor::U8),
        DataType::Int4 => unpack(shape, bytes, 4),
        DataType::Int2 => unpack(shape, bytes, 2),
        DataType::Int16 => array(shape, numbers!(i16, 2)).map(Tensor::I16),
        DataType::Int32 => array(shape, numbers!(i32, 4)).map(Tensor::I32),
        DataType::Int64 => array(shape, numbers!(i64, 8)).map(Tensor::I64),
        DataType::Bool => array(shape, bytes.iter().map(|&b| b != 0)).map(Tensor::Bool),
        DataType::Uint4
        | DataType::Uint16
        | DataType::Uint32
        | DataType::Uint64
        | DataType::String
        | DataType::Complex64
        | DataType::Complex128
        | DataType::Resource
        | DataType::Variant
        | DataType::Float8E4M3Fn
        | DataType::Float8E5M2 => None,
    }
}

/// The bytes as whole elements.
fn whole<const N: usize>(bytes: &[u8]) -> Option<&[[u8; N]]> {
    let (elements, rest) = bytes.as_chunks::<N>();
    rest.is_empty().then_some(elements)
}

fn array<T>(shape: &[usize], numbers: impl Iterator<Item = T>) -> Option<ArrayD<T>> {
    ArrayD::from_shape_vec(shape, numbers.collect()).ok()
}

/// Signed numbers of few bits, the first in the low bits of each byte.
fn unpack(shape: &[usize], bytes: &[u8], bits: u32) -> Option<Tensor> {
    let count: usize = shape.iter().product();
    let per_byte = 8 / bits as usize;
    if bytes.len() != count.div_ceil(per_byte) {
        return None;
    }
    let number = |index: usize| {
        let up = 8 - bits * (1 + (index % per_byte) as u32);
        ((bytes[index / per_byte] << up) as i8) >> (8 - bits)
    };
    array(shape, (0..count).map(number)).map(Tensor::I8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nibbles_are_signed_and_low_first() {
        let tensor = unpack(&[3], &[0x8f, 0x07], 4).unwrap();
        assert_eq!(tensor.as_i8(), Some(&[-1, -8, 7][..]));
        assert!(unpack(&[3], &[0x8f], 4).is_none());
        let tensor = unpack(&[4], &[0b11_10_01_00], 2).unwrap();
        assert_eq!(tensor.as_i8(), Some(&[0, 1, -2, -1][..]));
    }
}
