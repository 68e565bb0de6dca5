//! A ReLU or clip behind a maximum pooling moves before it, where a layer takes it up.
//!
//! The function does not fall, so the maximum of its results is its result for the maximum.

use super::fuse_activations::around_zero;
use super::weights::clamp_of;
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
    let pool = rewriter.sole_producer(input)?.clone();
    let (Op::MaxPool2d(_), &[image]) = (&pool.op, pool.inputs.as_slice()) else {
        return None;
    };
    let limits = clamp_of(&rewriter.sole_producer(image)?.op)?;
    if !(around_zero(limits) && around_zero([lo, hi])) {
        return None;
    }
    let clipped = rewriter.make(&node.name, Unary::of(UnaryFn::Clip(lo, hi)), &[image])?;
    if rest.is_empty() {
        return rewriter.make_as(&pool.name, pool.op, &[clipped], output);
    }
    let value = rewriter.make(&pool.name, pool.op, &[clipped])?;
    let functions = rest.to_vec();
    rewriter.make_as(&node.name, Unary { functions }, &[value], output)
}

#[cfg(test)]
mod tests {
    use crate::ops::{Conv2d, MaxPool2d, Sliding, Unary, conv2d::NO_CLAMP};
    use crate::passes::testing::{Build, ops};
    use edge_core::params::UnaryFn;

    #[test]
    fn relu_moves_to_the_layer() {
        let sliding = Sliding {
            kernel: [2, 2],
            strides: [1, 1],
            dilations: [1, 1],
            pads: [1, 1, 0, 0],
        };
        let mut b = Build::new();
        let x = b.input("x", &[1, 5, 5, 3]);
        let (w, bias) = (b.weights(&[4, 2, 2, 3]), b.weights(&[4]));
        let conv = Conv2d {
            sliding,
            groups: 1,
            clamp: NO_CLAMP,
        };
        let y = b.node(conv, &[x, w, bias]);
        let y = b.node(
            MaxPool2d {
                sliding,
                clamp: NO_CLAMP,
            },
            &[y],
        );
        let y = b.node(Unary::of(UnaryFn::Clip(0.0, 6.0)), &[y]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Conv2d", "Unary", "MaxPool2d"]);
    }
}
