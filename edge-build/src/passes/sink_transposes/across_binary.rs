//! Transposes past functions of two tensors.

use super::{Known, Made, emit_before, transpose_behind};
use crate::ir::edit::Rewriter;
use crate::ir::{Node, ValueId};
use crate::ops::{Binary, Reshape};
use crate::passes::constants::{reshaped, transposed};
use crate::passes::permutation::{inverse, keeps_elements, padded_shape, permute};

pub(super) fn rule(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    op: &Binary,
    known: &Known,
) -> Option<()> {
    let (&[a, b], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
        return None;
    };
    let rank = rewriter.shape(output).len();
    // The transpose of the larger operand decides.
    let mut sides = [a, b].map(|id| (rewriter.ty(id).len(), id));
    sides.sort_by_key(|&(len, _)| std::cmp::Reverse(len));
    let made = sides
        .iter()
        .filter_map(|&(_, id)| transpose_behind(rewriter, id))
        .find(|made| made.perm.len() == rank)?;
    let sources = [
        plan(rewriter, a, &made, output, known)?,
        plan(rewriter, b, &made, output, known)?,
    ];
    let mut inputs = [a, b];
    for (input, source) in inputs.iter_mut().zip(sources) {
        *input = realize(rewriter, *input, source, &made)?;
    }
    emit_before(rewriter, node, op.clone().into(), &inputs, made)
}

/// Where an operand with axes as before the transpose comes from.
enum Source {
    /// A value that is there.
    Value(ValueId),
    /// The constant with axes moved back.
    Constant,
    /// A view: only axes of length 1 move.
    View(Vec<usize>),
}

/// How to get an operand with axes as before the transpose at no cost; `None` if there is no way.
fn plan(
    rewriter: &Rewriter<'_>,
    id: ValueId,
    made: &Made,
    output: ValueId,
    known: &Known,
) -> Option<Source> {
    if let Some(other) = transpose_behind(rewriter, id)
        && other.perm == made.perm
    {
        return Some(Source::Value(other.input));
    }
    if rewriter.constant(id).is_some() {
        return Some(Source::Constant);
    }
    let undo = inverse(&made.perm);
    let padded = padded_shape(rewriter.shape(id), undo.len())?;
    if keeps_elements(&padded, &undo) {
        return Some(Source::View(permute(&padded, &undo)?));
    }
    // The other operand is transposed back elsewhere: as many transposed elements as before, if the
    // transpose at hand goes.
    let back = *known.get(&(id, undo))?;
    let goes = rewriter.uses(made.result) == 1
        && back != made.result
        && rewriter.ty(made.result).len() == rewriter.ty(output).len();
    (goes && rewriter.producer(back).is_some()).then_some(Source::Value(back))
}

fn realize(
    rewriter: &mut Rewriter<'_>,
    id: ValueId,
    source: Source,
    made: &Made,
) -> Option<ValueId> {
    let name = rewriter.name(id).to_owned();
    match source {
        Source::Value(value) => Some(value),
        Source::View(shape) if shape == rewriter.shape(id) => Some(id),
        Source::View(shape) => rewriter.make(&name, Reshape { shape }, &[id]),
        Source::Constant => {
            let tensor = rewriter.constant(id)?;
            if tensor.ty().len() == 1 {
                return Some(id);
            }
            let undo = inverse(&made.perm);
            let padded = padded_shape(tensor.shape(), undo.len())?;
            let padded = reshaped(rewriter, id, &padded)?;
            transposed(rewriter, padded, &undo)
        }
    }
}
