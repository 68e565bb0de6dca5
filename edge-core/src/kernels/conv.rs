//! Convolution and transposed convolution of NHWC images.

use super::dot::add_scaled_f32;
use super::layer::{FloatLayer, Int8Layer, Layer, clamp};
use super::slices::{copy, window, window_mut};
use super::window::{Pixel, Taps};
use crate::params::{Conv2dF32, Conv2dS8, ConvTranspose2dF32, Window2d};

/// Float convolution.
///
/// Image `[batch, in_h, in_w, in_c]`, weights `[out_c, kernel_h, kernel_w, in_c / groups]`, bias `[out_c]`,
/// result `[batch, out_h, out_w, out_c]`. Padding counts as zeros.
///
/// Source: ONNX `Conv`, `TFLite` `CONV_2D`.
#[inline(always)]
pub fn conv2d_f32(p: &Conv2dF32, x: &[f32], weights: &[f32], bias: &[f32], y: &mut [f32]) {
    let layer = FloatLayer {
        bias,
        clamp: p.clamp,
    };
    convolve(&layer, &p.window, p.groups, x, weights, y);
}

/// int8 convolution; one bias and one multiplier per output channel, shapes as in [`conv2d_f32`].
///
/// The accumulator is `bias + Σ x·w` over raw int8 numbers, `pad_value·w` where a tap lies in the padding; the
/// zero point of the input is folded into the bias. It becomes an output by [`crate::quant::requantize`].
///
/// Source: ONNX `Conv`, `TFLite` `CONV_2D`.
#[inline(always)]
pub fn conv2d_s8(
    p: &Conv2dS8,
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
    convolve(&layer, &p.window, p.groups, x, weights, y);
}

#[inline(always)]
fn convolve<L: Layer>(
    layer: &L,
    w: &Window2d,
    groups: usize,
    x: &[L::Element],
    weights: &[L::Element],
    y: &mut [L::Element],
) {
    let conv = Convolution {
        layer,
        w,
        depth: w.in_c.checked_div(groups).unwrap_or(0),
        contiguous: w.dilation_w == 1 && groups == 1,
        x,
    };
    let per_group = w.out_c.checked_div(groups).unwrap_or(0);
    let filter_len = w.kernel_h.wrapping_mul(w.kernel_w).wrapping_mul(conv.depth);
    let mut outputs = y;
    for batch in 0..w.batch {
        for out_y in 0..w.out_h {
            let rows = Taps::vertical(w, out_y);
            for out_x in 0..w.out_w {
                let pixel = Pixel {
                    batch,
                    rows,
                    columns: Taps::horizontal(w, out_x),
                };
                let mut filters = weights;
                let mut channel = 0usize;
                for group in 0..groups {
                    for _ in 0..per_group {
                        let Some((filter, others)) = filters.split_at_checked(filter_len) else {
                            return;
                        };
                        let [output, rest @ ..] = outputs else {
                            return;
                        };
                        let sum = conv.sum(pixel, group, layer.bias(channel), filter);
                        *output = layer.output(sum, channel);
                        (filters, outputs) = (others, rest);
                        channel = channel.wrapping_add(1);
                    }
                }
            }
        }
    }
}

struct Convolution<'a, L: Layer> {
    layer: &'a L,
    w: &'a Window2d,
    /// Input channels that an output channel sees.
    depth: usize,
    /// Whether the taps of a kernel row are neighbours in the image.
    contiguous: bool,
    x: &'a [L::Element],
}

impl<L: Layer> Convolution<'_, L> {
    /// `sum + Σ x·w` over the window of a pixel.
    #[inline(always)]
    fn sum(&self, pixel: Pixel, group: usize, mut sum: L::Sum, filter: &[L::Element]) -> L::Sum {
        let row_len = self.w.kernel_w.wrapping_mul(self.depth);
        for tap_y in 0..self.w.kernel_h {
            let filter_row = window(filter, tap_y.wrapping_mul(row_len), row_len);
            sum = if pixel.rows.contains(tap_y) {
                self.row_sum(pixel, pixel.rows.position(tap_y), group, sum, filter_row)
            } else {
                self.layer.dot_padding(sum, filter_row)
            };
        }
        sum
    }

    /// `sum + Σ x·w` over one row of the window. Neighbouring taps are one run, in the image and the filter.
    #[inline(always)]
    fn row_sum(
        &self,
        pixel: Pixel,
        row: usize,
        group: usize,
        mut sum: L::Sum,
        filter_row: &[L::Element],
    ) -> L::Sum {
        let (depth, taps) = (self.depth, pixel.columns);
        let taps_of_run = if self.contiguous { taps.inside() } else { 1 };
        let run = taps_of_run.wrapping_mul(depth);
        let mut tap = taps.first;
        while tap < taps.end {
            let at = pixel.index(self.w, row, taps.position(tap));
            let x = window(self.x, at.wrapping_add(group.wrapping_mul(depth)), run);
            sum = L::dot(sum, x, window(filter_row, tap.wrapping_mul(depth), run));
            tap = tap.wrapping_add(taps_of_run);
        }
        if taps.inside() < self.w.kernel_w {
            let (before, behind) = (taps.first, taps.end);
            let missing = self.w.kernel_w.wrapping_sub(behind);
            sum = self
                .layer
                .dot_padding(sum, window(filter_row, 0, before.wrapping_mul(depth)));
            sum = self.layer.dot_padding(
                sum,
                window(
                    filter_row,
                    behind.wrapping_mul(depth),
                    missing.wrapping_mul(depth),
                ),
            );
        }
        sum
    }
}

/// Float transposed convolution: every input pixel adds its multiple of the filter to the output.
///
/// Image `[batch, in_h, in_w, in_c]`, weights `[in_c, kernel_h, kernel_w, out_c / groups]`, bias `[out_c]`,
/// result `[batch, out_h, out_w, out_c]`. Tap `(i, j)` of input pixel `(r, c)` lands on output pixel
/// `(r·stride_h + i·dilation_h − pad_top, c·stride_w + j·dilation_w − pad_left)`, or nowhere.
///
/// Source: ONNX `ConvTranspose`, `TFLite` `TRANSPOSE_CONV`.
#[inline(always)]
pub fn conv_transpose2d_f32(
    p: &ConvTranspose2dF32,
    x: &[f32],
    weights: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    let w = &p.window;
    for pixel in 0..w.batch.wrapping_mul(w.out_h).wrapping_mul(w.out_w) {
        copy(bias, window_mut(y, pixel.wrapping_mul(w.out_c), w.out_c));
    }
    // The transposed window is the window of a convolution from the output to the input.
    let mirrored = Window2d {
        in_h: w.out_h,
        in_w: w.out_w,
        in_c: w.out_c,
        out_h: w.in_h,
        out_w: w.in_w,
        out_c: w.in_c,
        ..*w
    };
    let mut pixels = x;
    for batch in 0..w.batch {
        for in_y in 0..w.in_h {
            let rows = Taps::vertical(&mirrored, in_y);
            for in_x in 0..w.in_w {
                let columns = Taps::horizontal(&mirrored, in_x);
                let pixel = Pixel {
                    batch,
                    rows,
                    columns,
                };
                let Some((channels, others)) = pixels.split_at_checked(w.in_c) else {
                    return;
                };
                scatter(p, &mirrored, pixel, channels, weights, y);
                pixels = others;
            }
        }
    }
    for value in y {
        *value = clamp(*value, p.clamp);
    }
}

/// Adds what one input pixel contributes to the output `y`.
#[inline(always)]
fn scatter(
    p: &ConvTranspose2dF32,
    mirrored: &Window2d,
    pixel: Pixel,
    channels: &[f32],
    weights: &[f32],
    y: &mut [f32],
) {
    let w = mirrored;
    let (inputs, outputs) = (
        w.out_c.checked_div(p.groups).unwrap_or(0),
        w.in_c.checked_div(p.groups).unwrap_or(0),
    );
    for (channel, &factor) in channels.iter().enumerate() {
        let first = channel
            .checked_div(inputs)
            .unwrap_or(0)
            .wrapping_mul(outputs);
        for tap_y in pixel.rows.first..pixel.rows.end {
            let filter_row = channel.wrapping_mul(w.kernel_h).wrapping_add(tap_y);
            for tap_x in pixel.columns.first..pixel.columns.end {
                let tap = filter_row.wrapping_mul(w.kernel_w).wrapping_add(tap_x);
                let at = pixel.index(w, pixel.rows.position(tap_y), pixel.columns.position(tap_x));
                add_scaled_f32(
                    window_mut(y, at.wrapping_add(first), outputs),
                    factor,
                    window(weights, tap.wrapping_mul(outputs), outputs),
                );
            }
        }
    }
}
