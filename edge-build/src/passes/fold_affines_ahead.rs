//! An affine function of what a layer reads goes into its weights and bias: batch normalization between an
//! activation and a layer without padding.
//!
//! Padding stands for zeros behind the function, so with padding only scales go.

use super::channel_affine::{ChannelAffine, trailing};
use super::constants::has_grid;
use super::weights::{Layout, emit_layer};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Reshape, Unary, opaque};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (&[input, weights, bias], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let layout = Layout::of(rewriter, node)?;
    let (affine, reshaped) = affine_behind(rewriter, input)?;
    let divides = layout.inputs % affine.scale.len().max(1) == 0;
    if has_grid(rewriter, weights) || !divides || !(affine.keeps_zero() || takes_shift(&node.op)) {
        return None;
    }
    let (w, b) = folded(rewriter, [weights, bias], layout, &affine)?;
    let names = [weights, bias].map(|id| rewriter.name(id).to_owned());
    let shapes = [weights, bias].map(|id| rewriter.shape(id).to_vec());
    let weights = rewriter.add_floats(&names[0], &shapes[0], w)?;
    let bias = rewriter.add_floats(&names[1], &shapes[1], b)?;
    let mut value = affine.input;
    if !affine.before.is_empty() {
        let functions = affine.before;
        value = rewriter.make(
            &format!("{}.input", node.name),
            Unary { functions },
            &[value],
        )?;
    }
    if reshaped {
        let shape = rewriter.shape(input).to_vec();
        value = rewriter.make(&format!("{}.view", node.name), Reshape { shape }, &[value])?;
    }
    emit_layer(rewriter, node, [value, weights, bias], Some(output)).map(|_| ())
}

/// The affine function that makes a value which is read once, maybe through a reshape.
fn affine_behind(rewriter: &Rewriter<'_>, id: ValueId) -> Option<(ChannelAffine, bool)> {
    let node = rewriter.sole_producer(id)?;
    let (Op::Reshape(_), &[input]) = (&node.op, node.inputs.as_slice()) else {
        return Some((trailing(rewriter, node)?, false));
    };
    let node = rewriter.sole_producer(input)?;
    Some((trailing(rewriter, node)?, true))
}

/// Whether every output of a layer reads all its weights, so that a summand can go into the bias.
fn takes_shift(op: &Op) -> bool {
    match op {
        Op::Conv2d(op) => op.sliding.pads == [0; 4],
        Op::DepthwiseConv2d(op) => op.sliding.pads == [0; 4],
        Op::FullyConnected(_) => true,
        Op::ConvTranspose2d(_)
        | Op::MatMul(_)
        | Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Reduce(_)
        | Op::Unary(_)
        | Op::Binary(_)
        | Op::Softmax(_)
        | Op::Concat(_)
        | Op::Pad(_)
        | Op::Slice(_)
        | Op::Transpose(_)
        | Op::Reshape(_)
        | Op::Expand(_)
        | Op::Gather(_)
        | Op::ResizeLinear(_)
        | Op::Quantize(_)
        | Op::Dequantize(_)
        | opaque!() => false,
    }
}

/// Weights and bias of a layer that computes the affine function of its input as well.
fn folded(
    rewriter: &Rewriter<'_>,
    [weights, bias]: [ValueId; 2],
    layout: Layout,
    affine: &ChannelAffine,
) -> Option<(Vec<f32>, Vec<f32>)> {
    let mut w = rewriter.floats(weights)?.to_vec();
    let mut sums: Vec<f64> = rewriter
        .floats(bias)?
        .iter()
        .copied()
        .map(f64::from)
        .collect();
    for (index, weight) in w.iter_mut().enumerate() {
        let (output, input) = layout.channels(index);
        let (scale, shift) = affine.at(input);
        *sums.get_mut(output)? += f64::from(*weight) * f64::from(shift);
        *weight *= scale;
    }
    let b: Vec<f32> = sums.iter().map(|&sum| sum as f32).collect();
    let finite = w.iter().chain(&b).all(|x| x.is_finite());
    finite.then_some((w, b))
}

#[cfg(test)]
mod tests;
