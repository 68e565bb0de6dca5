//! Linear resize of NHWC images.
//!
//! Image `[batch, in_h, in_w, channels]`, result `[batch, out_h, out_w, channels]`. `sources` holds two input
//! rows per output row, then two input columns per output column; `weights` one weight per output row, then
//! one per output column: that of the second source.
//!
//! Source: ONNX `Resize`, `Upsample` in linear mode; `TFLite` `RESIZE_BILINEAR`.

use super::slices::window;
use crate::params::{ResizeLinear, ResizeRescaled};
use crate::quant::exact::{saturate_i8, scale_i32};
use crate::quant::{Rounding, saturate};

/// Float linear resize: along columns first, then along rows.
#[inline(always)]
pub fn resize_linear_f32(
    p: &ResizeLinear,
    x: &[f32],
    sources: &[u32],
    weights: &[f32],
    y: &mut [f32],
) {
    resize(p, x, sources, weights, y, |corners, row, column| {
        let [top, bottom] = corners.map(|[left, right]| mix(left, right, column));
        mix(top, bottom, row)
    });
}

#[inline(always)]
fn mix(first: f32, second: f32, weight: f32) -> f32 {
    first * (1.0 - weight) + second * weight
}

/// int8 linear resize of a graph that arrives quantized, weights in 1/1024; the exact sum is rounded once,
/// halves away from zero.
///
/// Source: `TFLite` `ResizeBilinearInteger`.
#[inline(always)]
pub fn resize_bilinear_s8(
    p: &ResizeLinear,
    x: &[i8],
    sources: &[u32],
    weights: &[i32],
    y: &mut [i8],
) {
    resize(p, x, sources, weights, y, |corners, row, column| {
        // |sum| ≤ 2²⁷ and a half: no overflow.
        let sum = mix_corners(corners, row, column, 1 << 10);
        let half = if sum > 0 { 1 << 19 } else { -(1 << 19) };
        saturate_i8(sum.wrapping_add(half) / (1 << 20))
    });
}

/// int8 linear resize to another quantization, weights in 1/2048; the real number is rounded once, halves to even.
///
/// Source: ONNX `Resize` between `DequantizeLinear` and `QuantizeLinear`.
#[inline(always)]
pub fn resize_rescaled_s8(
    p: &ResizeRescaled,
    x: &[i8],
    sources: &[u32],
    weights: &[i32],
    y: &mut [i8],
) {
    resize(&p.resize, x, sources, weights, y, |corners, row, column| {
        // |q − zero point| ≤ 255 and the weights sum to 2²²: no overflow.
        let sum = mix_corners(corners, row, column, 1 << 11);
        let sum = sum.wrapping_sub(p.input_zero.wrapping_shl(22));
        let scaled = scale_i32(sum, p.scale, Rounding::Onnx);
        saturate_i8(scaled.saturating_add(p.output_zero))
    });
}

/// The sum of four corners with weights whose sum is `unit²`.
#[inline(always)]
fn mix_corners(corners: [[i8; 2]; 2], row: i32, column: i32, unit: i32) -> i32 {
    let [top, bottom] =
        corners.map(|[left, right]| mix_units(left as i32, right as i32, column, unit));
    mix_units(top, bottom, row, unit)
}

#[inline(always)]
fn mix_units(first: i32, second: i32, weight: i32, unit: i32) -> i32 {
    let first = first.wrapping_mul(unit.wrapping_sub(weight));
    first.wrapping_add(second.wrapping_mul(weight))
}

/// int8 linear resize, weights in 1/256; the exact sum is rounded once, halves up.
#[inline(always)]
pub fn resize_linear_s8(
    p: &ResizeLinear,
    x: &[i8],
    sources: &[u32],
    weights: &[i32],
    y: &mut [i8],
) {
    resize(p, x, sources, weights, y, |corners, row, column| {
        let sum = mix_corners(corners, row, column, 1 << 8);
        saturate(sum.wrapping_add(1 << 15), 16)
    });
}

/// Two sources and the weight of the second.
#[inline(always)]
fn entry<W: Copy>(sources: &[u32], weights: &[W], index: usize) -> Option<([usize; 2], W)> {
    let at = index.wrapping_mul(2);
    let &[first, second] = window(sources, at, 2) else {
        return None;
    };
    let weight = *weights.get(index)?;
    Some(([first as usize, second as usize], weight))
}

/// Calls `mix` with the four corners of each output element, `[[left, right] of the first row, of the second]`,
/// and the weights of the second row and column.
#[inline(always)]
fn resize<T: Copy, W: Copy>(
    p: &ResizeLinear,
    x: &[T],
    sources: &[u32],
    weights: &[W],
    y: &mut [T],
    mix: impl Fn([[T; 2]; 2], W, W) -> T,
) {
    let mut outputs = y;
    for batch in 0..p.batch {
        for out_y in 0..p.out_h {
            let Some((rows, row_weight)) = entry(sources, weights, out_y) else {
                return;
            };
            for out_x in 0..p.out_w {
                let index = out_x.wrapping_add(p.out_h);
                let Some((columns, column_weight)) = entry(sources, weights, index) else {
                    return;
                };
                let corners = rows.map(|row| columns.map(|column| pixel(p, x, batch, row, column)));
                let Some((target, rest)) = outputs.split_at_mut_checked(p.channels) else {
                    return;
                };
                for (channel, value) in target.iter_mut().enumerate() {
                    let [[Some(a), Some(b)], [Some(c), Some(d)]] =
                        corners.map(|row| row.map(|pixel| pixel.get(channel)))
                    else {
                        return;
                    };
                    *value = mix([[*a, *b], [*c, *d]], row_weight, column_weight);
                }
                outputs = rest;
            }
        }
    }
}

/// The channels of an input pixel.
#[inline(always)]
fn pixel<'a, T>(p: &ResizeLinear, x: &'a [T], batch: usize, row: usize, column: usize) -> &'a [T] {
    let at = batch
        .wrapping_mul(p.in_h)
        .wrapping_add(row)
        .wrapping_mul(p.in_w)
        .wrapping_add(column)
        .wrapping_mul(p.channels);
    window(x, at, p.channels)
}
