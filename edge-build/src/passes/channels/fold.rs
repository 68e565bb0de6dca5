//! Channels whose numbers are known go to the biases of the layers that read them.

use super::super::numbers::tensor;
use super::layer::{Layer, Taps};
use super::ranges::{Range, Ranges};
use super::{sums, through};
use crate::ir::{DType, Graph, Node, ValueId};
use std::sync::Arc;

/// Folds all layers, and finds the ranges of all values; returns whether a weight has changed.
pub(super) fn run(graph: &mut Graph, ranges: &mut Ranges) -> bool {
    let mut changed = false;
    for index in 0..graph.nodes.len() {
        let mut node = graph.nodes[index].clone();
        let made = if let Some(layer) = Layer::of(graph, &node) {
            let (made, folded) = fold(graph, &mut node, &layer, &ranges.of(graph, layer.input));
            changed |= folded;
            graph.nodes[index] = node.clone();
            made
        } else {
            through::ranges(graph, &node, ranges)
        };
        if let (Some(made), &[output]) = (made, node.outputs.as_slice()) {
            ranges.set(output, made);
        }
    }
    changed
}

/// Weights and biases of a layer that are being changed.
pub(super) struct Folded {
    pub(super) weights: Vec<i64>,
    pub(super) bias: Vec<i64>,
}

/// Gives a layer new weights, with 0 where the input or the output is known, and a bias that holds what they added.
/// Returns the ranges of the output, and whether a weight has changed.
fn fold(
    graph: &mut Graph,
    node: &mut Node,
    layer: &Layer,
    inputs: &[Range],
) -> (Option<Vec<Range>>, bool) {
    let (Some(weights), Some(bias)) = (layer.weights(graph), layer.bias(graph)) else {
        return (None, false);
    };
    let mut folded = Folded { weights, bias };
    let taps = layer.taps_inside(graph, node);
    let mut changed = known_inputs(graph, layer, inputs, &taps, &mut folded);
    let made = sums::ranges(graph, node, layer, inputs, &taps, &folded);
    if let Some((sums, made)) = &made {
        changed |= known_outputs(layer, sums, made, &mut folded);
    }
    if changed
        && let Some(weights) = renewed(graph, layer.weights, &folded.weights)
        && let Some(bias) = renewed(graph, layer.bias, &folded.bias)
    {
        node.inputs = vec![layer.input, weights, bias];
    }
    (made.map(|(_, made)| made), changed)
}

/// Brings what known inputs add to the bias.
fn known_inputs(
    graph: &Graph,
    layer: &Layer,
    inputs: &[Range],
    taps: &Taps,
    folded: &mut Folded,
) -> bool {
    let zero = i64::from(layer.from.zero_point);
    let distances: Vec<Option<i64>> = inputs
        .iter()
        .map(|range| range.fixed().map(|x| x - zero))
        .collect();
    if distances.iter().all(Option::is_none) {
        return false;
    }
    let narrow = graph.ty(layer.bias).dtype == DType::I32;
    let fits = |sum: i64| !narrow || i32::try_from(sum).is_ok();
    let mut changed = false;
    let mut index = 0;
    while index < folded.weights.len() {
        let weight = folded.weights[index];
        let place = layer.place(index);
        index += 1;
        let Some(Some(distance)) = distances.get(place.input) else {
            continue;
        };
        // In the padding stands the zero point.
        if weight == 0 || *distance != 0 && !taps.inside(place.tap) {
            continue;
        }
        if let Some(sum) = folded.bias[place.output].checked_add(distance * weight)
            && fits(sum)
        {
            folded.bias[place.output] = sum;
            folded.weights[index - 1] = 0;
            changed = true;
        }
    }
    changed
}

/// Drops the weights of outputs that are the same for every sum which can occur.
fn known_outputs(layer: &Layer, sums: &[Range], made: &[Range], folded: &mut Folded) -> bool {
    let mut changed = false;
    let mut index = 0;
    if made.iter().all(|made| made.fixed().is_none()) {
        return false;
    }
    while index < folded.weights.len() {
        let output = layer.place(index).output;
        if folded.weights[index] != 0 && made[output].fixed().is_some() {
            folded.weights[index] = 0;
            folded.bias[output] = sums[output].low;
            changed = true;
        }
        index += 1;
    }
    changed
}

/// A constant like another with other numbers.
pub(super) fn renewed(graph: &mut Graph, like: ValueId, numbers: &[i64]) -> Option<ValueId> {
    let value = graph.value(like).clone();
    let tensor = tensor(value.ty.dtype, &value.ty.shape, numbers)?;
    let id = graph.add_value(value.name, value.ty);
    if let Some(value) = graph.values.get_mut(id.index()) {
        value.constant = Some(Arc::new(tensor));
    }
    Some(id)
}
