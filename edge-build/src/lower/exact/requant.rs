//! int8 numbers brought from one quantization to another.

use super::multiplier::quantize_multiplier;
use crate::ir::QuantParams;
use crate::lower::LowerError;
use edge_core::quant::Scale;

/// `table[q + 128]`: each number in another quantization, the real number rounded once, halves to even.
#[must_use]
pub fn rescale_table(from: QuantParams, to: QuantParams) -> Vec<i8> {
    let ratio = f64::from(from.scale) / f64::from(to.scale);
    let mut table = Vec::with_capacity(256);
    for value in -128i32..128 {
        let steps = f64::from(value.saturating_sub(from.zero_point)) * ratio;
        let value = steps.round_ties_even() + f64::from(to.zero_point);
        table.push(value.clamp(-128.0, 127.0) as i8);
    }
    table
}

/// The same as `TFLite` does where tensors of legacy `uint8` are joined: in single precision, on numbers that are
/// 128 above ours, halves away from zero.
///
/// Source: `ConcatenationWithScaling`.
///
/// # Errors
/// If a number is greater than 32 bits hold: undefined in the reference.
pub fn legacy_table(from: QuantParams, to: QuantParams) -> Result<Vec<i8>, LowerError> {
    let inverse_scale = 1.0 / to.scale;
    let scale = from.scale * inverse_scale;
    let bias = -from.zero_point.saturating_add(128) as f32 * scale;
    let mut table = Vec::with_capacity(256);
    for value in 0u8..=255 {
        let steps = (f32::from(value) * scale + bias).round();
        if steps.is_nan() || steps >= 2_147_483_648.0 {
            return Err(LowerError::new(
                format!("scale {:e} beside {:e}", from.scale, to.scale),
                "scales of one order",
            ));
        }
        let number = (steps as i32).saturating_add(to.zero_point);
        table.push(number.clamp(-128, 127) as i8);
    }
    Ok(table)
}

/// What brings 2⁻²² steps of one quantization to steps of another.
///
/// # Errors
/// If a step of the output is so small that the bits of the weights do not suffice.
pub fn resize_scale(from: QuantParams, to: QuantParams) -> Result<Scale, LowerError> {
    let ratio = f64::from(from.scale) / f64::from(to.scale);
    // Two weights, each off by half of 1/2048, of differences up to 255: half a step of the output.
    if ratio > 4.0 {
        return Err(LowerError::new(
            format!("a resize from scale {:e} to {:e}", from.scale, to.scale),
            "an output scale of at least a quarter of that of the input",
        ));
    }
    quantize_multiplier(ratio / f64::from(1 << 22))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quant(scale: f32, zero_point: i32) -> QuantParams {
        QuantParams { scale, zero_point }
    }

    #[test]
    fn halves_go_to_even() {
        let table = rescale_table(quant(0.5, 0), quant(1.0, 0));
        let of = |q: i32| table[(q + 128) as usize];
        assert_eq!([of(1), of(3), of(-1), of(-3), of(4)], [0, 2, 0, -2, 2]);
    }

    #[test]
    fn legacy_halves_go_away_from_zero() {
        let table = legacy_table(quant(0.5, 0), quant(1.0, -3)).unwrap();
        let of = |q: i32| table[(q + 128) as usize];
        assert_eq!([of(1), of(3), of(-1), of(-3)], [-2, -1, -4, -5]);
        assert_eq!((table[0], of(127)), (-67, 61));
    }

    #[test]
    fn extremes_saturate() {
        let table = rescale_table(quant(f32::MAX, -128), quant(f32::MIN_POSITIVE, 127));
        assert_eq!((table[0], table[1]), (127, 127));
        let table = rescale_table(quant(f32::MIN_POSITIVE, 5), quant(f32::MAX, -128));
        assert!(table.iter().all(|&q| q == -128));
        assert!(legacy_table(quant(f32::MAX, -128), quant(f32::MIN_POSITIVE, 127)).is_err());
        assert!(legacy_table(quant(1e8, 0), quant(1.0, 0)).is_err());
        let table = legacy_table(quant(1e6, 0), quant(1.0, 0)).unwrap();
        assert_eq!([table[0], table[128], table[255]], [-128, 0, 127]);
    }

    #[test]
    fn weights_of_a_resize_have_bits_for_a_ratio_of_4() {
        assert!(resize_scale(quant(1.0, 0), quant(0.25, 0)).is_ok());
        assert!(resize_scale(quant(1.0, 0), quant(0.2, 0)).is_err());
    }
}
