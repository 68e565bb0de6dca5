//! From one scale and zero point to another.

use super::integer::Quantized;
use crate::params::Requantize;
use crate::quant::exact::scale_i32;

/// `clamp((x − input_zero) · scale + zero_point)`.
///
/// Source: `TFLite` `QUANTIZE` of integers.
#[inline(always)]
pub fn requantize_each<A: Quantized, B: Quantized>(p: &Requantize, x: &[A], y: &mut [B]) {
    for (y, &x) in y.iter_mut().zip(x) {
        let x: i32 = x.into();
        let value = scale_i32(x.wrapping_sub(p.input_zero), p.scale, p.rounding);
        *y = B::saturate(value.saturating_add(p.zero_point));
    }
}
