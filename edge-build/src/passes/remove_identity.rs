//! Nodes that hand on their input as it is are removed.

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};
use crate::ops::{AveragePool2d, MaxPool2d, Op, conv2d::NO_CLAMP, opaque};
use edge_core::params::UnaryFn;

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (&[input], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
        return None;
    };
    let same_type = rewriter.ty(input) == rewriter.ty(output);
    (same_type && hands_on(&node.op, rewriter.shape(input)))
        .then(|| rewriter.replace(output, input))
        .flatten()
}

/// Whether an operator with one input, and an output of the same type, hands the input on.
fn hands_on(op: &Op, shape: &[usize]) -> bool {
    match op {
        Op::Reshape(_) | Op::Concat(_) | Op::Expand(_) => true,
        // The same shape, so all is taken once; steps of −1 would turn it round.
        Op::Slice(op) => (0..shape.len()).all(|axis| op.steps[axis] > 0 || shape[axis] == 1),
        Op::Pad(op) => op.before.iter().chain(&op.after).all(|&pad| pad == 0),
        Op::Transpose(op) => op.perm.is_sorted(),
        Op::Gather(op) => op
            .rows
            .iter()
            .enumerate()
            .all(|(i, &row)| row as usize == i),
        Op::Unary(op) => op.functions.iter().all(is_identity),
        Op::Reduce(op) => shape[op.start..op.end].iter().all(|&dim| dim == 1),
        Op::MaxPool2d(MaxPool2d { sliding, clamp })
        | Op::AveragePool2d(AveragePool2d { sliding, clamp, .. }) => {
            sliding.kernel == [1, 1] && sliding.pads == [0; 4] && *clamp == NO_CLAMP
        }
        Op::ResizeLinear(op) => {
            let own = |(i, &([a, b], weight)): (usize, &([u32; 2], f32))| {
                matches!(
                    (a as usize == i, b as usize == i, weight),
                    (true, true, _) | (true, _, 0.0) | (_, true, 1.0)
                )
            };
            let straight = |table: &[([u32; 2], f32)]| table.iter().enumerate().all(own);
            straight(&op.rows) && straight(&op.columns)
        }
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::Binary(_)
        | Op::Softmax(_)
        | Op::Quantize(_)
        | Op::Dequantize(_)
        | opaque!() => false,
    }
}

/// Whether a function gives every number back.
pub(super) fn is_identity(function: &UnaryFn) -> bool {
    *function == UnaryFn::Affine(1.0, 0.0)
        || *function == UnaryFn::Clip(f32::NEG_INFINITY, f32::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::NO_CLAMP;
    use crate::ops::{
        Concat, Expand, Gather, MaxPool2d, Pad, Reduce, Reshape, Slice, Sliding, Transpose, Unary,
    };
    use crate::passes::testing::{Build, ops};
    use edge_core::params::{ReduceKind, UnaryFn};

    fn slice(steps: [isize; 2], starts: [usize; 2]) -> Slice {
        Slice {
            starts: starts.to_vec(),
            steps: steps.to_vec(),
            lens: vec![3, 4],
        }
    }

    #[test]
    fn all_kinds_vanish() {
        let mut b = Build::new();
        let x = b.input("x", &[3, 4]);
        let mut y = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        y = b.node(Reshape { shape: vec![3, 4] }, &[y]);
        y = b.node(Concat { axis: 1 }, &[y]);
        y = b.node(Expand { shape: vec![3, 4] }, &[y]);
        y = b.node(slice([1, 1], [0, 0]), &[y]);
        let pad = Pad {
            before: vec![0, 0],
            after: vec![0, 0],
            value: 5.0,
        };
        y = b.node(pad, &[y]);
        y = b.node(Transpose { perm: vec![0, 1] }, &[y]);
        let gather = Gather {
            axis: 0,
            rows: vec![0, 1, 2],
        };
        y = b.node(gather, &[y]);
        let functions = vec![
            UnaryFn::Affine(1.0, 0.0),
            UnaryFn::Clip(f32::NEG_INFINITY, f32::INFINITY),
        ];
        y = b.node(Unary { functions }, &[y]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Unary"]);
    }

    #[test]
    fn what_only_looks_alike_stays() {
        let mut b = Build::new();
        let x = b.input("x", &[3, 4]);
        let mut y = b.node(slice([-1, 1], [2, 0]), &[x]);
        let gather = Gather {
            axis: 0,
            rows: vec![0, 2, 1],
        };
        y = b.node(gather, &[y]);
        y = b.node(Unary::of(UnaryFn::Clip(0.0, f32::INFINITY)), &[y]);
        b.output(y).check_unchanged(super::run);
    }

    #[test]
    fn reduction_of_one_element_vanishes() {
        let mut b = Build::new();
        let x = b.input("x", &[3, 1]);
        let t = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        let reduce = Reduce {
            kind: ReduceKind::Mean,
            start: 1,
            end: 2,
        };
        let y = b.node(reduce, &[t]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Unary"]);
    }

    #[test]
    fn a_pooling_of_one_element_vanishes_unless_it_clips() {
        for (clamp, vanishes) in [(NO_CLAMP, true), ([0.0, 6.0], false)] {
            let mut b = Build::new();
            let x = b.input("x", &[1, 3, 2, 4]);
            let t = b.node(Unary::of(UnaryFn::Tanh), &[x]);
            let sliding = Sliding {
                kernel: [1, 1],
                strides: [1, 1],
                dilations: [1, 1],
                pads: [0; 4],
            };
            let y = b.node(MaxPool2d { sliding, clamp }, &[t]);
            if vanishes {
                assert_eq!(ops(&b.output(y).check(super::run)), ["Unary"]);
            } else {
                b.output(y).check_unchanged(super::run);
            }
        }
    }

    #[test]
    fn an_output_keeps_its_name_and_its_copy_of_an_input() {
        let mut b = Build::new();
        let x = b.input("x", &[3, 4]);
        let y = b.node(Reshape { shape: vec![3, 4] }, &[x]);
        b.output(y).check_unchanged(super::run);
    }
}
