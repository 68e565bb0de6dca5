//! Scales of channels that are the same for every input.
//!
//! The channels of a layer share a shift in native arithmetic, and the greatest of their factors decides it. A channel
//! that is known would stay for that alone, and cost the others a bit. What it is in steps of its output says
//! nothing about its own scale, so it takes the greatest of the others.

use super::fold::{self, renewed};
use super::layer::Layer;
use super::ranges::{Range, Ranges};
use crate::ir::{Arithmetic, DType, Graph, Quant, ValueId};

/// Greatest factor from sums to outputs for which every output is the rounded product of some sum, with room for the
/// rounding of multipliers.
const MOST_FACTOR: f64 = 0.5;

/// Greatest bias that a known channel may get: well inside what accumulators may be.
const MOST_BIAS: f64 = (1u64 << 22) as f64;

/// Folds what is known into biases, and gives known channels the scale of others. Known channels keep their numbers,
/// others may get more exact ones.
pub(crate) fn run(graph: &mut Graph) {
    let mut ranges = Ranges::default();
    fold::run(graph, &mut ranges);
    for index in 0..graph.nodes.len() {
        if let Some(layer) = Layer::of(graph, &graph.nodes[index]) {
            let made = ranges.of(graph, layer.output);
            if let Some([weights, bias]) = freed(graph, &layer, &made) {
                graph.nodes[index].inputs = vec![layer.input, weights, bias];
            }
        }
    }
}

/// New weights and biases of a layer with known channels.
fn freed(graph: &mut Graph, layer: &Layer, made: &[Range]) -> Option<[ValueId; 2]> {
    let ty = graph.ty(layer.output);
    if graph.arithmetic != Arithmetic::Native || ty.dtype != DType::I8 {
        return None;
    }
    let to = ty.params()?;
    let Some(Quant::PerChannel { axis, mut scales }) = graph.ty(layer.weights).quant.clone() else {
        return None;
    };
    let (weights, mut bias) = (layer.weights(graph)?, layer.bias(graph)?);
    let mut varies = vec![false; layer.outputs];
    for (index, &weight) in weights.iter().enumerate() {
        varies[layer.place(index).output] |= weight != 0;
    }
    let others = scales.iter().zip(&varies).filter(|(_, varies)| **varies);
    let scale = others.map(|(scale, _)| *scale).reduce(f32::max)?;
    let factor = f64::from(layer.from.scale) * f64::from(scale) / f64::from(to.scale);
    let mut changed = false;
    for channel in 0..layer.outputs {
        let Some(known) = made[channel].fixed().filter(|_| !varies[channel]) else {
            continue;
        };
        let sum = ((known - i64::from(to.zero_point)) as f64 / factor).round();
        if factor <= MOST_FACTOR && sum.abs() <= MOST_BIAS {
            scales[channel] = scale;
            bias[channel] = sum as i64;
            changed = true;
        }
    }
    if !changed {
        return None;
    }
    let bias = renewed(graph, layer.bias, &bias)?;
    let weights = renewed(graph, layer.weights, &weights)?;
    graph.values.get_mut(weights.index())?.ty.quant = Some(Quant::PerChannel { axis, scales });
    Some([weights, bias])
}

#[cfg(test)]
mod tests;
