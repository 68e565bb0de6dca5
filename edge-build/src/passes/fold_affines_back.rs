//! An affine function of the result of a layer goes into its weights and bias: batch normalization, scales,
//! and biases that the exporter has written as a sum.

use super::channel_affine::{ChannelAffine, leading};
use super::constants::has_grid;
use super::weights::{Layout, clamp_of, emit_layer, is_open};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Reshape, Unary};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let affine = leading(rewriter, node)?;
    let (layer, reshaped) = layer_behind(rewriter, affine.input)?;
    if !is_open(clamp_of(&layer.op)?) {
        return None;
    }
    let layout = Layout::of(rewriter, &layer)?;
    if affine.scale.len() != 1 && affine.scale.len() != layout.outputs {
        return None;
    }
    let inputs = folded(rewriter, &layer, layout, &affine)?;
    let plain = affine.after.is_empty();
    let last = (plain && !reshaped).then_some(output);
    let mut value = emit_layer(rewriter, &layer, inputs, last)?;
    let shape = rewriter.shape(output).to_vec();
    if reshaped && plain {
        return rewriter.make_as(&node.name, Reshape { shape }, &[value], output);
    }
    if reshaped {
        value = rewriter.make(&node.name, Reshape { shape }, &[value])?;
    }
    if plain {
        return Some(());
    }
    let functions = affine.after;
    rewriter.make_as(&node.name, Unary { functions }, &[value], output)
}

/// The layer that makes a value which is read once, maybe through a reshape that keeps the channels.
fn layer_behind(rewriter: &Rewriter<'_>, id: ValueId) -> Option<(Node, bool)> {
    let node = rewriter.sole_producer(id)?;
    let (Op::Reshape(_), &[input]) = (&node.op, node.inputs.as_slice()) else {
        return Some((node.clone(), false));
    };
    let same = rewriter.shape(input).last() == rewriter.shape(id).last();
    let layer = rewriter.sole_producer(input).filter(|_| same)?;
    Some((layer.clone(), true))
}

/// The inputs of a layer that computes the affine function as well.
fn folded(
    rewriter: &mut Rewriter<'_>,
    layer: &Node,
    layout: Layout,
    affine: &ChannelAffine,
) -> Option<[ValueId; 3]> {
    let &[input, weights, bias] = layer.inputs.as_slice() else {
        return None;
    };
    let scaled = affine
        .scale
        .iter()
        .any(|scale| scale.to_bits() != 1f32.to_bits());
    if scaled && has_grid(rewriter, weights) {
        return None;
    }
    let mut w = rewriter.floats(weights)?.to_vec();
    let mut b = rewriter.floats(bias)?.to_vec();
    for (index, weight) in w.iter_mut().enumerate() {
        *weight *= affine.at(layout.channels(index).0).0;
    }
    for (channel, bias) in b.iter_mut().enumerate() {
        let (scale, shift) = affine.at(channel);
        *bias = *bias * scale + shift;
    }
    if !w.iter().chain(&b).all(|x| x.is_finite()) {
        return None;
    }
    let names = [weights, bias].map(|id| rewriter.name(id).to_owned());
    let shapes = [weights, bias].map(|id| rewriter.shape(id).to_vec());
    let weights = if scaled {
        rewriter.add_floats(&names[0], &shapes[0], w)?
    } else {
        weights
    };
    let bias = rewriter.add_floats(&names[1], &shapes[1], b)?;
    Some([input, weights, bias])
}

#[cfg(test)]
mod tests;
