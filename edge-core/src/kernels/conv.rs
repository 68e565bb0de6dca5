//! Convolution of NHWC images.

mod gathered;

use super::dot::FILTERS;
use super::exact_layer::{Activation, ExactLayer};
use super::lanes::each_lane;
use super::layer::{FloatLayer, Int8Layer, Layer};
use super::products::Products;
use super::slices::{window, windows};
use super::window::{ChannelBlocks, Pixel, fill_pixels};
use crate::params::{Conv2dExact, Conv2dF32, Conv2dS8, Window2d};

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

/// Convolution of a graph that arrives quantized; one bias and one factor per output channel, shapes as in
/// [`conv2d_f32`].
///
/// The accumulator is `bias + Σ x·w` over raw integers, `pad_value·w` where a tap lies in the padding; the zero
/// point of the input is folded into the bias. The factor of channel `c` is
/// `multipliers[c] · 2^(shifts[c] − 31)`.
///
/// Source: `TFLite` `CONV_2D` of `int8` and `int16`, ONNX `QLinearConv`.
#[inline(always)]
pub fn conv2d_exact<X: Activation, W: Copy, S: Products<X, W>>(
    p: &Conv2dExact,
    x: &[X],
    weights: &[W],
    bias: &[S],
    multipliers: &[i32],
    shifts: &[i8],
    y: &mut [X],
) {
    let layer = ExactLayer::new(bias, multipliers, shifts, p.pad_value, p.output);
    convolve(&layer, &p.window, p.groups, x, weights, y);
}

/// Convolution by the arithmetic of `layer`; shapes as in [`conv2d_f32`].
#[inline(always)]
pub(super) fn convolve<L: Layer>(
    layer: &L,
    window: &Window2d,
    groups: usize,
    x: &[L::Input],
    weights: &[L::Weight],
    y: &mut [L::Output],
) {
    if let Some(taps) = gathered::taps_to_gather::<L>(window, groups) {
        gathered::convolve(layer, window, taps, x, weights, y);
        return;
    }
    let conv = Convolution {
        layer,
        window,
        depth: window.in_c.checked_div(groups).unwrap_or(0),
        per_group: window.out_c.checked_div(groups).unwrap_or(0),
        contiguous: window.dilation_w == 1 && groups == 1,
        x,
        weights,
    };
    fill_pixels::<_, FILTERS>(&conv, window, groups == 1, y);
}

struct Convolution<'a, L: Layer> {
    layer: &'a L,
    window: &'a Window2d,
    /// Input channels that an output channel sees.
    depth: usize,
    /// Output channels of a group.
    per_group: usize,
    /// Whether the taps of a kernel row are neighbours in the image.
    contiguous: bool,
    x: &'a [L::Input],
    weights: &'a [L::Weight],
}

impl<L: Layer> ChannelBlocks for Convolution<'_, L> {
    type Element = L::Output;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [L::Output; N] {
        let w = self.window;
        let row_len = w.kernel_w.wrapping_mul(self.depth);
        let group = channel.checked_div(self.per_group).unwrap_or(0);
        let mut sums = self.layer.biases::<N>(channel);
        for tap_y in 0..w.kernel_h {
            let mut rows: [&[L::Weight]; N] = [&[]; N];
            each_lane(&mut rows, |i, row| {
                let filter = channel.wrapping_add(i).wrapping_mul(w.kernel_h);
                let at = filter.wrapping_add(tap_y).wrapping_mul(row_len);
                *row = window(self.weights, at, row_len);
            });
            if pixel.rows.contains(tap_y) {
                self.add_row(&mut sums, pixel, pixel.rows.position(tap_y), group, rows);
            } else if self.layer.padding_counts() {
                self.add_padding(&mut sums, rows);
            }
        }
        self.layer.outputs(sums, channel)
    }
}

impl<L: Layer> Convolution<'_, L> {
    /// Adds `Σ x·w` over one row of the window. Neighbouring taps are one run, in the image and the filters.
    #[inline(always)]
    fn add_row<const N: usize>(
        &self,
        sums: &mut [L::Sum; N],
        pixel: Pixel,
        row: usize,
        group: usize,
        filters: [&[L::Weight]; N],
    ) {
        let (depth, taps) = (self.depth, pixel.columns);
        let taps_of_run = if self.contiguous { taps.inside() } else { 1 };
        let run = taps_of_run.wrapping_mul(depth);
        let channel = group.wrapping_mul(depth);
        let mut tap = taps.first;
        while tap < taps.end {
            let at = pixel.index(self.window, row, taps.position(tap));
            let x = window(self.x, at.wrapping_add(channel), run);
            add_dots::<L, N>(sums, x, windows(filters, tap.wrapping_mul(depth), run));
            tap = tap.wrapping_add(taps_of_run);
        }
        if self.layer.padding_counts() && taps.inside() < self.window.kernel_w {
            let missing = self.window.kernel_w.wrapping_sub(taps.end);
            let (before, behind) = (taps.first.wrapping_mul(depth), taps.end.wrapping_mul(depth));
            self.add_padding(sums, windows(filters, 0, before));
            self.add_padding(sums, windows(filters, behind, missing.wrapping_mul(depth)));
        }
    }

    /// Adds what taps outside the image add.
    #[inline(always)]
    fn add_padding<const N: usize>(&self, sums: &mut [L::Sum; N], filters: [&[L::Weight]; N]) {
        each_lane(sums, |i, sum| {
            *sum = self.layer.dot_padding(*sum, filters[i]);
        });
    }
}

#[inline(always)]
fn add_dots<L: Layer, const N: usize>(
    sums: &mut [L::Sum; N],
    x: &[L::Input],
    filters: [&[L::Weight]; N],
) {
    match (sums.as_mut_slice(), filters.as_slice()) {
        ([s, t, u, v], &[a, b, c, d]) => {
            [*s, *t, *u, *v] = L::dots([*s, *t, *u, *v], x, [a, b, c, d]);
        }
        (sums, filters) => {
            for (sum, filter) in sums.iter_mut().zip(filters) {
                *sum = L::dot(*sum, x, filter);
            }
        }
    }
}
