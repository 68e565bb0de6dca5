//! Functions of one element, poolings and softmaxes of graphs that arrive quantized.

use super::{Quantize, Softmax, Window2d};
use crate::quant::{Scale, TableScale};

/// Maximum over windows, then limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool2dQuantized {
    /// Shapes and steps.
    pub window: Window2d,
    /// The result lies in `clamp[0]..=clamp[1]`.
    pub clamp: [i32; 2],
}

/// Mean of the integers in windows, halves away from zero; scale and zero point stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AveragePool2dExact {
    /// Shapes and steps.
    pub window: Window2d,
    /// The result lies in `clamp[0]..=clamp[1]`.
    pub clamp: [i32; 2],
}

/// Mean over windows with another scale and zero point, rounded once, halves to even.
///
/// The factor for a window of `n` elements has multiplier `factors[2·(n − fewest)]` and shift
/// `factors[2·(n − fewest) + 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AveragePool2dReal {
    /// Shapes and steps.
    pub window: Window2d,
    /// Zero point of the input, taken off every element.
    pub input_zero: i32,
    /// Zero point of the output.
    pub output_zero: i32,
    /// Whether padding counts as zeros in the mean.
    pub count_pad: bool,
    /// Rows of padding below that count.
    pub pad_bottom: usize,
    /// Columns of padding to the right that count.
    pub pad_right: usize,
    /// Elements that the first factor stands for.
    pub fewest: usize,
    /// The result lies in `clamp[0]..=clamp[1]`.
    pub clamp: [i32; 2],
}

/// Mean over windows in floats: the elements are dequantized, summed, divided and quantized.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AveragePool2dFloat {
    /// Shapes and steps.
    pub window: Window2d,
    /// What the integers of the input stand for.
    pub input: Quantize,
    /// What those of the output stand for.
    pub output: Quantize,
    /// Whether padding counts as zeros in the mean.
    pub count_pad: bool,
    /// Rows of padding below that count.
    pub pad_bottom: usize,
    /// Columns of padding to the right that count.
    pub pad_right: usize,
    /// Whether each column of a window is summed for itself; else one sum goes through the rows.
    pub by_columns: bool,
    /// The result lies in `clamp[0]..=clamp[1]`.
    pub clamp: [i32; 2],
}

/// Softmax of 8 bits to any scale and zero point, rounded once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftmaxReal {
    /// Shapes.
    pub softmax: Softmax,
    /// Steps of the output in 2⁻³⁰.
    pub scale: Scale,
    /// Zero point of the output.
    pub zero_point: i32,
}

/// Softmax of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftmaxS16 {
    /// Shapes.
    pub softmax: Softmax,
    /// Brings differences of inputs to steps of 10/65535.
    pub scale: Scale,
}

/// Log-softmax of 8 bits to scale 1/16 and zero point 127.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogSoftmaxS8 {
    /// Shapes.
    pub softmax: Softmax,
    /// Brings differences of inputs to Q5.
    pub forward: Scale,
    /// Brings Q5 to differences of inputs.
    pub reverse: Scale,
    /// The least difference of inputs whose exponential counts, ≤ 0.
    pub least: i32,
}

/// Function of each element of 16 bits by a table of 513 samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableS16 {
    /// Number of elements.
    pub len: usize,
}

/// Sigmoid or tanh of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurveS16 {
    /// Whether it is tanh.
    pub tanh: bool,
    /// Brings inputs to the table.
    pub scale: TableScale,
}

/// A function of each element of 16 bits that is a line on either side of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinesS16 {
    /// Zero point of the input.
    pub input_zero: i32,
    /// Factor of numbers from zero on.
    pub positive: Scale,
    /// Factor of numbers below zero.
    pub negative: Scale,
    /// Zero point of the output.
    pub output_zero: i32,
    /// The result lies in `clamp[0]..=clamp[1]`.
    pub clamp: [i32; 2],
}

/// Inverse square root of 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsqrtS16 {
    /// Zero point of the input.
    pub input_zero: i32,
    /// Brings 2⁻²⁰ to steps of the output.
    pub scale: Scale,
    /// Zero point of the output.
    pub output_zero: i32,
}

/// Rows of 8 bits divided by their length, to scale 1/128 and zero point 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NormalizeS8 {
    /// Number of rows.
    pub rows: usize,
    /// Elements of a row.
    pub len: usize,
    /// Zero point of the input.
    pub input_zero: i32,
}
