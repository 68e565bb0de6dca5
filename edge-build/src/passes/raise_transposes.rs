//! A transpose moves back before the node whose result it reads, where that makes fewer transposed elements: the
//! node makes the tensor larger, or the order is needed elsewhere as well.
//!
//! It undoes what sinking has done without effect, so it runs once, behind everything else.

use super::permutation::{inverse, permute};
use super::sink_transposes::with_axes_before;
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Transpose};
use std::collections::HashMap;

/// Nodes that a transpose passes at most.
const MAX_ROUNDS: usize = 16;

/// A value and the order of axes in which it is wanted.
type Wanted = (ValueId, Vec<usize>);

pub(super) fn run(graph: &mut Graph) -> bool {
    let mut changed = false;
    for _ in 0..MAX_ROUNDS {
        if !once(graph) {
            break;
        }
        changed = true;
    }
    changed
}

fn once(graph: &mut Graph) -> bool {
    let wishes = wishes(graph);
    let mut made: HashMap<Wanted, ValueId> = HashMap::new();
    edit::sweep(graph, |rewriter, node| {
        let (Op::Transpose(op), &[input], &[output]) =
            (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
        else {
            return None;
        };
        let raised = raise(rewriter, node, op, &wishes, &mut made);
        if raised.is_none() {
            made.insert((input, op.perm.clone()), output);
        }
        raised
    })
}

/// How many transposes of each value there would be if all moved before nodes that keep its size.
fn wishes(graph: &Graph) -> HashMap<Wanted, usize> {
    let mut source = HashMap::new();
    let mut wishes = HashMap::new();
    for node in &graph.nodes {
        let (&[input], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
            continue;
        };
        if let Op::Transpose(op) = &node.op {
            let wanted = source.get(&input).copied().unwrap_or(input);
            *wishes.entry((wanted, op.perm.clone())).or_default() += 1;
        } else if graph.ty(input).len() == graph.ty(output).len() {
            source.insert(output, input);
        }
    }
    wishes
}

fn raise(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    op: &Transpose,
    wishes: &HashMap<Wanted, usize>,
    made: &mut HashMap<Wanted, ValueId>,
) -> Option<()> {
    let (&[input], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
        return None;
    };
    let producer = rewriter.sole_producer(input)?;
    let &[source] = producer.inputs.as_slice() else {
        return None;
    };
    let turned = permute(rewriter.shape(source), &op.perm)?;
    let raised = with_axes_before(&producer.op, &inverse(&op.perm), &turned)?;
    let name = producer.name.clone();
    let wanted = (source, op.perm.clone());
    let (before, behind) = (rewriter.ty(source).len(), rewriter.ty(input).len());
    let shared = wishes.get(&wanted).is_some_and(|&count| count > 1);
    if before > behind || (before == behind && !shared) {
        return None;
    }
    let ready = made.get(&wanted).copied();
    let turned = if let Some(turned) = ready.filter(|&id| rewriter.producer(id).is_some()) {
        turned
    } else {
        let turned = rewriter.make(&node.name, op.clone(), &[source])?;
        made.insert(wanted, turned);
        turned
    };
    rewriter.make_as(&name, raised, &[turned], output)
}

#[cfg(test)]
mod tests {
    use crate::ops::{Concat, Pad, Transpose, Unary};
    use crate::passes::testing::{Build, ops};
    use edge_core::params::UnaryFn;

    fn turn() -> Transpose {
        Transpose { perm: vec![1, 0] }
    }

    #[test]
    fn siblings_share_one() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let tanh = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        let abs = b.node(Unary::of(UnaryFn::Abs), &[x]);
        let tanh = b.node(turn(), &[tanh]);
        let abs = b.node(turn(), &[abs]);
        let y = b.node(Concat { axis: 0 }, &[tanh, abs]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Transpose", "Unary", "Unary", "Concat"]);
    }

    #[test]
    fn the_smaller_side_is_turned() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let y = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        let pad = Pad {
            before: vec![0, 1],
            after: vec![0, 2],
            value: 0.0,
        };
        let y = b.node(pad, &[y]);
        let y = b.node(turn(), &[y]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Unary", "Transpose", "Pad"]);
    }

    #[test]
    fn a_single_one_stays() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let y = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        let y = b.node(turn(), &[y]);
        b.output(y).check_unchanged(super::run);
    }
}
