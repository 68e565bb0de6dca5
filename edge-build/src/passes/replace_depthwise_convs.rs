//! A depthwise convolution of a single channel is a convolution.

use super::constants::{reshaped, transposed};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};
use crate::ops::{Conv2d, Op};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::DepthwiseConv2d(op), &[image, weights, bias], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let tensor = rewriter.constant(weights)?;
    let &[height, width, outputs] = tensor.shape() else {
        return None;
    };
    if rewriter.shape(image).last() != Some(&1) {
        return None;
    }
    let weights = transposed(rewriter, weights, &[2, 0, 1])?;
    let weights = reshaped(rewriter, weights, &[outputs, height, width, 1])?;
    let op = Conv2d {
        sliding: op.sliding,
        groups: 1,
        clamp: op.clamp,
    };
    rewriter.make_as_typed(&node.name, op, &[image, weights, bias], output)
}

#[cfg(test)]
mod tests {
    use crate::ops::{DepthwiseConv2d, Sliding, conv2d::NO_CLAMP};
    use crate::passes::testing::integers::{self, ARITHMETICS, Parts, quant, window};
    use crate::passes::testing::{Build, ops};

    fn build(channels: usize) -> Build {
        let mut b = Build::new();
        let x = b.input("x", &[1, 4, 5, channels]);
        let (w, bias) = (b.weights(&[2, 3, 4]), b.weights(&[4]));
        let op = DepthwiseConv2d {
            sliding: Sliding {
                kernel: [2, 3],
                strides: [1, 2],
                dilations: [1, 1],
                pads: [1, 0, 0, 1],
            },
            clamp: NO_CLAMP,
        };
        let y = b.node(op, &[x, w, bias]);
        b.output(y);
        b
    }

    #[test]
    fn a_single_channel_is_convolved() {
        assert_eq!(ops(&build(1).check(super::run)), ["Conv2d"]);
    }

    #[test]
    fn several_channels_stay() {
        build(2).check_unchanged(super::run);
    }

    #[test]
    fn scales_of_integers_follow_their_channels() {
        for arithmetic in ARITHMETICS {
            let mut b = integers::Build::new(arithmetic, 1);
            let x = b.input(&[1, 5, 4, 1], quant(1.0, 7));
            let weights: Vec<i8> = (-9..9).collect();
            let parts = Parts {
                scales: vec![0.1, 0.2, 0.3],
                ..Parts::of(window([2, 3]), &weights, &[5, 6, -7])
            };
            let y = b.depthwise(x, parts);
            b.graph.outputs = vec![y];
            assert_eq!(ops(&b.check(super::run).0), ["Conv2d"], "{arithmetic:?}");
        }
    }
}
