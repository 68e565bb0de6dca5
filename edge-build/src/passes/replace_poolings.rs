//! A mean over windows that are the whole image is a reduction, unless integers need the order of its sum.

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Arithmetic, Graph, Node};
use crate::ops::{Op, Reduce, Sums, conv2d::NO_CLAMP};
use edge_core::params::ReduceKind;

pub(super) fn run(graph: &mut Graph) -> bool {
    let ordered = graph.arithmetic == Arithmetic::Onnx;
    edit::sweep(graph, |rewriter, node| rule(rewriter, node, ordered))
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node, ordered: bool) -> Option<()> {
    let (Op::AveragePool2d(op), &[input], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let whole = rewriter.shape(input).get(1..3) == Some(&op.sliding.kernel[..])
        && op.sliding.pads == [0; 4]
        && op.sliding.dilations == [1, 1]
        && op.clamp == NO_CLAMP
        && (op.sums == Sums::Integers || !ordered);
    let op = Reduce {
        kind: ReduceKind::Mean,
        start: 1,
        end: 3,
    };
    whole.then(|| rewriter.make_as(&node.name, op, &[input], output))?
}

#[cfg(test)]
mod tests {
    use super::{Arithmetic, NO_CLAMP, Sums};
    use crate::ops::{AveragePool2d, Sliding};
    use crate::passes::testing::{Build, ops};

    fn build(kernel: [usize; 2], pads: [usize; 4]) -> Build {
        summing(kernel, pads, Sums::Rows)
    }

    fn summing(kernel: [usize; 2], pads: [usize; 4], sums: Sums) -> Build {
        let mut b = Build::new();
        let x = b.input("x", &[1, 4, 3, 5]);
        let op = AveragePool2d {
            sliding: Sliding {
                kernel,
                strides: [2, 2],
                dilations: [1, 1],
                pads,
            },
            count_pad: true,
            ceil_pads: [0, 0],
            clamp: NO_CLAMP,
            sums,
        };
        let y = b.node(op, &[x]);
        b.output(y);
        b
    }

    #[test]
    fn the_whole_image_is_reduced() {
        assert_eq!(ops(&build([4, 3], [0; 4]).check(super::run)), ["Reduce"]);
    }

    #[test]
    fn sums_with_an_order_stay_where_integers_are_rounded_as_floats() {
        let changes = |sums| {
            let mut graph = summing([4, 3], [0; 4], sums).graph();
            graph.arithmetic = Arithmetic::Onnx;
            super::run(&mut graph)
        };
        assert!(changes(Sums::Integers));
        assert!(!changes(Sums::Rows));
        assert!(!changes(Sums::Columns));
    }

    #[test]
    fn parts_and_borders_stay() {
        build([3, 3], [0; 4]).check_unchanged(super::run);
        build([4, 3], [1, 0, 0, 0]).check_unchanged(super::run);
    }
}
