//! A convolution with as many groups as input channels is a depthwise convolution.

use super::constants::{reshaped, transposed};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};
use crate::ops::{DepthwiseConv2d, Op};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Conv2d(op), &[image, weights, bias], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    if op.groups == 1 || rewriter.shape(image).last() != Some(&op.groups) {
        return None;
    }
    let tensor = rewriter.constant(weights)?;
    let &[outputs, height, width, 1] = tensor.shape() else {
        return None;
    };
    let weights = reshaped(rewriter, weights, &[outputs, height, width])?;
    let weights = transposed(rewriter, weights, &[1, 2, 0])?;
    let op = DepthwiseConv2d {
        sliding: op.sliding,
        clamp: op.clamp,
    };
    rewriter.make_as(&node.name, op, &[image, weights, bias], output)
}

#[cfg(test)]
mod tests {
    use crate::ops::{Conv2d, Sliding, conv2d::NO_CLAMP};
    use crate::passes::testing::{Build, ops};

    fn build(groups: usize) -> Build {
        let mut b = Build::new();
        let x = b.input("x", &[1, 4, 5, 4]);
        let (w, bias) = (b.weights(&[8, 2, 3, 4 / groups]), b.weights(&[8]));
        let op = Conv2d {
            sliding: Sliding {
                kernel: [2, 3],
                strides: [1, 2],
                dilations: [1, 1],
                pads: [1, 0, 0, 1],
            },
            groups,
            clamp: NO_CLAMP,
        };
        let y = b.node(op, &[x, w, bias]);
        b.output(y);
        b
    }

    #[test]
    fn full_groups_are_depthwise() {
        assert_eq!(ops(&build(4).check(super::run)), ["DepthwiseConv2d"]);
    }

    #[test]
    fn other_groups_stay() {
        build(2).check_unchanged(super::run);
        build(1).check_unchanged(super::run);
    }
}
