//! Multiplication of integers by real factors as the file formats define it.
//!
//! A graph that arrives quantized says what its integers mean: [`Rounding::TfLite`] is bit for bit the
//! reference kernels of `TFLite`, [`Rounding::Onnx`] the real product rounded once. The factor is a
//! [`Scale`] that the compiler computes. No function here panics or overflows in a checked build,
//! whatever the arguments; where the reference has undefined behaviour the result wraps as it does on
//! the machines that the reference runs on, and the compiler refuses networks that could come there.

use super::fixed_point::{high_mul, rounding_divide_by_pot};

/// How a product becomes an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Twice: the high half of the product (halves up), then the right shift (halves away from zero).
    TfLite,
    /// Once, halves to the even neighbour.
    Onnx,
}

/// The factor `multiplier · 2^(shift − 31)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// 0, or in 2³⁰..2³¹; negative for a negative factor.
    pub multiplier: i32,
    /// Left shift, −31..=31.
    pub shift: i32,
}

/// `acc · scale`, rounded.
///
/// `TfLite`: the product wraps if `acc << shift` leaves 32 bits. `Onnx`: it saturates.
///
/// Source: `TFLite` `MultiplyByQuantizedMultiplier` with double rounding; with a shift of one sign also
/// `…SmallerThanOneExp` and `…GreaterThanOne`.
#[inline(always)]
#[must_use]
pub const fn scale_i32(acc: i32, scale: Scale, rounding: Rounding) -> i32 {
    match rounding {
        Rounding::TfLite => {
            let (left, right) = if scale.shift > 0 {
                (scale.shift as u32, 0)
            } else {
                (0, scale.shift.unsigned_abs())
            };
            rounding_divide_by_pot(high_mul(acc.wrapping_shl(left), scale.multiplier), right)
        }
        Rounding::Onnx => {
            let product = acc as i64 * scale.multiplier as i64;
            saturate_i32(shift_half_even(product, right_shift(scale), 0))
        }
    }
}

/// `acc · scale`, rounded, for sums of 64 bits.
///
/// `TfLite`: the multiplier is reduced to 15 bits and the result rounded once, halves up; it wraps unless
/// `|acc| < 2⁴⁷`, `scale.shift < 8` and the result fits. `Onnx`: it saturates.
///
/// Source: `TFLite` `MultiplyByQuantizedMultiplier` of `int64_t`.
#[inline(always)]
#[must_use]
pub const fn scale_i64(acc: i64, scale: Scale, rounding: Rounding) -> i32 {
    match rounding {
        Rounding::TfLite => {
            let right = 15i32.wrapping_sub(scale.shift) as u32;
            let half = 1i64.wrapping_shl(right.wrapping_sub(1));
            acc.wrapping_mul(reduced(scale.multiplier) as i64)
                .wrapping_add(half)
                .wrapping_shr(right) as i32
        }
        Rounding::Onnx => scale_wide(acc, scale),
    }
}

/// The multiplier in 15 bits: `round(multiplier / 2¹⁶)`, at most 0x7fff.
#[inline(always)]
#[must_use]
pub const fn reduced(multiplier: i32) -> i32 {
    if multiplier < 0x7fff_0000 {
        (multiplier + (1 << 15)) >> 16
    } else {
        0x7fff
    }
}

/// `min(max(value, low), high)`; unlike `clamp` also where the bounds cross.
///
/// Source: `TFLite` `ActivationFunctionWithMinMax`.
#[inline(always)]
#[must_use]
pub const fn clamp(value: i32, range: [i32; 2]) -> i32 {
    let [low, high] = range;
    let raised = if value < low { low } else { value };
    if raised > high { high } else { raised }
}

/// The nearest number of 32 bits.
#[inline(always)]
#[must_use]
pub const fn saturate_i32(value: i64) -> i32 {
    if value > i32::MAX as i64 {
        i32::MAX
    } else if value < i32::MIN as i64 {
        i32::MIN
    } else {
        value as i32
    }
}

/// The nearest number of 16 bits.
#[inline(always)]
#[must_use]
pub const fn saturate_i16(value: i32) -> i16 {
    clamp(value, [-32768, 32767]) as i16
}

/// The nearest number of 8 bits.
#[inline(always)]
#[must_use]
pub const fn saturate_i8(value: i32) -> i8 {
    clamp(value, [-128, 127]) as i8
}

/// The right shift that turns a product with the multiplier into the result, 0..=63.
#[inline(always)]
const fn right_shift(scale: Scale) -> u32 {
    clamp(31i32.saturating_sub(scale.shift), [0, 63]) as u32
}

/// `value / 2^right`, halves to even. `sticky` is non-zero if `value` lost a positive part below one.
#[inline(always)]
pub(crate) const fn shift_half_even(value: i64, right: u32, sticky: u32) -> i64 {
    let right = right & 63;
    let floor = value >> right;
    if right == 0 {
        return floor;
    }
    let half = 1u64 << (right - 1);
    let rest = value as u64 & (half | (half - 1));
    let odd = floor & 1 != 0;
    let up = rest > half || (rest == half && (odd || sticky != 0));
    // A shift by at least one leaves room.
    floor + up as i64
}

/// The product of 64 and 32 bits in two words, rounded to 32 bits.
#[inline(always)]
const fn scale_wide(acc: i64, scale: Scale) -> i32 {
    let m = scale.multiplier.unsigned_abs() as u64;
    let acc = if scale.multiplier < 0 {
        acc.saturating_neg()
    } else {
        acc
    };
    let low = (acc as u32 as u64) * m;
    // |high| ≤ 2³¹·2³¹ and the carry is below 2³²: the sum fits.
    let high = (acc >> 32) * m as i64 + (low >> 32) as i64;
    let low = low as u32;
    let right = right_shift(scale);
    if right > 32 {
        return saturate_i32(shift_half_even(high, right - 32, low));
    }
    if high > i32::MAX as i64 {
        return i32::MAX;
    }
    if high < i32::MIN as i64 {
        return i32::MIN;
    }
    // The whole product fits 64 bits now.
    saturate_i32(shift_half_even((high << 32) | low as i64, right, 0))
}
