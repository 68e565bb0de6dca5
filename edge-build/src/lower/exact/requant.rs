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
#[must_use]
pub fn legacy_table(from: QuantParams, to: QuantParams) -> Vec<i8> {
    let inverse_scale = 1.0 / to.scale;
    let scale = from.scale * inverse_scale;
    let bias = -from.zero_point.saturating_add(128) as f32 * scale;
    let mut table = Vec::with_capacity(256);
    for value in 0u8..=255 {
        let steps = (f32::from(value) * scale + bias).round();
        let number = (steps as i32).saturating_add(to.zero_point);
        table.push(number.clamp(-128, 127) as i8);
    }
    table
}

/// What brings 2⁻²² steps of one quantization to steps of another.
///
/// # Errors
/// If the scales are too far apart.
pub fn resize_scale(from: QuantParams, to: QuantParams) -> Result<Scale, LowerError> {
    let unit = f64::from(1 << 22);
    quantize_multiplier(f64::from(from.scale) / f64::from(to.scale) / unit)
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
        let table = legacy_table(quant(0.5, 0), quant(1.0, -3));
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
        let table = legacy_table(quant(f32::MAX, -128), quant(f32::MIN_POSITIVE, 127));
        assert_eq!(table[255], 127);
    }
}
