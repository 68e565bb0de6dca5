//! Layers of integers, seen from their channels.

use super::super::numbers::integers;
use crate::ir::{DType, Graph, Node, Quant, QuantParams, TensorType, ValueId};
use crate::ops::{Op, Sliding, opaque};

/// A layer with constant weights and bias.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    /// The image or the rows.
    pub(super) input: ValueId,
    /// The weights.
    pub(super) weights: ValueId,
    /// The bias.
    pub(super) bias: ValueId,
    /// The result.
    pub(super) output: ValueId,
    /// Input channels.
    pub(super) inputs: usize,
    /// Output channels.
    pub(super) outputs: usize,
    /// Weights per pair of channels.
    pub(super) taps: usize,
    /// Scale and zero point of the input.
    pub(super) from: QuantParams,
    /// Where weights lie.
    pub(super) form: Form,
}

/// How weights lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `[outputs, taps, inputs]`: every output channel reads all input channels.
    Dense,
    /// `[taps, outputs]`: as many output channels as given here read an input channel.
    Depthwise(usize),
}

impl Form {
    /// Axis of the weights that counts output channels.
    pub(super) fn axis(self) -> usize {
        match self {
            Self::Dense => 0,
            Self::Depthwise(_) => 2,
        }
    }
}

/// Output channel, tap and input channel of a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) output: usize,
    pub(super) tap: usize,
    pub(super) input: usize,
}

impl Layer {
    /// The layer that a node is; `None` for other operators, groups, floats and what has no kernel.
    pub(super) fn of(graph: &Graph, node: &Node) -> Option<Self> {
        let (&[input, weights, bias], &[output]) =
            (node.inputs.as_slice(), node.outputs.as_slice())
        else {
            return None;
        };
        let (x, y) = (graph.ty(input), graph.ty(output));
        let shape = graph.constant(weights)?.shape();
        let (inputs, outputs) = (*x.shape.last()?, *y.shape.last()?);
        let form = form_of(&node.op, inputs, outputs)?;
        let taps = match form {
            Form::Dense => shape.get(1..shape.len() - 1)?.iter().product(),
            Form::Depthwise(_) => shape.get(..2)?.iter().product(),
        };
        let layer = Self {
            input,
            weights,
            bias,
            output,
            inputs,
            outputs,
            taps,
            from: x.params()?,
            form,
        };
        let integers = |ty: &TensorType| matches!(ty.dtype, DType::I8 | DType::I16);
        let sound = integers(x)
            && x.dtype == y.dtype
            && y.params().is_some()
            && integers(graph.ty(weights))
            && layer.scales(graph).is_some()
            && layer.bias(graph)?.len() == outputs
            && !graph.ty(weights).is_empty();
        sound.then_some(layer)
    }

    /// The scale of each output channel's weights.
    pub(super) fn scales(&self, graph: &Graph) -> Option<Vec<f32>> {
        match graph.ty(self.weights).quant.as_ref()? {
            Quant::PerChannel { axis, scales } => {
                let fits = *axis == self.form.axis() && scales.len() == self.outputs;
                fits.then(|| scales.clone())
            }
            Quant::PerTensor(params) => {
                (params.zero_point == 0).then(|| vec![params.scale; self.outputs])
            }
        }
    }

    /// The bias as integers; `None` if it is not known or no integers.
    pub(super) fn bias(&self, graph: &Graph) -> Option<Vec<i64>> {
        let tensor = graph.constant(self.bias)?;
        matches!(tensor.dtype(), DType::I32 | DType::I64).then(|| integers(tensor))?
    }

    /// The weights as integers.
    pub(super) fn weights(&self, graph: &Graph) -> Option<Vec<i64>> {
        integers(graph.constant(self.weights)?)
    }

    /// Where weight `index` stands.
    pub(super) fn place(&self, index: usize) -> Place {
        match self.form {
            Form::Dense => Place {
                output: index / (self.taps * self.inputs),
                tap: index / self.inputs % self.taps,
                input: index % self.inputs,
            },
            Form::Depthwise(multiplier) => {
                let output = index % self.outputs;
                Place {
                    output,
                    tap: index / self.outputs,
                    input: output / multiplier,
                }
            }
        }
    }

    /// Which taps never read padding.
    pub(super) fn taps_inside(&self, graph: &Graph, node: &Node) -> Taps {
        let (x, y) = (&graph.ty(self.input).shape, &graph.ty(self.output).shape);
        let Some(sliding) = sliding_of(&node.op) else {
            return Taps(vec![true; self.taps]);
        };
        let [height, width] =
            [0, 1].map(|axis| inside_along(sliding, axis, x[axis + 1], y[axis + 1]));
        let row = |&inside: &bool| width.iter().map(move |&also| inside && also);
        Taps(height.iter().flat_map(row).collect())
    }
}

/// For each tap of a window whether it lies inside the image, wherever the window stands.
pub(super) struct Taps(Vec<bool>);

impl Taps {
    /// Whether a tap never reads padding.
    pub(super) fn inside(&self, tap: usize) -> bool {
        self.0.get(tap) == Some(&true)
    }
}

/// The same along height or width.
fn inside_along(sliding: &Sliding, axis: usize, input: usize, output: usize) -> Vec<bool> {
    let before = sliding.pads[axis];
    let inside = |tap: usize| {
        let first = tap * sliding.dilations[axis];
        let last = output.saturating_sub(1) * sliding.strides[axis] + first;
        first >= before && last < input + before
    };
    (0..sliding.kernel[axis]).map(inside).collect()
}

fn form_of(op: &Op, inputs: usize, outputs: usize) -> Option<Form> {
    match op {
        Op::Conv2d(op) => (op.groups == 1).then_some(Form::Dense),
        Op::FullyConnected(_) => Some(Form::Dense),
        Op::DepthwiseConv2d(_) => outputs
            .checked_div(inputs)
            .filter(|multiplier| multiplier * inputs == outputs && outputs > 0)
            .map(Form::Depthwise),
        Op::ConvTranspose2d(_)
        | Op::MatMul(_)
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
        | opaque!() => None,
    }
}

/// The window of a layer; `None` for fully connected ones.
pub(super) fn sliding_of(op: &Op) -> Option<&Sliding> {
    if let Op::Conv2d(op) = op {
        return Some(&op.sliding);
    }
    if let Op::DepthwiseConv2d(op) = op {
        return Some(&op.sliding);
    }
    None
}
