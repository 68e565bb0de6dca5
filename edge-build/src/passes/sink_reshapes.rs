//! A reshape moves behind the node that reads it, so that layers and element-wise functions meet.
//!
//! A reshape costs nothing on the device; but a function is fused with the layer before it only if nothing
//! stands between them. Reshapes only ever move towards the outputs, so this ends.

mod across_axes;
mod across_binary;

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Reshape, opaque};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    match &node.op {
        Op::Unary(_) | Op::Quantize(_) | Op::Dequantize(_) => {
            let &[input] = node.inputs.as_slice() else {
                return None;
            };
            let made = reshape_behind(rewriter, input)?;
            emit_before(rewriter, node, node.op.clone(), &[made.input], &made.name)
        }
        Op::Binary(op) => across_binary::rule(rewriter, node, op),
        Op::Pad(_) | Op::Slice(_) | Op::Reduce(_) | Op::Gather(_) | Op::Concat(_) => {
            across_axes::rule(rewriter, node)
        }
        // These need their shape as it is, or are merged by another pass.
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Softmax(_)
        | Op::Expand(_)
        | Op::Transpose(_)
        | Op::Reshape(_)
        | Op::ResizeLinear(_)
        | opaque!() => None,
    }
}

/// A reshape that makes a value.
struct Made {
    /// Name of the node.
    name: String,
    /// What it reads.
    input: ValueId,
}

/// The reshape that makes a value.
fn reshape_behind(rewriter: &Rewriter<'_>, id: ValueId) -> Option<Made> {
    let node = rewriter.producer(id)?;
    match (&node.op, node.inputs.as_slice()) {
        // A reshape may also say that bytes stand for something else.
        (Op::Reshape(_), &[input]) if rewriter.ty(input).quant == rewriter.ty(id).quant => {
            Some(Made {
                name: node.name.clone(),
                input,
            })
        }
        _ => None,
    }
}

/// Emits `op` over inputs as before a reshape, and the reshape behind it.
fn emit_before(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    op: Op,
    inputs: &[ValueId],
    reshape: &str,
) -> Option<()> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let inner = rewriter.make_like(&node.name, op, inputs, output)?;
    let shape = rewriter.shape(output).to_vec();
    rewriter.make_as(reshape, Reshape { shape }, &[inner], output)
}

#[cfg(test)]
mod tests;
