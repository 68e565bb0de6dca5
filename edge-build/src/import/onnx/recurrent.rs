//! Recurrent layers: `RNN`, `GRU`, `LSTM`. Each direction is a node of its own.

mod functions;
mod layer;

use super::node::NodeCx;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ops::{Gru, Lstm, Rnn};
use edge_core::params::UnaryFn;
use layer::Layer;

/// `RNN`: all states, the last state.
pub(super) fn rnn(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let layer = Layer::read(cx, 1, &[UnaryFn::Tanh])?;
    layer.each_direction(cx, |cx, direction| {
        let &[activation] = layer.functions(direction) else {
            return Err(functions::number(1));
        };
        let op = Rnn {
            walk: layer.walk(direction),
            clip: layer.clip,
            activation,
        };
        let bias = layer.bias(cx, direction, |own, other| vec![sum(own, other)])?;
        let state = layer.state(cx, 5, direction)?;
        Ok((op.into(), vec![bias, state]))
    })
}

/// `GRU`: all states, the last state.
pub(super) fn gru(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let linear_before_reset = cx.attrs.flag("linear_before_reset")?;
    let layer = Layer::read(cx, 3, &[UnaryFn::Sigmoid, UnaryFn::Tanh])?;
    layer.each_direction(cx, |cx, direction| {
        let &[gate, candidate] = layer.functions(direction) else {
            return Err(functions::number(2));
        };
        let op = Gru {
            walk: layer.walk(direction),
            clip: layer.clip,
            gate,
            candidate,
            linear_before_reset,
        };
        let gates = 2 * layer.units;
        let bias = layer.bias(cx, direction, |own, other| {
            let (own, own_candidate) = own.split_at(gates.min(own.len()));
            let (other, other_candidate) = other.split_at(gates.min(other.len()));
            let shared = sum(own, other);
            vec![shared, own_candidate.to_vec(), other_candidate.to_vec()]
        })?;
        let state = layer.state(cx, 5, direction)?;
        Ok((op.into(), vec![bias, state]))
    })
}

/// `LSTM`: all states, the last state, the last cell.
pub(super) fn lstm(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let coupled = cx.attrs.flag("input_forget")?;
    let layer = Layer::read(cx, 4, &[UnaryFn::Sigmoid, UnaryFn::Tanh, UnaryFn::Tanh])?;
    layer.each_direction(cx, |cx, direction| {
        let &[gate, candidate, output] = layer.functions(direction) else {
            return Err(functions::number(3));
        };
        let op = Lstm {
            walk: layer.walk(direction),
            clip: layer.clip,
            cell_clip: f32::INFINITY,
            gate,
            candidate,
            output,
            coupled,
        };
        let bias = layer.bias(cx, direction, |own, other| vec![sum(own, other)])?;
        let state = layer.state(cx, 5, direction)?;
        let cell = layer.state(cx, 6, direction)?;
        let peepholes = layer.part(cx, 7, direction, &[3, layer.units])?;
        let mut operands = vec![bias, state, cell];
        operands.extend(peepholes.map(Datum::from));
        Ok((op.into(), operands))
    })
}

fn sum(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}
