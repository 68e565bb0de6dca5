//! Depthwise convolution: every output channel sees one input channel.
//!
//! Image `[batch, in_h, in_w, in_c]`, weights `[kernel_h, kernel_w, out_c]`, result
//! `[batch, out_h, out_w, out_c]`; `out_c` is a multiple of `in_c`, and output channel `o` reads input
//! channel `o / (out_c / in_c)`.
//!
//! Source: ONNX `Conv` with `group` = channels, `TFLite` `DEPTHWISE_CONV_2D`.

use super::layer::{FloatLayer, Int8Layer, Layer};
use super::slices::chunk;
use super::window::{BLOCK, ChannelBlocks, Pixel, fill_pixels};
use crate::params::{DepthwiseConv2dF32, DepthwiseConv2dS8, Window2d};

/// Float depthwise convolution; one bias per output channel, padding counts as zeros.
#[inline(always)]
pub fn depthwise_conv2d_f32(
    p: &DepthwiseConv2dF32,
    x: &[f32],
    weights: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    let layer = FloatLayer {
        bias,
        clamp: p.clamp,
    };
    convolve(&layer, &p.window, x, weights, y);
}

/// int8 depthwise convolution; one bias and one multiplier per output channel.
///
/// The accumulator is `bias + Σ x·w` over raw int8 numbers, `pad_value·w` where a tap lies in the padding; the
/// zero point of the input is folded into the bias. It becomes an output by [`crate::quant::requantize`].
#[inline(always)]
pub fn depthwise_conv2d_s8(
    p: &DepthwiseConv2dS8,
    x: &[i8],
    weights: &[i8],
    bias: &[i32],
    multipliers: &[i32],
    y: &mut [i8],
) {
    let layer = Int8Layer {
        bias,
        multipliers,
        pad_value: p.pad_value,
        requant: p.requant,
    };
    convolve(&layer, &p.window, x, weights, y);
}

#[inline(always)]
fn convolve<L: Layer>(
    layer: &L,
    window: &Window2d,
    x: &[L::Element],
    weights: &[L::Element],
    y: &mut [L::Element],
) {
    let multiplier = window.out_c.checked_div(window.in_c).unwrap_or(0);
    let depthwise = Depthwise {
        layer,
        window,
        multiplier,
        x,
        weights,
    };
    fill_pixels::<_, BLOCK>(&depthwise, window, multiplier == 1, y);
}

struct Depthwise<'a, L: Layer> {
    layer: &'a L,
    window: &'a Window2d,
    multiplier: usize,
    x: &'a [L::Element],
    weights: &'a [L::Element],
}

impl<L: Layer> ChannelBlocks for Depthwise<'_, L> {
    type Element = L::Element;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [L::Element; N] {
        let w = self.window;
        let source = channel.checked_div(self.multiplier).unwrap_or(0);
        let padding = [self.layer.padding(); N];
        let mut sums = self.layer.biases(channel);
        let mut filter_at = channel;
        for tap_y in 0..w.kernel_h {
            let row_inside = pixel.rows.contains(tap_y);
            let row = pixel
                .index(w, pixel.rows.position(tap_y), 0)
                .wrapping_add(source);
            for tap_x in 0..w.kernel_w {
                let column = pixel.columns.position(tap_x).wrapping_mul(w.in_c);
                let taps = if row_inside && pixel.columns.contains(tap_x) {
                    chunk(self.x, row.wrapping_add(column))
                } else {
                    Some(&padding)
                };
                if let (Some(taps), Some(filter)) = (taps, chunk(self.weights, filter_at)) {
                    L::multiply_add(&mut sums, taps, filter);
                }
                filter_at = filter_at.wrapping_add(w.out_c);
            }
        }
        self.layer.outputs(sums, channel)
    }
}
