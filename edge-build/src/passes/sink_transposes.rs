//! A transpose moves behind the node that reads it, until it meets one that undoes it.
//!
//! Transposes only ever move towards the outputs, so this ends. Where nothing undid them,
//! [`super::raise_transposes`] takes back what made more of them.

mod across_axes;
mod across_binary;
mod across_reshape;

pub(super) use across_axes::with_axes_before;

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Transpose, opaque};
use std::collections::HashMap;

/// The transposed form of a value, by value and permutation.
type Known = HashMap<(ValueId, Vec<usize>), ValueId>;

pub(super) fn run(graph: &mut Graph) -> bool {
    let mut known = Known::new();
    edit::sweep(graph, |rewriter, node| {
        if let (Op::Transpose(op), &[input], &[output]) =
            (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
        {
            known.insert((input, op.perm.clone()), output);
        }
        rule(rewriter, node, &known)
    })
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node, known: &Known) -> Option<()> {
    match &node.op {
        Op::Unary(_)
        | Op::Pad(_)
        | Op::Slice(_)
        | Op::Reduce(_)
        | Op::Softmax(_)
        | Op::Gather(_)
        | Op::Expand(_)
        | Op::Concat(_)
        | Op::Quantize(_)
        | Op::Dequantize(_) => across_axes::rule(rewriter, node),
        Op::Binary(op) => across_binary::rule(rewriter, node, op, known),
        Op::Reshape(op) => across_reshape::rule(rewriter, node, op),
        // These need their axes as they are, or are merged by another pass.
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Transpose(_)
        | Op::ResizeLinear(_)
        | opaque!() => None,
    }
}

/// A transpose that makes a value.
pub(super) struct Made {
    /// Name of the node.
    pub name: String,
    /// What it reads.
    pub input: ValueId,
    /// The order of axes it makes.
    pub perm: Vec<usize>,
    /// What it makes.
    pub result: ValueId,
}

/// The transpose that makes a value.
pub(super) fn transpose_behind(rewriter: &Rewriter<'_>, id: ValueId) -> Option<Made> {
    let node = rewriter.producer(id)?;
    let (Op::Transpose(Transpose { perm }), &[input]) = (&node.op, node.inputs.as_slice()) else {
        return None;
    };
    Some(Made {
        name: node.name.clone(),
        input,
        perm: perm.clone(),
        result: id,
    })
}

/// Emits `op` over inputs whose axes are in the order before a transpose, and the transpose behind it.
fn emit_before(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    op: Op,
    inputs: &[ValueId],
    made: Made,
) -> Option<()> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let inner = rewriter.make_like(&node.name, op, inputs, output)?;
    let shape = super::permutation::permute(rewriter.shape(inner), &made.perm)?;
    if shape != rewriter.shape(output) {
        return None;
    }
    let outer = Transpose { perm: made.perm };
    rewriter.make_as(&made.name, outer, &[inner], output)
}

#[cfg(test)]
mod tests;
