//! Two affine functions per channel, one behind the other, are one.

use super::channel_affine::{emit, leading, trailing};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let second = leading(rewriter, node)?;
    let first = trailing(rewriter, rewriter.sole_producer(second.input)?)?;
    // Functions of each element merge as such; and emitting those would change nothing.
    if first.scale.len() == 1 && second.scale.len() == 1 {
        return None;
    }
    emit(rewriter, &node.name, &second.behind(&first)?, output)
}

#[cfg(test)]
mod tests {
    use crate::ops::{Binary, Unary, conv2d::NO_CLAMP};
    use crate::passes::testing::{Build, ops};
    use edge_core::params::{BinaryKind, UnaryFn};

    fn binary(kind: BinaryKind, clamp: [f32; 2]) -> Binary {
        Binary { kind, clamp }
    }

    #[test]
    fn scale_and_shift_become_one() {
        let mut b = Build::new();
        let x = b.input("x", &[1, 2, 3, 4]);
        let (s, t) = (b.weights(&[1, 1, 1, 4]), b.weights(&[4]));
        let relu = b.node(Unary::of(UnaryFn::Clip(0.0, 2.0)), &[x]);
        let y = b.node(binary(BinaryKind::Mul, NO_CLAMP), &[relu, s]);
        let y = b.node(binary(BinaryKind::Add, [0.0, 1.0]), &[t, y]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Unary", "DepthwiseConv2d"]);
    }

    #[test]
    fn rows_are_pixels() {
        let mut b = Build::new();
        let x = b.input("x", &[3, 4]);
        let (s, t) = (b.weights(&[1, 4]), b.weights(&[4]));
        let y = b.node(binary(BinaryKind::Div, NO_CLAMP), &[x, s]);
        let y = b.node(binary(BinaryKind::Sub, NO_CLAMP), &[t, y]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Reshape", "DepthwiseConv2d", "Reshape"]);
    }
}
