//! Real factors as [`Scale`], activations as ranges of integers.
//!
//! Source: `TFLite` `quantization_util.cc` and `kernel_util.cc`.

use crate::ir::{DType, QuantParams};
use crate::lower::LowerError;
use edge_core::quant::Scale;

/// Greatest left shift of a factor: 2³¹.
const MAX_SHIFT: i32 = 31;

/// The factor 0.
const ZERO: Scale = Scale {
    multiplier: 0,
    shift: 0,
};

/// The nearest [`Scale`] to a real factor of any sign; 0 below 2⁻³².
///
/// Source: `QuantizeMultiplier`.
///
/// # Errors
/// If the factor is not finite, or 2³¹ and more.
pub fn quantize_multiplier(real: f64) -> Result<Scale, LowerError> {
    if !real.is_finite() {
        return Err(factor_error(real));
    }
    let (fraction, mut shift) = frexp(real);
    let mut multiplier = (fraction * f64::from(1u32 << 31)).round() as i64;
    if multiplier == 1 << 31 {
        multiplier /= 2;
        shift += 1;
    }
    if shift < -31 || multiplier == 0 {
        return Ok(ZERO);
    }
    if shift > MAX_SHIFT {
        return Err(factor_error(real));
    }
    // −2³¹ stays: it has 32 bits.
    Ok(Scale {
        multiplier: multiplier as i32,
        shift,
    })
}

/// `real = fraction · 2^exponent` with the fraction in ½..1 or of that size with a sign; 0 for 0 and for
/// what is too small to be normal.
fn frexp(real: f64) -> (f64, i32) {
    const EXPONENT: u64 = 0x7ff << 52;
    let bits = real.to_bits();
    let exponent = (bits & EXPONENT) >> 52;
    if exponent == 0 {
        return (0.0, 0);
    }
    let fraction = f64::from_bits((bits & !EXPONENT) | (1022 << 52));
    (fraction, exponent as i32 - 1022)
}

fn factor_error(real: f64) -> LowerError {
    LowerError::new(
        format!("a factor of {real:.3e} between scales"),
        "finite factors below 2^31",
    )
}

/// Refuses a factor with which [`edge_core::quant::exact::scale_i32`] plus a zero point would leave 32 bits.
///
/// `bound` is the greatest absolute value of an accumulator.
///
/// # Errors
/// If it would.
pub fn check_i32(scale: Scale, bound: i64) -> Result<(), LowerError> {
    let left = scale.shift.clamp(0, MAX_SHIFT);
    let room = (i64::from(i32::MAX) >> left) - (1 << 16 >> left);
    if bound <= room {
        return Ok(());
    }
    Err(bound_error(scale, bound))
}

/// Refuses a factor with which [`edge_core::quant::exact::scale_i64`] would leave its range.
///
/// # Errors
/// If it would.
pub fn check_i64(scale: Scale, bound: i64) -> Result<(), LowerError> {
    // The factor is at most 2^shift; half of the last step and a zero point come on top.
    let fits = i64::from(i32::MAX) - (1 << 16);
    let room = if scale.shift >= 8 {
        -1
    } else if scale.shift >= 0 {
        fits >> scale.shift
    } else {
        fits << scale.shift.unsigned_abs().min(31)
    };
    if bound < 1 << 47 && bound <= room {
        return Ok(());
    }
    Err(bound_error(scale, bound))
}

fn bound_error(scale: Scale, bound: i64) -> LowerError {
    let real = f64::from(scale.multiplier) * f64::from(scale.shift - 31).exp2();
    LowerError::new(
        format!("a sum of up to {bound} times {real:.3e}"),
        "sums that fit 32 bits after scaling",
    )
}

/// What brings the sums of a convolution to its output, for one scale of the filter.
///
/// Source: `PopulateConvolutionQuantizationParams`.
#[must_use]
pub fn conv_factor(input: f32, filter: f32, output: f32) -> f64 {
    f64::from(input) * f64::from(filter) / f64::from(output)
}

/// The integers that an activation lets through; the bounds may cross where the scale is coarse.
///
/// A bound of `clamp` that is not finite is none.
///
/// Source: `CalculateActivationRangeQuantized`.
///
/// # Errors
/// If the type is not quantized, or a bound has no integer.
pub fn activation_range(
    dtype: DType,
    clamp: [f32; 2],
    quant: QuantParams,
) -> Result<[i32; 2], LowerError> {
    let [least, greatest] = match dtype {
        DType::I8 => [i32::from(i8::MIN), i32::from(i8::MAX)],
        DType::I16 => [i32::from(i16::MIN), i32::from(i16::MAX)],
        DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => {
            return Err(LowerError::of_dtype(dtype));
        }
    };
    let [low, high] = clamp;
    let low = match quantize(low, quant)? {
        Some(low) => low.max(least),
        None => least,
    };
    let high = match quantize(high, quant)? {
        Some(high) => high.min(greatest),
        None => greatest,
    };
    Ok([low, high])
}

/// `zero_point + round(value / scale)`, or nothing for what is not finite.
fn quantize(value: f32, quant: QuantParams) -> Result<Option<i32>, LowerError> {
    if !value.is_finite() {
        return Ok(None);
    }
    let steps = (value / quant.scale).round();
    if steps.is_nan() || steps.abs() > 2_147_483_648.0 {
        return Err(LowerError::new(
            format!(
                "an activation bound of {value} at a scale of {:e}",
                quant.scale
            ),
            "bounds that fit 32 bits",
        ));
    }
    Ok(Some((steps as i32).saturating_add(quant.zero_point)))
}

/// Integer bits of the differences that `SOFTMAX` and `LOG_SOFTMAX` take the exponential of.
pub const SOFTMAX_BITS: u32 = 5;

/// What brings differences of inputs to Q`integer_bits`, as great as it may be.
///
/// Source: `PreprocessSoftmaxScaling`.
///
/// # Errors
/// If the scale is so small that the factor is 1 or less: the reference aborts.
pub fn softmax_scale(beta: f32, input_scale: f32, integer_bits: u32) -> Result<Scale, LowerError> {
    let unit = f64::from(31 - integer_bits as i32).exp2();
    let factor = f64::from(beta) * f64::from(input_scale) * unit;
    if factor.is_nan() || factor <= 1.0 {
        return Err(LowerError::new(
            format!("a softmax of inputs with scale {input_scale:e}"),
            "greater scales",
        ));
    }
    quantize_multiplier(factor.min(f64::from(i32::MAX)))
}

/// What brings Q5 back to steps of the input of `LOG_SOFTMAX`; `forward` is its [`softmax_scale`].
///
/// Source: `PreprocessLogSoftmaxScalingExp`.
///
/// # Errors
/// If `forward` is no factor between 1 and 2³¹ that has an inverse below 1: the reference aborts.
pub fn reverse_softmax_scale(forward: Scale) -> Result<Scale, LowerError> {
    let unit = f64::from(31 - forward.shift).exp2();
    let inverse = unit / f64::from(forward.multiplier);
    if forward.shift < 1 || !(inverse > 0.0 && inverse < 1.0) {
        return Err(factor_error(inverse));
    }
    quantize_multiplier(inverse)
}

/// What brings inputs to Q`integer_bits`, and the radius outside of which the function is at its limits:
/// the 8-bit `LOGISTIC` and `TANH`, with 4 integer bits.
///
/// With a radius of 0 the factor counts for nothing.
///
/// # Errors
/// If the scale is not finite, or so small that the factor is below one half: undefined in the reference.
pub fn bounded_scale(input_scale: f32, integer_bits: u32) -> Result<(Scale, i32), LowerError> {
    let factor = f64::from(input_scale) * f64::from(31 - integer_bits as i32).exp2();
    if factor.is_finite() && factor >= f64::from(MAX_SHIFT).exp2() {
        return Ok((ZERO, 0));
    }
    let scale = quantize_multiplier(factor)?;
    if scale.multiplier <= 0 || scale.shift < 0 {
        return Err(factor_error(factor));
    }
    Ok((scale, input_radius(integer_bits, scale.shift)))
}

/// The greatest input whose rescaled value stays in Q`integer_bits`; `left_shift` in 0..=31.
///
/// Source: `CalculateInputRadius` with 31 bits in all.
#[must_use]
pub fn input_radius(integer_bits: u32, left_shift: i32) -> i32 {
    let greatest = ((1i64 << (integer_bits & 31)) - 1) << (31 - (integer_bits & 31));
    (greatest >> left_shift.clamp(0, 62)) as i32
}

#[cfg(test)]
mod tests;
