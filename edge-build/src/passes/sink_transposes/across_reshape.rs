//! Transposes past reshapes that split axes, merge axes that were neighbours already, or add and remove axes
//! of length 1.

use super::{emit_before, transpose_behind};
use crate::ir::Node;
use crate::ir::edit::Rewriter;
use crate::ops::Reshape;
use crate::passes::permutation::exchanged;

pub(super) fn rule(rewriter: &mut Rewriter<'_>, node: &Node, op: &Reshape) -> Option<()> {
    let &[input] = node.inputs.as_slice() else {
        return None;
    };
    let made = transpose_behind(rewriter, input)?;
    let source = rewriter.shape(made.input);
    let (shape, perm) = exchanged(source, &made.perm, rewriter.shape(input), &op.shape)?;
    let inputs = [made.input];
    let made = super::Made { perm, ..made };
    emit_before(rewriter, node, Reshape { shape }.into(), &inputs, made)
}
