//! Layers with weights in graphs that arrive quantized.

use super::{MatMul, Window2d};
use crate::quant::{Rounding, Scale};

/// How a scaled sum becomes an output: `clamp(sum, range) + zero_point`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExactOutput {
    /// How the product of sum and factor is rounded.
    pub rounding: Rounding,
    /// Least and greatest result, without the zero point; with it they fit the element type.
    pub range: [i32; 2],
    /// Zero point of the output.
    pub zero_point: i32,
}

/// Convolution: weights `[out_c, kernel_h, kernel_w, in_c / groups]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dExact {
    /// Shapes and steps.
    pub window: Window2d,
    /// Number of groups; divides `in_c` and `out_c`.
    pub groups: usize,
    /// What stands in the padding: the zero point of the input.
    pub pad_value: i32,
    /// How a sum becomes an output.
    pub output: ExactOutput,
}

/// Depthwise convolution: weights `[kernel_h, kernel_w, out_c]`, `out_c = in_c · multiplier`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthwiseConv2dExact {
    /// Shapes and steps.
    pub window: Window2d,
    /// What stands in the padding: the zero point of the input.
    pub pad_value: i32,
    /// How a sum becomes an output.
    pub output: ExactOutput,
}

/// Transposed convolution: weights `[in_c, kernel_h, kernel_w, out_c / groups]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTranspose2dExact {
    /// Shapes and steps; pads are those of the output.
    pub window: Window2d,
    /// Number of groups; divides `in_c` and `out_c`.
    pub groups: usize,
    /// Zero point of the input, taken off every element.
    pub input_zero: i32,
    /// How a sum becomes an output.
    pub output: ExactOutput,
}

/// Fully connected layer: weights `[outputs, inputs]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullyConnectedExact {
    /// Rows of the input.
    pub batch: usize,
    /// Inputs of a row.
    pub inputs: usize,
    /// Outputs of a row.
    pub outputs: usize,
    /// How a sum becomes an output.
    pub output: ExactOutput,
}

/// A piece of the input of a fully connected layer: weights `[outputs, inputs]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddProducts {
    /// Inputs of the layer.
    pub inputs: usize,
    /// The first input of the piece.
    pub first: usize,
    /// Inputs of the piece.
    pub len: usize,
    /// Outputs of the layer.
    pub outputs: usize,
}

/// Product of two computed matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatMulExact {
    /// Shapes.
    pub product: MatMul,
    /// Zero point of the first matrix, taken off every element.
    pub first_zero: i32,
    /// Zero point of the second matrix, taken off every element.
    pub second_zero: i32,
    /// The factor of all sums.
    pub scale: Scale,
    /// How a sum becomes an output.
    pub output: ExactOutput,
}
