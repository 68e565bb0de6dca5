//! Networks that arrive quantized: `Dequantize → operator → Quantize` becomes the operator on integers.
//!
//! | step | module | what |
//! | --- | --- | --- |
//! | move | here | operators that only move elements move bytes |
//! | fuse | `fuse` | what stands between integers and integers computes on integers |
//! | constants | `weights` | the integers that constants were made from |
//! | try | `probe` | only what has a kernel is taken |
//!
//! What is not fused stays float between `Dequantize` and `Quantize`, which is always right.

mod fuse;
mod probe;
mod weights;

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Arithmetic, Graph, Node, ValueId};
use crate::ops::{Dequantize, Op, Reshape};
use crate::passes;
use fuse::Target;

/// Moves that a quantization passes at most.
const MAX_MOVES: usize = 64;

/// Fuses what can be. A graph without quantized values stays as it is, and so does one of `TFLite`, whose
/// float operators are meant to be float.
#[must_use]
pub fn run(mut graph: Graph) -> Graph {
    let quantizes = |node: &Node| matches!(node.op, Op::Quantize(_) | Op::Dequantize(_));
    if graph.arithmetic == Arithmetic::TfLite || !graph.nodes.iter().any(quantizes) {
        return graph;
    }
    let arithmetic = graph.arithmetic;
    edit::sweep(&mut graph, |rewriter, node| {
        rule(rewriter, node, arithmetic)
    });
    passes::tidy(graph)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node, arithmetic: Arithmetic) -> Option<()> {
    if matches!(node.op, Op::Quantize(_)) {
        return quantize(rewriter, node, arithmetic);
    }
    node.op.only_moves().then(|| move_bytes(rewriter, node))?
}

/// The bytes behind floats that a dequantization makes.
fn bytes_of(rewriter: &Rewriter<'_>, id: ValueId) -> Option<ValueId> {
    let producer = rewriter.producer(id)?;
    match (&producer.op, producer.inputs.as_slice()) {
        (Op::Dequantize(_), &[bytes]) => Some(bytes),
        _ => None,
    }
}

/// Dequantize, then move: moves the bytes, then dequantizes.
fn move_bytes(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let bytes: Option<Vec<ValueId>> = node
        .inputs
        .iter()
        .map(|&id| bytes_of(rewriter, id))
        .collect();
    let moved = rewriter.make(&node.name, node.op.clone(), &bytes?)?;
    rewriter.make_as(&node.name, Dequantize, &[moved], output)
}

/// Quantize what an operator makes, maybe moved: the operator makes bytes, and these are moved.
fn quantize(rewriter: &mut Rewriter<'_>, node: &Node, arithmetic: Arithmetic) -> Option<()> {
    let (&[input], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
        return None;
    };
    if let Some(bytes) = bytes_of(rewriter, input) {
        return requantize(rewriter, node, bytes, arithmetic);
    }
    let (source, moves) = moves_behind(rewriter, input);
    let producer = rewriter.sole_producer(source)?.clone();
    let target = Target {
        quant: rewriter.ty(output).quant.clone()?,
        output: moves.is_empty().then_some(output),
        arithmetic,
    };
    let mut made = fuse::run(rewriter, &producer, &target)?;
    rewriter.name_like(made, output);
    for (index, step) in moves.iter().enumerate().rev() {
        if index == 0 {
            return rewriter.make_as(&step.name, step.op.clone(), &[made], output);
        }
        made = rewriter.make(&step.name, step.op.clone(), &[made])?;
    }
    Some(())
}

/// Dequantize, then quantize: the same bytes, or a table of 256.
fn requantize(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    bytes: ValueId,
    arithmetic: Arithmetic,
) -> Option<()> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    if rewriter.ty(bytes) != rewriter.ty(output) {
        let target = Target {
            quant: rewriter.ty(output).quant.clone()?,
            output: Some(output),
            arithmetic,
        };
        return fuse::converted(rewriter, &node.name, bytes, &target).map(|_| ());
    }
    if rewriter.replace(output, bytes).is_some() {
        return Some(());
    }
    let shape = rewriter.shape(output).to_vec();
    rewriter.make_as(&node.name, Reshape { shape }, &[bytes], output)
}

/// The value behind nodes that only move what nothing else reads, and these nodes, the last first.
fn moves_behind(rewriter: &Rewriter<'_>, id: ValueId) -> (ValueId, Vec<Node>) {
    let (mut source, mut moves) = (id, Vec::new());
    while let Some(producer) = rewriter.sole_producer(source)
        && let (true, &[input]) = (producer.op.only_moves(), producer.inputs.as_slice())
        && moves.len() < MAX_MOVES
    {
        source = input;
        moves.push(producer.clone());
    }
    (source, moves)
}

#[cfg(test)]
mod tests;
