//! The float graph rewritten with int8 types, weights and constants.

use super::params;
use super::share::Groups;
use super::weights::{self, Channels};
use crate::diag::{Argument, Code, Diagnostic, Diagnostics};
use crate::ir::{DType, Graph, Node, Quant, QuantParams, Tensor, TensorType, Value, ValueId};
use crate::ops::QuantRule;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every decision about an int8 graph.
#[derive(Clone, Debug)]
pub(super) struct Scheme {
    /// The quantization of each group of values.
    pub(super) params: Vec<QuantParams>,
    /// What is added to the bias of a layer, by the index of its output value.
    pub(super) bias: BTreeMap<u32, Vec<f64>>,
}

/// The int8 graph; its values have the indices that they have in the float graph.
pub(super) fn run(graph: &Graph, groups: &Groups, scheme: &Scheme) -> Result<Graph, Diagnostics> {
    let mut scheme = scheme.clone();
    coarsen(graph, groups, &mut scheme);
    let of = |id: ValueId| params_of(groups, &scheme, id);
    let mut int8 = graph.clone();
    for index in 0..graph.values.len() {
        if let (Some(params), Some(value)) = (of(ValueId(index as u32)), int8.values.get_mut(index))
        {
            value.ty = TensorType::i8(value.ty.shape.clone(), params);
        }
    }
    let mut errors = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let inputs = if let QuantRule::Weighted { axis } = node.op.operator().quant_rule() {
            weighted_inputs(graph, &mut int8, node, axis, &scheme, of)
        } else {
            plain_inputs(graph, &mut int8, node, of)
        };
        match (inputs, int8.nodes.get_mut(index)) {
            (Some(inputs), Some(node)) => node.inputs = inputs,
            _ => errors.push(unfit(node)),
        }
    }
    if errors.is_empty() {
        Ok(int8)
    } else {
        Err(Diagnostics(errors))
    }
}

fn params_of(groups: &Groups, scheme: &Scheme, id: ValueId) -> Option<QuantParams> {
    let group = groups.of.get(id.index()).copied().flatten()?;
    scheme.params.get(group).copied()
}

/// Steps of an output finer than the steps of its accumulator say nothing and could overflow: they grow.
fn coarsen(graph: &Graph, groups: &Groups, scheme: &mut Scheme) {
    for node in &graph.nodes {
        let QuantRule::Weighted { .. } = node.op.operator().quant_rule() else {
            continue;
        };
        let (Some(&x), Some(&w), Some(&y)) = (
            node.inputs.first(),
            node.inputs.get(1),
            node.outputs.first(),
        ) else {
            continue;
        };
        let greatest = graph
            .constant(w)
            .and_then(|tensor| tensor.as_f32())
            .map_or(0.0, |numbers| {
                numbers.iter().fold(0.0f32, |most, w| most.max(w.abs()))
            });
        let group = groups.of.get(y.index()).copied().flatten();
        let input = params_of(groups, scheme, x);
        if let (Some(input), Some(index)) = (input, group)
            && let (Some(group), Some(output)) =
                (groups.list.get(index), scheme.params.get_mut(index))
            && group.fixed.is_none()
        {
            let least = f64::from(input.scale) * f64::from(greatest) / 127.0;
            *output = params::coarsened(*output, least, group.clamp);
        }
    }
}

fn weighted_inputs(
    graph: &Graph,
    int8: &mut Graph,
    node: &Node,
    axis: usize,
    scheme: &Scheme,
    of: impl Fn(ValueId) -> Option<QuantParams>,
) -> Option<Vec<ValueId>> {
    let &[x, w, b] = node.inputs.as_slice() else {
        return None;
    };
    let (weights, bias) = (graph.constant(w)?, graph.constant(b)?);
    let channels = Channels::of(weights.shape(), axis)?;
    let mut real_bias = bias.as_f32()?.to_vec();
    if let Some(correction) = node.outputs.first().and_then(|id| scheme.bias.get(&id.0)) {
        for (bias, by) in real_bias.iter_mut().zip(correction) {
            *bias = (f64::from(*bias) + by) as f32;
        }
    }
    let quantized = weights::quantize(weights.as_f32()?, channels, &real_bias, of(x)?)?;
    let per_channel = Quant::PerChannel {
        axis,
        scales: quantized.scales,
    };
    let tensor = Tensor::from_i8(weights.shape(), quantized.bytes)?;
    let w = add_constant(int8, &graph.value(w).name, tensor, Some(per_channel));
    let tensor = Tensor::from_i32(bias.shape(), quantized.bias)?;
    let b = add_constant(int8, &graph.value(b).name, tensor, None);
    Some(vec![x, w, b])
}

/// Inputs of a node without weights: constants take their own quantization, or the common one.
fn plain_inputs(
    graph: &Graph,
    int8: &mut Graph,
    node: &Node,
    of: impl Fn(ValueId) -> Option<QuantParams>,
) -> Option<Vec<ValueId>> {
    let rule = node.op.operator().quant_rule();
    let bound = matches!(rule, QuantRule::Unified | QuantRule::Same);
    let common = node
        .outputs
        .first()
        .and_then(|&id| of(id))
        .filter(|_| bound);
    let mut inputs = Vec::with_capacity(node.inputs.len());
    for &id in &node.inputs {
        let Some(tensor) = graph
            .constant(id)
            .filter(|tensor| tensor.dtype() == DType::F32)
        else {
            inputs.push(id);
            continue;
        };
        let params = common.or_else(|| weights::covering(tensor))?;
        let bytes = weights::constant(tensor, params)?;
        inputs.push(add_constant(
            int8,
            &graph.value(id).name,
            bytes,
            Some(Quant::PerTensor(params)),
        ));
    }
    Some(inputs)
}

fn add_constant(graph: &mut Graph, name: &str, tensor: Tensor, quant: Option<Quant>) -> ValueId {
    let ty = TensorType {
        quant,
        ..tensor.ty()
    };
    graph.values.push(Value {
        name: name.to_owned(),
        ty,
        constant: Some(Arc::new(tensor)),
    });
    ValueId(graph.values.len() as u32 - 1)
}

fn unfit(node: &Node) -> Diagnostic {
    Diagnostic::error(
        Code::NoIntegerKernel,
        "weights or bias that are no finite float constants",
        "use quant = \"none\", or cut the graph before this node",
    )
    .at(Argument::Quant)
    .in_place(format!("node \"{}\" ({})", node.name, node.op.name()))
}
