//! Small graphs of integers for tests of passes, and the check that a pass keeps every bit of what they compute.

use crate::exec::Executor;
use crate::ir::{
    Arithmetic, Graph, Node, Quant, QuantParams, Tensor, TensorType, ValueId, edit, verify,
};
use crate::lower;
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Conv2d, DepthwiseConv2d, FullyConnected, Op, Sliding};
use crate::plan::{Disjoint, Planner};
use crate::program::Program;

/// A graph under construction, and numbers that look random.
#[derive(Debug)]
pub(crate) struct Build {
    pub(crate) graph: Graph,
    state: u64,
}

/// What integers may compute.
pub(crate) const ARITHMETICS: [Arithmetic; 3] =
    [Arithmetic::TfLite, Arithmetic::Onnx, Arithmetic::Native];

/// A scale and a zero point.
pub(crate) fn quant(scale: f32, zero_point: i32) -> QuantParams {
    QuantParams { scale, zero_point }
}

/// A window without padding, step 1.
pub(crate) fn window(kernel: [usize; 2]) -> Sliding {
    Sliding {
        kernel,
        strides: [1, 1],
        dilations: [1, 1],
        pads: [0; 4],
    }
}

/// What a layer is made of, beside its input.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    /// The window; that of a fully connected layer is of no account.
    pub(crate) sliding: Sliding,
    /// The weights in the order of the layer.
    pub(crate) weights: Vec<i8>,
    /// A bias for each output channel.
    pub(crate) bias: Vec<i32>,
    /// A scale for each output channel.
    pub(crate) scales: Vec<f32>,
    /// What the outputs stand for.
    pub(crate) to: QuantParams,
    /// Limits of the result.
    pub(crate) clamp: [f32; 2],
}

impl Parts {
    /// A layer without limits, whose sums count as they are.
    pub(crate) fn of(sliding: Sliding, weights: &[i8], bias: &[i32]) -> Self {
        Self {
            sliding,
            weights: weights.to_vec(),
            bias: bias.to_vec(),
            scales: vec![1.0; bias.len()],
            to: quant(1.0, 0),
            clamp: NO_CLAMP,
        }
    }
}

impl Build {
    pub(crate) fn new(arithmetic: Arithmetic, seed: u64) -> Self {
        let graph = Graph {
            arithmetic,
            ..Graph::default()
        };
        let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Self { graph, state }
    }

    /// A number below `end` that looks random.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 11) % end.max(1) as u64) as usize
    }

    pub(crate) fn input(&mut self, shape: &[usize], quant: QuantParams) -> ValueId {
        let id = self.graph.add_value("x", TensorType::i8(shape, quant));
        self.graph.inputs.push(id);
        id
    }

    pub(crate) fn channels(&self, id: ValueId) -> usize {
        self.graph.ty(id).shape.last().copied().unwrap_or(1)
    }

    pub(crate) fn params(&self, id: ValueId) -> QuantParams {
        self.graph.ty(id).params().expect("a quantized value")
    }

    /// A node whose output stands for reals in a way of its own.
    pub(crate) fn node(
        &mut self,
        op: impl Into<Op>,
        inputs: &[ValueId],
        to: QuantParams,
    ) -> ValueId {
        let op = op.into();
        let types: Vec<&TensorType> = inputs.iter().map(|&id| self.graph.ty(id)).collect();
        let mut made = op.operator().infer(&types).expect("inputs it takes");
        let mut ty = made.remove(0);
        ty.quant = Some(Quant::PerTensor(to));
        let name = format!("{}{}", op.name(), self.graph.nodes.len());
        let output = self.graph.add_value(&name, ty);
        self.graph.nodes.push(Node {
            name,
            op,
            inputs: inputs.to_vec(),
            outputs: vec![output],
        });
        output
    }

    pub(crate) fn constant(&mut self, tensor: Tensor, quant: Option<Quant>) -> ValueId {
        let id = self.graph.add_constant("constant", tensor);
        self.graph.values[id.index()].ty.quant = quant;
        id
    }

    fn weighted(
        &mut self,
        op: impl Into<Op>,
        x: ValueId,
        shape: &[usize],
        axis: usize,
        parts: Parts,
    ) -> ValueId {
        let scales = parts.scales;
        let weights = Tensor::from_i8(shape, parts.weights).expect("weights of the shape");
        let weights = self.constant(weights, Some(Quant::PerChannel { axis, scales }));
        let bias = Tensor::from_i32(&[parts.bias.len()], parts.bias).expect("a bias");
        let bias = self.constant(bias, None);
        self.node(op, &[x, weights, bias], parts.to)
    }

    pub(crate) fn conv(&mut self, x: ValueId, parts: Parts) -> ValueId {
        let [height, width] = parts.sliding.kernel;
        let shape = [parts.bias.len(), height, width, self.channels(x)];
        let op = Conv2d {
            sliding: parts.sliding,
            groups: 1,
            clamp: parts.clamp,
        };
        self.weighted(op, x, &shape, 0, parts)
    }

    pub(crate) fn depthwise(&mut self, x: ValueId, parts: Parts) -> ValueId {
        let [height, width] = parts.sliding.kernel;
        let shape = [height, width, parts.bias.len()];
        let op = DepthwiseConv2d {
            sliding: parts.sliding,
            clamp: parts.clamp,
        };
        self.weighted(op, x, &shape, 2, parts)
    }

    pub(crate) fn dense(&mut self, x: ValueId, parts: Parts) -> ValueId {
        let shape = [parts.bias.len(), self.channels(x)];
        let op = FullyConnected { clamp: parts.clamp };
        self.weighted(op, x, &shape, 0, parts)
    }

    /// Runs a pass; the graph must compute the same bits. Returns whether it said that it changed something.
    pub(crate) fn check(&self, pass: impl Fn(&mut Graph) -> bool) -> (Graph, bool) {
        verify::run(&self.graph).expect("the graph before is sound");
        let mut after = self.graph.clone();
        let changed = pass(&mut after);
        edit::sweep(&mut after, |_, _| None);
        edit::compact(&mut after);
        verify::run(&after).unwrap_or_else(|errors| panic!("the graph after: {errors}"));
        let (before, program_after) = (program(&self.graph), program(&after));
        for seed in 0..4 {
            let expected = run(&before, seed);
            assert_eq!(run(&program_after, seed), expected, "{:?}", self.graph);
        }
        (after, changed)
    }
}

/// The program of a graph.
pub(crate) fn program(graph: &Graph) -> Program {
    let draft = lower::run(graph).unwrap_or_else(|errors| panic!("{errors:?} in {graph:?}"));
    lower::assemble(graph, &draft, &Disjoint.plan(&draft)).program
}

/// Outputs for bytes that look random.
fn run(program: &Program, seed: u64) -> Vec<Vec<u8>> {
    let mut random = Build::new(Arithmetic::Native, 1000 + seed);
    let mut executor = Executor::new(program);
    for (index, port) in program.inputs.iter().enumerate() {
        let bytes: Vec<u8> = (0..port.slot.bytes())
            .map(|_| random.below(256) as u8)
            .collect();
        executor.set_input(index, &bytes);
    }
    executor.run().expect("the program runs");
    let outputs = 0..program.outputs.len();
    outputs
        .map(|index| executor.output(index).to_vec())
        .collect()
}
