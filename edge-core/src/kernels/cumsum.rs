//! Running sums along the middle axis of `[outer, axis, inner]`.
//!
//! Source: `TFLite` `CUMSUM`.

use crate::params::{CumSum, CumSumS8};
use crate::quant::Rounding;
use crate::quant::exact::{saturate_i8, scale_i32, scale_i64};

/// Float running sums.
#[inline(always)]
pub fn cumsum_f32(p: &CumSum, x: &[f32], y: &mut [f32]) {
    run(p, x, y, 0.0, |sum, value| sum + value, |sum| sum);
}

/// int8 running sums. As in the reference a sum does not begin with 0 but with minus the zero point of the
/// input.
///
/// Sums are kept in 2⁻¹⁹ steps of the input. Those that leave 32 bits, where the reference has no defined
/// result, are rounded once.
#[inline(always)]
pub fn cumsum_s8(p: &CumSumS8, x: &[i8], y: &mut [i8]) {
    let zero = p.input_zero as i64;
    run(
        &p.sum,
        x,
        y,
        -zero,
        |sum, value| sum.wrapping_add(value as i64 - zero),
        |sum| {
            let sum = sum.wrapping_mul(1 << 19);
            let scaled = match i32::try_from(sum) {
                Ok(sum) => scale_i32(sum, p.scale, Rounding::TfLite),
                Err(_) => scale_i64(sum, p.scale, Rounding::Onnx),
            };
            saturate_i8(scaled.saturating_add(p.output_zero))
        },
    );
}

#[inline(always)]
fn run<T: Copy, A: Copy>(
    p: &CumSum,
    x: &[T],
    y: &mut [T],
    start: A,
    add: impl Fn(A, T) -> A,
    finish: impl Fn(A) -> T,
) {
    let step = if p.reverse {
        p.inner.wrapping_neg()
    } else {
        p.inner
    };
    for outer in 0..p.outer {
        for inner in 0..p.inner {
            let skipped = if p.reverse { p.axis.wrapping_sub(1) } else { 0 };
            let row = outer.wrapping_mul(p.axis).wrapping_add(skipped);
            let mut at = row.wrapping_mul(p.inner).wrapping_add(inner);
            let mut sum = start;
            for _ in 0..p.axis {
                if let (Some(&value), Some(target)) = (x.get(at), y.get_mut(at)) {
                    let with = add(sum, value);
                    *target = finish(if p.exclusive { sum } else { with });
                    sum = with;
                }
                at = at.wrapping_add(step);
            }
        }
    }
}
