//! A function of bytes behind a layer of integers that only keeps them within limits becomes the limits of the layer.
//!
//! Native layers have no limits but those of the type; there the function stays.

use super::evaluate::{Input, evaluate};
use super::weights::{clamp_of, with_clamp};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Arithmetic, DType, Graph, Node, TensorType};
use crate::lower::exact::binary::{range, rounding};
use crate::ops::Op;
use edge_core::params::BinaryKind;

pub(super) fn run(graph: &mut Graph) -> bool {
    let arithmetic = graph.arithmetic;
    edit::sweep(graph, |rewriter, node| rule(rewriter, node, arithmetic))
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node, arithmetic: Arithmetic) -> Option<()> {
    let (Op::Unary(_) | Op::Table(_), &[input], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let (from, to) = (rewriter.ty(input), rewriter.ty(output));
    let quant = to.params()?;
    if arithmetic == Arithmetic::Native || from != to || from.dtype != DType::I8 {
        return None;
    }
    let limits = limits_of(&node.op, from, arithmetic)?;
    let producer = rewriter.sole_producer(input)?.clone();
    let known = clamp_of(&producer.op).filter(|_| heeds_limits(&producer.op))?;
    let range = |clamp| range(rounding(arithmetic), DType::I8, clamp, quant).ok();
    let [low, high] = range(known)?;
    let both = [low.max(limits[0]), high.min(limits[1])];
    let mut clamp = known;
    for end in 0..2 {
        if both[end] != [low, high][end] {
            clamp[end] = (both[end] - quant.zero_point) as f32 * quant.scale;
        }
    }
    if both[0] > both[1] || range(clamp)? != both {
        return None;
    }
    let fused = with_clamp(&producer.op, clamp);
    rewriter.make_as_typed(&producer.name, fused, &producer.inputs, output)
}

/// Whether all kernels for integers of an operator with limits heed them.
fn heeds_limits(op: &Op) -> bool {
    let Op::Binary(op) = op else {
        return true;
    };
    match op.kind {
        BinaryKind::Add | BinaryKind::Sub | BinaryKind::Mul | BinaryKind::Div => true,
        BinaryKind::Min | BinaryKind::Max | BinaryKind::Pow | BinaryKind::PRelu => false,
    }
}

/// The limits within which a function keeps bytes; `None` if it does anything else.
fn limits_of(op: &Op, ty: &TensorType, arithmetic: Arithmetic) -> Option<[i32; 2]> {
    let row = TensorType {
        shape: vec![256],
        ..ty.clone()
    };
    let bytes: Vec<i64> = (-128..=127).collect();
    let table = evaluate(arithmetic, op, vec![Input::of(&row, &bytes)?], &row)?;
    let (&low, &high) = (table.first()?, table.last()?);
    let limited = |(&byte, &entry): (&i64, &i64)| entry == byte.max(low).min(high);
    let limits = [i32::try_from(low).ok()?, i32::try_from(high).ok()?];
    (low <= high && bytes.iter().zip(&table).all(limited)).then_some(limits)
}

#[cfg(test)]
mod tests {
    use crate::ir::{Arithmetic, QuantParams};
    use crate::ops::conv2d::NO_CLAMP;
    use crate::ops::{Binary, Unary};
    use crate::passes::testing::integers::{Build, Parts, quant, window};
    use crate::passes::testing::ops;
    use edge_core::params::{BinaryKind, UnaryFn};

    const GRID: QuantParams = QuantParams {
        scale: 0.07,
        zero_point: 3,
    };
    const RELU: UnaryFn = UnaryFn::Clip(0.0, f32::INFINITY);

    fn left(function: UnaryFn, to: QuantParams, arithmetic: Arithmetic) -> Vec<&'static str> {
        let mut b = Build::new(arithmetic, 1);
        let x = b.input(&[1, 9, 9, 2], quant(0.1, -5));
        let layer = Parts {
            scales: vec![0.01; 2],
            to: GRID,
            clamp: [-6.0, 6.0],
            ..Parts::of(window([1, 1]), &[90, -77, 50, 31], &[120, -300])
        };
        let y = b.conv(x, layer);
        let y = b.node(Unary::of(function), &[y], to);
        b.graph.outputs = vec![y];
        ops(&b.check(super::run).0)
    }

    #[test]
    fn limits_go_to_the_layer() {
        for arithmetic in [Arithmetic::TfLite, Arithmetic::Onnx] {
            for function in [RELU, UnaryFn::Clip(-1.0, 1.0), UnaryFn::Clip(0.0, 100.0)] {
                assert_eq!(left(function, GRID, arithmetic), ["Conv2d"], "{function:?}");
            }
        }
    }

    #[test]
    fn other_functions_and_scales_stay() {
        let both = ["Conv2d", "Unary"];
        assert_eq!(left(UnaryFn::Tanh, GRID, Arithmetic::Onnx), both);
        assert_eq!(left(RELU, quant(0.08, 3), Arithmetic::Onnx), both);
        assert_eq!(left(RELU, GRID, Arithmetic::Native), both);
    }

    #[test]
    fn a_maximum_heeds_no_limits() {
        for (kind, wanted) in [
            (BinaryKind::Add, &["Binary"][..]),
            (BinaryKind::Max, &["Binary", "Unary"]),
        ] {
            let mut b = Build::new(Arithmetic::TfLite, 1);
            let (x, z) = (b.input(&[400], GRID), b.input(&[400], GRID));
            let clamp = NO_CLAMP;
            let y = b.node(Binary { kind, clamp }, &[x, z], GRID);
            let y = b.node(Unary::of(RELU), &[y], GRID);
            b.graph.outputs = vec![y];
            assert_eq!(ops(&b.check(super::run).0), wanted);
        }
    }
}
