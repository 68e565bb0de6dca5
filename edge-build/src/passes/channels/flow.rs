//! How channels go through operators that have no weights.

use super::super::numbers::channels;
use crate::ir::{DType, Graph, Node, Quant, TensorType};
use crate::ops::{Op, opaque};

/// Which channels of an input are which of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// The same; where one has a multiple of the other's channels they repeat.
    Cyclic,
    /// They stand behind those of other inputs: the first is this one of the output.
    Behind(usize),
    /// The only channel of the input is part of every channel of the output.
    Single,
}

impl Link {
    /// Pairs of a channel of the input, which has `from`, and one of the output, which has `to`.
    pub(super) fn pairs(self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
        let (count, start) = match self {
            Self::Cyclic | Self::Single => (from.max(to), 0),
            Self::Behind(start) => (from, start),
        };
        (0..count).map(move |i| (i % from.max(1), (start + i) % to.max(1)))
    }
}

/// The link of each input of a node whose output channels depend on the linked channels and nothing else; `None` if
/// the operator mixes channels, or has numbers that are not int8 or int16.
pub(super) fn links(graph: &Graph, node: &Node) -> Option<Vec<Link>> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let to = graph.ty(output);
    let inputs: Vec<&TensorType> = node.inputs.iter().map(|&id| graph.ty(id)).collect();
    if !is_plain(to) || !inputs.iter().all(|ty| is_plain(ty)) {
        return None;
    }
    let first = inputs.first()?;
    let last = to.shape.len().checked_sub(1)?;
    let same = first.shape.len() == to.shape.len() && channels(first) == channels(to);
    let cyclic = |fits: bool| fits.then(|| vec![Link::Cyclic]);
    if matches!(node.op, Op::Requantize(_) | Op::Table(_)) {
        return cyclic(same);
    }
    match &node.op {
        Op::MaxPool2d(_) | Op::AveragePool2d(_) | Op::Unary(_) | Op::ResizeLinear(_) => {
            cyclic(same)
        }
        Op::Binary(_) => inputs.iter().map(|ty| walked(ty, to)).collect(),
        Op::Reduce(op) => cyclic(same && op.end <= last),
        Op::Pad(op) => {
            let around = |pads: &[usize]| pads.get(last).copied();
            let fits = around(&op.before) == Some(0) && around(&op.after) == Some(0);
            cyclic(same && fits && inputs.len() == 1)
        }
        Op::Slice(op) => cyclic(same && op.starts.get(last) == Some(&0)),
        Op::Expand(_) => cyclic(channels(first) == channels(to)),
        Op::Gather(op) => cyclic(same && op.axis < last),
        Op::Transpose(op) => cyclic(op.perm.last() == Some(&last)),
        Op::Reshape(_) => {
            let [a, b] = [channels(first), channels(to)];
            cyclic(a > 0 && b > 0 && (a % b == 0 || b % a == 0))
        }
        Op::Concat(op) if op.axis == last => Some(behind(&inputs)),
        Op::Concat(_) => Some(vec![Link::Cyclic; inputs.len()]),
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::Softmax(_)
        | Op::Quantize(_)
        | Op::Dequantize(_)
        | opaque!() => None,
    }
}

/// Whether numbers are integers with one scale for all.
fn is_plain(ty: &TensorType) -> bool {
    match (ty.dtype, &ty.quant) {
        (DType::I8 | DType::I16, Some(Quant::PerTensor(_))) => !ty.is_empty(),
        (_, Some(Quant::PerTensor(_) | Quant::PerChannel { .. }) | None) => false,
    }
}

/// How an operand is walked along the channels of a result.
fn walked(operand: &TensorType, result: &TensorType) -> Option<Link> {
    match [channels(operand), channels(result)] {
        [a, b] if a == b => Some(Link::Cyclic),
        [1, _] => Some(Link::Single),
        _ => None,
    }
}

/// Operands one behind the other.
fn behind(inputs: &[&TensorType]) -> Vec<Link> {
    let mut start = 0;
    let mut links = Vec::with_capacity(inputs.len());
    for ty in inputs {
        links.push(Link::Behind(start));
        start += channels(ty);
    }
    links
}
