//! Tensors whose numbers are known at build time.

use super::types::{DType, TensorType};
use ndarray::ArrayD;

/// Numbers with a shape, always in standard (row-major) layout.
#[derive(Clone, Debug, PartialEq)]
pub enum Tensor {
    /// 32-bit floats.
    F32(ArrayD<f32>),
    /// Signed bytes.
    I8(ArrayD<i8>),
    /// Signed 32-bit integers.
    I32(ArrayD<i32>),
    /// Signed 64-bit integers.
    I64(ArrayD<i64>),
    /// Truth values.
    Bool(ArrayD<bool>),
}

impl Tensor {
    /// Element type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        match self {
            Self::F32(_) => DType::F32,
            Self::I8(_) => DType::I8,
            Self::I32(_) => DType::I32,
            Self::I64(_) => DType::I64,
            Self::Bool(_) => DType::Bool,
        }
    }

    /// Dimensions.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        match self {
            Self::F32(a) => a.shape(),
            Self::I8(a) => a.shape(),
            Self::I32(a) => a.shape(),
            Self::I64(a) => a.shape(),
            Self::Bool(a) => a.shape(),
        }
    }

    /// Static type, without quantization.
    #[must_use]
    pub fn ty(&self) -> TensorType {
        TensorType {
            dtype: self.dtype(),
            shape: self.shape().to_vec(),
            quant: None,
        }
    }

    /// The floats in row-major order, if these are floats.
    #[must_use]
    pub fn as_f32(&self) -> Option<&[f32]> {
        if let Self::F32(a) = self {
            a.as_slice()
        } else {
            None
        }
    }

    /// The bytes in row-major order, if these are signed bytes.
    #[must_use]
    pub fn as_i8(&self) -> Option<&[i8]> {
        if let Self::I8(a) = self {
            a.as_slice()
        } else {
            None
        }
    }

    /// The integers in row-major order, if these are 32-bit integers.
    #[must_use]
    pub fn as_i32(&self) -> Option<&[i32]> {
        if let Self::I32(a) = self {
            a.as_slice()
        } else {
            None
        }
    }

    /// The integers in row-major order, if these are 64-bit integers.
    #[must_use]
    pub fn as_i64(&self) -> Option<&[i64]> {
        if let Self::I64(a) = self {
            a.as_slice()
        } else {
            None
        }
    }

    /// Floats with a shape; `None` if their number is another.
    #[must_use]
    pub fn from_f32(shape: &[usize], data: Vec<f32>) -> Option<Self> {
        ArrayD::from_shape_vec(shape, data).ok().map(Self::F32)
    }

    /// Signed bytes with a shape; `None` if their number is another.
    #[must_use]
    pub fn from_i8(shape: &[usize], data: Vec<i8>) -> Option<Self> {
        ArrayD::from_shape_vec(shape, data).ok().map(Self::I8)
    }

    /// 32-bit integers with a shape; `None` if their number is another.
    #[must_use]
    pub fn from_i32(shape: &[usize], data: Vec<i32>) -> Option<Self> {
        ArrayD::from_shape_vec(shape, data).ok().map(Self::I32)
    }
}
