//! Integers that kernels are generic over.

use crate::quant::exact::{saturate_i8, saturate_i16};

/// An integer that stands for a real number by a scale and a zero point.
pub trait Quantized: Copy + Into<i32> {
    /// The nearest number of the type.
    fn saturate(value: i32) -> Self;
}

impl Quantized for i8 {
    #[inline(always)]
    fn saturate(value: i32) -> Self {
        saturate_i8(value)
    }
}

impl Quantized for i16 {
    #[inline(always)]
    fn saturate(value: i32) -> Self {
        saturate_i16(value)
    }
}

impl Quantized for i32 {
    #[inline(always)]
    fn saturate(value: i32) -> Self {
        value
    }
}
