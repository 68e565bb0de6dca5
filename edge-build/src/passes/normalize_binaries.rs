//! Functions of two tensors in one form: constants stand second, differences and quotients with constants are
//! sums and products, a constant of one element makes a function of each element.

use super::weights::is_open;
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, Quant, Tensor, ValueId};
use crate::ops::{Binary, Op, Unary};
use edge_core::params::{BinaryKind, UnaryFn};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Binary(op), &[a, b], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    if a == b && op.kind == BinaryKind::Add {
        return emit_unary(rewriter, node, UnaryFn::Affine(2.0, 0.0), op, a, output);
    }
    if let Some((function, input)) = with_one_number(rewriter, op.kind, [a, b])
        && rewriter.shape(input) == rewriter.shape(output)
    {
        return emit_unary(rewriter, node, function, op, input, output);
    }
    let (kind, inputs) = normal_form(rewriter, op.kind, [a, b])?;
    let op = Binary {
        kind,
        clamp: op.clamp,
    };
    rewriter.make_as(&node.name, op, &inputs, output)
}

fn emit_unary(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    function: UnaryFn,
    op: &Binary,
    input: ValueId,
    output: ValueId,
) -> Option<()> {
    let mut functions = vec![function];
    if !is_open(op.clamp) {
        functions.push(UnaryFn::Clip(op.clamp[0], op.clamp[1]));
    }
    rewriter.make_as(&node.name, Unary { functions }, &[input], output)
}

/// The function of each element that a function of two tensors is when one is a constant of one element.
fn with_one_number(
    rewriter: &Rewriter<'_>,
    kind: BinaryKind,
    [a, b]: [ValueId; 2],
) -> Option<(UnaryFn, ValueId)> {
    let number = |id| match rewriter.floats(id) {
        Some(&[number]) if number.is_finite() => Some(number),
        Some(_) | None => None,
    };
    if let Some(k) = number(b) {
        let function = match kind {
            BinaryKind::Add => UnaryFn::Affine(1.0, k),
            BinaryKind::Sub => UnaryFn::Affine(1.0, -k),
            BinaryKind::Mul => UnaryFn::Affine(k, 0.0),
            BinaryKind::Div if (1.0 / k).is_finite() => UnaryFn::Affine(1.0 / k, 0.0),
            BinaryKind::Min => UnaryFn::Clip(f32::NEG_INFINITY, k),
            BinaryKind::Max => UnaryFn::Clip(k, f32::INFINITY),
            BinaryKind::Pow => UnaryFn::Power(k),
            BinaryKind::PRelu => UnaryFn::LeakyRelu(k),
            BinaryKind::Div => return None,
        };
        return Some((function, a));
    }
    let k = number(a)?;
    let function = match kind {
        BinaryKind::Add => UnaryFn::Affine(1.0, k),
        BinaryKind::Sub => UnaryFn::Affine(-1.0, k),
        BinaryKind::Mul => UnaryFn::Affine(k, 0.0),
        BinaryKind::Div => UnaryFn::DivideInto(k),
        BinaryKind::Min => UnaryFn::Clip(f32::NEG_INFINITY, k),
        BinaryKind::Max => UnaryFn::Clip(k, f32::INFINITY),
        BinaryKind::Pow => UnaryFn::PowerOf(k),
        BinaryKind::PRelu => return None,
    };
    Some((function, b))
}

/// Kind and inputs of the same function with a constant second and no difference or quotient with it.
fn normal_form(
    rewriter: &mut Rewriter<'_>,
    kind: BinaryKind,
    [a, b]: [ValueId; 2],
) -> Option<(BinaryKind, [ValueId; 2])> {
    let known = |id| rewriter.constant(id).is_some();
    match kind {
        BinaryKind::Add | BinaryKind::Mul | BinaryKind::Min | BinaryKind::Max => {
            (known(a) && !known(b)).then_some((kind, [b, a]))
        }
        BinaryKind::Sub => {
            let quant = rewriter.ty(b).quant.clone();
            let negated = mapped(rewriter, b, |x| -x, quant)?;
            Some((BinaryKind::Add, [a, negated]))
        }
        BinaryKind::Div => {
            let reciprocal = mapped(rewriter, b, |x| 1.0 / x, None)?;
            Some((BinaryKind::Mul, [a, reciprocal]))
        }
        BinaryKind::Pow | BinaryKind::PRelu => None,
    }
}

/// A constant with a function applied to each element, on a grid; `None` if a result is not finite.
fn mapped(
    rewriter: &mut Rewriter<'_>,
    id: ValueId,
    f: fn(f32) -> f32,
    quant: Option<Quant>,
) -> Option<ValueId> {
    let data: Vec<f32> = rewriter.floats(id)?.iter().map(|&x| f(x)).collect();
    if !data.iter().all(|x| x.is_finite()) {
        return None;
    }
    let (name, shape) = (rewriter.name(id).to_owned(), rewriter.shape(id).to_vec());
    let tensor = Tensor::from_f32(&shape, data)?;
    Some(rewriter.add_quantized(name, tensor, quant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::conv2d::NO_CLAMP;
    use crate::passes::testing::{Build, ops};

    fn binary(kind: BinaryKind) -> Binary {
        Binary {
            kind,
            clamp: NO_CLAMP,
        }
    }

    #[test]
    fn one_number_makes_a_function() {
        use BinaryKind::{Add, Div, Max, Min, Mul, PRelu, Sub};
        for (kind, first) in [
            (Add, false),
            (Sub, false),
            (Sub, true),
            (Mul, true),
            (Div, false),
            (Div, true),
            (Min, false),
            (Max, true),
            (PRelu, false),
        ] {
            let mut b = Build::new();
            let (x, k) = (b.input("x", &[2, 3]), b.constant(&[1, 1], &[1.5]));
            let inputs = if first { [k, x] } else { [x, k] };
            let mut op = binary(kind);
            op.clamp = [-3.0, 5.0];
            let y = b.node(op, &inputs);
            assert_eq!(ops(&b.output(y).check(super::run)), ["Unary"], "{kind:?}");
        }
    }

    #[test]
    fn constants_stand_second_in_sums_and_products() {
        use BinaryKind::{Add, Div, Mul, Sub};
        for (kind, swap, expected) in [
            (Add, true, Add),
            (Mul, true, Mul),
            (Sub, false, Add),
            (Div, false, Mul),
        ] {
            let mut b = Build::new();
            let (x, k) = (b.input("x", &[2, 3]), b.weights(&[3]));
            let inputs = if swap { [k, x] } else { [x, k] };
            let y = b.node(binary(kind), &inputs);
            let after = b.output(y).check(super::run);
            assert_eq!(after.nodes[0].op, Op::from(binary(expected)));
            assert!(after.constant(after.nodes[0].inputs[1]).is_some());
        }
    }

    #[test]
    fn a_quotient_by_zero_stays() {
        let mut b = Build::new();
        let (x, k) = (b.input("x", &[2, 2]), b.constant(&[2], &[0.0, 1.0]));
        let y = b.node(binary(BinaryKind::Pow), &[x, k]);
        b.output(y).check_unchanged(super::run);
    }

    #[test]
    fn a_tensor_plus_itself_is_twice_it() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let y = b.node(binary(BinaryKind::Add), &[x, x]);
        assert_eq!(ops(&b.output(y).check(super::run)), ["Unary"]);
    }
}
