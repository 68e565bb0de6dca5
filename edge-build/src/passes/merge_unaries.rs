//! Functions of each element, one behind the other, become one node: in int8 a single table.

use super::remove_identity::is_identity;
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
    let mut functions = Vec::new();
    let mut source = input;
    if let Some(producer) = rewriter.sole_producer(input)
        && let (Op::Unary(first), &[before]) = (&producer.op, producer.inputs.as_slice())
    {
        functions.extend_from_slice(&first.functions);
        source = before;
    }
    functions.extend_from_slice(&op.functions);
    let functions = simplified(&functions);
    if source == input && functions == op.functions {
        return None;
    }
    rewriter.make_as(&node.name, Unary { functions }, &[source], output)
}

/// The same functions with neighbours joined where one does for two; never empty.
fn simplified(functions: &[UnaryFn]) -> Vec<UnaryFn> {
    let mut simple: Vec<UnaryFn> = Vec::with_capacity(functions.len());
    for function in functions.iter().filter(|function| !is_identity(function)) {
        let joined = simple.last().and_then(|last| joined(*last, *function));
        match joined {
            Some(joined) => {
                simple.pop();
                if !is_identity(&joined) {
                    simple.push(joined);
                }
            }
            None => simple.push(*function),
        }
    }
    if simple.is_empty() {
        simple.push(UnaryFn::Affine(1.0, 0.0));
    }
    simple
}

/// One function that does what two do, if there is one.
fn joined(first: UnaryFn, second: UnaryFn) -> Option<UnaryFn> {
    if let (UnaryFn::Affine(s1, t1), UnaryFn::Affine(s2, t2)) = (first, second) {
        let (scale, shift) = (s1 * s2, t1 * s2 + t2);
        return (scale.is_finite() && shift.is_finite()).then_some(UnaryFn::Affine(scale, shift));
    }
    if let (UnaryFn::Clip(a, b), UnaryFn::Clip(lo, hi)) = (first, second)
        && a <= b
        && lo <= hi
    {
        return Some(UnaryFn::Clip(a.clamp(lo, hi), b.clamp(lo, hi)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passes::testing::{Build, ops};

    #[test]
    fn neighbours_join() {
        let functions = [
            UnaryFn::Affine(2.0, 1.0),
            UnaryFn::Affine(3.0, -1.0),
            UnaryFn::Clip(0.0, 9.0),
            UnaryFn::Clip(-1.0, 6.0),
            UnaryFn::Tanh,
            UnaryFn::Affine(4.0, 0.0),
            UnaryFn::Affine(0.25, 0.0),
        ];
        let expected = [
            UnaryFn::Affine(6.0, 2.0),
            UnaryFn::Clip(0.0, 6.0),
            UnaryFn::Tanh,
        ];
        assert_eq!(simplified(&functions), expected);
        let nothing = [UnaryFn::Affine(2.0, 0.0), UnaryFn::Affine(0.5, 0.0)];
        assert_eq!(simplified(&nothing), [UnaryFn::Affine(1.0, 0.0)]);
    }

    #[test]
    fn limits_in_the_wrong_order_stay() {
        let functions = [UnaryFn::Clip(0.0, 1.0), UnaryFn::Clip(3.0, 2.0)];
        assert_eq!(simplified(&functions), functions);
    }

    #[test]
    fn chains_become_one_node() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let y = b.node(Unary::of(UnaryFn::Sigmoid), &[x]);
        let y = b.node(Unary::of(UnaryFn::Affine(2.0, 1.0)), &[y]);
        let y = b.node(Unary::of(UnaryFn::Tanh), &[y]);
        assert_eq!(ops(&b.output(y).check(super::run)), ["Unary"]);
    }

    #[test]
    fn a_middle_that_is_read_stays() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let middle = b.node(Unary::of(UnaryFn::Sigmoid), &[x]);
        let y = b.node(Unary::of(UnaryFn::Tanh), &[middle]);
        b.output(y).output(middle).check_unchanged(super::run);
    }
}
