//! Recurrent layers: a node for each direction, and what is refused.

use crate::import::onnx::schema::{AttributeProto, AttributeType};
use crate::import::onnx::testing::{Model, find_op, floats, names};
use crate::ops::Op;
use edge_core::params::UnaryFn;

/// Three steps of two sequences of four numbers, and weights for five units.
fn layer(gates: i64, directions: i64) -> Model {
    let mut model = Model::new(14);
    model
        .input("x", &[3, 2, 4])
        .weights("w", &[directions, gates * 5, 4])
        .weights("r", &[directions, gates * 5, 5])
        .output("y", &[3, directions, 2, 5]);
    model
}

/// Chooses functions for the first node.
fn choose(model: &mut Model, functions: &[&str], alpha: &[f32]) {
    let texts = functions.iter().map(|text| text.as_bytes().to_vec());
    let node = model.graph().node.first_mut().unwrap();
    node.attribute.push(AttributeProto {
        name: Some("activations".to_owned()),
        strings: texts.collect(),
        r#type: Some(AttributeType::Strings as i32),
        ..AttributeProto::default()
    });
    node.attribute.push(AttributeProto {
        name: Some("activation_alpha".to_owned()),
        floats: alpha.to_vec(),
        r#type: Some(AttributeType::Floats as i32),
        ..AttributeProto::default()
    });
}

#[test]
fn both_directions_are_nodes_of_their_own() {
    let mut model = layer(4, 2);
    model
        .node("LSTM", &["x", "w", "r"], &["y"])
        .text("direction", "bidirectional");
    let graph = model.import().unwrap();
    let layers: Vec<_> = graph
        .nodes
        .iter()
        .filter_map(|node| {
            let Op::Lstm(lstm) = &node.op else {
                return None;
            };
            Some((lstm.walk.reverse, floats(&graph, node.inputs[1])[0]))
        })
        .collect();
    let [(false, first), (true, second)] = layers[..] else {
        panic!("{layers:?}");
    };
    // The weights of the second direction stand behind those of the first.
    assert!(first < second);
    assert!(names(&graph).contains(&"Concat"));
    assert_eq!(graph.ty(graph.outputs[0]).shape, [3, 2, 2, 5]);
}

#[test]
fn biases_of_a_gated_unit_are_added_but_for_the_candidate() {
    let mut model = layer(3, 1);
    let bias: Vec<f32> = (0..30u8).map(f32::from).collect();
    model.floats("b", &[1, 30], &bias);
    model
        .node("GRU", &["x", "w", "r", "b"], &["y"])
        .int("linear_before_reset", 1);
    let graph = model.import().unwrap();
    let (index, op) = find_op!(graph, Gru);
    assert!(op.linear_before_reset && !op.walk.batch_major);
    let made = floats(&graph, graph.nodes[index].inputs[3]);
    let wanted: Vec<f32> = (0..10u8)
        .map(|i| f32::from(2 * i + 15))
        .chain(bias[10..15].iter().copied())
        .chain(bias[25..].iter().copied())
        .collect();
    assert_eq!(made, wanted);
}

#[test]
fn functions_take_their_numbers_in_order() {
    let mut model = layer(4, 1);
    model
        .node("LSTM", &["x", "w", "r"], &["y"])
        .float("clip", 2.0);
    choose(&mut model, &["LeakyRelu", "tanh", "Elu"], &[0.25, 0.5]);
    let graph = model.import().unwrap();
    let (_, op) = find_op!(graph, Lstm);
    assert_eq!(op.gate, UnaryFn::LeakyRelu(0.25));
    assert_eq!(op.candidate, UnaryFn::Tanh);
    assert_eq!(op.output, UnaryFn::Elu(0.5));
    assert!((op.clip - 2.0).abs() < f32::EPSILON);
}

#[test]
fn what_is_not_supported_is_named() {
    let mut model = layer(1, 1);
    model.node("RNN", &["x", "w", "r"], &["y"]);
    choose(&mut model, &["ScaledTanh"], &[]);
    assert!(model.errors().contains("`ScaledTanh`"));

    let mut model = layer(1, 1);
    model
        .ints("lengths", &[3, 2])
        .node("RNN", &["x", "w", "r", "", "lengths"], &["y"]);
    assert!(model.errors().contains("a sequence of 2 steps among 3"));

    let mut model = layer(1, 1);
    model
        .input("v", &[1, 5, 4])
        .node("RNN", &["x", "v", "r"], &["y"]);
    assert!(model.errors().contains("computed at run time"));

    let mut model = layer(1, 1);
    model.node("RNN", &["x", "r", "w"], &["y"]);
    assert!(!model.errors().is_empty());
}
