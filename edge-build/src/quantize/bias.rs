//! Bias correction: what rounding the weights shifts on average is taken back by the bias.

use super::Prepared;
use super::rewrite::Scheme;
use super::weights::{self, Channels};
use crate::ir::Node;
use crate::ops::{Op, QuantRule, opaque};
use std::collections::BTreeMap;

/// For each layer with weights, by the index of its output: `Σ (w − ŵ)·E[x]` per output channel, with the
/// mean inputs of the calibration data. Padding is not counted.
pub(super) fn corrections(prepared: &Prepared, scheme: &Scheme) -> BTreeMap<u32, Vec<f64>> {
    let of = |node: &Node| Some((node.outputs.first()?.0, correction(prepared, scheme, node)?));
    prepared.graph.nodes.iter().filter_map(of).collect()
}

fn correction(prepared: &Prepared, scheme: &Scheme, node: &Node) -> Option<Vec<f64>> {
    let Prepared {
        graph,
        groups,
        seen,
        ..
    } = prepared;
    let QuantRule::Weighted { axis } = node.op.operator().quant_rule() else {
        return None;
    };
    let &[x, w, b] = node.inputs.as_slice() else {
        return None;
    };
    let (weights, bias, means) = (graph.constant(w)?, graph.constant(b)?, seen.means(x)?);
    let input = scheme
        .params
        .get(groups.of.get(x.index()).copied().flatten()?)?;
    let (shape, weights) = (weights.shape(), weights.as_f32()?);
    let channels = Channels::of(shape, axis)?;
    let quantized = weights::quantize(weights, channels, bias.as_f32()?, *input)?;
    let mut correction = vec![0.0; channels.count];
    for (channel, sum) in correction.iter_mut().enumerate() {
        let scale = f64::from(*quantized.scales.get(channel)?);
        for at in channels.indices(channel, weights.len()) {
            let error = f64::from(*weights.get(at)?) - f64::from(*quantized.bytes.get(at)?) * scale;
            let from = input_channel(&node.op, shape, means.len(), channel, at)?;
            *sum += error * means.get(from)?;
        }
    }
    Some(correction)
}

/// The input channel that weight `at` of an output channel multiplies.
fn input_channel(
    op: &Op,
    shape: &[usize],
    inputs: usize,
    channel: usize,
    at: usize,
) -> Option<usize> {
    match op {
        Op::Conv2d(conv) => {
            let (outputs, depth) = (*shape.first()?, *shape.last()?);
            let per_group = outputs.checked_div(conv.groups)?;
            Some(channel.checked_div(per_group)? * depth + at.checked_rem(depth)?)
        }
        Op::DepthwiseConv2d(_) => channel.checked_div(shape.last()?.checked_div(inputs)?),
        Op::FullyConnected(_) => at.checked_rem(inputs),
        // Weights [in, height, width, out / groups].
        Op::ConvTranspose2d(_) => at.checked_div(shape.get(1..)?.iter().product()),
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
        | opaque!() => None,
    }
}
