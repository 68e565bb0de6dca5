use crate::exec::Executor;
use crate::ir::{Graph, Node, State, Tensor, TensorType, ValueId};
use crate::lower;
use crate::ops::{Svdf, Unary};
use crate::plan::{Disjoint, Planner};
use edge_core::params::UnaryFn;

/// An `SVDF` that sums its last three inputs; `watch` adds another reader of its memory.
fn running_sum(watch: bool) -> Graph {
    let mut graph = Graph::default();
    let x = graph.add_value("x", TensorType::f32([1, 1]));
    let memory = graph.add_value("memory", TensorType::f32([1, 3]));
    graph.inputs = vec![x, memory];
    let mut constant = |shape: &[usize], data: Vec<f32>| {
        graph.add_constant("c", Tensor::from_f32(shape, data).unwrap())
    };
    let features = constant(&[1, 1], vec![1.0]);
    let time = constant(&[1, 3], vec![1.0; 3]);
    let bias = constant(&[1], vec![0.0]);
    let y = graph.add_value("y", TensorType::f32([1, 1]));
    let new = graph.add_value("new", TensorType::f32([1, 3]));
    let clamp = [f32::NEG_INFINITY, f32::INFINITY];
    graph.nodes.push(Node {
        name: "sum".to_owned(),
        op: Svdf { rank: 1, clamp }.into(),
        inputs: vec![x, features, time, bias, memory],
        outputs: vec![y, new],
    });
    graph.outputs = vec![y];
    if watch {
        let seen = graph.add_value("seen", TensorType::f32([1, 3]));
        graph.nodes.push(Node {
            name: "seen".to_owned(),
            op: Unary::of(UnaryFn::Abs).into(),
            inputs: vec![memory],
            outputs: vec![seen],
        });
        graph.outputs.push(seen);
    }
    graph.outputs.push(new);
    graph.states.push(state("memory", &[0.0, 0.0, 10.0]));
    graph
}

fn state(name: &str, init: &[f32]) -> State {
    State {
        name: name.to_owned(),
        init: Tensor::from_f32(&[1, init.len()], init.to_vec()).unwrap(),
    }
}

/// The first floats of an output over some runs, with a reset at the end, and the number of steps.
fn run(graph: &Graph, output: usize) -> (Vec<f32>, usize) {
    crate::ir::verify::run(graph).unwrap();
    let draft = lower::run(graph).unwrap();
    let plan = Disjoint.plan(&draft);
    crate::plan::verify(&draft, &plan).unwrap();
    let program = lower::assemble(graph, &draft, &plan).program;
    let mut executor = Executor::new(&program);
    let mut step = |x: f32, reset: bool| {
        if reset {
            executor.reset();
        }
        executor.set_input(0, &x.to_le_bytes());
        executor.run().unwrap();
        let word = executor.output(output).first_chunk().copied();
        f32::from_le_bytes(word.unwrap())
    };
    let runs = [(1.0, false), (2.0, false), (3.0, false), (4.0, true)];
    let found = runs.map(|(x, reset)| step(x, reset)).to_vec();
    (found, program.steps.len())
}

#[test]
fn memory_of_one_reader_is_updated_in_place() {
    let (found, steps) = run(&running_sum(false), 0);
    assert_eq!(found, [11.0, 13.0, 6.0, 14.0]);
    assert_eq!(steps, 1);
}

#[test]
fn memory_that_others_read_is_copied_first_and_back_at_the_end() {
    let graph = running_sum(true);
    let (found, steps) = run(&graph, 0);
    assert_eq!(found, [11.0, 13.0, 6.0, 14.0]);
    // Copy, update, the other reader, copy.
    assert_eq!(steps, 4);
    let (oldest, _) = run(&graph, 1);
    assert_eq!(oldest, [0.0, 0.0, 10.0, 0.0]);
}

#[test]
fn states_that_change_places_are_read_before_they_are_written() {
    let mut graph = Graph::default();
    let ids: Vec<ValueId> = ["x", "a", "b"]
        .iter()
        .map(|name| graph.add_value(*name, TensorType::f32([1, 1])))
        .collect();
    let [x, a, b] = ids[..] else {
        panic!("three values");
    };
    let y = graph.add_value("y", TensorType::f32([1, 1]));
    graph.nodes.push(Node {
        name: "y".to_owned(),
        op: Unary::of(UnaryFn::Abs).into(),
        inputs: vec![a],
        outputs: vec![y],
    });
    graph.inputs = vec![x, a, b];
    graph.outputs = vec![y, b, a];
    graph.states = vec![state("a", &[1.0]), state("b", &[2.0])];
    let (found, _) = run(&graph, 0);
    assert_eq!(found, [1.0, 2.0, 1.0, 1.0]);
}
