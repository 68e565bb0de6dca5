//! Softmax and log-softmax of graphs that arrive quantized, in integers alone.
//!
//! Source: `TFLite` reference kernels of `SOFTMAX` and `LOG_SOFTMAX`, bit for bit; [`softmax_real_s8`] is
//! ONNX `DequantizeLinear`, `Softmax`, `QuantizeLinear`.

use super::slices::copy;
use super::softmax::{Lane, each_lane};
use crate::params::{LogSoftmaxS8, Softmax, SoftmaxReal, SoftmaxS16};
use crate::quant::Rounding;
use crate::quant::exact::{clamp, saturate_i8, saturate_i16, scale_i32};
use crate::quant::fixed_point::{high_mul, ln, reciprocal, rounding_divide_by_pot};
use crate::quant::lut::{TABLE_LEN, interpolate};

/// Integer bits of sums of exponentials.
const SUM_BITS: u32 = 12;

/// int8 softmax to scale 1/256 and zero point −128.
///
/// `table[d]` is `e^(−d·scale)` in Q0 for inputs `d` steps below the greatest; beyond the table it is 0.
/// Sums of 4096 and more saturate.
#[inline(always)]
pub fn softmax_exact_s8(p: &Softmax, x: &[i8], table: &[i32], y: &mut [i8]) {
    copy(x, y);
    softmax_exact_s8_in_place(p, y, table);
}

/// [`softmax_exact_s8`] that overwrites its input.
#[inline(always)]
pub fn softmax_exact_s8_in_place(p: &Softmax, y: &mut [i8], table: &[i32]) {
    softmax_of_table(p, table, 8, saturate_i8, y);
}

/// [`softmax_exact_s8`] with 16-bit results, to scale 1/65536 and zero point −32768.
#[inline(always)]
pub fn softmax_exact_s8_s16(p: &Softmax, x: &[i8], table: &[i32], y: &mut [i16]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = i16::from(x);
    }
    softmax_of_table(p, table, 16, saturate_i16, y);
}

#[inline(always)]
fn softmax_of_table<T: Copy + Into<i32>>(
    p: &Softmax,
    table: &[i32],
    bits: i32,
    narrow: impl Fn(i32) -> T,
    y: &mut [T],
) {
    let least = (-1i32).wrapping_shl((bits as u32).wrapping_sub(1));
    each_lane(p, |lane| {
        let greatest = greatest(lane, y);
        let mut sum = 0i32;
        lane.update(y, |value| {
            let exponential = look_up(table, greatest, value);
            sum = sum.saturating_add(rounding_divide_by_pot(exponential, SUM_BITS));
            value
        });
        let (factor, over_one) = reciprocal(sum, SUM_BITS);
        let shift = over_one.wrapping_add(31 - bits) as u32;
        lane.update(y, |value| {
            let product = high_mul(factor, look_up(table, greatest, value));
            // Beyond 31 bits no half is left.
            let steps = if shift > 31 {
                0
            } else {
                rounding_divide_by_pot(product, shift)
            };
            narrow(steps.saturating_add(least))
        });
    });
}

/// int8 softmax to any scale and zero point.
///
/// `table[d]` is `2³¹·e^(−d·scale)` for inputs `d` = 0..=255 steps below the greatest. Sums have 64 bits and
/// quotients 30: the result is within one step of the real one rounded.
#[inline(always)]
pub fn softmax_real_s8(p: &SoftmaxReal, x: &[i8], table: &[u32], y: &mut [i8]) {
    copy(x, y);
    softmax_real_s8_in_place(p, y, table);
}

/// [`softmax_real_s8`] that overwrites its input.
#[inline(always)]
pub fn softmax_real_s8_in_place(p: &SoftmaxReal, y: &mut [i8], table: &[u32]) {
    each_lane(&p.softmax, |lane| {
        let greatest = greatest(lane, y);
        let mut sum = 0u64;
        lane.update(y, |value| {
            sum = sum.wrapping_add(u64::from(look_up(table, greatest, value)));
            value
        });
        // The sum is 2³¹ at least; its inverse, 2^(61 + headroom) / sum, has 30 bits and a leading one.
        let headroom = sum.leading_zeros();
        let normal = sum.wrapping_shl(headroom) >> 32;
        let inverse = (1u64 << 61).checked_div(normal).unwrap_or(0);
        // 31 + 30 bits of the product over 2^(93 − headroom − 30).
        let shift = 63u32.wrapping_sub(headroom);
        lane.update(y, |value| {
            let product = u64::from(look_up(table, greatest, value)).wrapping_mul(inverse);
            let quotient = product.wrapping_shr(shift) as i32;
            let steps = scale_i32(quotient, p.scale, Rounding::Onnx);
            saturate_i8(steps.saturating_add(p.zero_point))
        });
    });
}

/// 16-bit softmax to scale 1/32768 and zero point 0.
///
/// `exponentials` has the samples of `2¹⁵·eˣ` in −10..0, `reciprocals` those of `2¹⁵/(1 + x)` in 0..1, 513
/// each. Sums saturate.
#[inline(always)]
pub fn softmax_exact_s16(
    p: &SoftmaxS16,
    x: &[i16],
    exponentials: &[i16],
    reciprocals: &[i16],
    y: &mut [i16],
) {
    copy(x, y);
    softmax_exact_s16_in_place(p, y, exponentials, reciprocals);
}

/// [`softmax_exact_s16`] that overwrites its input.
#[inline(always)]
pub fn softmax_exact_s16_in_place(
    p: &SoftmaxS16,
    y: &mut [i16],
    exponentials: &[i16],
    reciprocals: &[i16],
) {
    let tables = (exponentials.first_chunk(), reciprocals.first_chunk());
    let (Some(exponentials), Some(reciprocals)) = tables else {
        return;
    };
    each_lane(&p.softmax, |lane| {
        let greatest = greatest(lane, y);
        let mut sum = 0i32;
        lane.update(y, |value| {
            let below = i32::from(value).wrapping_sub(greatest);
            let scaled = scale_i32(below, p.scale, Rounding::TfLite);
            let exponential = interpolate(
                saturate_i16(scaled.saturating_add(i16::MAX.into())),
                exponentials,
            );
            sum = sum.saturating_add(exponential.into());
            exponential
        });
        let headroom = sum.leading_zeros();
        let factor = i32::from(reciprocal_of_sum(sum, headroom, reciprocals));
        let shift = 31u32.wrapping_sub(headroom);
        lane.update(y, |exponential| {
            // 15 + 15 bits; the half has 30 at most.
            let half = 1i32.wrapping_shl(shift.wrapping_sub(1));
            let product = i32::from(exponential)
                .wrapping_mul(factor)
                .wrapping_add(half);
            clamp(product.wrapping_shr(shift), [0, i16::MAX.into()]) as i16
        });
    });
}

/// `2¹⁵ / s`, where `s` in 1..2 is the sum shifted to the left of its `headroom` bits.
#[inline(always)]
fn reciprocal_of_sum(sum: i32, headroom: u32, reciprocals: &[i16; TABLE_LEN]) -> i16 {
    // Bit 30 leads; 16 bits behind it stay.
    let normal = sum.wrapping_shl(headroom.wrapping_sub(1)) as u32;
    let rounded = (normal.wrapping_add(1 << 13) >> 14) as i32;
    let centred = rounded.wrapping_sub((1 << 15) + (1 << 16));
    interpolate(saturate_i16(centred), reciprocals)
}

/// int8 log-softmax to scale 1/16 and zero point 127.
///
/// `table[d]` is `e^(−d·scale)` in Q12 for inputs `d` steps below the greatest; beyond the table it is 0. Sums
/// of 4096 and more saturate.
#[inline(always)]
pub fn log_softmax_exact_s8(p: &LogSoftmaxS8, x: &[i8], table: &[i32], y: &mut [i8]) {
    copy(x, y);
    log_softmax_exact_s8_in_place(p, y, table);
}

/// [`log_softmax_exact_s8`] that overwrites its input.
#[inline(always)]
pub fn log_softmax_exact_s8_in_place(p: &LogSoftmaxS8, y: &mut [i8], table: &[i32]) {
    /// Fractional bits of Q5 beyond those of the output.
    const SHIFT: u32 = 31 - 5 - 4;
    each_lane(&p.softmax, |lane| {
        let greatest = greatest(lane, y);
        let mut sum = 0i32;
        lane.update(y, |value| {
            sum = sum.saturating_add(look_up(table, greatest, value));
            value
        });
        let log_sum = ln(sum, 5, SUM_BITS);
        // Differences down to this one stay inside Q5 when the logarithm is taken off.
        let inside = scale_i32(log_sum.wrapping_add(i32::MIN), p.reverse, Rounding::TfLite);
        let bound = inside.max(p.least.wrapping_sub(1));
        lane.update(y, |value| {
            let below = i32::from(value).wrapping_sub(greatest);
            if below <= bound {
                return i8::MIN;
            }
            let logarithm = scale_i32(below, p.forward, Rounding::TfLite).wrapping_sub(log_sum);
            saturate_i8(rounding_divide_by_pot(logarithm, SHIFT).wrapping_add(127))
        });
    });
}

/// The greatest element.
#[inline(always)]
fn greatest<T: Copy + Into<i32>>(lane: Lane, y: &mut [T]) -> i32 {
    let mut greatest = i32::MIN;
    lane.update(y, |value| {
        greatest = greatest.max(value.into());
        value
    });
    greatest
}

/// The entry of the distance from the greatest element; 0 beyond the table.
#[inline(always)]
fn look_up<T: Into<i32>, U: Copy + Default>(table: &[U], greatest: i32, value: T) -> U {
    let below = greatest.wrapping_sub(value.into()) as usize;
    table.get(below).copied().unwrap_or_default()
}
