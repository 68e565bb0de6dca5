//! Fully connected layers: rows times a constant matrix.
//!
//! Rows `[batch, inputs]`, weights `[outputs, inputs]`, bias `[outputs]`, result `[batch, outputs]`.
//!
//! Source: ONNX `Gemm`, `MatMul` with constant weights; `TFLite` `FULLY_CONNECTED`.

use super::layer::{FloatLayer, Int8Layer, Layer};
use crate::params::{FullyConnectedF32, FullyConnectedS8};

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
    multiply(&layer, [p.batch, p.inputs, p.outputs], x, weights, y);
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
    multiply(&layer, [p.batch, p.inputs, p.outputs], x, weights, y);
}

#[inline(always)]
fn multiply<L: Layer>(
    layer: &L,
    [batch, inputs, outputs]: [usize; 3],
    x: &[L::Element],
    weights: &[L::Element],
    y: &mut [L::Element],
) {
    let (mut rows, mut results) = (x, y);
    for _ in 0..batch {
        let Some((row, other_rows)) = rows.split_at_checked(inputs) else {
            return;
        };
        rows = other_rows;
        let mut filters = weights;
        for channel in 0..outputs {
            let (Some((filter, others)), [result, rest @ ..]) =
                (filters.split_at_checked(inputs), results)
            else {
                return;
            };
            *result = layer.output(L::dot(layer.bias(channel), row, filter), channel);
            (filters, results) = (others, rest);
        }
    }
}
