//! Between float and int8.

use super::integer::Quantized;
use crate::params::Quantize;

/// `clamp(round(x / scale) + zero_point, −128, 127)`, halves to even; what is not a number becomes the zero
/// point.
///
/// Source: ONNX `QuantizeLinear`.
#[inline(always)]
pub fn quantize_s8(p: &Quantize, x: &[f32], y: &mut [i8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        let steps = libm::rintf(x / p.scale) as i32;
        *y = steps.saturating_add(p.zero_point).clamp(-128, 127) as i8;
    }
}

/// `clamp(round(x / scale) + zero_point)`, halves away from zero; what is not a number becomes the zero point.
///
/// Source: `TFLite` `QUANTIZE`.
#[inline(always)]
pub fn quantize_away<T: Quantized>(p: &Quantize, x: &[f32], y: &mut [T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        let steps = libm::roundf(x / p.scale) as i32;
        *y = T::saturate(steps.saturating_add(p.zero_point));
    }
}

/// `scale · (x − zero_point)`.
///
/// Source: ONNX `DequantizeLinear`, `TFLite` `DEQUANTIZE`.
#[inline(always)]
pub fn dequantize_f32(p: &Quantize, x: &[i8], y: &mut [f32]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = (x as i32).wrapping_sub(p.zero_point) as f32 * p.scale;
    }
}
