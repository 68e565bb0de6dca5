//! One operator between integers and integers.

use super::{bytes_of, probe, weights};
use crate::ir::edit::Rewriter;
use crate::ir::{Arithmetic, DType, Node, Quant, TensorType, ValueId};
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Op, Unary, opaque};
use edge_core::params::{ReduceKind, UnaryFn};

/// What is to be made.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// What the integers stand for.
    pub(super) quant: Quant,
    /// The value, if it exists.
    pub(super) output: Option<ValueId>,
    /// What integers compute.
    pub(super) arithmetic: Arithmetic,
}

/// Emits a float operator as one that makes the target; `None` if it does not read integers, or there is no
/// kernel.
pub(super) fn run(rewriter: &mut Rewriter<'_>, node: &Node, target: &Target) -> Option<ValueId> {
    match &node.op {
        Op::Conv2d(_) | Op::FullyConnected(_) => layer(rewriter, node, 0, target),
        Op::DepthwiseConv2d(_) => layer(rewriter, node, 2, target),
        Op::ConvTranspose2d(_) => layer(rewriter, node, 3, target),
        Op::Unary(op) => clipped(rewriter, node, op, target).or_else(|| {
            operands(rewriter, node).and_then(|inputs| emit(rewriter, node, &inputs, target))
        }),
        Op::Binary(_)
        | Op::MatMul(_)
        | Op::Softmax(_)
        | Op::AveragePool2d(_)
        | Op::ResizeLinear(_) => {
            let inputs = operands(rewriter, node)?;
            emit(rewriter, node, &inputs, target)
        }
        Op::Reduce(op) => match op.kind {
            ReduceKind::Sum | ReduceKind::Mean => {
                let inputs = operands(rewriter, node)?;
                emit(rewriter, node, &inputs, target)
            }
            ReduceKind::Max | ReduceKind::Min => alike(rewriter, node, target),
        },
        Op::MaxPool2d(_)
        | Op::Pad(_)
        | Op::Concat(_)
        | Op::Slice(_)
        | Op::Transpose(_)
        | Op::Reshape(_)
        | Op::Expand(_)
        | Op::Gather(_) => alike(rewriter, node, target),
        Op::Quantize(_) | Op::Dequantize(_) | opaque!() => None,
    }
}

/// Emits an operator on integers if it has a kernel.
fn emit(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    inputs: &[ValueId],
    target: &Target,
) -> Option<ValueId> {
    emit_op(rewriter, &node.name, node.op.clone(), inputs, target)
}

fn emit_op(
    rewriter: &mut Rewriter<'_>,
    name: &str,
    op: Op,
    inputs: &[ValueId],
    target: &Target,
) -> Option<ValueId> {
    let types: Vec<&TensorType> = inputs.iter().map(|&id| rewriter.ty(id)).collect();
    let made = op.operator().infer(&types).ok()?.pop()?;
    let ty = TensorType {
        quant: Some(target.quant.clone()),
        ..made
    };
    if ty.dtype != DType::I8 || !probe::lowers(rewriter, &op, inputs, ty, target.arithmetic) {
        return None;
    }
    match target.output {
        Some(output) => rewriter
            .make_as_typed(name, op, inputs, output)
            .map(|()| output),
        None => rewriter.make_typed(name, op, inputs, Some(target.quant.clone())),
    }
}

/// Bytes that stand for the same reals in another way, by a table.
pub(super) fn converted(
    rewriter: &mut Rewriter<'_>,
    name: &str,
    bytes: ValueId,
    target: &Target,
) -> Option<ValueId> {
    let identity = Unary::of(UnaryFn::Affine(1.0, 0.0));
    emit_op(rewriter, name, identity.into(), &[bytes], target)
}

/// The inputs of a node as integers: dequantized ones, and constants on a grid.
fn operands(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<Vec<ValueId>> {
    let mut inputs = Vec::with_capacity(node.inputs.len());
    for &id in &node.inputs {
        inputs.push(match rewriter.constant(id) {
            Some(_) => weights::operand(rewriter, id)?,
            None => bytes_of(rewriter, id)?,
        });
    }
    Some(inputs)
}

/// A layer with constant weights, whose axis `axis` counts output channels.
fn layer(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    axis: usize,
    target: &Target,
) -> Option<ValueId> {
    let &[image, w, bias] = node.inputs.as_slice() else {
        return None;
    };
    let image = bytes_of(rewriter, image)?;
    let params = rewriter.ty(image).params()?;
    let [w, bias] = weights::of_layer(rewriter, w, bias, axis, params)?;
    emit(rewriter, node, &[image, w, bias], target)
}

/// Limits of what a layer makes, whatever they are: in integers they cost nothing.
fn clipped(
    rewriter: &mut Rewriter<'_>,
    node: &Node,
    op: &Unary,
    target: &Target,
) -> Option<ValueId> {
    let (&[UnaryFn::Clip(lo, hi)], &[input]) = (op.functions.as_slice(), node.inputs.as_slice())
    else {
        return None;
    };
    let mut inner = rewriter.sole_producer(input)?.clone();
    let clamp = match &mut inner.op {
        Op::Conv2d(op) => &mut op.clamp,
        Op::DepthwiseConv2d(op) => &mut op.clamp,
        Op::ConvTranspose2d(op) => &mut op.clamp,
        Op::FullyConnected(op) => &mut op.clamp,
        Op::Binary(op) => &mut op.clamp,
        Op::MatMul(_)
        | Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Reduce(_)
        | Op::Unary(_)
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
        | opaque!() => return None,
    };
    if *clamp != NO_CLAMP {
        return None;
    }
    *clamp = [lo, hi];
    run(rewriter, &inner, target)
}

/// An operator whose inputs stand for reals as its output does: those that do not are converted.
fn alike(rewriter: &mut Rewriter<'_>, node: &Node, target: &Target) -> Option<ValueId> {
    let mut inputs = operands(rewriter, node)?;
    for input in &mut inputs {
        if rewriter.ty(*input).quant.as_ref() != Some(&target.quant) {
            let inner = Target {
                output: None,
                ..target.clone()
            };
            let name = format!("{}.{}", node.name, rewriter.name(*input));
            *input = converted(rewriter, &name, *input, &inner)?;
        }
    }
    emit(rewriter, node, &inputs, target)
}
