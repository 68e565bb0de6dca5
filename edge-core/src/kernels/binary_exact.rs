//! Functions of two quantized tensors in the arithmetic that a file format defines.
//!
//! Source: `TFLite` `ADD`, `SUB`, `MUL`, `DIV`, `MAXIMUM`, `MINIMUM`, `SQUARED_DIFFERENCE`, `PRELU`; ONNX `Add`,
//! `Sub`, `Mul`, `Div`, `Max`, `Min`, `PRelu` between `DequantizeLinear` and `QuantizeLinear`.

use super::integer::Quantized;
use super::pairs::{combine, combine_in_place};
use crate::params::{
    AddExact, AddOnce, Choose, MulExact, OnceKind, PReluExact, Rescale, Steps, SumKind,
};
use crate::quant::Rounding;
use crate::quant::exact::{clamp, saturate_i32, scale_i32, scale_i64, shift_half_even};
use crate::quant::fixed_point::{high_mul, reciprocal, rounding_divide_by_pot};

/// Integer bits of the divisor whose reciprocal is taken.
const DIVISOR_BITS: u32 = 31;

/// Sum, difference or square of the difference, by way of a common unit.
#[inline(always)]
pub fn add_exact<T: Quantized>(p: &AddExact, a: &[T], b: &[T], y: &mut [T]) {
    combine(&p.walk, a, b, y, |a, b| sum(p, a, b));
}

/// [`add_exact`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn add_exact_in_place<T: Quantized>(p: &AddExact, y: &mut [T], b: &[T]) {
    combine_in_place(&p.walk, y, b, |a, b| sum(p, a, b));
}

#[inline(always)]
fn sum<T: Quantized>(p: &AddExact, a: T, b: T) -> T {
    let a = rescaled(&p.first, a.into(), p.left_shift);
    let b = rescaled(&p.second, b.into(), p.left_shift);
    let value = match p.kind {
        SumKind::Add => a.wrapping_add(b),
        SumKind::Sub => a.wrapping_sub(b),
        SumKind::SquaredDifference => {
            let difference = a.wrapping_sub(b);
            difference.wrapping_mul(difference)
        }
    };
    let value = scale_i32(value, p.output, Rounding::TfLite);
    T::saturate(clamp(value.saturating_add(p.zero_point), p.range))
}

/// An operand of a sum or comparison in the common unit.
#[inline(always)]
pub(super) fn rescaled(p: &Rescale, x: i32, left_shift: u32) -> i32 {
    let shifted = x.wrapping_sub(p.zero_point).wrapping_shl(left_shift);
    scale_i32(shifted, p.scale, Rounding::TfLite)
}

/// Sum, difference, minimum or maximum of the real numbers, rounded once.
#[inline(always)]
pub fn add_once<T: Quantized>(p: &AddOnce, a: &[T], b: &[T], y: &mut [T]) {
    combine(&p.walk, a, b, y, |a, b| sum_once(p, a, b));
}

/// [`add_once`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn add_once_in_place<T: Quantized>(p: &AddOnce, y: &mut [T], b: &[T]) {
    combine_in_place(&p.walk, y, b, |a, b| sum_once(p, a, b));
}

#[inline(always)]
fn sum_once<T: Quantized>(p: &AddOnce, a: T, b: T) -> T {
    let a = steps(&p.first, a.into());
    let b = steps(&p.second, b.into());
    let value = match p.kind {
        OnceKind::Add => a.wrapping_add(b),
        OnceKind::Sub => a.wrapping_sub(b),
        OnceKind::Min => a.min(b),
        OnceKind::Max => a.max(b),
    };
    let value = saturate_i32(shift_half_even(value, p.shift, 0));
    T::saturate(clamp(value.saturating_add(p.zero_point), p.range))
}

#[inline(always)]
fn steps(p: &Steps, x: i32) -> i64 {
    (x.wrapping_sub(p.zero_point) as i64).wrapping_mul(p.multiplier as i64)
}

/// Product.
#[inline(always)]
pub fn mul_exact<T: Quantized>(p: &MulExact, a: &[T], b: &[T], y: &mut [T]) {
    combine(&p.walk, a, b, y, |a, b| product(p, a, b));
}

/// [`mul_exact`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn mul_exact_in_place<T: Quantized>(p: &MulExact, y: &mut [T], b: &[T]) {
    combine_in_place(&p.walk, y, b, |a, b| product(p, a, b));
}

#[inline(always)]
fn product<T: Quantized>(p: &MulExact, a: T, b: T) -> T {
    let a = a.into().wrapping_sub(p.first_zero);
    let b = b.into().wrapping_sub(p.second_zero);
    let value = match p.rounding {
        Rounding::TfLite => scale_i32(a.wrapping_mul(b), p.scale, p.rounding),
        // Half words with zero points multiply to more than 32 bits.
        Rounding::Onnx => scale_i64((a as i64).wrapping_mul(b as i64), p.scale, p.rounding),
    };
    T::saturate(clamp(value.saturating_add(p.zero_point), p.range))
}

/// Quotient. Where the divisor is 0 the result is at the limit on the side of the dividend, or the zero point.
#[inline(always)]
pub fn div_exact<T: Quantized>(p: &MulExact, a: &[T], b: &[T], y: &mut [T]) {
    combine(&p.walk, a, b, y, |a, b| quotient(p, a, b));
}

/// [`div_exact`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn div_exact_in_place<T: Quantized>(p: &MulExact, y: &mut [T], b: &[T]) {
    combine_in_place(&p.walk, y, b, |a, b| quotient(p, a, b));
}

#[inline(always)]
fn quotient<T: Quantized>(p: &MulExact, a: T, b: T) -> T {
    let a = a.into().wrapping_sub(p.first_zero);
    let b = b.into().wrapping_sub(p.second_zero);
    let (a, b) = if b < 0 {
        (a.wrapping_neg(), b.wrapping_neg())
    } else {
        (a, b)
    };
    let value = match (b, p.rounding) {
        (0, _) => (a.signum() as i64).wrapping_mul(i32::MAX as i64) as i32,
        (_, Rounding::TfLite) => quotient_by_reciprocal(p, a, b),
        (_, Rounding::Onnx) => {
            let dividend = (a as i64).wrapping_mul(p.scale.multiplier as i64);
            let right = clamp(31i32.saturating_sub(p.scale.shift), [0, 63]) as u32;
            saturate_i32(divide_half_even(dividend, b as u32, right))
        }
    };
    T::saturate(clamp(value.saturating_add(p.zero_point), p.range))
}

/// `dividend / (divisor · 2^right)`, halves to even, for a divisor above 0 and a dividend of less than 63 bits.
#[inline(always)]
fn divide_half_even(dividend: i64, divisor: u32, right: u32) -> i64 {
    if right >= (divisor as u64).leading_zeros() {
        // The divisor is at least 2⁶⁴.
        return 0;
    }
    let divisor = (divisor as u64).wrapping_shl(right);
    let size = dividend.unsigned_abs();
    let (whole, rest) = match (size.checked_div(divisor), size.checked_rem(divisor)) {
        (Some(whole), Some(rest)) => (whole, rest),
        (_, None) | (None, _) => (0, 0),
    };
    let twice = rest.wrapping_mul(2);
    let up = twice > divisor || (twice == divisor && whole & 1 != 0);
    let rounded = whole.wrapping_add(up as u64) as i64;
    if dividend < 0 {
        rounded.wrapping_neg()
    } else {
        rounded
    }
}

/// `a / b · scale` for `b` > 0.
///
/// Source: `TFLite` `DivElementwise`.
#[inline(always)]
fn quotient_by_reciprocal(p: &MulExact, a: i32, b: i32) -> i32 {
    let (inverse, inverse_shift) = reciprocal(b, DIVISOR_BITS);
    // Bits that only repeat the sign.
    let headroom = (a ^ (a >> 31)).leading_zeros().wrapping_sub(1);
    let whole = high_mul(a.wrapping_shl(headroom), inverse);
    let right = inverse_shift
        .wrapping_add(headroom as i32)
        .wrapping_sub(p.scale.shift);
    let scaled = high_mul(whole, p.scale.multiplier);
    if right > 31 {
        // Too small for the shift, which the machines of the reference take modulo 32; they still round up.
        let shifted = scaled.wrapping_shr(right as u32);
        return shifted.wrapping_add((scaled >= 0) as i32);
    }
    rounding_divide_by_pot(scaled, right as u32)
}

/// `PReLU`.
#[inline(always)]
pub fn prelu_exact<T: Quantized, S: Quantized>(p: &PReluExact, x: &[T], slope: &[S], y: &mut [T]) {
    combine(&p.walk, x, slope, y, |x, slope| prelu(p, x, slope));
}

/// [`prelu_exact`] that overwrites its input.
#[inline(always)]
pub fn prelu_exact_in_place<T: Quantized, S: Quantized>(p: &PReluExact, y: &mut [T], slope: &[S]) {
    combine_in_place(&p.walk, y, slope, |x, slope| prelu(p, x, slope));
}

#[inline(always)]
fn prelu<T: Quantized, S: Quantized>(p: &PReluExact, x: T, slope: S) -> T {
    let x = x.into().wrapping_sub(p.input_zero);
    let value = if x >= 0 {
        scale_i32(x, p.positive, p.rounding)
    } else {
        let slope = slope.into().wrapping_sub(p.slope_zero);
        scale_i32(x.wrapping_mul(slope), p.negative, p.rounding)
    };
    T::saturate(value.saturating_add(p.zero_point))
}

/// The lesser or the greater.
#[inline(always)]
pub fn choose<T: Copy + Ord>(p: &Choose, a: &[T], b: &[T], y: &mut [T]) {
    combine(&p.walk, a, b, y, |a, b| chosen(p, a, b));
}

/// [`choose`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn choose_in_place<T: Copy + Ord>(p: &Choose, y: &mut [T], b: &[T]) {
    combine_in_place(&p.walk, y, b, |a, b| chosen(p, a, b));
}

#[inline(always)]
fn chosen<T: Copy + Ord>(p: &Choose, a: T, b: T) -> T {
    if p.greater { a.max(b) } else { a.min(b) }
}
