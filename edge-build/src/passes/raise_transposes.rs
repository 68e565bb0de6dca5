//! A transpose moves back before a function of each element where the order it makes is needed anyway: then
//! several transposes become one.
//!
//! It undoes what sinking has multiplied without effect, so it runs once, behind everything else.

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Transpose, Unary};
use std::collections::HashMap;

/// A value and the order of axes in which it is wanted.
type Wanted = (ValueId, Vec<usize>);

pub(super) fn run(graph: &mut Graph) -> bool {
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

/// How many transposes of each value there would be if all moved before functions of each element.
fn wishes(graph: &Graph) -> HashMap<Wanted, usize> {
    let mut source = HashMap::new();
    let mut wishes = HashMap::new();
    for node in &graph.nodes {
        let (&[input], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
            continue;
        };
        if matches!(node.op, Op::Unary(_)) {
            source.insert(output, input);
        }
        if let Op::Transpose(op) = &node.op {
            let wanted = source.get(&input).copied().unwrap_or(input);
            *wishes.entry((wanted, op.perm.clone())).or_default() += 1;
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
    let (Op::Unary(Unary { functions }), &[source]) = (&producer.op, producer.inputs.as_slice())
    else {
        return None;
    };
    let (functions, name) = (functions.clone(), producer.name.clone());
    let wanted = (source, op.perm.clone());
    if wishes.get(&wanted).is_none_or(|&count| count < 2) {
        return None;
    }
    let ready = made.get(&wanted).copied();
    let turned = match ready.filter(|&id| rewriter.producer(id).is_some()) {
        Some(turned) => turned,
        None => {
            let turned = rewriter.make(&node.name, op.clone(), &[source])?;
            made.insert(wanted, turned);
            turned
        }
    };
    rewriter.make_as(&name, Unary { functions }, &[turned], output)
}

#[cfg(test)]
mod tests {
    use crate::ops::{Concat, Transpose, Unary};
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
    fn a_single_one_stays() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let y = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        let y = b.node(turn(), &[y]);
        b.output(y).check_unchanged(super::run);
    }
}
