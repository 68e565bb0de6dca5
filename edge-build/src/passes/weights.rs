//! Layers with constant weights: what passes that change weights share.

use super::constants::taken_rows;
use crate::ir::edit::Rewriter;
use crate::ir::{Node, Tensor, ValueId};
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Op, opaque};

/// The limits of the result of a layer or function of two tensors; `None` for operators without such.
pub(super) fn clamp_of(op: &Op) -> Option<[f32; 2]> {
    match op {
        Op::Conv2d(op) => Some(op.clamp),
        Op::DepthwiseConv2d(op) => Some(op.clamp),
        Op::ConvTranspose2d(op) => Some(op.clamp),
        Op::FullyConnected(op) => Some(op.clamp),
        Op::Binary(op) => Some(op.clamp),
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
        | opaque!() => None,
    }
}

/// The operator with other limits of its result; operators without such stay as they are.
pub(super) fn with_clamp(op: &Op, limits: [f32; 2]) -> Op {
    let mut op = op.clone();
    match &mut op {
        Op::Conv2d(op) => op.clamp = limits,
        Op::DepthwiseConv2d(op) => op.clamp = limits,
        Op::ConvTranspose2d(op) => op.clamp = limits,
        Op::FullyConnected(op) => op.clamp = limits,
        Op::Binary(op) => op.clamp = limits,
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
        | opaque!() => {}
    }
    op
}

/// How the weights of a layer are laid out, seen from its channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Output channels.
    pub outputs: usize,
    /// Input channels.
    pub inputs: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `[outputs, taps, inputs / groups]`; a fully connected layer has one group and no taps.
    OutputsFirst { per_output: usize, depth: usize },
    /// `[taps, outputs]`.
    Depthwise,
    /// `[inputs, taps, outputs / groups]`.
    InputsFirst { per_input: usize, width: usize },
}

impl Layout {
    /// The layout of the weights of a layer; `None` if the node is no layer.
    pub(super) fn of(rewriter: &Rewriter<'_>, node: &Node) -> Option<Self> {
        let &[image, weights, _] = node.inputs.as_slice() else {
            return None;
        };
        let inputs = *rewriter.shape(image).last()?;
        let outputs = *rewriter.shape(*node.outputs.first()?).last()?;
        let w = rewriter.shape(weights);
        let kind = match &node.op {
            Op::Conv2d(_) | Op::FullyConnected(_) => Kind::OutputsFirst {
                per_output: w.get(1..)?.iter().product(),
                depth: *w.last()?,
            },
            Op::DepthwiseConv2d(_) => Kind::Depthwise,
            Op::ConvTranspose2d(_) => Kind::InputsFirst {
                per_input: w.get(1..)?.iter().product(),
                width: *w.last()?,
            },
            Op::MatMul(_)
            | Op::MaxPool2d(_)
            | Op::AveragePool2d(_)
            | Op::Reduce(_)
            | Op::Unary(_)
            | Op::Binary(_)
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
        let layout = Self {
            outputs,
            inputs,
            kind,
        };
        // No division by zero below.
        let sizes = match kind {
            Kind::OutputsFirst { per_output, depth } => per_output * depth,
            Kind::Depthwise => 1,
            Kind::InputsFirst { per_input, width } => per_input * width,
        };
        (outputs > 0 && inputs > 0 && sizes > 0 && !rewriter.ty(weights).is_empty())
            .then_some(layout)
    }

    /// The output channel and the input channel that meet in weight `index`.
    pub(super) fn channels(&self, index: usize) -> (usize, usize) {
        match self.kind {
            Kind::OutputsFirst { per_output, depth } => {
                let output = index / per_output;
                let group = output * (self.inputs / depth) / self.outputs;
                (output, group * depth + index % depth)
            }
            Kind::Depthwise => {
                let output = index % self.outputs;
                (output, output * self.inputs / self.outputs)
            }
            Kind::InputsFirst { per_input, width } => {
                let input = index / per_input;
                let group = input * (self.outputs / width) / self.inputs;
                (group * width + index % width, input)
            }
        }
    }
}

/// The rows of a constant along its first axis in another order.
pub(super) fn take_rows(
    rewriter: &mut Rewriter<'_>,
    id: ValueId,
    order: &[usize],
) -> Option<ValueId> {
    let shape = rewriter.shape(id).to_vec();
    let data = rewriter.floats(id)?;
    let width: usize = shape.get(1..)?.iter().product();
    let mut moved = Vec::with_capacity(data.len());
    for &row in order {
        moved.extend_from_slice(data.get(row * width..(row + 1) * width)?);
    }
    let name = rewriter.name(id).to_owned();
    let quant = taken_rows(rewriter.ty(id).quant.as_ref(), order);
    Some(rewriter.add_quantized(name, Tensor::from_f32(&shape, moved)?, quant))
}

/// Emits a layer again with other inputs: as a new value, or as `output`. Its limits stay.
pub(super) fn emit_layer(
    rewriter: &mut Rewriter<'_>,
    layer: &Node,
    inputs: [ValueId; 3],
    output: Option<ValueId>,
) -> Option<ValueId> {
    match output {
        Some(output) => {
            rewriter.make_as(&layer.name, layer.op.clone(), &inputs, output)?;
            Some(output)
        }
        None => rewriter.make(&layer.name, layer.op.clone(), &inputs),
    }
}

/// Whether a result has no limits.
pub(super) fn is_open(limits: [f32; 2]) -> bool {
    limits == NO_CLAMP
}
