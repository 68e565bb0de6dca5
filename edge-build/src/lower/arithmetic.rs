//! Real multipliers become the integers of the native arithmetic (`docs/src/arithmetic.md`).

use super::LowerError;
use crate::ir::{QuantParams, TensorType};
use edge_core::quant::Requant;

/// Greatest last shift: keeps `offset` and every sum inside 32 bits.
const MAX_SHIFT: i32 = 22;

/// Scale and zero point of an int8 tensor.
///
/// # Errors
/// If it has none: a bug of the quantizer.
pub fn params_of(ty: &TensorType) -> Result<QuantParams, LowerError> {
    ty.params().ok_or_else(|| {
        LowerError::new(
            format!("{ty} without scale and zero point"),
            "quantized tensors",
        )
    })
}

/// A number as i32.
///
/// # Errors
/// If it does not fit.
pub fn fit_i32(value: i64) -> Result<i32, LowerError> {
    i32::try_from(value)
        .map_err(|_| LowerError::new(format!("the number {value}"), "numbers of 32 bits"))
}

/// Zero point and rounding of the last shift: `Requant::offset`.
#[must_use]
pub fn offset(zero_point: i32, shift: u32) -> i32 {
    (zero_point << shift) + ((1 << shift) >> 1)
}

/// Multipliers for the real factors of a layer's channels, with the shifts they share.
///
/// `bound` is the greatest absolute value of an accumulator.
///
/// # Errors
/// If a factor is no number, or so great that the accumulator would overflow.
pub fn requant(
    real: &[f64],
    zero_point: i32,
    bound: i64,
) -> Result<(Vec<i32>, Requant), LowerError> {
    let greatest = real
        .iter()
        .fold(0.0f64, |most, factor| most.max(factor.abs()));
    if !greatest.is_finite() || real.iter().any(|factor| factor.is_nan()) {
        return Err(LowerError::new(
            "a factor that is not finite",
            "finite scales",
        ));
    }
    // The greatest shift for which every multiplier stays below 2³¹.
    let room = if greatest > 0.0 {
        (-1.0 - greatest.log2()).ceil() as i32 - 1
    } else {
        MAX_SHIFT
    };
    let (shift, pre_shift) = (room.clamp(0, MAX_SHIFT), (-room).max(0));
    if pre_shift > 30
        || bound
            .checked_mul(1i64 << pre_shift)
            .is_none_or(|b| b > i64::from(i32::MAX))
    {
        return Err(LowerError::new(
            format!("an accumulator of up to {bound} times {greatest:.3e}"),
            "sums that fit 31 bits after scaling",
        ));
    }
    let unit = f64::from(32 + shift - pre_shift).exp2();
    let multipliers = real
        .iter()
        .map(|factor| (factor * unit).round_ties_even() as i32)
        .collect();
    let shift = shift as u32;
    Ok((
        multipliers,
        Requant {
            offset: offset(zero_point, shift),
            shift,
            pre_shift: pre_shift as u32,
        },
    ))
}
