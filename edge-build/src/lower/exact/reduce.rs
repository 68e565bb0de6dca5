//! Sums and means.
//!
//! Source: `TFLite` `QuantizedMeanOrSum` and `CalculateOpData` of `CUMSUM`.

use super::multiplier::{check_i32, quantize_multiplier};
use crate::ir::{Arithmetic, DType, QuantParams, TensorType};
use crate::lower::{LowerError, arithmetic};
use edge_core::params::{Reduce, ReduceExact, ReduceKind};
use edge_core::quant::{Rounding, Scale};

/// The numbers of a sum or mean of int8 or 16-bit integers.
///
/// # Errors
/// If a sum could leave 32 bits.
pub fn reduce_exact(
    x: &TensorType,
    y: &TensorType,
    reduce: Reduce,
    arithmetic: Arithmetic,
) -> Result<ReduceExact, LowerError> {
    let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
    let count = i64::try_from(reduce.axis.max(1)).unwrap_or(i64::MAX);
    let mean = reduce.kind == ReduceKind::Mean;
    let real = f64::from(from.scale) / f64::from(to.scale);
    let (scale, rounding) = match arithmetic {
        Arithmetic::Onnx => {
            let divisor = if mean { count as f64 } else { 1.0 };
            (quantize_multiplier(real / divisor)?, Rounding::Onnx)
        }
        Arithmetic::TfLite | Arithmetic::Native => {
            let scale = quantize_multiplier(real)?;
            let scale = if mean { divided(scale, count) } else { scale };
            (scale, Rounding::TfLite)
        }
    };
    let bound = count.saturating_mul(greatest(x.dtype, from.zero_point));
    arithmetic::fit_i32(bound)?;
    if rounding == Rounding::TfLite {
        check_i32(scale, bound)?;
    }
    Ok(ReduceExact {
        reduce,
        sum_zero: arithmetic::fit_i32(i64::from(from.zero_point).saturating_mul(count))?,
        scale,
        rounding,
        output_zero: to.zero_point,
    })
}

/// The greatest distance of a number from the zero point.
fn greatest(dtype: DType, zero_point: i32) -> i64 {
    let half = if dtype == DType::I16 { 1 << 15 } else { 1 << 7 };
    let zero = i64::from(zero_point);
    (half - 1 - zero).max(half + zero)
}

/// A factor divided by a count, as exactly as its bits allow: the quotient is cut, not rounded.
fn divided(scale: Scale, count: i64) -> Scale {
    let room = (31 + scale.shift).clamp(0, 32);
    let shift = (63 - count.leading_zeros() as i32).clamp(0, room);
    Scale {
        multiplier: ((i64::from(scale.multiplier) << shift) / count) as i32,
        shift: scale.shift - shift,
    }
}

/// What brings 2⁻¹⁹ steps of the input of `CUMSUM` to steps of its output.
///
/// # Errors
/// If the factor is not below 1: the reference aborts.
pub fn cumsum_scale(from: QuantParams, to: QuantParams) -> Result<Scale, LowerError> {
    let real = 2.0 * f64::from(from.scale) / (f64::from(1 << 20) * f64::from(to.scale));
    if real >= 1.0 || real.is_nan() {
        return Err(LowerError::new(
            format!(
                "running sums with scale {:e} from {:e}",
                to.scale, from.scale
            ),
            "an output scale that is not 500000 times less",
        ));
    }
    quantize_multiplier(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quant(scale: f32, zero_point: i32) -> QuantParams {
        QuantParams { scale, zero_point }
    }

    fn mean(count: usize, dtype: DType, scale: f32) -> Result<ReduceExact, LowerError> {
        let ty = |scale| TensorType {
            dtype,
            shape: vec![count],
            quant: Some(crate::ir::Quant::PerTensor(quant(scale, 0))),
        };
        let reduce = Reduce {
            kind: ReduceKind::Mean,
            outer: 1,
            axis: count,
            inner: 1,
        };
        reduce_exact(&ty(scale), &ty(1.0), reduce, Arithmetic::TfLite)
    }

    #[test]
    fn means_divide_the_multiplier() {
        let p = mean(3, DType::I8, 1.0).unwrap();
        // 2³⁰·2¹ / 2, one bit more and divided by 3.
        assert_eq!(p.scale.multiplier, i32::MAX / 3);
        assert_eq!(p.scale.shift, 0);
        let p = mean(4, DType::I8, 1.0).unwrap();
        assert_eq!((p.scale.multiplier, p.scale.shift), (1 << 30, -1));
    }

    #[test]
    fn tiny_factors_keep_their_shift_in_range() {
        let p = mean(1 << 20, DType::I8, 2f32.powi(-30)).unwrap();
        assert!(p.scale.shift >= -31, "{:?}", p.scale);
    }

    #[test]
    fn sums_that_could_leave_32_bits_are_refused() {
        assert!(mean(1 << 24, DType::I8, 1.0).is_err());
        assert!(mean(1 << 16, DType::I16, 1.0).is_err());
        // A zero point comes on top.
        assert!(mean((1 << 16) - 2, DType::I16, 0.5).is_err());
        assert!(mean((1 << 16) - 3, DType::I16, 0.5).is_ok());
        assert!(mean(100, DType::I8, 1e9).is_err());
    }

    #[test]
    fn running_sums_need_a_factor_below_one() {
        assert!(cumsum_scale(quant(1.0, 0), quant(1e-6, 0)).is_err());
        assert!(cumsum_scale(quant(1.0, 0), quant(f32::MIN_POSITIVE, 0)).is_err());
        assert!(cumsum_scale(quant(1.0, 0), quant(1.0, 0)).is_ok());
    }
}
