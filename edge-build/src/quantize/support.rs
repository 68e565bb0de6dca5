//! What can become int8, and fused activations that int8 saturation cannot express.

use crate::diag::{Argument, Code, Diagnostic, Diagnostics};
use crate::ir::{DType, Graph, Node};
use crate::ops::{Op, QuantRule, Unary};
use crate::ops::{conv2d::NO_CLAMP, opaque};
use edge_core::params::UnaryFn;

/// Checks that every node has an int8 kernel.
pub(super) fn check(graph: &Graph) -> Result<(), Diagnostics> {
    let nodes = graph.nodes.iter().filter_map(|node| error(graph, node));
    let errors: Vec<Diagnostic> = nodes.chain(memory(graph)).collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Diagnostics(errors))
    }
}

fn error(graph: &Graph, node: &Node) -> Option<Diagnostic> {
    let message = if node.op.operator().quant_rule() == QuantRule::FloatOnly {
        format!("{} has no int8 kernel", described(&node.op))
    } else {
        let other = node
            .outputs
            .iter()
            .map(|&id| graph.ty(id))
            .find(|ty| ty.dtype != DType::F32)?;
        format!(
            "{} yields {other}; only float networks can be quantized",
            node.op.name()
        )
    };
    let first = node
        .inputs
        .first()
        .map(|&id| format!(", input `{}` {}", graph.value(id).name, graph.ty(id)));
    let place = format!(
        "node \"{}\" ({}){}",
        node.name,
        node.op.name(),
        first.unwrap_or_default()
    );
    let help = "use quant = \"none\", or cut the graph before this node";
    Some(
        Diagnostic::error(Code::NoIntegerKernel, message, help)
            .at(Argument::Quant)
            .in_place(place),
    )
}

/// Ranges are measured on single runs: what a network remembers would not be among them.
fn memory(graph: &Graph) -> Option<Diagnostic> {
    let state = graph.states.first()?;
    let message = format!("the network keeps `{}` from run to run", state.name);
    let help = "use quant = \"none\", or give a file that is quantized already";
    Some(
        Diagnostic::error(Code::NoIntegerKernel, message, help)
            .at(Argument::Quant)
            .supported("networks whose runs do not depend on each other"),
    )
}

fn described(op: &Op) -> String {
    if let Op::Binary(binary) = op {
        return format!("{:?} of two computed tensors", binary.kind);
    }
    if matches!(op, Op::Softmax(softmax) if softmax.log) {
        return "LogSoftmax".to_owned();
    }
    op.name().to_owned()
}

/// The fused activation of an operator, infinite where there is none.
pub(super) fn clamp_of(op: &Op) -> [f32; 2] {
    match op {
        Op::Conv2d(op) => op.clamp,
        Op::DepthwiseConv2d(op) => op.clamp,
        Op::ConvTranspose2d(op) => op.clamp,
        Op::FullyConnected(op) => op.clamp,
        Op::Binary(op) => op.clamp,
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
        | opaque!() => NO_CLAMP,
    }
}

fn remove_clamp(op: &mut Op) {
    match op {
        Op::Conv2d(op) => op.clamp = NO_CLAMP,
        Op::DepthwiseConv2d(op) => op.clamp = NO_CLAMP,
        Op::ConvTranspose2d(op) => op.clamp = NO_CLAMP,
        Op::FullyConnected(op) => op.clamp = NO_CLAMP,
        Op::Binary(op) => op.clamp = NO_CLAMP,
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
}

/// Splits off fused activations whose limits do not hold 0: zero must be exact in every int8 tensor, so such
/// limits cannot be the ends of what is represented. A table applies them instead.
pub(super) fn split_clamps(graph: &mut Graph) {
    let nodes = std::mem::take(&mut graph.nodes);
    for mut node in nodes {
        let [lo, hi] = clamp_of(&node.op);
        if lo <= 0.0 && hi >= 0.0 {
            graph.nodes.push(node);
            continue;
        }
        let Some(output) = node.outputs.first_mut() else {
            continue;
        };
        let (name, ty) = (
            format!("{}/unclamped", graph.value(*output).name),
            graph.ty(*output).clone(),
        );
        let clamped = std::mem::replace(output, graph.add_value(name, ty));
        let clip = Node {
            name: format!("{}/clip", node.name),
            op: Unary::of(UnaryFn::Clip(lo, hi)).into(),
            inputs: node.outputs.clone(),
            outputs: vec![clamped],
        };
        remove_clamp(&mut node.op);
        graph.nodes.extend([node, clip]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{State, Tensor, TensorType};

    #[test]
    fn networks_with_memory_are_refused() {
        let mut graph = Graph::default();
        let id = graph.add_value("level", TensorType::f32([2]));
        graph.inputs.push(id);
        graph.outputs.push(id);
        assert!(check(&graph).is_ok());
        graph.states.push(State {
            name: "level".to_owned(),
            init: Tensor::from_f32(&[2], vec![0.0; 2]).unwrap(),
        });
        let text = check(&graph).unwrap_err().to_string();
        assert!(text.contains("E0304") && text.contains("`level`"), "{text}");
    }
}
