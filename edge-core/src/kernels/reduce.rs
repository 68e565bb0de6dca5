//! Reduction of the middle axis of `[outer, axis, inner]` to `[outer, inner]`.
//!
//! Source: ONNX `ReduceSum`, `ReduceMean`, `ReduceMax`, `ReduceMin`, `GlobalAveragePool`, `GlobalMaxPool`;
//! `TFLite` `SUM`, `MEAN`, `REDUCE_MAX`, `REDUCE_MIN`.

use super::lanes::each_lane;
use super::slices::{chunk, put};
use crate::params::{Reduce, ReduceExact, ReduceKind, ReduceS8};
use crate::quant::exact::{saturate_i8, saturate_i16, scale_i32};
use crate::quant::requantize;

/// Float sum, mean, maximum or minimum. Of no elements: 0, 0, −∞, ∞.
#[inline(always)]
pub fn reduce_f32(p: &Reduce, x: &[f32], y: &mut [f32]) {
    let start = match p.kind {
        ReduceKind::Sum | ReduceKind::Mean => 0.0,
        ReduceKind::Max => f32::NEG_INFINITY,
        ReduceKind::Min => f32::INFINITY,
    };
    let divisor = match p.kind {
        ReduceKind::Mean => p.axis.max(1) as f32,
        ReduceKind::Sum | ReduceKind::Max | ReduceKind::Min => 1.0,
    };
    let combine = |so_far: f32, value: f32| match p.kind {
        ReduceKind::Sum | ReduceKind::Mean => so_far + value,
        ReduceKind::Max => greater(so_far, value),
        ReduceKind::Min => lesser(so_far, value),
    };
    fold_axis(p, x, y, start, combine, |result| result / divisor);
}

/// int8 sum or mean: `Σ x − sum_zero` becomes an output by [`crate::quant::requantize`] with the one
/// multiplier, which holds the division of a mean.
#[inline(always)]
pub fn reduce_sum_s8(p: &ReduceS8, x: &[i8], y: &mut [i8]) {
    fold_axis(
        &p.reduce,
        x,
        y,
        0i32,
        |sum, value| sum.wrapping_add(value as i32),
        |sum| requantize(sum.wrapping_sub(p.sum_zero), p.multiplier, p.requant),
    );
}

/// int8 sum or mean of a graph that arrives quantized: `Σ x − sum_zero`, scaled and rounded.
///
/// The sum must fit 32 bits; the compiler proves it from the number of elements.
#[inline(always)]
pub fn reduce_sum_exact_s8(p: &ReduceExact, x: &[i8], y: &mut [i8]) {
    sum_exact(p, x, y, saturate_i8);
}

/// 16-bit sum or mean, as [`reduce_sum_exact_s8`].
#[inline(always)]
pub fn reduce_sum_exact_s16(p: &ReduceExact, x: &[i16], y: &mut [i16]) {
    sum_exact(p, x, y, saturate_i16);
}

#[inline(always)]
fn sum_exact<T: Copy + Into<i32>>(
    p: &ReduceExact,
    x: &[T],
    y: &mut [T],
    saturate: impl Fn(i32) -> T,
) {
    fold_axis(
        &p.reduce,
        x,
        y,
        0i32,
        |sum, value| sum.wrapping_add(value.into()),
        |sum| {
            let scaled = scale_i32(sum.wrapping_sub(p.sum_zero), p.scale, p.rounding);
            saturate(scaled.saturating_add(p.output_zero))
        },
    );
}

/// int8 minimum if `kind` is `Min`, else maximum. Of no elements: 127, −128.
#[inline(always)]
pub fn reduce_max_s8(p: &Reduce, x: &[i8], y: &mut [i8]) {
    extreme(p, x, y, [i8::MIN, i8::MAX]);
}

/// 16-bit minimum if `kind` is `Min`, else maximum. Of no elements: 32767, −32768.
#[inline(always)]
pub fn reduce_max_s16(p: &Reduce, x: &[i16], y: &mut [i16]) {
    extreme(p, x, y, [i16::MIN, i16::MAX]);
}

#[inline(always)]
fn extreme<T: Copy + PartialOrd>(p: &Reduce, x: &[T], y: &mut [T], [low, high]: [T; 2]) {
    let least = p.kind == ReduceKind::Min;
    let start = if least { high } else { low };
    let combine = |so_far, value| {
        if least {
            lesser(so_far, value)
        } else {
            greater(so_far, value)
        }
    };
    fold_axis(p, x, y, start, combine, |result| result);
}

#[inline(always)]
fn greater<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

#[inline(always)]
fn lesser<T: PartialOrd>(a: T, b: T) -> T {
    if b < a { b } else { a }
}

/// Inner elements folded together: their accumulators fit the registers of a small core.
const BLOCK: usize = 4;

#[inline(always)]
fn fold_axis<T: Copy, A: Copy>(
    p: &Reduce,
    x: &[T],
    y: &mut [T],
    start: A,
    combine: impl Fn(A, T) -> A,
    finish: impl Fn(A) -> T,
) {
    let blocks = p.inner / BLOCK;
    for outer in 0..p.outer {
        let source = outer.wrapping_mul(p.axis).wrapping_mul(p.inner);
        let target = outer.wrapping_mul(p.inner);
        for block in 0..blocks {
            let inner = block.wrapping_mul(BLOCK);
            let folded = fold(p, x, source.wrapping_add(inner), [start; BLOCK], &combine);
            put(y, target.wrapping_add(inner), folded.map(&finish));
        }
        for inner in blocks.wrapping_mul(BLOCK)..p.inner {
            let folded = fold(p, x, source.wrapping_add(inner), [start], &combine);
            put(y, target.wrapping_add(inner), folded.map(&finish));
        }
    }
}

/// Folds `N` neighbours along the axis; the first stands at `at`.
#[inline(always)]
fn fold<T: Copy, A: Copy, const N: usize>(
    p: &Reduce,
    x: &[T],
    mut at: usize,
    mut folded: [A; N],
    combine: impl Fn(A, T) -> A,
) -> [A; N] {
    for _ in 0..p.axis {
        if let Some(values) = chunk::<T, N>(x, at) {
            each_lane(&mut folded, |i, folded| {
                *folded = combine(*folded, values[i]);
            });
        }
        at = at.wrapping_add(p.inner);
    }
    folded
}
