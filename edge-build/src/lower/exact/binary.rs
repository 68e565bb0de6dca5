//! Parameters of functions of two quantized tensors.
//!
//! Source: `Prepare` of the kernels of `TFLite Micro`, with their mixture of single and double precision.

use super::multiplier::{activation_range, check_i32, quantize_multiplier};
use crate::ir::{Arithmetic, DType, QuantParams, TensorType};
use crate::lower::LowerError;
use crate::lower::arithmetic::params_of;
use edge_core::params::{
    AddExact, AddOnce, Broadcast, Compare, CompareScaled, MulExact, OnceKind, PReluExact, Rescale,
    Steps, SumKind,
};
use edge_core::quant::{Rounding, Scale};

/// Left shift of the operands of a comparison.
const COMPARE_SHIFT: u32 = 8;

/// Two operands and the result, each with a scale and a zero point for the whole tensor.
#[derive(Clone, Copy, Debug)]
pub struct Triple {
    dtype: DType,
    a: QuantParams,
    b: QuantParams,
    y: QuantParams,
}

impl Triple {
    /// The quantization of two operands and a result of one element type.
    ///
    /// # Errors
    /// If one has no scale for the whole tensor.
    pub fn of(a: &TensorType, b: &TensorType, y: &TensorType) -> Result<Self, LowerError> {
        Ok(Self {
            dtype: y.dtype,
            a: params_of(a)?,
            b: params_of(b)?,
            y: params_of(y)?,
        })
    }

    /// Whether limits let every result through.
    #[must_use]
    pub fn is_open(&self, clamp: [f32; 2]) -> bool {
        activation_range(self.dtype, clamp, self.y)
            .is_ok_and(|range| type_range(self.dtype).is_ok_and(|all| range == all))
    }
}

/// The rounding of an arithmetic: what has no native kernel is computed as `TFLite` does.
#[must_use]
pub fn rounding(arithmetic: Arithmetic) -> Rounding {
    match arithmetic {
        Arithmetic::Native | Arithmetic::TfLite => Rounding::TfLite,
        Arithmetic::Onnx => Rounding::Onnx,
    }
}

/// The integers between the limits of a result.
///
/// # Errors
/// If the type is not quantized, or a limit has no integer.
pub fn range(
    rounding: Rounding,
    dtype: DType,
    clamp: [f32; 2],
    quant: QuantParams,
) -> Result<[i32; 2], LowerError> {
    match rounding {
        Rounding::TfLite => activation_range(dtype, clamp, quant),
        Rounding::Onnx => {
            let [least, greatest] = type_range(dtype)?;
            // Limits that are not finite saturate.
            let quantized = |bound: f32| {
                let steps = (bound / quant.scale).round_ties_even() as i32;
                steps
                    .saturating_add(quant.zero_point)
                    .clamp(least, greatest)
            };
            Ok(clamp.map(quantized))
        }
    }
}

/// The least and the greatest number of a quantized type.
///
/// # Errors
/// If the type is not quantized.
pub fn type_range(dtype: DType) -> Result<[i32; 2], LowerError> {
    match dtype {
        DType::I8 => Ok([i32::from(i8::MIN), i32::from(i8::MAX)]),
        DType::I16 => Ok([i32::from(i16::MIN), i32::from(i16::MAX)]),
        DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => {
            Err(LowerError::of_dtype(dtype))
        }
    }
}

/// Least and greatest value of a number without its zero point.
fn reach(dtype: DType, quant: QuantParams) -> Result<[i64; 2], LowerError> {
    let ends = type_range(dtype)?;
    Ok(ends.map(|end| i64::from(end) - i64::from(quant.zero_point)))
}

/// The greatest absolute value of a number without its zero point.
fn greatest(dtype: DType, quant: QuantParams) -> Result<i64, LowerError> {
    let [low, high] = reach(dtype, quant)?;
    Ok(low.abs().max(high.abs()))
}

/// The nearest [`Scale`] to a factor between 0 and 1.
///
/// Source: `QuantizeMultiplierSmallerThanOneExp`.
///
/// # Errors
/// If the factor is not below one: the reference aborts.
fn below_one(real: f64) -> Result<Scale, LowerError> {
    let scale = quantize_multiplier(real)?;
    if real > 0.0 && real < 1.0 && scale.shift <= 0 {
        return Ok(scale);
    }
    Err(LowerError::new(
        format!("a factor of {real:.3e} between scales"),
        "factors below one",
    ))
}

/// `ADD`, `SUB` and `SQUARED_DIFFERENCE` of `TFLite`.
///
/// # Errors
/// If a factor is one that the reference does not take, or a square would leave 32 bits.
pub fn add_exact(
    kind: SumKind,
    t: Triple,
    clamp: [f32; 2],
    walk: Broadcast,
) -> Result<AddExact, LowerError> {
    let wide = t.dtype == DType::I16;
    let (left_shift, [first, second, output]) = match kind {
        SumKind::Add | SumKind::Sub => {
            let shift = if wide { 15 } else { 20 };
            (shift, sum_factors(t, shift))
        }
        SumKind::SquaredDifference => {
            let shift = if wide { 0 } else { 7 };
            (shift, square_factors(t, shift))
        }
    };
    let first = Rescale {
        zero_point: t.a.zero_point,
        scale: below_one(first)?,
    };
    let second = Rescale {
        zero_point: t.b.zero_point,
        scale: below_one(second)?,
    };
    let output = match kind {
        SumKind::Add | SumKind::Sub => below_one(output)?,
        SumKind::SquaredDifference => {
            let output = quantize_multiplier(output)?;
            check_i32(output, greatest_square(t, left_shift)?)?;
            output
        }
    };
    Ok(AddExact {
        kind,
        walk,
        first,
        second,
        left_shift,
        output,
        zero_point: t.y.zero_point,
        range: activation_range(t.dtype, clamp, t.y)?,
    })
}

fn sum_factors(t: Triple, shift: u32) -> [f64; 3] {
    let twice = 2.0 * f64::from(t.a.scale.max(t.b.scale));
    [
        f64::from(t.a.scale) / twice,
        f64::from(t.b.scale) / twice,
        twice / (f64::from(1u32 << shift) * f64::from(t.y.scale)),
    ]
}

fn square_factors(t: Triple, shift: u32) -> [f64; 3] {
    let twice = 2.0 * f64::from(t.a.scale.max(t.b.scale));
    let unit = (1u32 << (2 * shift)) as f32;
    [
        f64::from(t.a.scale) / twice,
        f64::from(t.b.scale) / twice,
        twice * twice / f64::from(unit * t.y.scale),
    ]
}

/// The greatest square of a difference of operands scaled by at most one half.
fn greatest_square(t: Triple, left_shift: u32) -> Result<i64, LowerError> {
    let scaled = |quant: QuantParams| -> Result<[i64; 2], LowerError> {
        let twice = 2.0 * f64::from(t.a.scale.max(t.b.scale));
        let factor = f64::from(quant.scale) / twice * f64::from(1u32 << left_shift);
        let [low, high] = reach(t.dtype, quant)?;
        // Both roundings together are below one and a half.
        Ok([
            (low as f64 * factor).floor() as i64 - 1,
            (high as f64 * factor).ceil() as i64 + 1,
        ])
    };
    let ([a_low, a_high], [b_low, b_high]) = (scaled(t.a)?, scaled(t.b)?);
    let difference = (a_high - b_low).max(b_high - a_low);
    Ok(difference.saturating_mul(difference))
}

/// Sum, difference, minimum or maximum of real numbers.
///
/// # Errors
/// If a factor is not finite, or so great that the bits of the other do not suffice.
pub fn add_once(
    kind: OnceKind,
    t: Triple,
    clamp: [f32; 2],
    walk: Broadcast,
) -> Result<AddOnce, LowerError> {
    let factors = [t.a, t.b].map(|p| f64::from(p.scale) / f64::from(t.y.scale));
    let greatest = quantize_multiplier(factors[0].max(factors[1]))?;
    let shift = (31 - greatest.shift).clamp(0, 62);
    // The lesser factor is off by half of the last bit: not more than an eighth of a step in all.
    if shift < 8 * t.dtype.size() as i32 + 2 {
        return Err(LowerError::new(
            format!(
                "scales {:e} and {:e} for a result of scale {:e}",
                t.a.scale, t.b.scale, t.y.scale
            ),
            "a scale of the order of the operands",
        ));
    }
    let steps = |p: QuantParams, factor: f64| Steps {
        zero_point: p.zero_point,
        multiplier: (factor * f64::from(shift).exp2()).round_ties_even() as i32,
    };
    Ok(AddOnce {
        kind,
        walk,
        first: steps(t.a, factors[0]),
        second: steps(t.b, factors[1]),
        shift: shift as u32,
        zero_point: t.y.zero_point,
        range: range(Rounding::Onnx, t.dtype, clamp, t.y)?,
    })
}

/// Product.
///
/// # Errors
/// If a factor is not finite, or the product could leave 32 bits where the reference keeps it there.
pub fn mul_exact(
    rounding: Rounding,
    t: Triple,
    clamp: [f32; 2],
    walk: Broadcast,
) -> Result<MulExact, LowerError> {
    let real = f64::from(t.a.scale) * f64::from(t.b.scale) / f64::from(t.y.scale);
    let scale = quantize_multiplier(real)?;
    if rounding == Rounding::TfLite {
        let bound = greatest(t.dtype, t.a)?.saturating_mul(greatest(t.dtype, t.b)?);
        check_i32(scale, bound)?;
    }
    with_scale(rounding, t, scale, clamp, walk)
}

/// Quotient.
///
/// # Errors
/// If a factor is not finite, or so great that the reference would shift to the left.
pub fn div_exact(
    rounding: Rounding,
    t: Triple,
    clamp: [f32; 2],
    walk: Broadcast,
) -> Result<MulExact, LowerError> {
    let real = f64::from(t.a.scale) / (f64::from(t.b.scale) * f64::from(t.y.scale));
    let scale = quantize_multiplier(real)?;
    // A dividend has this many bits free at least, and its quotient is shifted to the right.
    let headroom = (greatest(t.dtype, t.a)? as u32).leading_zeros() as i32 - 1;
    if rounding == Rounding::TfLite && scale.shift > headroom {
        return Err(LowerError::new(
            format!(
                "scales {:e} and {:e} for a quotient of scale {:e}",
                t.a.scale, t.b.scale, t.y.scale
            ),
            "a scale of the order of the quotient",
        ));
    }
    with_scale(rounding, t, scale, clamp, walk)
}

fn with_scale(
    rounding: Rounding,
    t: Triple,
    scale: Scale,
    clamp: [f32; 2],
    walk: Broadcast,
) -> Result<MulExact, LowerError> {
    Ok(MulExact {
        walk,
        first_zero: t.a.zero_point,
        second_zero: t.b.zero_point,
        scale,
        rounding,
        zero_point: t.y.zero_point,
        range: range(rounding, t.dtype, clamp, t.y)?,
    })
}

/// `PReLU` of `x` with slopes of their own element type.
///
/// # Errors
/// If the slopes are not int8, a factor is not finite, or a product could leave 32 bits.
pub fn prelu_exact(
    rounding: Rounding,
    x: &TensorType,
    slope: &TensorType,
    y: &TensorType,
    walk: Broadcast,
) -> Result<PReluExact, LowerError> {
    if slope.dtype != DType::I8 {
        return Err(LowerError::new(
            format!("slopes {slope}"),
            "slopes of type i8",
        ));
    }
    let (input, slopes, output) = (params_of(x)?, params_of(slope)?, params_of(y)?);
    let same = f64::from(input.scale) / f64::from(output.scale);
    let product = f64::from(input.scale) * f64::from(slopes.scale) / f64::from(output.scale);
    let (positive, negative) = (quantize_multiplier(same)?, quantize_multiplier(product)?);
    if rounding == Rounding::TfLite {
        let bound = greatest(x.dtype, input)?;
        check_i32(positive, bound)?;
        check_i32(
            negative,
            bound.saturating_mul(greatest(slope.dtype, slopes)?),
        )?;
    }
    Ok(PReluExact {
        walk,
        input_zero: input.zero_point,
        slope_zero: slopes.zero_point,
        positive,
        negative,
        rounding,
        zero_point: output.zero_point,
    })
}

/// Comparison of quantized tensors.
///
/// # Errors
/// If a scale is not below one: the reference aborts.
pub fn compare_scaled(
    compare: Compare,
    a: &TensorType,
    b: &TensorType,
) -> Result<CompareScaled, LowerError> {
    let operand = |ty: &TensorType| -> Result<Rescale, LowerError> {
        let quant = params_of(ty)?;
        Ok(Rescale {
            zero_point: quant.zero_point,
            scale: below_one(quant.scale.into())?,
        })
    };
    Ok(CompareScaled {
        compare,
        first: operand(a)?,
        second: operand(b)?,
        left_shift: COMPARE_SHIFT,
    })
}

#[cfg(test)]
mod tests;
