//! Transposed convolution of NHWC images.

use super::dot::add_scaled_f32;
use super::exact_layer::{Activation, Scales};
use super::layer::clamp;
use super::products::Products;
use super::slices::{chunk, copy, window, window_mut};
use super::window::{BLOCK, ChannelBlocks, Pixel, Taps, fill_pixels};
use crate::params::{ConvTranspose2dExact, ConvTranspose2dF32, Window2d};

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

/// Transposed convolution of a graph that arrives quantized; one bias and one factor per output channel, shapes
/// as in [`conv_transpose2d_f32`].
///
/// The accumulator is `bias + Σ (x − input_zero)·w`, the factor of channel `c` is
/// `multipliers[c] · 2^(shifts[c] − 31)`. Every output is gathered from the inputs that reach it, so that sums need
/// no memory.
///
/// Source: `TFLite` `TRANSPOSE_CONV` of `int8` and `int16`.
#[inline(always)]
pub fn conv_transpose2d_exact<X: Activation, W: Copy, S: Products<X, W>>(
    p: &ConvTranspose2dExact,
    x: &[X],
    weights: &[W],
    bias: &[S],
    multipliers: &[i32],
    shifts: &[i8],
    y: &mut [X],
) {
    let w = &p.window;
    let transposed = Transposed {
        p,
        x,
        weights,
        bias,
        scales: Scales {
            multipliers,
            shifts,
            output: p.output,
        },
        depth: w.in_c.checked_div(p.groups).unwrap_or(0),
        per_group: w.out_c.checked_div(p.groups).unwrap_or(0),
    };
    // Windows of one pixel: the walk says where the output lies, and the taps are sought from there.
    let pixels = Window2d {
        kernel_h: 1,
        kernel_w: 1,
        stride_h: 1,
        stride_w: 1,
        pad_top: 0,
        pad_left: 0,
        ..*w
    };
    fill_pixels::<_, BLOCK>(&transposed, &pixels, p.groups == 1, y);
}

struct Transposed<'a, X, W, S> {
    p: &'a ConvTranspose2dExact,
    x: &'a [X],
    weights: &'a [W],
    bias: &'a [S],
    scales: Scales<'a>,
    /// Input channels of a group.
    depth: usize,
    /// Output channels of a group.
    per_group: usize,
}

impl<X: Activation, W: Copy, S: Products<X, W>> ChannelBlocks for Transposed<'_, X, W, S> {
    type Element = X;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [X; N] {
        let w = &self.p.window;
        let (row, column) = (pixel.rows.position(0), pixel.columns.position(0));
        let mut sums = chunk(self.bias, channel).copied().unwrap_or([S::ZERO; N]);
        for tap_y in 0..w.kernel_h {
            let reach = row.wrapping_add(w.pad_top);
            let Some(in_y) = source(reach, tap_y, w.dilation_h, w.stride_h, w.in_h) else {
                continue;
            };
            for tap_x in 0..w.kernel_w {
                let reach = column.wrapping_add(w.pad_left);
                if let Some(in_x) = source(reach, tap_x, w.dilation_w, w.stride_w, w.in_w) {
                    let tap = tap_y.wrapping_mul(w.kernel_w).wrapping_add(tap_x);
                    self.add_tap(&mut sums, pixel.index(w, in_y, in_x), tap, channel);
                }
            }
        }
        self.scales.outputs(sums, channel)
    }
}

impl<X: Activation, W: Copy, S: Products<X, W>> Transposed<'_, X, W, S> {
    /// Adds what the input pixel at an index adds through a tap.
    #[inline(always)]
    fn add_tap<const N: usize>(&self, sums: &mut [S; N], at: usize, tap: usize, channel: usize) {
        let w = &self.p.window;
        let group = channel.checked_div(self.per_group).unwrap_or(0);
        let first = group.wrapping_mul(self.depth);
        let taps = w.kernel_h.wrapping_mul(w.kernel_w);
        let step = taps.wrapping_mul(self.per_group);
        let own = channel.wrapping_sub(group.wrapping_mul(self.per_group));
        let tap = tap.wrapping_mul(self.per_group).wrapping_add(own);
        let mut filter_at = first.wrapping_mul(step).wrapping_add(tap);
        let mut inputs = window(self.x, at.wrapping_add(first), self.depth);
        while let &[x, ref others @ ..] = inputs {
            if let Some(filter) = chunk(self.weights, filter_at) {
                let factor = x.widen().wrapping_sub(self.p.input_zero);
                S::add_scaled(sums, factor, filter);
            }
            filter_at = filter_at.wrapping_add(step);
            inputs = others;
        }
    }
}

/// Row or column of the input that a tap brings to an output, which lies `reach` behind the first output of the
/// first input.
#[inline(always)]
fn source(reach: usize, tap: usize, dilation: usize, stride: usize, len: usize) -> Option<usize> {
    let distance = reach.checked_sub(tap.wrapping_mul(dilation))?;
    if distance.checked_rem(stride)? != 0 {
        return None;
    }
    distance.checked_div(stride).filter(|&at| at < len)
}
