//! Zeros around an image become padding of the convolution that reads it.

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};
use crate::ops::{Op, Pad, Sliding, opaque};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (&[padded, weights, bias], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let producer = rewriter.producer(padded)?;
    let (Op::Pad(pad), &[image]) = (&producer.op, producer.inputs.as_slice()) else {
        return None;
    };
    // The padding of a layer of integers stands for 0 in its input.
    if rewriter.ty(image).quant != rewriter.ty(padded).quant {
        return None;
    }
    let mut op = node.op.clone();
    let sliding = sliding_of(&mut op)?;
    sliding.pads = joined(sliding.pads, pad)?;
    rewriter.make_as_typed(&node.name, op, &[image, weights, bias], output)
}

/// The window of a convolution.
fn sliding_of(op: &mut Op) -> Option<&mut Sliding> {
    match op {
        Op::Conv2d(op) => Some(&mut op.sliding),
        Op::DepthwiseConv2d(op) => Some(&mut op.sliding),
        // A maximum is not to see zeros, a mean may not count them.
        Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::Reduce(_)
        | Op::Unary(_)
        | Op::Binary(_)
        | Op::Softmax(_)
        | Op::Concat(_)
        | Op::Pad(_)
        | Op::Slice(_)
        | Op::Transpose(_)
        | Op::Reshape(_)
        | Op::Expand(_)
        | Op::Gather(_)
        | Op::ResizeLinear(_)
        | Op::Quantize(_)
        | Op::Dequantize(_)
        | opaque!() => None,
    }
}

/// Padding of a window and of the image together; `None` if not only height and width grow, by zeros.
fn joined(pads: [usize; 4], pad: &Pad) -> Option<[usize; 4]> {
    let (&[0, top, left, 0], &[0, bottom, right, 0]) =
        (pad.before.as_slice(), pad.after.as_slice())
    else {
        return None;
    };
    if pad.value != 0.0 {
        return None;
    }
    let more = [top, left, bottom, right];
    let mut sum = [0; 4];
    for side in 0..4 {
        sum[side] = pads[side].checked_add(more[side])?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use crate::ir::ValueId;
    use crate::ops::{Conv2d, DepthwiseConv2d, Pad, Sliding, conv2d::NO_CLAMP};
    use crate::passes::testing::integers::{self, ARITHMETICS, Parts, quant, window};
    use crate::passes::testing::{Build, ops};

    const WINDOW: Sliding = Sliding {
        kernel: [3, 2],
        strides: [2, 1],
        dilations: [1, 1],
        pads: [1, 0, 0, 1],
    };

    fn padded(b: &mut Build, value: f32, before: [usize; 4]) -> ValueId {
        let x = b.input("x", &[1, 5, 4, 3]);
        let pad = Pad {
            before: before.to_vec(),
            after: vec![0, 0, 3, 0],
            value,
        };
        b.node(pad, &[x])
    }

    #[test]
    fn zeros_become_padding() {
        let mut b = Build::new();
        let x = padded(&mut b, 0.0, [0, 1, 2, 0]);
        let (w, bias) = (b.weights(&[3, 2, 3]), b.weights(&[3]));
        let op = DepthwiseConv2d {
            sliding: WINDOW,
            clamp: NO_CLAMP,
        };
        let y = b.node(op, &[x, w, bias]);
        assert_eq!(ops(&b.output(y).check(super::run)), ["DepthwiseConv2d"]);
    }

    #[test]
    fn other_pads_stay() {
        for (value, before) in [(1.0, [0, 1, 2, 0]), (0.0, [0, 1, 2, 3])] {
            let mut b = Build::new();
            let x = padded(&mut b, value, before);
            let (w, bias) = (b.weights(&[2, 3, 2, 3 + before[3]]), b.weights(&[2]));
            let op = Conv2d {
                sliding: WINDOW,
                groups: 1,
                clamp: NO_CLAMP,
            };
            let y = b.node(op, &[x, w, bias]);
            b.output(y).check_unchanged(super::run);
        }
    }

    #[test]
    fn zero_points_around_integers_become_padding() {
        for arithmetic in ARITHMETICS {
            let mut b = integers::Build::new(arithmetic, 1);
            let grid = quant(1.0, 7);
            let x = b.input(&[1, 5, 4, 2], grid);
            let pad = Pad {
                before: vec![0, 1, 0, 0],
                after: vec![0, 2, 1, 0],
                value: 0.0,
            };
            let x = b.node(pad, &[x], grid);
            let parts = Parts {
                scales: vec![0.01; 2],
                ..Parts::of(window([2, 3]), &[77; 12], &[5, 600])
            };
            let y = b.depthwise(x, parts);
            b.graph.outputs = vec![y];
            let (after, _) = b.check(super::run);
            assert_eq!(ops(&after), ["DepthwiseConv2d"], "{arithmetic:?}");
        }
    }
}
