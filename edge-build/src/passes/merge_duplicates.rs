//! Nodes that compute the same from the same values become one.

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use std::collections::HashMap;

pub(super) fn run(graph: &mut Graph) -> bool {
    let mut seen: HashMap<(&'static str, Vec<ValueId>), Vec<ValueId>> = HashMap::new();
    edit::sweep(graph, |rewriter, node| {
        let &[output] = node.outputs.as_slice() else {
            return None;
        };
        let alike = seen
            .entry((node.op.name(), node.inputs.clone()))
            .or_default();
        let twin = alike
            .iter()
            .copied()
            .find(|&id| is_same(rewriter, id, node));
        if twin.is_none() {
            alike.push(output);
        }
        rewriter.replace(output, twin?)
    })
}

fn is_same(rewriter: &Rewriter<'_>, made: ValueId, node: &Node) -> bool {
    rewriter
        .producer(made)
        .is_some_and(|other| other.op == node.op && other.inputs == node.inputs)
        && node
            .outputs
            .first()
            .is_some_and(|&output| rewriter.ty(made) == rewriter.ty(output))
}

#[cfg(test)]
mod tests {
    use crate::ops::{Concat, Transpose, Unary};
    use crate::passes::testing::{Build, ops};
    use edge_core::params::UnaryFn;

    #[test]
    fn twins_merge_and_so_do_their_children() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let a1 = b.node(Transpose { perm: vec![1, 0] }, &[x]);
        let a2 = b.node(Transpose { perm: vec![1, 0] }, &[x]);
        let b1 = b.node(Unary::of(UnaryFn::Tanh), &[a1]);
        let b2 = b.node(Unary::of(UnaryFn::Tanh), &[a2]);
        let c = b.node(Unary::of(UnaryFn::Abs), &[a2]);
        let y = b.node(Concat { axis: 0 }, &[b1, b2, c]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Transpose", "Unary", "Unary", "Concat"]);
    }

    #[test]
    fn two_outputs_keep_their_names() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let a = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        let c = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        b.output(a).output(c).check_unchanged(super::run);
    }
}
