//! Reductions of neighbouring axes, one behind the other, become one: in int8 one rounding instead of two.

use super::permutation::contiguous;
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};
use crate::ops::{Op, Reduce};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Reduce(second), &[input], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let producer = rewriter.sole_producer(input)?;
    let (Op::Reduce(first), &[source]) = (&producer.op, producer.inputs.as_slice()) else {
        return None;
    };
    if first.kind != second.kind {
        return None;
    }
    let axes: Vec<usize> = (first.start..first.end)
        .chain(second.start..second.end)
        .collect();
    let range = contiguous(rewriter.shape(source), &axes)?;
    let op = Reduce {
        kind: second.kind,
        start: range.start,
        end: range.end,
    };
    rewriter.make_as(&node.name, op, &[source], output)
}

#[cfg(test)]
mod tests {
    use crate::ops::Reduce;
    use crate::passes::testing::{Build, ops};
    use edge_core::params::ReduceKind;

    fn build(second: ReduceKind, axis: usize) -> Build {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3, 4, 5]);
        let first = Reduce {
            kind: ReduceKind::Mean,
            start: 2,
            end: 3,
        };
        let second = Reduce {
            kind: second,
            start: axis,
            end: axis + 1,
        };
        let y = b.node(first, &[x]);
        let y = b.node(second, &[y]);
        b.output(y);
        b
    }

    #[test]
    fn neighbours_merge() {
        let after = build(ReduceKind::Mean, 1).check(super::run);
        assert_eq!(ops(&after), ["Reduce"]);
        let after = build(ReduceKind::Mean, 3).check(super::run);
        assert_eq!(ops(&after), ["Reduce"]);
    }

    #[test]
    fn others_stay() {
        build(ReduceKind::Mean, 0).check_unchanged(super::run);
        build(ReduceKind::Max, 1).check_unchanged(super::run);
    }
}
