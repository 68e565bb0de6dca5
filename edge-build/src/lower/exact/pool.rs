//! Factors of means over windows, and what poolings ask of their types.

use super::binary::range;
use super::multiplier::quantize_multiplier;
use crate::ir::TensorType;
use crate::lower::LowerError;
use crate::lower::arithmetic::params_of;
use edge_core::quant::Rounding;

/// Greatest number of elements of a window whose means are rescaled.
const MAX_WINDOW: usize = 1 << 16;

/// The limits of a pooling whose input and output share scale and zero point.
///
/// Source: `TFLite` `PoolingPrepare`.
///
/// # Errors
/// If they do not share them, or the sum of a window could leave 32 bits.
pub fn limits(
    x: &TensorType,
    y: &TensorType,
    clamp: [f32; 2],
    window: [usize; 2],
    rounding: Rounding,
) -> Result<[i32; 2], LowerError> {
    let (from, to) = (params_of(x)?, params_of(y)?);
    let apart = (f64::from(from.scale) - f64::from(to.scale)).abs() > 1e-6;
    if apart || from.zero_point != to.zero_point || x.dtype != y.dtype {
        return Err(LowerError::new(
            "a pooling whose input and output have different scales",
            "one scale and zero point for both",
        ));
    }
    // Half of the number of elements is added before the division.
    let most = i32::MAX as usize / ((1 << (8 * y.dtype.size())) + 1) * 2;
    if elements(window)? >= most {
        return Err(LowerError::new(
            format!("a window of {}x{}", window[0], window[1]),
            format!("windows of less than {most} elements"),
        ));
    }
    range(rounding, y.dtype, clamp, to)
}

/// Multiplier and shift of the sum of `fewest`, `fewest` + 1, … elements up to a whole window.
///
/// # Errors
/// If the window is too large or a factor out of range.
pub fn factors(ratio: f64, window: [usize; 2], fewest: usize) -> Result<Vec<i32>, LowerError> {
    let most = elements(window)?;
    if most > MAX_WINDOW {
        return Err(LowerError::new(
            format!("a window of {}x{}", window[0], window[1]),
            format!("windows of up to {MAX_WINDOW} elements"),
        ));
    }
    let mut factors = Vec::new();
    for count in fewest..=most {
        let scale = quantize_multiplier(ratio / count.max(1) as f64)?;
        factors.extend([scale.multiplier, scale.shift]);
    }
    Ok(factors)
}

fn elements([height, width]: [usize; 2]) -> Result<usize, LowerError> {
    height
        .checked_mul(width)
        .ok_or_else(|| LowerError::new("a window without end", "windows that fit their image"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::QuantParams;

    #[test]
    fn one_factor_for_each_number_of_elements() {
        assert_eq!(factors(1.0, [1, 2], 1).unwrap(), [1 << 30, 1, 1 << 30, 0]);
        assert_eq!(factors(4.0, [2, 2], 4).unwrap(), [1 << 30, 1]);
        assert!(factors(1.0, [usize::MAX, 2], 1).is_err());
        assert!(factors(1.0, [1 << 10, 1 << 10], 1).is_err());
    }

    #[test]
    fn scales_agree() {
        let ty =
            |scale, zero_point| TensorType::i8([1, 2, 2, 1], QuantParams { scale, zero_point });
        let limits = |a, b| limits(&a, &b, [0.0, f32::INFINITY], [2, 2], Rounding::TfLite);
        assert_eq!(limits(ty(0.5, 3), ty(0.5, 3)).unwrap(), [3, 127]);
        assert!(limits(ty(0.5, 3), ty(0.5, 4)).is_err());
        assert!(limits(ty(0.5, 3), ty(0.4, 3)).is_err());
    }

    #[test]
    fn sums_of_windows_fit_with_half_of_their_number() {
        let ty = TensorType::i8(
            [1, 1 << 12, 1 << 12, 1],
            QuantParams {
                scale: 0.5,
                zero_point: 0,
            },
        );
        let open = [f32::NEG_INFINITY, f32::INFINITY];
        let limits = |window| limits(&ty, &ty, open, window, Rounding::TfLite);
        assert!(limits([1 << 12, 1 << 12]).is_err());
        // 128 + ½ for each element.
        assert!(limits([1, 16_711_934]).is_err());
        assert!(limits([1, 16_711_933]).is_ok());
    }
}
