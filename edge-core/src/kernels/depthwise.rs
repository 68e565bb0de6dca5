//! Depthwise convolution: every output channel sees one input channel.
//!
//! Image `[batch, in_h, in_w, in_c]`, weights `[kernel_h, kernel_w, out_c]`, result
//! `[batch, out_h, out_w, out_c]`; `out_c` is a multiple of `in_c`, and output channel `o` reads input
//! channel `o / (out_c / in_c)`.
//!
//! Source: ONNX `Conv` with `group` = channels, `TFLite` `DEPTHWISE_CONV_2D`.

use super::exact_layer::{Activation, ExactLayer};
use super::layer::{FloatLayer, Int8Layer, Layer};
use super::products::Products;
use super::slices::chunk;
use super::window::{BLOCK, ChannelBlocks, Pixel, fill_pixels};
use crate::params::{DepthwiseConv2dExact, DepthwiseConv2dF32, DepthwiseConv2dS8, Window2d};

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

/// Depthwise convolution of a graph that arrives quantized; one bias and one factor per output channel.
///
/// The accumulator is that of [`super::conv::conv2d_exact`], as are the factors.
///
/// Source: `TFLite` `DEPTHWISE_CONV_2D` of `int8` and `int16`.
#[inline(always)]
pub fn depthwise_conv2d_exact<X: Activation, W: Copy, S: Products<X, W>>(
    p: &DepthwiseConv2dExact,
    x: &[X],
    weights: &[W],
    bias: &[S],
    multipliers: &[i32],
    shifts: &[i8],
    y: &mut [X],
) {
    let layer = ExactLayer::new(bias, multipliers, shifts, p.pad_value, p.output);
    convolve(&layer, &p.window, x, weights, y);
}

#[inline(always)]
fn convolve<L: Layer>(
    layer: &L,
    window: &Window2d,
    x: &[L::Input],
    weights: &[L::Weight],
    y: &mut [L::Output],
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
    x: &'a [L::Input],
    weights: &'a [L::Weight],
}

impl<L: Layer> ChannelBlocks for Depthwise<'_, L> {
    type Element = L::Output;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [L::Output; N] {
        let (w, rows, columns) = (self.window, pixel.rows, pixel.columns);
        let source = channel.checked_div(self.multiplier).unwrap_or(0);
        let (step, mut sums) = (
            w.dilation_w.wrapping_mul(w.in_c),
            self.layer.biases(channel),
        );
        for tap_y in rows.first..rows.end {
            let first = pixel.index(w, rows.position(tap_y), columns.position(columns.first));
            let mut at = first.wrapping_add(source);
            let mut filter_at = self.filter_at(tap_y, columns.first, channel);
            for _ in columns.first..columns.end {
                if let (Some(x), Some(filter)) = (chunk(self.x, at), chunk(self.weights, filter_at))
                {
                    L::multiply_add(&mut sums, x, filter);
                }
                at = at.wrapping_add(step);
                filter_at = filter_at.wrapping_add(w.out_c);
            }
        }
        if self.layer.padding_counts() && !pixel.is_inside(w) {
            self.add_padding(&mut sums, pixel, channel);
        }
        self.layer.outputs(sums, channel)
    }
}

impl<L: Layer> Depthwise<'_, L> {
    /// Index of the weight of a tap.
    #[inline(always)]
    fn filter_at(&self, tap_y: usize, tap_x: usize, channel: usize) -> usize {
        let tap = tap_y.wrapping_mul(self.window.kernel_w).wrapping_add(tap_x);
        tap.wrapping_mul(self.window.out_c).wrapping_add(channel)
    }

    /// Adds what taps outside the image add.
    #[inline(always)]
    fn add_padding<const N: usize>(&self, sums: &mut [L::Sum; N], pixel: Pixel, channel: usize) {
        let padding = [self.layer.padding(); N];
        for tap_y in 0..self.window.kernel_h {
            for tap_x in 0..self.window.kernel_w {
                let filter = chunk(self.weights, self.filter_at(tap_y, tap_x, channel));
                let inside = pixel.rows.contains(tap_y) && pixel.columns.contains(tap_x);
                if let (false, Some(filter)) = (inside, filter) {
                    L::multiply_add(sums, &padding, filter);
                }
            }
        }
    }
}
