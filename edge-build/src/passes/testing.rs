//! Small graphs for tests of passes, and the check that a pass keeps what they compute.

pub(crate) mod integers;

use crate::exec::Executor;
use crate::ir::{Graph, Node, Tensor, TensorType, ValueId, edit, verify};
use crate::lower;
use crate::ops::Op;
use crate::plan::{Disjoint, Planner};

/// A graph under construction.
#[derive(Debug, Default)]
pub(crate) struct Build {
    graph: Graph,
    seed: u32,
}

/// Numbers from −1 to 1 that look random, the same for the same seed.
pub(crate) fn noise(seed: u32, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

impl Build {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn input(&mut self, name: &str, shape: &[usize]) -> ValueId {
        let id = self.graph.add_value(name, TensorType::f32(shape));
        self.graph.inputs.push(id);
        id
    }

    pub(crate) fn constant(&mut self, shape: &[usize], data: &[f32]) -> ValueId {
        let tensor = Tensor::from_f32(shape, data.to_vec()).expect("as many numbers as the shape");
        self.graph.add_constant("constant", tensor)
    }

    /// A constant that looks random.
    pub(crate) fn weights(&mut self, shape: &[usize]) -> ValueId {
        self.seed += 1;
        let data = noise(self.seed, shape.iter().product());
        self.constant(shape, &data)
    }

    pub(crate) fn node(&mut self, op: impl Into<Op>, inputs: &[ValueId]) -> ValueId {
        let op = op.into();
        let types: Vec<&TensorType> = inputs.iter().map(|&id| self.graph.ty(id)).collect();
        let mut outputs = op
            .operator()
            .infer(&types)
            .expect("inputs that the operator takes");
        let name = format!("{}{}", op.name(), self.graph.nodes.len());
        let output = self.graph.add_value(&name, outputs.remove(0));
        self.graph.nodes.push(Node {
            name,
            op,
            inputs: inputs.to_vec(),
            outputs: vec![output],
        });
        output
    }

    pub(crate) fn shape(&self, id: ValueId) -> &[usize] {
        &self.graph.ty(id).shape
    }

    pub(crate) fn output(&mut self, id: ValueId) -> &mut Self {
        self.graph.outputs.push(id);
        self
    }

    /// The graph as it is.
    pub(crate) fn graph(&self) -> Graph {
        self.graph.clone()
    }

    /// Runs a pass that must change something, then drops dead nodes; the graph must compute the same.
    pub(crate) fn check(&self, pass: fn(&mut Graph) -> bool) -> Graph {
        let (changed, after) = self.apply(pass);
        assert!(changed, "the pass changes nothing");
        after
    }

    /// Runs a pass that must change nothing.
    pub(crate) fn check_unchanged(&self, pass: fn(&mut Graph) -> bool) {
        let (changed, after) = self.apply(pass);
        assert!(!changed, "the pass changes {:?}", ops(&after));
    }

    fn apply(&self, pass: fn(&mut Graph) -> bool) -> (bool, Graph) {
        verify::run(&self.graph).expect("the graph before is sound");
        let mut after = self.graph.clone();
        let changed = pass(&mut after);
        verify::run(&after).unwrap_or_else(|errors| panic!("the graph after: {errors}"));
        edit::sweep(&mut after, |_, _| None);
        edit::compact(&mut after);
        verify::run(&after)
            .unwrap_or_else(|errors| panic!("the graph without dead nodes: {errors}"));
        assert_same(&self.graph, &after);
        (changed, after)
    }
}

/// Names of the operators in order.
pub(crate) fn ops(graph: &Graph) -> Vec<&'static str> {
    graph.nodes.iter().map(|node| node.op.name()).collect()
}

/// Outputs for inputs that look random.
pub(crate) fn run(graph: &Graph) -> Vec<Vec<f32>> {
    let draft = lower::run(graph).unwrap_or_else(|errors| panic!("lowering: {errors:?}"));
    let assembly = lower::assemble(graph, &draft, &Disjoint.plan(&draft));
    let mut executor = Executor::new(&assembly.program);
    for (index, &id) in graph.inputs.iter().enumerate() {
        let data: Vec<f32> = noise(1000 + index as u32, graph.ty(id).len())
            .iter()
            .map(|x| x * 4.0)
            .collect();
        executor.set_input(index, bytemuck::cast_slice(&data));
    }
    executor.run().expect("the program runs");
    let output = |index| bytemuck::allocation::pod_collect_to_vec(executor.output(index));
    (0..graph.outputs.len()).map(output).collect()
}

/// Asserts that two graphs have the same borders and compute the same, and not only zeros.
pub(crate) fn assert_same(before: &Graph, after: &Graph) {
    for output in run(before) {
        let live = output.iter().any(|x| *x != 0.0);
        assert!(live, "all outputs are zero: this proves nothing");
    }
    assert_close(before, after, 1e-5);
}

/// Asserts that two graphs have the same borders, and that outputs differ by no more than a part of their
/// greatest element.
pub(crate) fn assert_close(before: &Graph, after: &Graph, tolerance: f32) {
    let borders = |graph: &Graph| -> Vec<(String, TensorType)> {
        let ids = graph.inputs.iter().chain(&graph.outputs);
        ids.map(|&id| (graph.value(id).name.clone(), graph.ty(id).clone()))
            .collect()
    };
    assert_eq!(borders(before), borders(after));
    for (expected, found) in run(before).iter().zip(run(after)) {
        assert_eq!(expected.len(), found.len());
        let most = expected.iter().fold(1e-3f32, |most, x| most.max(x.abs()));
        let far = |(x, y): &(&f32, &f32)| (*x - *y).abs() > tolerance * most;
        let first = expected
            .iter()
            .zip(&found)
            .enumerate()
            .find(|(_, pair)| far(pair));
        assert_eq!(
            first, None,
            "index, (before, after); the greatest is {most}"
        );
    }
}
