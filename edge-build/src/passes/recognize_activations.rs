//! Products of a value with a function of it, as exporters write activations: hard swish, swish, mish, GELU.

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Unary};
use crate::passes::weights::is_open;
use edge_core::params::{BinaryKind, UnaryFn};
use std::f32::consts::FRAC_1_SQRT_2;

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Binary(op), &[a, b], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    if op.kind != BinaryKind::Mul {
        return None;
    }
    let (source, factor, function) = gated(rewriter, a, b).or_else(|| gated(rewriter, b, a))?;
    let mut functions = vec![function];
    if !close(factor, 1.0) {
        functions.push(UnaryFn::Affine(factor, 0.0));
    }
    if !is_open(op.clamp) {
        functions.push(UnaryFn::Clip(op.clamp[0], op.clamp[1]));
    }
    rewriter.make_as(&node.name, Unary { functions }, &[source], output)
}

/// `x` and `k`, `f` with `value · gate = k·f(x)`; `None` if the form is not known.
fn gated(
    rewriter: &Rewriter<'_>,
    value: ValueId,
    gate: ValueId,
) -> Option<(ValueId, f32, UnaryFn)> {
    let (source, gate) = functions_of(rewriter, gate)?;
    let own = if value == source {
        1.0
    } else {
        match functions_of(rewriter, value)? {
            (other, &[UnaryFn::Affine(scale, 0.0)]) if other == source => scale,
            _ => return None,
        }
    };
    let (factor, function) = product(gate)?;
    Some((source, own * factor, function))
}

/// What functions of each element make a value, and of what.
fn functions_of<'a>(rewriter: &'a Rewriter<'_>, id: ValueId) -> Option<(ValueId, &'a [UnaryFn])> {
    let node = rewriter.producer(id)?;
    match (&node.op, node.inputs.as_slice()) {
        (Op::Unary(op), &[input]) => Some((input, &op.functions)),
        _ => None,
    }
}

/// `k` and `f` with `x · gate(x) = k·f(x)`.
fn product(gate: &[UnaryFn]) -> Option<(f32, UnaryFn)> {
    use UnaryFn::{Affine, Clip, Erf, HardSigmoid, Sigmoid, Softplus, Tanh};
    let found = match *gate {
        [HardSigmoid(alpha, beta)] if close(alpha, 1.0 / 6.0) && close(beta, 0.5) => {
            (1.0, UnaryFn::HardSwish)
        }
        [Affine(slope, shift), Clip(0.0, top)] if is_hard_gate(slope, shift, top) => {
            (top, UnaryFn::HardSwish)
        }
        [Affine(slope, shift), Clip(0.0, top), Affine(scale, 0.0)]
            if is_hard_gate(slope, shift, top) =>
        {
            (top * scale, UnaryFn::HardSwish)
        }
        [Sigmoid] => (1.0, UnaryFn::Swish(1.0)),
        [Sigmoid, Affine(scale, 0.0)] => (scale, UnaryFn::Swish(1.0)),
        [Affine(alpha, 0.0), Sigmoid] => (1.0, UnaryFn::Swish(alpha)),
        [Softplus, Tanh] => (1.0, UnaryFn::Mish),
        [Affine(scale, 0.0), Erf, Affine(half, shift)]
            if close(scale, FRAC_1_SQRT_2) && close(half, shift) =>
        {
            (2.0 * half, UnaryFn::Gelu)
        }
        _ => return None,
    };
    Some(found)
}

/// Whether `clamp(slope·x + shift, 0, top)` is `top · clamp(x/6 + 1/2, 0, 1)`.
fn is_hard_gate(slope: f32, shift: f32, top: f32) -> bool {
    top > 0.0 && close(slope * 6.0, top) && close(shift * 2.0, top)
}

fn close(a: f32, b: f32) -> bool {
    b.is_finite() && (a - b).abs() <= 1e-5 * b.abs()
}

#[cfg(test)]
mod tests {
    use crate::ir::Graph;
    use crate::ops::{Binary, Op, Unary, conv2d::NO_CLAMP};
    use crate::passes::testing::{Build, ops};
    use edge_core::params::{
        BinaryKind,
        UnaryFn::{self, *},
    };

    fn product(value: &[UnaryFn], gate: &[UnaryFn]) -> Build {
        let mut b = Build::new();
        let x = b.input("x", &[2, 50]);
        let mul = Binary {
            kind: BinaryKind::Mul,
            clamp: NO_CLAMP,
        };
        let functions = gate.to_vec();
        let gate = b.node(Unary { functions }, &[x]);
        let value = if value.is_empty() {
            x
        } else {
            let functions = value.to_vec();
            b.node(Unary { functions }, &[x])
        };
        let y = b.node(mul, &[gate, value]);
        b.output(y);
        b
    }

    fn functions(graph: &Graph) -> &[UnaryFn] {
        let Op::Unary(op) = &graph.nodes[0].op else {
            panic!("a function of each element is left");
        };
        &op.functions
    }

    #[test]
    fn known_forms_become_one_function() {
        let sixth = 1.0 / 6.0;
        let cases: &[(&[UnaryFn], &[UnaryFn], &[UnaryFn])] = &[
            (&[], &[HardSigmoid(sixth, 0.5)], &[HardSwish]),
            (
                &[],
                &[Affine(1.0, 3.0), Clip(0.0, 6.0), Affine(sixth, 0.0)],
                &[HardSwish],
            ),
            (
                &[],
                &[Affine(1.0, 3.0), Clip(0.0, 6.0)],
                &[HardSwish, Affine(6.0, 0.0)],
            ),
            (
                &[Affine(0.5, 0.0)],
                &[Affine(1.0, 3.0), Clip(0.0, 6.0)],
                &[HardSwish, Affine(3.0, 0.0)],
            ),
            (&[], &[Affine(sixth, 0.5), Clip(0.0, 1.0)], &[HardSwish]),
            (&[], &[Sigmoid], &[Swish(1.0)]),
            (&[], &[Affine(1.7, 0.0), Sigmoid], &[Swish(1.7)]),
            (&[], &[Softplus, Tanh], &[Mish]),
            (
                &[Affine(0.5, 0.0)],
                &[
                    Affine(std::f32::consts::FRAC_1_SQRT_2, 0.0),
                    Erf,
                    Affine(1.0, 1.0),
                ],
                &[Gelu],
            ),
        ];
        for (value, gate, expected) in cases {
            let after = product(value, gate).check(super::run);
            assert_eq!(ops(&after), ["Unary"]);
            assert_eq!(functions(&after), *expected);
        }
    }

    #[test]
    fn other_products_stay() {
        product(&[], &[HardSigmoid(0.2, 0.5)]).check_unchanged(super::run);
        product(&[], &[Tanh]).check_unchanged(super::run);
        product(&[Affine(1.0, 1.0)], &[Sigmoid]).check_unchanged(super::run);
        let relu = [Affine(1.0, 3.0), Clip(0.0, f32::INFINITY)];
        product(&[], &relu).check_unchanged(super::run);
    }
}
