//! Between floats and the quantized inputs and outputs of a network that are no signed bytes.
//!
//! The bytes have [`super::quantize`].

use crate::params::Quantize;

/// `round(x / scale) + zero_point`, halves to even, before it is clamped to the type.
#[inline(always)]
fn steps(p: &Quantize, x: f32) -> i32 {
    (libm::rintf(x / p.scale) as i32).saturating_add(p.zero_point)
}

/// `clamp(round(x / scale) + zero_point, 0, 255)`; what is not a number becomes the zero point.
#[inline(always)]
pub fn quantize_u8(p: &Quantize, x: &[f32], y: &mut [u8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = steps(p, x).clamp(0, 255) as u8;
    }
}

/// `clamp(round(x / scale) + zero_point, −32768, 32767)`; what is not a number becomes the zero point.
#[inline(always)]
pub fn quantize_s16(p: &Quantize, x: &[f32], y: &mut [i16]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = steps(p, x).clamp(-32768, 32767) as i16;
    }
}

/// `scale · (x − zero_point)`.
#[inline(always)]
pub fn dequantize_u8(p: &Quantize, x: &[u8], y: &mut [f32]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = (x as i32).wrapping_sub(p.zero_point) as f32 * p.scale;
    }
}

/// `scale · (x − zero_point)`.
#[inline(always)]
pub fn dequantize_s16(p: &Quantize, x: &[i16], y: &mut [f32]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = (x as i32).wrapping_sub(p.zero_point) as f32 * p.scale;
    }
}
