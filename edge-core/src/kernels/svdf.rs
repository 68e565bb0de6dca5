//! Layers that remember the features of the last inputs.
//!
//! Shapes as in [`Svdf`]: inputs `[batch, inputs]`, `features` `[filters, inputs]`, `time`
//! `[filters, memory]`, bias `[units]`, `state` `[batch, filters, memory]`, outputs `[batch, units]`, where there
//! are `units · rank` filters.
//!
//! Source: `TFLite` `SVDF`.
#![allow(clippy::too_many_arguments, reason = "one for each operand of a step")]

use super::dot::dot_f32;
use super::exact_layer::Activation;
use super::layer::clamp;
use super::products::Products;
use super::slices::{window, window_mut};
use crate::params::{Svdf, SvdfExact, SvdfF32};
use crate::quant::Rounding;
use crate::quant::exact::{clamp as limit, saturate_i8, scale_i32};

/// Float layer.
#[inline(always)]
pub fn svdf_f32(
    p: &SvdfF32,
    x: &[f32],
    features: &[f32],
    time: &[f32],
    bias: &[f32],
    state: &mut [f32],
    y: &mut [f32],
) {
    let shape = &p.shape;
    remember(shape, x, features, state, |_, x, feature| {
        dot_f32(0.0, x, feature)
    });
    each_output(shape, state, time, y, |unit, weights, memory| {
        let start = bias.get(unit).copied().unwrap_or(0.0);
        clamp(dot_f32(start, memory, weights), p.clamp)
    });
}

/// int8 layer whose memory and filters over time have 8 or 16 bits.
///
/// Features are `sums + Σ x·w`, outputs `bias + Σ t·m`, over raw integers: zero points are folded into the constants.
/// The sum of an output wraps at 32 bits, as in the reference. A feature is limited before the zero point of the
/// memory is added, as in the reference.
#[inline(always)]
pub fn svdf_exact<M: Activation>(
    p: &SvdfExact,
    x: &[i8],
    features: &[i8],
    sums: &[i32],
    time: &[M],
    bias: &[i32],
    state: &mut [M],
    y: &mut [i8],
) {
    let shape = &p.shape;
    remember(shape, x, features, state, |filter, x, feature| {
        let start = sums.get(filter).copied().unwrap_or(0);
        let steps = scale_i32(start.dot(x, feature), p.feature_scale, Rounding::TfLite);
        M::narrow(limit(steps, p.memory_range).wrapping_add(p.memory_zero))
    });
    each_output(shape, state, time, y, |unit, mut weights, mut memory| {
        let mut sum = bias.get(unit).copied().unwrap_or(0);
        while let (&[w, ref other_weights @ ..], &[m, ref others @ ..]) = (weights, memory) {
            sum = sum.wrapping_add(w.widen().wrapping_mul(m.widen()));
            (weights, memory) = (other_weights, others);
        }
        let steps = scale_i32(sum, p.output_scale, Rounding::TfLite);
        saturate_i8(steps.saturating_add(p.output_zero))
    });
}

/// Drops the oldest feature of each filter and adds the newest.
#[inline(always)]
fn remember<X, W, M: Copy>(
    p: &Svdf,
    x: &[X],
    features: &[W],
    state: &mut [M],
    newest: impl Fn(usize, &[X], &[W]) -> M,
) {
    let filters = p.units.wrapping_mul(p.rank);
    for batch in 0..p.batch {
        let x = window(x, batch.wrapping_mul(p.inputs), p.inputs);
        for filter in 0..filters {
            let feature = window(features, filter.wrapping_mul(p.inputs), p.inputs);
            let at = batch.wrapping_mul(filters).wrapping_add(filter);
            let memory = window_mut(state, at.wrapping_mul(p.memory), p.memory);
            if let [_, ..] = memory {
                memory.copy_within(1.., 0);
            }
            if let Some(last) = memory.last_mut() {
                *last = newest(filter, x, feature);
            }
        }
    }
}

/// Computes each output from the weights and the memory of its filters.
#[inline(always)]
fn each_output<M, Y>(
    p: &Svdf,
    state: &[M],
    time: &[M],
    y: &mut [Y],
    output: impl Fn(usize, &[M], &[M]) -> Y,
) {
    let len = p.rank.wrapping_mul(p.memory);
    for batch in 0..p.batch {
        let row = window_mut(y, batch.wrapping_mul(p.units), p.units);
        for (unit, y) in row.iter_mut().enumerate() {
            let at = batch.wrapping_mul(p.units).wrapping_add(unit);
            let memory = window(state, at.wrapping_mul(len), len);
            *y = output(unit, window(time, unit.wrapping_mul(len), len), memory);
        }
    }
}
