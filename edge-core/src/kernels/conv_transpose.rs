//! Transposed convolution of NHWC images.

use super::dot::add_scaled_f32;
use super::layer::clamp;
use super::slices::{copy, window, window_mut};
use super::window::{Pixel, Taps};
use crate::params::{ConvTranspose2dF32, Window2d};

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
