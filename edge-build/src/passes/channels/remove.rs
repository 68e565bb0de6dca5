//! Dead channels taken out of the graph.

use super::super::numbers::kept;
use super::flow;
use super::layer::{Form, Layer};
use super::live::Live;
use crate::ir::{Graph, Node, Quant, ValueId};
use crate::ops::Op;
use std::sync::Arc;

/// Removes what is dead; returns whether anything was.
pub(super) fn run(graph: &mut Graph, live: &Live) -> bool {
    let before = graph.clone();
    let dead = |id: ValueId| live.of(&before, id).contains(&false);
    let made = |node: &Node| node.outputs.iter().any(|&id| dead(id));
    if !before.nodes.iter().any(made) {
        return false;
    }
    for (index, old) in before.nodes.iter().enumerate() {
        let mut node = old.clone();
        if let Some(layer) = Layer::of(&before, old) {
            let (inputs, outputs) = (
                live.of(&before, layer.input),
                live.of(&before, layer.output),
            );
            let axes: &[(usize, &[bool])] = match layer.form {
                Form::Dense => {
                    let depth = graph.ty(layer.weights).shape.len() - 1;
                    &[(0, outputs.as_slice()), (depth, inputs.as_slice())]
                }
                Form::Depthwise(_) => &[(2, outputs.as_slice())],
            };
            node.inputs[1] = without(graph, layer.weights, axes);
            node.inputs[2] = without(graph, layer.bias, &[(0, &outputs)]);
        } else if flow::links(&before, old).is_some() {
            for id in &mut node.inputs {
                if before.constant(*id).is_some() {
                    let keep = live.of(&before, *id);
                    let last = before.ty(*id).shape.len().saturating_sub(1);
                    *id = without(graph, *id, &[(last, &keep)]);
                }
            }
        }
        for &output in &node.outputs {
            let left = live
                .of(&before, output)
                .iter()
                .filter(|&&live| live)
                .count();
            if let Some(last) = graph.values[output.index()].ty.shape.last_mut() {
                *last = left;
            }
            reshape(&mut node.op, left);
        }
        graph.nodes[index] = node;
    }
    true
}

/// A constant without some indices of its axes: itself if none goes.
fn without(graph: &mut Graph, id: ValueId, axes: &[(usize, &[bool])]) -> ValueId {
    if axes.iter().all(|(_, keep)| !keep.contains(&false)) {
        return id;
    }
    let mut value = graph.value(id).clone();
    for &(axis, keep) in axes {
        let Some(left) = value
            .constant
            .as_ref()
            .and_then(|old| kept(old, axis, keep))
        else {
            return id;
        };
        if let Some(Quant::PerChannel { axis: by, scales }) = &mut value.ty.quant
            && *by == axis
        {
            let mut keep = keep.iter();
            scales.retain(|_| keep.next() == Some(&true));
        }
        value.ty.shape = left.shape().to_vec();
        value.constant = Some(Arc::new(left));
    }
    graph.values.push(value);
    ValueId(graph.values.len() as u32 - 1)
}

/// Gives an operator that names the shape of its output another number of channels.
fn reshape(op: &mut Op, channels: usize) {
    let shape = if let Op::Reshape(op) = op {
        &mut op.shape
    } else if let Op::Expand(op) = op {
        &mut op.shape
    } else if let Op::Slice(op) = op {
        &mut op.lens
    } else {
        return;
    };
    if let Some(last) = shape.last_mut() {
        *last = channels;
    }
}
