//! Gated recurrent units and plain recurrent layers.
//!
//! Inputs and outputs are those of [`Sequence`](crate::params::Sequence), `h` is the state `[batch, units]` before
//! the first step. Weights are `[gates, units, inputs]`, `recurrent` is `[gates, units, units]`.
//!
//! Source: ONNX `GRU`, `RNN`.
#![allow(clippy::too_many_arguments, reason = "one for each operand of a step")]

use super::dot::dot_f32;
use super::layer::clamp;
use super::sequence::{Step, each_step};
use super::slices::window;
use super::unary::unary;
use crate::params::{GruF32, RnnF32, UnaryFn};

/// Plain layer `y = f(W·x + R·h + b)`; bias `[units]`.
#[inline(always)]
pub fn rnn_f32(
    p: &RnnF32,
    x: &[f32],
    h: &[f32],
    weights: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    let layer = Layer {
        units: p.sequence.units,
        weights,
        recurrent,
        bias,
    };
    each_step(&p.sequence, x, h, y, |step| {
        for (unit, out) in step.y.iter_mut().enumerate() {
            let sum = layer.sum(unit, step.x, step.before);
            *out = apply(p.activation, p.clip, sum);
        }
    });
}

/// Layer whose reset gate multiplies the state before the matrix does: `n = g(W·x + R·(r⊙h) + b)`.
///
/// Gates stand in the order update, reset, candidate; bias `[4, units]`: both biases of the first two gates together,
/// then those of the candidate for input and state. `product` has room for `units` numbers.
#[inline(always)]
pub fn gru_f32(
    p: &GruF32,
    x: &[f32],
    h: &[f32],
    weights: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    product: &mut [f32],
    y: &mut [f32],
) {
    let units = p.sequence.units;
    let layer = Layer {
        units,
        weights,
        recurrent,
        bias,
    };
    each_step(&p.sequence, x, h, y, |step| {
        let states = product.iter_mut().zip(step.before);
        for (unit, (product, before)) in states.enumerate() {
            let reset = layer.sum(units.wrapping_add(unit), step.x, step.before);
            *product = apply(p.gate, p.clip, reset) * before;
        }
        let Step { x, before, y, .. } = step;
        for (unit, (out, last)) in y.iter_mut().zip(before).enumerate() {
            let row = units.wrapping_mul(2).wrapping_add(unit);
            let start = layer.bias_of(row) + layer.bias_of(row.wrapping_add(units));
            let candidate = layer.hidden(row, layer.input(row, start, x), product);
            let update = apply(p.gate, p.clip, layer.sum(unit, x, before));
            *out = mix(update, apply(p.candidate, p.clip, candidate), *last);
        }
    });
}

/// Layer whose reset gate multiplies behind the matrix: `n = g(W·x + b + r⊙(R·h + c))`. As in [`gru_f32`] else.
#[inline(always)]
pub fn gru_linear_f32(
    p: &GruF32,
    x: &[f32],
    h: &[f32],
    weights: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    y: &mut [f32],
) {
    let units = p.sequence.units;
    let layer = Layer {
        units,
        weights,
        recurrent,
        bias,
    };
    each_step(&p.sequence, x, h, y, |step| {
        let Step { x, before, y, .. } = step;
        for (unit, (out, last)) in y.iter_mut().zip(before).enumerate() {
            let row = units.wrapping_mul(2).wrapping_add(unit);
            let input = layer.input(row, layer.bias_of(row), x);
            let hidden = layer.hidden(row, layer.bias_of(row.wrapping_add(units)), before);
            let reset = layer.sum(units.wrapping_add(unit), x, before);
            let candidate = input + apply(p.gate, p.clip, reset) * hidden;
            let update = apply(p.gate, p.clip, layer.sum(unit, x, before));
            *out = mix(update, apply(p.candidate, p.clip, candidate), *last);
        }
    });
}

/// The matrices of a layer, row by row.
#[derive(Clone, Copy)]
struct Layer<'a> {
    units: usize,
    weights: &'a [f32],
    recurrent: &'a [f32],
    bias: &'a [f32],
}

impl Layer<'_> {
    #[inline(always)]
    fn bias_of(&self, row: usize) -> f32 {
        self.bias.get(row).copied().unwrap_or(0.0)
    }

    /// `start + W·x` of one row.
    #[inline(always)]
    fn input(&self, row: usize, start: f32, x: &[f32]) -> f32 {
        let row = window(self.weights, row.wrapping_mul(x.len()), x.len());
        dot_f32(start, x, row)
    }

    /// `start + R·h` of one row.
    #[inline(always)]
    fn hidden(&self, row: usize, start: f32, h: &[f32]) -> f32 {
        let row = window(self.recurrent, row.wrapping_mul(self.units), self.units);
        dot_f32(start, h, row)
    }

    /// Bias and both products of one row.
    #[inline(always)]
    fn sum(&self, row: usize, x: &[f32], h: &[f32]) -> f32 {
        self.hidden(row, self.input(row, self.bias_of(row), x), h)
    }
}

/// A function of a bounded number.
#[inline(always)]
fn apply(f: UnaryFn, clip: f32, value: f32) -> f32 {
    unary(f, clamp(value, [-clip, clip]))
}

/// The new state between candidate and last state.
#[inline(always)]
fn mix(update: f32, candidate: f32, last: f32) -> f32 {
    (1.0 - update) * candidate + update * last
}
