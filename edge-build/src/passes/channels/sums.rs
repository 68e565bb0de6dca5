//! Between which numbers the outputs of a layer lie.

use super::super::evaluate::{Input, evaluate};
use super::fold::Folded;
use super::layer::{Form, Layer, Taps, sliding_of};
use super::ranges::Range;
use crate::ir::{Graph, Node, TensorType, ValueId};
use crate::ops::{Op, Sliding};

/// The ranges of the sums of each output channel, and of the outputs: those of the least and of the greatest sum,
/// since scaling and rounding keep the order.
pub(super) fn ranges(
    graph: &Graph,
    node: &Node,
    layer: &Layer,
    inputs: &[Range],
    taps: &Taps,
    folded: &Folded,
) -> Option<(Vec<Range>, Vec<Range>)> {
    let sums = sums(layer, inputs, taps, folded);
    let least: Vec<i64> = sums.iter().map(|sum| sum.low).collect();
    let greatest: Vec<i64> = sums.iter().map(|sum| sum.high).collect();
    let ends = outputs(graph, node, layer, &least)?
        .into_iter()
        .zip(outputs(graph, node, layer, &greatest)?);
    let made = ends.map(|(a, b)| Range::of(a, b)).collect();
    Some((sums, made))
}

/// The ranges of the sums.
fn sums(layer: &Layer, inputs: &[Range], taps: &Taps, folded: &Folded) -> Vec<Range> {
    let zero = i64::from(layer.from.zero_point);
    let mut sums: Vec<Range> = folded.bias.iter().map(|&b| Range::of(b, b)).collect();
    let mut index = 0;
    while index < folded.weights.len() {
        let (weight, place) = (folded.weights[index], layer.place(index));
        index += 1;
        if weight == 0 {
            continue;
        }
        let x = inputs[place.input];
        let mut add = Range::of((x.low - zero) * weight, (x.high - zero) * weight);
        if !taps.inside(place.tap) {
            // The padding adds nothing.
            add = add.with(Range::of(0, 0));
        }
        let sum = &mut sums[place.output];
        *sum = Range {
            low: sum.low.saturating_add(add.low),
            high: sum.high.saturating_add(add.high),
        };
    }
    sums
}

/// A window of one tap.
const POINT: Sliding = Sliding {
    kernel: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0; 4],
};

/// What the layer makes of sums: it is run on one pixel, without weights and with the sums as biases.
fn outputs(graph: &Graph, node: &Node, layer: &Layer, sums: &[i64]) -> Option<Vec<i64>> {
    let mut op = node.op.clone();
    if let Op::Conv2d(op) = &mut op {
        op.sliding = POINT;
    }
    if let Op::DepthwiseConv2d(op) = &mut op {
        op.sliding = POINT;
    }
    let image = sliding_of(&node.op).is_some();
    let pixel = |channels: usize| {
        let shape = [1, 1, 1, channels];
        shape
            .get(if image { 0 } else { 2 }..)
            .map(<[usize]>::to_vec)
    };
    let filters = match layer.form {
        Form::Dense if image => vec![layer.outputs, 1, 1, 1],
        Form::Dense => vec![layer.outputs, 1],
        Form::Depthwise(_) => vec![1, 1, layer.outputs],
    };
    let shaped = |id: ValueId, shape: Vec<usize>| TensorType {
        shape,
        ..graph.ty(id).clone()
    };
    let zero = i64::from(layer.from.zero_point);
    let inputs = vec![
        Input::of(&shaped(layer.input, pixel(1)?), &[zero])?,
        Input::of(&shaped(layer.weights, filters), &vec![0; layer.outputs])?,
        Input::of(graph.ty(layer.bias), sums)?,
    ];
    let output = shaped(layer.output, pixel(layer.outputs)?);
    evaluate(graph.arithmetic, &op, inputs, &output)
}
