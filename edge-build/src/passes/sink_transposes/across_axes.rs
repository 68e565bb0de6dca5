//! Transposes past operators whose attributes name axes.

use super::{Made, emit_before, transpose_behind};
use crate::ir::edit::Rewriter;
use crate::ir::{Node, ValueId};
use crate::ops::{Concat, Expand, Gather, Op, Pad, Reduce, Slice, Softmax, opaque};
use crate::passes::constants::transposed;
use crate::passes::permutation::{contiguous, inverse, permute};

pub(super) fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let made = node
        .inputs
        .iter()
        .find_map(|&id| transpose_behind(rewriter, id))?;
    let op = with_axes_before(&node.op, &made.perm, rewriter.shape(made.input))?;
    let inputs = inputs_before(rewriter, node, &made)?;
    emit_before(rewriter, node, op, &inputs, made)
}

/// The inputs with axes as before the transpose: all are transposed alike, or constants.
fn inputs_before(rewriter: &mut Rewriter<'_>, node: &Node, made: &Made) -> Option<Vec<ValueId>> {
    let alike = |rewriter: &Rewriter<'_>, id| {
        transpose_behind(rewriter, id).filter(|other| other.perm == made.perm)
    };
    let sound = |&id: &ValueId| rewriter.constant(id).is_some() || alike(rewriter, id).is_some();
    if !node.inputs.iter().all(sound) {
        return None;
    }
    let undo = inverse(&made.perm);
    let mut inputs = Vec::with_capacity(node.inputs.len());
    for &id in &node.inputs {
        let before = match rewriter.constant(id) {
            Some(_) => transposed(rewriter, id, &undo)?,
            None => alike(rewriter, id)?.input,
        };
        inputs.push(before);
    }
    Some(inputs)
}

/// The operator over the axes before a transpose; `shape` is that of the first transposed input, before.
/// `None` if there is no such operator.
pub(in crate::passes) fn with_axes_before(op: &Op, perm: &[usize], shape: &[usize]) -> Option<Op> {
    let undo = inverse(perm);
    let range = |start: usize, end: usize| contiguous(shape, perm.get(start..end)?);
    Some(match op {
        Op::Unary(_) | Op::Quantize(_) | Op::Dequantize(_) => op.clone(),
        Op::Pad(op) => Op::from(Pad {
            before: permute(&op.before, &undo)?,
            after: permute(&op.after, &undo)?,
            value: op.value,
        }),
        Op::Slice(op) => Op::from(Slice {
            starts: permute(&op.starts, &undo)?,
            steps: permute(&op.steps, &undo)?,
            lens: permute(&op.lens, &undo)?,
        }),
        Op::Expand(op) => Op::from(Expand {
            shape: permute(&op.shape, &undo)?,
        }),
        Op::Gather(op) => Op::from(Gather {
            axis: *perm.get(op.axis)?,
            rows: op.rows.clone(),
        }),
        Op::Concat(op) => Op::from(Concat {
            axis: *perm.get(op.axis)?,
        }),
        Op::Reduce(op) => {
            let axes = range(op.start, op.end)?;
            Op::from(Reduce {
                kind: op.kind,
                start: axes.start,
                end: axes.end,
            })
        }
        Op::Softmax(op) => {
            let axes = range(op.start, op.end)?;
            Op::from(Softmax {
                start: axes.start,
                end: axes.end,
                ..op.clone()
            })
        }
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Binary(_)
        | Op::Transpose(_)
        | Op::Reshape(_)
        | Op::ResizeLinear(_)
        | opaque!() => return None,
    })
}
