//! Layers on integers whose scale is known at run time only: sums are not scaled.

use super::{MatMul, Window2d};

/// Quantization by the range of the numbers at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicRange {
    /// Number of elements.
    pub len: usize,
}

/// Convolution of bytes to sums of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegerConv2d {
    /// Shapes and steps.
    pub window: Window2d,
    /// Number of groups, at least 1.
    pub groups: usize,
}

/// Product of two matrices of bytes to sums of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntegerMatMul {
    /// Shapes.
    pub product: MatMul,
    /// Zero points of the first matrix: one, or one for each row.
    pub first_zeros: usize,
    /// Zero points of the second matrix: one, or one for each column.
    pub second_zeros: usize,
}
