//! Tables and factors of softmaxes.
//!
//! Source: `TFLite` `softmax_common.cc`, `log_softmax.cc`.

use super::lut::lut_i16_between;
use super::multiplier::{
    SOFTMAX_BITS, check_i32, input_radius, quantize_multiplier, reverse_softmax_scale,
    softmax_scale,
};
use crate::lower::LowerError;
use edge_core::params::{LogSoftmaxS8, Softmax, SoftmaxReal, SoftmaxS16};
use edge_core::quant::QuantParams;
use edge_core::quant::exact::{Rounding, Scale, scale_i32};
use edge_core::quant::fixed_point::{exp_on_negative_values, rounding_divide_by_pot};

/// Integer bits of the sums of a log-softmax.
const SUM_BITS: u32 = 12;

/// `e^(−d·beta·scale)` in Q0 for d = 0, 1, … up to the last that is not 0.
///
/// # Errors
/// If the reference aborts at such a scale.
pub fn exponentials(beta: f32, input_scale: f32) -> Result<Vec<i32>, LowerError> {
    let scale = softmax_scale(beta, input_scale, SOFTMAX_BITS)?;
    Ok(without_zeros(of_differences(scale).collect()))
}

/// The numbers of a log-softmax and its exponentials in Q12.
///
/// # Errors
/// If the reference aborts at such a scale.
pub fn log_softmax(
    softmax: Softmax,
    input_scale: f32,
) -> Result<(LogSoftmaxS8, Vec<i32>), LowerError> {
    let forward = softmax_scale(1.0, input_scale, SOFTMAX_BITS)?;
    let reverse = reverse_softmax_scale(forward)?;
    let sums = of_differences(forward).map(|exp| rounding_divide_by_pot(exp, SUM_BITS));
    let p = LogSoftmaxS8 {
        softmax,
        forward,
        reverse,
        least: -input_radius(SOFTMAX_BITS, forward.shift),
    };
    Ok((p, without_zeros(sums.collect())))
}

/// Exponentials of the differences that do not leave Q5.
fn of_differences(scale: Scale) -> impl Iterator<Item = i32> {
    let last = input_radius(SOFTMAX_BITS, scale.shift).clamp(0, 255);
    (0..=last)
        .map(move |d| exp_on_negative_values(scale_i32(-d, scale, Rounding::TfLite), SOFTMAX_BITS))
}

fn without_zeros(mut table: Vec<i32>) -> Vec<i32> {
    while table.len() > 1 && table.last() == Some(&0) {
        table.pop();
    }
    table
}

/// The numbers of a softmax rounded once, and `2³¹·e^(−d·beta·scale)` for d = 0..=255.
///
/// # Errors
/// If `beta` is negative or a scale is out of range.
pub fn softmax_real(
    softmax: Softmax,
    beta: f32,
    input_scale: f32,
    output: QuantParams,
) -> Result<(SoftmaxReal, Vec<u32>), LowerError> {
    let step = f64::from(beta) * f64::from(input_scale);
    if !(step >= 0.0 && step.is_finite()) {
        return Err(LowerError::new(
            format!("a softmax with beta {beta}"),
            "numbers from 0 on",
        ));
    }
    let unit = 31f64.exp2();
    let table = (0..256).map(|d| (unit * (-f64::from(d) * step).exp()).round_ties_even() as u32);
    let p = SoftmaxReal {
        softmax,
        scale: quantize_multiplier((-30f64).exp2() / f64::from(output.scale))?,
        zero_point: output.zero_point,
    };
    Ok((p, table.collect()))
}

/// The numbers of a 16-bit softmax.
///
/// # Errors
/// If differences of inputs could leave 32 bits.
pub fn softmax_s16(
    softmax: Softmax,
    beta: f32,
    input_scale: f32,
) -> Result<SoftmaxS16, LowerError> {
    let factor = f64::from(input_scale) * f64::from(beta) / (10.0 / 65535.0);
    let scale = quantize_multiplier(factor)?;
    check_i32(scale, 65535)?;
    Ok(SoftmaxS16 { softmax, scale })
}

/// Samples of `2¹⁵·eˣ` in −10..0 and of `2¹⁵/(1 + x)` in 0..1.
#[must_use]
pub fn samples() -> [Vec<i16>; 2] {
    let output = [-1.0, 1.0];
    [
        lut_i16_between([-10.0, 0.0], output, |x| f64::from(x).exp() as f32),
        lut_i16_between([0.0, 1.0], output, |x| 1.0 / (1.0 + x)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_end_with_the_last_exponential() {
        let table = exponentials(1.0, 0.5).unwrap();
        assert_eq!(table[0], i32::MAX);
        // Differences beyond 31 halves leave Q5.
        assert_eq!(table.len(), 32);
        for (d, &exp) in table.iter().enumerate() {
            let wanted = 31f64.exp2() * (-0.5 * d as f64).exp();
            assert!(
                (f64::from(exp) - wanted).abs() < 1e-5 * wanted + 4096.0,
                "{d}"
            );
        }
        assert_eq!(exponentials(1.0, 1e9).unwrap(), [i32::MAX]);
        assert!(exponentials(1.0, 1e-12).is_err());
        assert!(exponentials(-1.0, 0.1).is_err());
        assert!(exponentials(f32::NAN, 0.1).is_err());
    }

    #[test]
    fn samples_span_their_range() {
        let [exponentials, reciprocals] = samples();
        assert_eq!((exponentials[0], exponentials[512]), (2, 32767));
        assert_eq!((reciprocals[0], reciprocals[512]), (32767, 16384));
    }
}
