//! A sound graph and one that breaks each invariant.

use super::*;
use crate::ir::{QuantParams, Tensor};
use crate::ops::{Binary, Unary, conv2d::NO_CLAMP};
use crate::passes::testing::Build;
use edge_core::params::{BinaryKind, UnaryFn};
use std::sync::Arc;

fn sound() -> Graph {
    let mut b = Build::new();
    let x = b.input("x", &[2, 3]);
    let k = b.weights(&[3]);
    let sum = Binary {
        kind: BinaryKind::Add,
        clamp: NO_CLAMP,
    };
    let sum = b.node(sum, &[x, k]);
    let y = b.node(Unary::of(UnaryFn::Tanh), &[sum]);
    b.output(y).graph()
}

/// What the verifier says about the graph after a change.
fn broken(change: impl FnOnce(&mut Graph)) -> String {
    let mut graph = sound();
    change(&mut graph);
    let errors = run(&graph).expect_err("the graph is broken");
    assert!(errors.0.iter().all(|error| error.code == Code::Internal));
    errors.to_string()
}

#[test]
fn a_sound_graph_passes() {
    assert_eq!(run(&sound()), Ok(()));
}

#[test]
fn order_and_ids() {
    let text = broken(|graph| graph.nodes.reverse());
    assert!(text.contains("before that is made"), "{text}");
    let text = broken(|graph| graph.nodes[1].inputs[0] = ValueId(99));
    assert!(text.contains("\"Unary1\""), "names the node: {text}");
    assert!(text.contains("does not exist"), "{text}");
    let text = broken(|graph| graph.nodes[1].outputs[0] = graph.nodes[0].outputs[0]);
    assert!(text.contains("made already"), "{text}");
}

#[test]
fn types() {
    let text = broken(|graph| graph.values[3].ty.shape = vec![6]);
    assert!(text.contains("recorded is f32[6]"), "{text}");
    let text = broken(|graph| {
        let tensor = Tensor::from_f32(&[1], vec![0.0]).expect("one number");
        graph.values[1].constant = Some(Arc::new(tensor));
    });
    assert!(text.contains("constant"), "{text}");
    let text = broken(|graph| graph.nodes[1].outputs.clear());
    assert!(text.contains("0 outputs, not 1"), "{text}");
    let text = broken(|graph| graph.nodes[1].inputs.clear());
    assert!(text.contains("one tensor"), "{text}");
}

#[test]
fn borders() {
    let text = broken(|graph| graph.outputs.clear());
    assert!(text.contains("no outputs"), "{text}");
    let text = broken(|graph| graph.outputs.push(ValueId(99)));
    assert!(text.contains("nothing makes it"), "{text}");
    let text = broken(|graph| graph.inputs.push(graph.inputs[0]));
    assert!(text.contains("listed twice"), "{text}");
    let text = broken(|graph| graph.inputs.push(ValueId(99)));
    assert!(text.contains("no such value"), "{text}");
}

#[test]
fn int8_needs_a_quantization() {
    let int8 = |graph: &mut Graph, scale: f32, zero_point: i32| {
        for value in &mut graph.values {
            value.constant = None;
            value.ty = TensorType::i8(value.ty.shape.clone(), QuantParams { scale, zero_point });
        }
        graph.inputs.push(ValueId(1));
    };
    let mut graph = sound();
    int8(&mut graph, 0.5, 3);
    assert_eq!(run(&graph), Ok(()));
    for (scale, zero_point) in [(0.0, 0), (f32::NAN, 0), (1.0, 128)] {
        let text = broken(|graph| int8(graph, scale, zero_point));
        assert!(text.contains("no sound scale"), "{text}");
    }
}
