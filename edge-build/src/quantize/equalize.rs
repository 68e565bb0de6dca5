//! Equalization: channels of a tensor between two layers with weights get ranges of like size.
//!
//! Between two such layers, with no activation or a ReLU, a channel can be multiplied by any positive factor if
//! the first layer's weights and bias are multiplied by it and the second layer's weights divided. The network
//! computes the same, but int8 has one step for all channels of the tensor, and small channels gain from it.
//! A depthwise second layer has a scale of weights per channel, so it loses nothing; another one has a scale per
//! output, so its channels move only half of the way.

use super::observe::Observations;
use super::support::clamp_of;
use super::weights::Channels;
use crate::ir::{Graph, Node, Tensor, ValueId};
use crate::ops::{Op, QuantRule};
use std::sync::Arc;

/// Greatest factor of a channel.
const MOST: f32 = 64.0;

/// A tensor between two layers.
struct Pair {
    first: usize,
    second: usize,
    between: ValueId,
}

/// Equalizes all tensors that allow it; `None` if there is none.
pub(super) fn run(mut graph: Graph, seen: &Observations) -> Option<Graph> {
    let pairs = pairs(&graph);
    let done: Vec<()> = pairs
        .iter()
        .filter_map(|pair| equalize(&mut graph, seen, pair))
        .collect();
    (!done.is_empty()).then_some(graph)
}

fn pairs(graph: &Graph) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (first, node) in graph.nodes.iter().enumerate() {
        let &[between] = node.outputs.as_slice() else {
            continue;
        };
        let scales = matches!(node.op.operator().quant_rule(), QuantRule::Weighted { .. })
            && matches!(clamp_of(&node.op), [f32::NEG_INFINITY | 0.0, f32::INFINITY]);
        let mut readers = graph
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, reader)| reader.inputs.contains(&between));
        if let (true, Some((second, reader)), None) = (scales, readers.next(), readers.next())
            && !graph.outputs.contains(&between)
            && input_channels(graph, reader).is_some()
        {
            pairs.push(Pair {
                first,
                second,
                between,
            });
        }
    }
    pairs
}

/// Where the weights for each input channel lie, for layers that can be divided by channel.
fn input_channels(graph: &Graph, node: &Node) -> Option<Channels> {
    let shape = graph.constant(*node.inputs.get(1)?)?.shape();
    let last = shape.len().checked_sub(1)?;
    let plain = matches!(&node.op, Op::Conv2d(conv) if conv.groups == 1)
        || matches!(&node.op, Op::FullyConnected(_));
    let own_channel = matches!(&node.op, Op::DepthwiseConv2d(_))
        && shape.last() == graph.ty(*node.inputs.first()?).shape.last();
    Channels::of(shape, last).filter(|_| plain || own_channel)
}

fn equalize(graph: &mut Graph, seen: &Observations, pair: &Pair) -> Option<()> {
    let greatest = seen.channels(pair.between)?;
    let (first, second) = (graph.nodes.get(pair.first)?, graph.nodes.get(pair.second)?);
    let QuantRule::Weighted { axis } = first.op.operator().quant_rule() else {
        return None;
    };
    let halfway = !matches!(second.op, Op::DepthwiseConv2d(_));
    let factors = factors(greatest, halfway);
    let (&[_, w1, b1], w2) = (first.inputs.as_slice(), *second.inputs.get(1)?) else {
        return None;
    };
    let inputs = input_channels(graph, second)?;
    let outputs = Channels::of(graph.constant(w1)?.shape(), axis)?;
    let biases = Channels::of(graph.constant(b1)?.shape(), 0)?;
    let inverse: Vec<f32> = factors.iter().map(|factor| 1.0 / factor).collect();
    let scaled = [
        (
            pair.first,
            1,
            scaled(graph.constant(w1)?, outputs, &factors)?,
        ),
        (
            pair.first,
            2,
            scaled(graph.constant(b1)?, biases, &factors)?,
        ),
        (
            pair.second,
            1,
            scaled(graph.constant(w2)?, inputs, &inverse)?,
        ),
    ];
    for (node, input, tensor) in scaled {
        replace(graph, node, input, tensor);
    }
    Some(())
}

/// The factor of each channel: what brings it to the greatest, or half of that in the logarithm. Powers of two
/// are not needed: weights are rounded after the division.
fn factors(greatest: &[f32], halfway: bool) -> Vec<f32> {
    let most = greatest.iter().fold(0.0f32, |most, x| most.max(*x));
    let factor = |&own: &f32| {
        let whole = if own > 0.0 {
            (most / own).min(MOST)
        } else {
            1.0
        };
        if halfway { whole.sqrt() } else { whole }
    };
    greatest.iter().map(factor).collect()
}

fn scaled(tensor: &Tensor, channels: Channels, factors: &[f32]) -> Option<Tensor> {
    let mut numbers = tensor.as_f32()?.to_vec();
    if factors.len() != channels.count {
        return None;
    }
    for (channel, factor) in factors.iter().enumerate() {
        for at in channels.indices(channel, numbers.len()) {
            *numbers.get_mut(at)? *= factor;
        }
    }
    Tensor::from_f32(tensor.shape(), numbers)
}

/// Gives a node a constant of its own.
fn replace(graph: &mut Graph, node: usize, input: usize, tensor: Tensor) {
    let id = graph
        .nodes
        .get(node)
        .and_then(|node| node.inputs.get(input))
        .copied();
    let Some(id) = id else {
        return;
    };
    let mut value = graph.value(id).clone();
    value.constant = Some(Arc::new(tensor));
    graph.values.push(value);
    let new = ValueId(graph.values.len() as u32 - 1);
    if let Some(slot) = graph
        .nodes
        .get_mut(node)
        .and_then(|node| node.inputs.get_mut(input))
    {
        *slot = new;
    }
}
