//! Sweeps, replacements, compaction.

use super::*;
use crate::ir::verify;
use crate::ops::Unary;
use crate::passes::testing::{Build, ops};
use edge_core::params::UnaryFn;

fn chain() -> Graph {
    let mut b = Build::new();
    let x = b.input("x", &[2]);
    let a = b.node(Unary::of(UnaryFn::Tanh), &[x]);
    let dead = b.node(Unary::of(UnaryFn::Abs), &[a]);
    b.node(Unary::of(UnaryFn::Sqrt), &[dead]);
    let y = b.node(Unary::of(UnaryFn::Exp), &[a]);
    b.output(y).graph()
}

#[test]
fn a_sweep_drops_what_nothing_reads() {
    let mut graph = chain();
    assert!(sweep(&mut graph, |_, _| None));
    assert_eq!(ops(&graph).len(), 2);
    assert!(!sweep(&mut graph, |_, _| None));
    compact(&mut graph);
    assert_eq!(graph.values.len(), 3);
    verify::run(&graph).expect("sound");
}

#[test]
fn later_nodes_read_the_replacement() {
    let mut graph = chain();
    let changed = sweep(&mut graph, |rewriter, node| {
        let tanh = node.op == Unary::of(UnaryFn::Tanh).into();
        tanh.then(|| rewriter.replace(node.outputs[0], node.inputs[0]))?
    });
    assert!(changed);
    verify::run(&graph).expect("sound");
    assert_eq!(graph.nodes.len(), 1, "the rest was dead");
    assert_eq!(graph.nodes[0].inputs, graph.inputs);
}

#[test]
fn an_output_hands_its_name_on() {
    let mut graph = chain();
    let name = graph.value(graph.outputs[0]).name.clone();
    let changed = sweep(&mut graph, |rewriter, node| {
        let exp = node.op == Unary::of(UnaryFn::Exp).into();
        exp.then(|| rewriter.replace(node.outputs[0], node.inputs[0]))?
    });
    assert!(changed);
    verify::run(&graph).expect("sound");
    assert_eq!(graph.value(graph.outputs[0]).name, name);
}

#[test]
fn an_output_is_no_input() {
    let mut b = Build::new();
    let x = b.input("x", &[2]);
    let y = b.node(Unary::of(UnaryFn::Tanh), &[x]);
    let mut graph = b.output(y).graph();
    let changed = sweep(&mut graph, |rewriter, node| {
        rewriter.replace(node.outputs[0], node.inputs[0])
    });
    assert!(!changed);
}

#[test]
fn a_node_that_would_make_another_type_is_not_emitted() {
    let mut graph = chain();
    let changed = sweep(&mut graph, |rewriter, node| {
        let shape = vec![1, 2];
        let op = crate::ops::Reshape { shape };
        rewriter.make_as("wrong", op, &node.inputs, node.outputs[0])
    });
    assert!(changed, "only the dead nodes go");
    assert_eq!(ops(&graph), ["Unary", "Unary"]);
}
