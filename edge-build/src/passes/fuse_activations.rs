//! A ReLU or clip of the result of a layer, or of a function of two tensors, becomes its limits.
//!
//! Only limits around 0 are taken: in int8 they are the saturation itself, at no cost.

use super::weights::{clamp_of, with_clamp};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};
use crate::ops::{Op, Unary};
use edge_core::params::UnaryFn;

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Unary(op), &[input], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let (&UnaryFn::Clip(lo, hi), rest) = op.functions.split_first()? else {
        return None;
    };
    let producer = rewriter.sole_producer(input)?.clone();
    let known = clamp_of(&producer.op)?;
    if !(around_zero([lo, hi]) && around_zero(known)) {
        return None;
    }
    let limits = [known[0].max(lo), known[1].min(hi)];
    let fused = with_clamp(&producer.op, limits);
    if rest.is_empty() {
        return rewriter.make_as(&producer.name, fused, &producer.inputs, output);
    }
    let value = rewriter.make(&producer.name, fused, &producer.inputs)?;
    let functions = rest.to_vec();
    rewriter.make_as(&node.name, Unary { functions }, &[value], output)
}

/// Whether limits hold 0; limits that are no numbers do not.
pub(super) fn around_zero([lo, hi]: [f32; 2]) -> bool {
    lo <= 0.0 && 0.0 <= hi
}

#[cfg(test)]
mod tests {
    use crate::ops::{Binary, Unary, conv2d::NO_CLAMP};
    use crate::passes::testing::{Build, ops};
    use edge_core::params::{BinaryKind, UnaryFn};

    const RELU: UnaryFn = UnaryFn::Clip(0.0, f32::INFINITY);

    fn add() -> Binary {
        Binary {
            kind: BinaryKind::Add,
            clamp: NO_CLAMP,
        }
    }

    #[test]
    fn limits_intersect() {
        let mut b = Build::new();
        let (x, z) = (b.input("x", &[2, 3]), b.input("z", &[2, 3]));
        let y = b.node(add(), &[x, z]);
        let y = b.node(Unary::of(RELU), &[y]);
        let y = b.node(Unary::of(UnaryFn::Clip(-1.0, 2.0)), &[y]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Binary"]);
        let fused = Binary {
            clamp: [0.0, 2.0],
            ..add()
        };
        assert_eq!(after.nodes[0].op, fused.into());
    }

    #[test]
    fn the_rest_of_a_chain_stays() {
        let mut b = Build::new();
        let (x, z) = (b.input("x", &[2, 3]), b.input("z", &[2, 3]));
        let y = b.node(add(), &[x, z]);
        let functions = vec![RELU, UnaryFn::Affine(2.0, 1.0)];
        let y = b.node(Unary { functions }, &[y]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Binary", "Unary"]);
    }

    #[test]
    fn limits_beside_zero_stay() {
        let mut b = Build::new();
        let (x, z) = (b.input("x", &[2, 3]), b.input("z", &[2, 3]));
        let y = b.node(add(), &[x, z]);
        let y = b.node(Unary::of(UnaryFn::Clip(0.5, 2.0)), &[y]);
        b.output(y).check_unchanged(super::run);
    }

    #[test]
    fn a_result_with_two_readers_stays() {
        let mut b = Build::new();
        let (x, z) = (b.input("x", &[2, 3]), b.input("z", &[2, 3]));
        let y = b.node(add(), &[x, z]);
        let clipped = b.node(Unary::of(RELU), &[y]);
        b.output(clipped).output(y).check_unchanged(super::run);
    }
}
