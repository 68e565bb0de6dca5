//! Layers on integers whose scale is known at run time only.

use super::slices::window;
use super::window::{Pixel, Taps};
use crate::params::{DynamicRange, IntegerConv2d, IntegerMatMul};

/// Steps of unsigned bytes.
const STEPS: f32 = 255.0;

/// The scale at which the bytes hold all numbers and 0; 1 if all are 0.
///
/// Source: ONNX `DynamicQuantizeLinear`.
#[inline(always)]
pub fn dynamic_scale(_p: &DynamicRange, x: &[f32], y: &mut [f32]) {
    let (mut least, mut greatest) = (0.0f32, 0.0f32);
    for &x in x {
        least = if x < least { x } else { least };
        greatest = if x > greatest { x } else { greatest };
    }
    let range = greatest - least;
    for y in y {
        *y = if range > 0.0 { range / STEPS } else { 1.0 };
    }
}

/// The zero point that goes with [`dynamic_scale`], as a signed byte.
#[inline(always)]
pub fn dynamic_zero(_p: &DynamicRange, x: &[f32], scale: &[f32], y: &mut [i8]) {
    let mut least = 0.0f32;
    for &x in x {
        least = if x < least { x } else { least };
    }
    let scale = scale.first().copied().unwrap_or(1.0);
    let zero = libm::rintf((0.0 - least) / scale) as i32;
    for y in y {
        *y = zero.clamp(0, 255).wrapping_sub(128) as i8;
    }
}

/// The nearest bytes, halves to even.
#[inline(always)]
pub fn quantize_dynamic(_p: &DynamicRange, x: &[f32], scale: &[f32], zero: &[i8], y: &mut [i8]) {
    let scale = scale.first().copied().unwrap_or(1.0);
    let zero = zero.first().copied().unwrap_or(0) as i32;
    for (y, &x) in y.iter_mut().zip(x) {
        let steps = libm::rintf(x / scale) as i32;
        *y = steps.saturating_add(zero).clamp(-128, 127) as i8;
    }
}

/// `Σ (x − zero)·w` over the window; what is outside the image adds nothing.
///
/// Image NHWC, one zero point, weights `[out_c, kernel_h, kernel_w, in_c / groups]` without zero point.
///
/// Source: ONNX `ConvInteger`.
#[inline(always)]
pub fn integer_conv2d<W: Copy + Into<i32>>(
    p: &IntegerConv2d,
    x: &[i8],
    zero: &[i8],
    weights: &[W],
    y: &mut [i32],
) {
    let w = &p.window;
    let zero = zero.first().copied().unwrap_or(0) as i32;
    let mut results = y.iter_mut();
    for batch in 0..w.batch {
        for out_y in 0..w.out_h {
            let rows = Taps::vertical(w, out_y);
            for out_x in 0..w.out_w {
                let columns = Taps::horizontal(w, out_x);
                let pixel = Pixel {
                    batch,
                    rows,
                    columns,
                };
                for channel in 0..w.out_c {
                    if let Some(result) = results.next() {
                        *result = window_sum(p, pixel, channel, (x, zero), weights);
                    }
                }
            }
        }
    }
}

/// One output of [`integer_conv2d`].
#[inline(always)]
fn window_sum<W: Copy + Into<i32>>(
    p: &IntegerConv2d,
    pixel: Pixel,
    channel: usize,
    (x, zero): (&[i8], i32),
    weights: &[W],
) -> i32 {
    let w = &p.window;
    let inputs = w.in_c.checked_div(p.groups).unwrap_or(0);
    let outputs = w.out_c.checked_div(p.groups).unwrap_or(0);
    let group = channel.checked_div(outputs).unwrap_or(0);
    let mut sum = 0i32;
    for tap_y in pixel.rows.first..pixel.rows.end {
        for tap_x in pixel.columns.first..pixel.columns.end {
            let row = pixel.rows.position(tap_y);
            let at = pixel.index(w, row, pixel.columns.position(tap_x));
            let image = window(x, at.wrapping_add(group.wrapping_mul(inputs)), inputs);
            let tap = channel
                .wrapping_mul(w.kernel_h)
                .wrapping_add(tap_y)
                .wrapping_mul(w.kernel_w)
                .wrapping_add(tap_x);
            let filter = window(weights, tap.wrapping_mul(inputs), inputs);
            for (&x, &weight) in image.iter().zip(filter) {
                let x = (x as i32).wrapping_sub(zero);
                sum = sum.wrapping_add(x.wrapping_mul(weight.into()));
            }
        }
    }
    sum
}

/// `Σ (a − zero)·(b − zero)`; shapes as in [`super::matmul::matmul_f32`].
///
/// Source: ONNX `MatMulInteger`.
#[inline(always)]
pub fn integer_matmul<W: Copy + Into<i32>>(
    p: &IntegerMatMul,
    a: &[i8],
    b: &[W],
    first_zero: &[i8],
    second_zero: &[i8],
    y: &mut [i32],
) {
    let shape = &p.product;
    let zero = |zeros: &[i8], count: usize, index: usize| {
        let index = if count > 1 { index } else { 0 };
        zeros.get(index).copied().unwrap_or(0) as i32
    };
    let mut results = y.iter_mut();
    for product in 0..shape.batch {
        let matrix = b
            .get(product.wrapping_mul(shape.second_stride)..)
            .unwrap_or_default();
        for row in 0..shape.rows {
            let start = product.wrapping_mul(shape.rows).wrapping_add(row);
            let factors = window(a, start.wrapping_mul(shape.inner), shape.inner);
            let first = zero(first_zero, p.first_zeros, row);
            for column in 0..shape.columns {
                let second = zero(second_zero, p.second_zeros, column);
                let mut sum = 0i32;
                for (k, &a) in factors.iter().enumerate() {
                    let at = k.wrapping_mul(shape.columns).wrapping_add(column);
                    let b = matrix.get(at).map_or(second, |&b| b.into());
                    let a = (a as i32).wrapping_sub(first);
                    sum = sum.wrapping_add(a.wrapping_mul(b.wrapping_sub(second)));
                }
                if let Some(result) = results.next() {
                    *result = sum;
                }
            }
        }
    }
}
