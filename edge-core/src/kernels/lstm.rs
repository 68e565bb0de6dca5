//! Long short-term memory.
//!
//! Gates stand in the order input, output, forget, candidate. Inputs and outputs are those of
//! [`Sequence`](crate::params::Sequence), `h` is the state `[batch, units]` before the first step, `c` the cell
//! `[batch, units]`, which the kernel updates. Weights are `[4, units, inputs]`, `recurrent` is
//! `[4, units, units]`, biases are `[4, units]`.
//!
//! Source: ONNX `LSTM`, `TFLite` `UNIDIRECTIONAL_SEQUENCE_LSTM`.
#![allow(clippy::too_many_arguments, reason = "one for each operand of a step")]

use super::dot::dots_f32;
use super::exact_layer::Activation;
use super::layer::clamp;
use super::products::{Products, Sum};
use super::sequence::each_step;
use super::slices::{window, window_mut};
use super::unary::unary;
use crate::params::{LstmExact, LstmF32};
use crate::quant::exact::{clamp as limit, saturate_i16, scale_i32};
use crate::quant::lut::{logistic_i16, tanh_i16};
use crate::quant::{Rounding, Scale, TableScale};

/// Float layer.
#[inline(always)]
pub fn lstm_f32(
    p: &LstmF32,
    x: &[f32],
    h: &[f32],
    weights: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    c: &mut [f32],
    y: &mut [f32],
) {
    lstm_peephole_f32(p, x, h, weights, recurrent, bias, &[], c, y);
}

/// Float layer whose gates see the cell through `peepholes`, `[3, units]`: input, output, forget.
#[inline(always)]
pub fn lstm_peephole_f32(
    p: &LstmF32,
    x: &[f32],
    h: &[f32],
    weights: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    peepholes: &[f32],
    c: &mut [f32],
    y: &mut [f32],
) {
    let units = p.sequence.units;
    let bound = |value: f32| clamp(value, [-p.clip, p.clip]);
    each_step(&p.sequence, x, h, y, |step| {
        let cells = window_mut(c, step.batch.wrapping_mul(units), units);
        for (unit, (cell, out)) in cells.iter_mut().zip(step.y).enumerate() {
            let rows = [0, 1, 2, 3].map(|gate: usize| gate.wrapping_mul(units).wrapping_add(unit));
            let hole = |gate: usize, cell: f32| {
                let weight = rows.get(gate).and_then(|&row| peepholes.get(row));
                weight.map_or(0.0, |weight| weight * cell)
            };
            let sums = rows.map(|row| bias.get(row).copied().unwrap_or(0.0));
            let sums = dots_f32(sums, step.x, filters(weights, rows, p.sequence.inputs));
            let [i, o, f, g] = dots_f32(sums, step.before, filters(recurrent, rows, units));
            let input = unary(p.gate, bound(i + hole(0, *cell)));
            let forget = if p.coupled {
                1.0 - input
            } else {
                unary(p.gate, bound(f + hole(2, *cell)))
            };
            let candidate = unary(p.candidate, bound(g));
            let sum = forget * *cell + input * candidate;
            *cell = clamp(sum, [-p.cell_clip, p.cell_clip]);
            let output = unary(p.gate, bound(o + hole(1, *cell)));
            *out = output * unary(p.output, *cell);
        }
    });
}

/// Layer of a graph that arrives quantized: all gates and the cell in 16 bits.
///
/// The sums are `bias + Σ x·w` and `hidden_bias + Σ h·r` over raw integers; zero points are folded into the biases.
/// Each becomes 2⁻¹² for itself before both are added.
///
/// Source: `TFLite` Micro `UNIDIRECTIONAL_SEQUENCE_LSTM` of `int8` and `int16`.
#[inline(always)]
pub fn lstm_exact<X: Activation, S: Products<X, i8>>(
    p: &LstmExact,
    x: &[X],
    h: &[X],
    weights: &[i8],
    recurrent: &[i8],
    bias: &[S],
    hidden_bias: &[S],
    c: &mut [i16],
    y: &mut [X],
) {
    let units = p.sequence.units;
    each_step(&p.sequence, x, h, y, |step| {
        let cells = window_mut(c, step.batch.wrapping_mul(units), units);
        for (unit, (cell, out)) in cells.iter_mut().zip(step.y).enumerate() {
            let rows = [0, 1, 2, 3].map(|gate: usize| gate.wrapping_mul(units).wrapping_add(unit));
            let inputs = filters(weights, rows, p.sequence.inputs);
            let inputs = S::dots(starts(bias, rows), step.x, inputs);
            let hidden = filters(recurrent, rows, units);
            let hidden = S::dots(starts(hidden_bias, rows), step.before, hidden);
            let gates = add(
                gates(inputs, p.input_scales),
                gates(hidden, p.hidden_scales),
            );
            *out = X::narrow(update(p, gates, cell));
        }
    });
}

/// Updates the cell by its gates and gives the output.
#[inline(always)]
fn update(p: &LstmExact, [i, o, f, g]: [i16; 4], cell: &mut i16) -> i32 {
    // 3/4096 is the step of the table; inputs have steps of 1/4096.
    const TABLE: TableScale = TableScale {
        multiplier: 3,
        shift: 0,
    };
    let kept = product(logistic_i16(f, TABLE), *cell, p.forget_scale);
    let (input, candidate) = (logistic_i16(i, TABLE), tanh_i16(g, TABLE));
    let new = product(input, candidate, p.input_scale);
    let sum = i32::from(saturate_i16(kept)) + i32::from(saturate_i16(new));
    *cell = limit(i32::from(saturate_i16(sum)), p.cell_range) as i16;
    let shown = tanh_i16(*cell, p.cell_tanh);
    let output = product(shown, logistic_i16(o, TABLE), p.output_scale);
    limit(output.wrapping_add(p.output_zero), p.output_range)
}

/// The product of two 16-bit numbers, rescaled.
#[inline(always)]
fn product(a: i16, b: i16, scale: Scale) -> i32 {
    scale_i32(i32::from(a) * i32::from(b), scale, Rounding::TfLite)
}

/// Sums of the four gates in steps of 2⁻¹².
#[inline(always)]
fn gates<S: Sum>([i, o, f, g]: [S; 4], scales: [Scale; 4]) -> [i16; 4] {
    let [si, so, sf, sg] = scales;
    let one = |sum: S, scale| saturate_i16(sum.scaled(scale, Rounding::TfLite));
    [one(i, si), one(o, so), one(f, sf), one(g, sg)]
}

#[inline(always)]
fn add([a, b, c, d]: [i16; 4], [e, f, g, h]: [i16; 4]) -> [i16; 4] {
    let one = |x: i16, y: i16| x.saturating_add(y);
    [one(a, e), one(b, f), one(c, g), one(d, h)]
}

/// The rows of a matrix.
#[inline(always)]
fn filters<W>(matrix: &[W], rows: [usize; 4], len: usize) -> [&[W]; 4] {
    rows.map(|row| window(matrix, row.wrapping_mul(len), len))
}

/// Where the sums start.
#[inline(always)]
fn starts<S: Sum>(bias: &[S], rows: [usize; 4]) -> [S; 4] {
    rows.map(|row| bias.get(row).copied().unwrap_or(S::ZERO))
}
