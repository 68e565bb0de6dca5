use super::cost::Costs;
use super::run;
use crate::ir::{Graph, Node, TensorType, ValueId};
use crate::ops::{Concat, Op, Reshape, Unary};
use edge_core::params::UnaryFn;

/// A graph with one input of `bytes` bytes.
fn graph(bytes: usize) -> Graph {
    let mut graph = Graph::default();
    let x = graph.add_value("x", TensorType::f32([bytes / 4]));
    graph.inputs.push(x);
    graph
}

/// Adds a node whose output has `bytes` bytes.
fn add(
    graph: &mut Graph,
    name: &str,
    op: impl Into<Op>,
    inputs: &[ValueId],
    bytes: usize,
) -> ValueId {
    let output = graph.add_value(name, TensorType::f32([bytes / 4]));
    graph.nodes.push(Node {
        name: name.to_owned(),
        op: op.into(),
        inputs: inputs.to_vec(),
        outputs: vec![output],
    });
    output
}

fn opaque() -> Concat {
    Concat { axis: 0 }
}

fn names(graph: &Graph) -> Vec<&str> {
    graph.nodes.iter().map(|node| node.name.as_str()).collect()
}

fn peak(graph: &Graph) -> usize {
    Costs::of(graph).peak(0..graph.nodes.len())
}

#[test]
fn a_chain_stays() {
    let mut g = graph(16);
    let x = g.inputs[0];
    let a = add(&mut g, "a", opaque(), &[x], 400);
    let b = add(&mut g, "b", opaque(), &[a], 40);
    g.outputs.push(b);
    assert_eq!(peak(&g), 440);
    assert_eq!(names(&run(g)), ["a", "b"]);
}

#[test]
fn branches_run_one_after_the_other() {
    let mut g = graph(16);
    let x = g.inputs[0];
    let a1 = add(&mut g, "a1", opaque(), &[x], 400);
    let b1 = add(&mut g, "b1", opaque(), &[x], 400);
    let a2 = add(&mut g, "a2", opaque(), &[a1], 4);
    let b2 = add(&mut g, "b2", opaque(), &[b1], 4);
    let y = add(&mut g, "y", opaque(), &[a2, b2], 8);
    g.outputs.push(y);
    assert_eq!(peak(&g), 816);
    let g = run(g);
    assert_eq!(peak(&g), 420);
    assert_eq!(names(&g), ["a1", "a2", "b1", "b2", "y"]);
}

/// The branch whose result is small runs first although the file has it last.
#[test]
fn the_branch_with_the_greatest_drop_runs_first() {
    let mut g = graph(16);
    let x = g.inputs[0];
    let small = add(&mut g, "wide result", opaque(), &[x], 300);
    let b1 = add(&mut g, "wide inside", opaque(), &[x], 400);
    let b2 = add(&mut g, "narrow result", opaque(), &[b1], 4);
    let y = add(&mut g, "y", opaque(), &[small, b2], 8);
    g.outputs.push(y);
    let g = run(g);
    assert_eq!(
        names(&g),
        ["wide inside", "narrow result", "wide result", "y"]
    );
    assert_eq!(peak(&g), 420);
}

#[test]
fn the_order_of_the_file_wins_ties() {
    let mut g = graph(16);
    let x = g.inputs[0];
    let b = add(&mut g, "b", opaque(), &[x], 40);
    let a = add(&mut g, "a", opaque(), &[x], 40);
    let y = add(&mut g, "y", opaque(), &[a, b], 40);
    g.outputs.push(y);
    assert_eq!(names(&run(g)), ["b", "a", "y"]);
}

#[test]
fn views_and_element_wise_nodes_take_no_memory() {
    let mut g = graph(400);
    let x = g.inputs[0];
    let view = add(&mut g, "view", Reshape { shape: vec![100] }, &[x], 400);
    let y = add(&mut g, "y", Unary::of(UnaryFn::Tanh), &[view], 400);
    g.outputs.push(y);
    assert_eq!(peak(&g), 400);
}

#[test]
fn outputs_stay_alive() {
    let mut g = graph(16);
    let x = g.inputs[0];
    let a = add(&mut g, "a", opaque(), &[x], 400);
    let b = add(&mut g, "b", opaque(), &[a], 400);
    let c = add(&mut g, "c", opaque(), &[b], 400);
    g.outputs.extend([a, c]);
    assert_eq!(peak(&g), 1200);
}

/// Twenty diamonds in a row, file order breadth first: the search stays quick and valid.
#[test]
fn a_long_graph_keeps_its_dependencies() {
    let mut g = graph(16);
    let mut x = g.inputs[0];
    for i in 0..60 {
        let wide: Vec<ValueId> = (0..3)
            .map(|k| add(&mut g, &format!("{i} wide {k}"), opaque(), &[x], 400))
            .collect();
        let narrow: Vec<ValueId> = wide
            .iter()
            .map(|&w| add(&mut g, &format!("{i} narrow"), opaque(), &[w], 4))
            .collect();
        x = add(&mut g, &format!("{i} sum"), opaque(), &narrow, 16);
    }
    g.outputs.push(x);
    let before = peak(&g);
    let g = run(g);
    assert_eq!(g.nodes.len(), 60 * 7);
    assert!(peak(&g) < before);
    let mut known = g.inputs.clone();
    for node in &g.nodes {
        assert!(node.inputs.iter().all(|input| known.contains(input)));
        known.extend(&node.outputs);
    }
}
