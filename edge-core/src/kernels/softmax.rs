//! Softmax over the middle axis of `[outer, axis, inner]`.
//!
//! Source: ONNX `Softmax`, `LogSoftmax`; `TFLite` `SOFTMAX`, `LOG_SOFTMAX`.

use super::slices::copy;
use crate::params::Softmax;

/// `eˣ / Σ eˣ`, or its logarithm `x − m − ln Σ eˣ⁻ᵐ`; the greatest element `m` is taken off first.
#[inline(always)]
pub fn softmax_f32(p: &Softmax, x: &[f32], y: &mut [f32]) {
    copy(x, y);
    softmax_f32_in_place(p, y);
}

/// [`softmax_f32`] that overwrites its input.
#[inline(always)]
pub fn softmax_f32_in_place(p: &Softmax, y: &mut [f32]) {
    each_lane(p, |lane| {
        let mut greatest = f32::NEG_INFINITY;
        lane.update(y, |value| {
            greatest = if value > greatest { value } else { greatest };
            value
        });
        let mut sum = 0.0;
        lane.update(y, |value| {
            let exponential = libm::expf(value - greatest);
            sum += exponential;
            if p.log { value } else { exponential }
        });
        let log_sum = if p.log { libm::logf(sum) } else { 0.0 };
        lane.update(y, |value| {
            if p.log {
                value - greatest - log_sum
            } else {
                value / sum
            }
        });
    });
}

/// int8 softmax to scale 1/256 and zero point −128, in integers alone.
///
/// `table[d]` is `e^(−d·scale)` in 1/65535, for d = 0..=255 steps of the input below its greatest element;
/// with `e = table[m − x]` and `s = Σ e` the result is `min((256·e + s/2) / s, 255) − 128`. Exact for axes of
/// up to 65535 elements.
#[inline(always)]
pub fn softmax_s8(p: &Softmax, x: &[i8], table: &[u16], y: &mut [i8]) {
    copy(x, y);
    softmax_s8_in_place(p, y, table);
}

/// [`softmax_s8`] that overwrites its input.
#[inline(always)]
pub fn softmax_s8_in_place(p: &Softmax, y: &mut [i8], table: &[u16]) {
    each_lane(p, |lane| {
        let mut greatest = i8::MIN;
        lane.update(y, |value| {
            greatest = if value > greatest { value } else { greatest };
            value
        });
        let exponential = |value: i8| {
            let below = greatest.wrapping_sub(value) as u8;
            u32::from(table.get(usize::from(below)).copied().unwrap_or(0))
        };
        let mut sum = 0u32;
        lane.update(y, |value| {
            sum = sum.saturating_add(exponential(value));
            value
        });
        lane.update(y, |value| {
            // Below 2²⁴ + 2³¹: no overflow.
            let scaled = (exponential(value) << 8).wrapping_add(sum / 2);
            let steps = scaled.checked_div(sum).unwrap_or(0).min(255);
            (steps as i32).wrapping_sub(128) as i8
        });
    });
}

/// The elements that sum to one.
#[derive(Clone, Copy)]
pub(super) struct Lane {
    start: usize,
    stride: usize,
    len: usize,
}

impl Lane {
    /// Replaces each element by a function of it.
    #[inline(always)]
    pub(super) fn update<T: Copy>(self, y: &mut [T], mut f: impl FnMut(T) -> T) {
        let mut at = self.start;
        for _ in 0..self.len {
            if let Some(value) = y.get_mut(at) {
                *value = f(*value);
            }
            at = at.wrapping_add(self.stride);
        }
    }
}

/// Calls `visit` with all elements that sum to one, again and again.
#[inline(always)]
pub(super) fn each_lane(p: &Softmax, mut visit: impl FnMut(Lane)) {
    for outer in 0..p.outer {
        let start = outer.wrapping_mul(p.axis).wrapping_mul(p.inner);
        for inner in 0..p.inner {
            visit(Lane {
                start: start.wrapping_add(inner),
                stride: p.inner,
                len: p.axis,
            });
        }
    }
}
