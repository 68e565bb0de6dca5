//! Rows divided by their length.

use super::slices::{window, window_mut};
use crate::params::NormalizeS8;
use crate::quant::exact::{saturate_i8, scale_i32};
use crate::quant::fixed_point::inverse_sqrt;
use crate::quant::{Rounding, Scale};

/// int8 rows `[rows, len]` divided by their length, to scale 1/128 and zero point 0.
///
/// Squares of rows of up to 33 025 elements fit 32 bits.
///
/// Source: `TFLite` `L2_NORMALIZATION`, bit for bit.
#[inline(always)]
pub fn normalize_s8(p: &NormalizeS8, x: &[i8], y: &mut [i8]) {
    for row in 0..p.rows {
        let at = row.wrapping_mul(p.len);
        let (x, y) = (window(x, at, p.len), window_mut(y, at, p.len));
        let mut squares = 0i32;
        for &x in x {
            let x = i32::from(x).wrapping_sub(p.input_zero);
            squares = squares.wrapping_add(x.wrapping_mul(x));
        }
        let Scale { multiplier, shift } = inverse_sqrt(squares);
        let shift = shift.wrapping_add(7);
        for (y, &x) in y.iter_mut().zip(x) {
            let x = i32::from(x).wrapping_sub(p.input_zero);
            *y = saturate_i8(scale_i32(x, Scale { multiplier, shift }, Rounding::TfLite));
        }
    }
}
