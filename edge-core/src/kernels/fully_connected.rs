//! Fully connected layers: rows times a constant matrix.
//!
//! Rows `[batch, inputs]`, weights `[outputs, inputs]`, bias `[outputs]`, result `[batch, outputs]`.
//!
//! Source: ONNX `Gemm`, `MatMul` with constant weights; `TFLite` `FULLY_CONNECTED`.

use super::conv::convolve;
use super::exact_layer::{Activation, ExactLayer};
use super::layer::{FloatLayer, Int8Layer};
use super::products::Products;
use crate::params::{FullyConnectedExact, FullyConnectedF32, FullyConnectedS8, Window2d};

/// Float fully connected layer.
#[inline(always)]
pub fn fully_connected_f32(
    p: &FullyConnectedF32,
    x: &[f32],
    weights: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    let layer = FloatLayer {
        bias,
        clamp: p.clamp,
    };
    let window = rows_of_pixels(p.batch, p.inputs, p.outputs);
    convolve(&layer, &window, 1, x, weights, y);
}

/// int8 fully connected layer; one bias and one multiplier per output.
///
/// The accumulator is `bias + Σ x·w` over raw int8 numbers; the zero point of the input is folded into the
/// bias. It becomes an output by [`crate::quant::requantize`].
#[inline(always)]
pub fn fully_connected_s8(
    p: &FullyConnectedS8,
    x: &[i8],
    weights: &[i8],
    bias: &[i32],
    multipliers: &[i32],
    y: &mut [i8],
) {
    let layer = Int8Layer {
        bias,
        multipliers,
        pad_value: 0,
        requant: p.requant,
    };
    let window = rows_of_pixels(p.batch, p.inputs, p.outputs);
    convolve(&layer, &window, 1, x, weights, y);
}

/// Fully connected layer of a graph that arrives quantized; one bias and one factor per output.
///
/// The accumulator is `bias + Σ x·w` over raw integers; the zero point of the input is folded into the bias. The
/// factor of output `c` is `multipliers[c] · 2^(shifts[c] − 31)`.
#[inline(always)]
pub fn fully_connected_exact<X: Activation, W: Copy, S: Products<X, W>>(
    p: &FullyConnectedExact,
    x: &[X],
    weights: &[W],
    bias: &[S],
    multipliers: &[i32],
    shifts: &[i8],
    y: &mut [X],
) {
    let layer = ExactLayer::new(bias, multipliers, shifts, 0, p.output);
    let window = rows_of_pixels(p.batch, p.inputs, p.outputs);
    convolve(&layer, &window, 1, x, weights, y);
}

/// Rows are images of one pixel, to which the matrix is a convolution.
#[inline(always)]
fn rows_of_pixels(batch: usize, inputs: usize, outputs: usize) -> Window2d {
    Window2d {
        batch,
        in_h: 1,
        in_w: 1,
        in_c: inputs,
        out_h: 1,
        out_w: 1,
        out_c: outputs,
        kernel_h: 1,
        kernel_w: 1,
        stride_h: 1,
        stride_w: 1,
        dilation_h: 1,
        dilation_w: 1,
        pad_top: 0,
        pad_left: 0,
    }
}
