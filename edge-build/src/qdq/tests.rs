//! What is fused, what is not, and that both compute the same.

use super::run;
use crate::exec::Executor;
use crate::ir::{Arithmetic, DType, Graph, Node, Quant, QuantParams, Tensor, TensorType, ValueId};
use crate::ir::{edit, verify};
use crate::lower;
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{
    Binary, Concat, Conv2d, DepthwiseConv2d, Dequantize, FullyConnected, MaxPool2d, Op, Pad,
    Quantize, Reduce, Reshape, Sliding, Softmax, Transpose, Unary,
};
use crate::plan::{Disjoint, Planner};
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

/// A graph under construction.
#[derive(Default)]
struct Build {
    graph: Graph,
}

fn params(scale: f32, zero_point: i32) -> QuantParams {
    QuantParams { scale, zero_point }
}

/// Integers that look random, the same for the same seed.
fn numbers(seed: i32, count: usize, limit: i32) -> Vec<i32> {
    let mut state = seed.wrapping_mul(747_796_405).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % (limit + 1)
    };
    (0..count).map(|_| next()).collect()
}

impl Build {
    fn new() -> Self {
        let mut build = Self::default();
        build.graph.arithmetic = Arithmetic::Onnx;
        build
    }

    fn input(&mut self, shape: &[usize]) -> ValueId {
        let id = self.graph.add_value("x", TensorType::f32(shape));
        self.graph.inputs.push(id);
        id
    }

    fn typed(&mut self, op: impl Into<Op>, inputs: &[ValueId], quant: Option<Quant>) -> ValueId {
        let op = op.into();
        let types: Vec<&TensorType> = inputs.iter().map(|&id| self.graph.ty(id)).collect();
        let mut made = op.operator().infer(&types).unwrap();
        let ty = TensorType {
            quant,
            ..made.remove(0)
        };
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

    fn node(&mut self, op: impl Into<Op>, inputs: &[ValueId]) -> ValueId {
        self.typed(op, inputs, None)
    }

    fn quantize(&mut self, x: ValueId, params: QuantParams) -> ValueId {
        let op = Quantize { dtype: DType::I8 };
        self.typed(op, &[x], Some(Quant::PerTensor(params)))
    }

    /// Quantize and back.
    fn rounded(&mut self, x: ValueId, params: QuantParams) -> ValueId {
        let q = self.quantize(x, params);
        self.node(Dequantize, &[q])
    }

    /// Floats on a grid with a scale per index of an axis.
    fn on_grid(&mut self, shape: &[usize], axis: usize, scales: &[f32]) -> ValueId {
        let inner: usize = shape[axis + 1..].iter().product();
        let integers = numbers(7, shape.iter().product(), 127);
        let floats = integers.iter().enumerate();
        let floats = floats.map(|(i, &q)| q as f32 * scales[(i / inner) % scales.len()]);
        let tensor = Tensor::from_f32(shape, floats.collect()).unwrap();
        let id = self.graph.add_constant("weights", tensor);
        self.graph.values[id.index()].ty.quant = Some(if scales.len() == 1 {
            Quant::PerTensor(params(scales[0], 0))
        } else {
            Quant::PerChannel {
                axis,
                scales: scales.to_vec(),
            }
        });
        id
    }

    fn floats(&mut self, shape: &[usize], data: &[f32]) -> ValueId {
        let tensor = Tensor::from_f32(shape, data.to_vec()).unwrap();
        self.graph.add_constant("floats", tensor)
    }

    /// Fuses the graph; both must give outputs that differ by at most a step.
    fn fused(&mut self, output: ValueId, step: f32) -> Vec<&'static str> {
        self.graph.outputs.push(output);
        verify::run(&self.graph).unwrap();
        let fused = run(self.graph.clone());
        verify::run(&fused).unwrap_or_else(|errors| panic!("{errors}"));
        let mut alive = self.graph.clone();
        edit::sweep(&mut alive, |_, _| None);
        let (expected, found) = (outputs(&alive), outputs(&fused));
        assert_eq!(expected.len(), found.len());
        let varies = |x: &f32| (x - expected[0]).abs() > 0.0;
        assert!(expected.iter().any(varies), "{expected:?}");
        for (a, b) in expected.iter().zip(&found) {
            assert!((a - b).abs() <= step * 1.01, "{a} and {b}");
        }
        fused.nodes.iter().map(|node| node.op.name()).collect()
    }
}

fn outputs(graph: &Graph) -> Vec<f32> {
    let draft = lower::run(graph).unwrap_or_else(|errors| panic!("{errors:?}"));
    let assembly = lower::assemble(graph, &draft, &Disjoint.plan(&draft));
    let mut executor = Executor::new(&assembly.program);
    for (index, &id) in graph.inputs.iter().enumerate() {
        let integers = numbers(index as i32 + 3, graph.ty(id).len(), 400);
        let data: Vec<f32> = integers.iter().map(|&q| q as f32 / 100.0).collect();
        executor.set_input(index, bytemuck::cast_slice(&data));
    }
    executor.run().unwrap();
    bytemuck::allocation::pod_collect_to_vec(executor.output(0))
}

fn window(kernel: [usize; 2]) -> Sliding {
    Sliding {
        kernel,
        strides: [1, 1],
        dilations: [1, 1],
        pads: [0; 4],
    }
}

const IN: QuantParams = QuantParams {
    scale: 0.03,
    zero_point: -5,
};
const OUT: QuantParams = QuantParams {
    scale: 0.5,
    zero_point: 11,
};

/// Quantize, dequantize, an operator, quantize, dequantize.
fn around(
    op: impl Into<Op>,
    shape: &[usize],
    rest: impl Fn(&mut Build) -> Vec<ValueId>,
) -> Vec<&'static str> {
    let mut b = Build::new();
    let x = b.input(shape);
    let x = b.rounded(x, IN);
    let mut inputs = vec![x];
    inputs.extend(rest(&mut b));
    let y = b.node(op, &inputs);
    let y = b.rounded(y, OUT);
    b.fused(y, OUT.scale)
}

fn conv() -> Conv2d {
    Conv2d {
        sliding: window([2, 2]),
        groups: 1,
        clamp: [0.0, f32::INFINITY],
    }
}

#[test]
fn layers_compute_on_integers() {
    let integers = ["Quantize", "Conv2d", "Dequantize"];
    let scales = [0.02, 0.005, 0.01];
    let per_channel = around(conv(), &[1, 4, 5, 3], |b| {
        let bias = b.floats(&[3], &[1.0, -2.0, 0.25]);
        vec![b.on_grid(&[3, 2, 2, 3], 0, &scales), bias]
    });
    assert_eq!(per_channel, integers);
    let layer = FullyConnected { clamp: NO_CLAMP };
    let per_tensor = around(layer, &[3, 8], |b| {
        let bias = b.floats(&[2], &[0.5, 0.0]);
        vec![b.on_grid(&[2, 8], 0, &[0.01]), bias]
    });
    assert_eq!(per_tensor, ["Quantize", "FullyConnected", "Dequantize"]);
}

#[test]
fn layers_without_grid_stay_float() {
    let ops = around(conv(), &[1, 4, 5, 3], |b| {
        let bias = b.floats(&[1], &[1.0]);
        let weights: Vec<f32> = (0..12).map(|k| k as f32 * 0.0137).collect();
        vec![b.floats(&[1, 2, 2, 3], &weights), bias]
    });
    assert_eq!(ops[2], "Conv2d");
    assert_eq!(ops[1], "Dequantize");
}

#[test]
fn scales_of_another_axis_stay_float() {
    let ops = around(conv(), &[1, 4, 5, 3], |b| {
        let bias = b.floats(&[1], &[1.0]);
        vec![b.on_grid(&[1, 2, 2, 3], 3, &[0.01, 0.02, 0.03]), bias]
    });
    assert_eq!(ops[1], "Dequantize");
}

#[test]
fn factors_of_channels_need_no_grid() {
    let op = DepthwiseConv2d {
        sliding: window([1, 1]),
        clamp: NO_CLAMP,
    };
    let ops = around(op, &[1, 4, 5, 3], |b| {
        let factors = b.floats(&[1, 1, 3], &[1.7, -0.3, 0.0]);
        vec![factors, b.floats(&[3], &[0.1, 2.0, -3.0])]
    });
    assert_eq!(ops, ["Quantize", "DepthwiseConv2d", "Dequantize"]);
}

#[test]
fn channels_without_weights_keep_their_bias() {
    let mut b = Build::new();
    let x = b.input(&[1, 3, 3, 1]);
    let x = b.rounded(x, IN);
    // The scale of the second channel is as small as exporters write it.
    let w = b.on_grid(&[2, 1, 1, 1], 0, &[0.01, 1e-12]);
    let tensor = Tensor::from_f32(&[2, 1, 1, 1], vec![1.0, 0.0]).unwrap();
    b.graph.values[w.index()].constant = Some(tensor.into());
    let bias = b.floats(&[2], &[0.5, 20.0]);
    let op = Conv2d {
        sliding: window([1, 1]),
        groups: 1,
        clamp: NO_CLAMP,
    };
    let y = b.node(op, &[x, w, bias]);
    let y = b.rounded(y, OUT);
    assert_eq!(b.fused(y, OUT.scale), ["Quantize", "Conv2d", "Dequantize"]);
}

#[test]
fn functions_of_two_tensors() {
    for kind in [BinaryKind::Add, BinaryKind::Mul, BinaryKind::Sub] {
        let op = Binary {
            kind,
            clamp: NO_CLAMP,
        };
        let ops = around(op, &[2, 6], |b| vec![b.on_grid(&[6], 0, &[0.02])]);
        assert_eq!(ops, ["Quantize", "Binary", "Dequantize"], "{kind:?}");
    }
}

#[test]
fn functions_of_one_tensor() {
    let reduce = Reduce {
        kind: ReduceKind::Mean,
        start: 1,
        end: 2,
    };
    let softmax = Softmax {
        start: 1,
        end: 2,
        log: false,
        beta: 1.0,
        wide: false,
    };
    assert_eq!(around(reduce, &[3, 40], |_| vec![])[1], "Reduce");
    let tanh = Unary::of(UnaryFn::Affine(3.0, 0.5));
    assert_eq!(around(tanh, &[3, 40], |_| vec![])[1], "Unary");
    let mut b = Build::new();
    let x = b.input(&[2, 5]);
    let x = b.rounded(x, IN);
    let y = b.node(softmax, &[x]);
    let y = b.rounded(y, params(1.0 / 256.0, -128));
    assert_eq!(
        b.fused(y, 1.0 / 256.0),
        ["Quantize", "Softmax", "Dequantize"]
    );
}

#[test]
fn what_moves_moves_bytes() {
    let mut b = Build::new();
    let x = b.input(&[1, 2, 3, 4]);
    let x = b.rounded(x, IN);
    let perm = vec![0, 3, 1, 2];
    let y = b.node(Transpose { perm }, &[x]);
    let shape = vec![4, 6];
    let y = b.node(Reshape { shape }, &[y]);
    let y = b.rounded(y, IN);
    assert_eq!(
        b.fused(y, 0.0),
        ["Quantize", "Transpose", "Reshape", "Dequantize"]
    );
}

#[test]
fn a_quantization_passes_what_moves() {
    let mut b = Build::new();
    let x = b.input(&[1, 4, 5, 3]);
    let x = b.rounded(x, IN);
    let (w, bias) = (
        b.on_grid(&[2, 2, 2, 3], 0, &[0.02]),
        b.floats(&[2], &[0.0, 1.0]),
    );
    let y = b.node(conv(), &[x, w, bias]);
    let perm = vec![0, 3, 1, 2];
    let y = b.node(Transpose { perm }, &[y]);
    let y = b.rounded(y, OUT);
    assert_eq!(
        b.fused(y, OUT.scale),
        ["Quantize", "Conv2d", "Transpose", "Dequantize"]
    );
}

#[test]
fn other_scales_are_a_table() {
    let mut b = Build::new();
    let x = b.input(&[40]);
    let x = b.rounded(x, IN);
    let y = b.rounded(x, OUT);
    assert_eq!(b.fused(y, 0.0), ["Quantize", "Unary", "Dequantize"]);
}

#[test]
fn inputs_of_one_scale() {
    let pool = MaxPool2d {
        sliding: window([2, 2]),
        clamp: NO_CLAMP,
    };
    let ops = around(pool, &[1, 4, 4, 2], |_| vec![]);
    assert_eq!(ops, ["Quantize", "Unary", "MaxPool2d", "Dequantize"]);
    let pad = Pad {
        before: vec![0, 2],
        after: vec![1, 0],
        value: 1.5,
    };
    let ops = around(pad, &[2, 4], |_| vec![]);
    assert_eq!(ops, ["Quantize", "Unary", "Pad", "Dequantize"]);
    let ops = around(Concat { axis: 1 }, &[2, 4], |b| {
        vec![b.on_grid(&[2, 1], 0, &[0.5])]
    });
    assert_eq!(ops, ["Quantize", "Unary", "Unary", "Concat", "Dequantize"]);
}

#[test]
fn limits_beside_zero_go_into_the_layer() {
    let mut b = Build::new();
    let x = b.input(&[3, 8]);
    let x = b.rounded(x, IN);
    let (w, bias) = (b.on_grid(&[2, 8], 0, &[0.01]), b.floats(&[2], &[0.5, 0.0]));
    let y = b.node(FullyConnected { clamp: NO_CLAMP }, &[x, w, bias]);
    let y = b.node(Unary::of(UnaryFn::Clip(-6.0, -1.0)), &[y]);
    let y = b.rounded(y, OUT);
    assert_eq!(
        b.fused(y, OUT.scale),
        ["Quantize", "FullyConnected", "Dequantize"]
    );
}

#[test]
fn what_others_read_stays_float() {
    let mut b = Build::new();
    let x = b.input(&[2, 8]);
    let x = b.rounded(x, IN);
    let tanh = b.node(Unary::of(UnaryFn::Tanh), &[x]);
    b.graph.outputs.push(tanh);
    let y = b.rounded(tanh, params(0.01, 0));
    let ops = b.fused(y, 0.01);
    assert_eq!(
        ops,
        ["Quantize", "Dequantize", "Unary", "Quantize", "Dequantize"]
    );
}

#[test]
fn scales_without_kernel_stay_float() {
    let mut b = Build::new();
    let x = b.input(&[3, 8]);
    let x = b.rounded(x, IN);
    let (w, bias) = (b.on_grid(&[2, 8], 0, &[0.01]), b.floats(&[2], &[0.5, 0.0]));
    let y = b.node(FullyConnected { clamp: NO_CLAMP }, &[x, w, bias]);
    let fine = params(1e-30, 0);
    let y = b.rounded(y, fine);
    let ops = b.fused(y, 1.0);
    assert_eq!(ops.iter().filter(|op| **op == "Quantize").count(), 2);
}

#[test]
fn networks_of_tflite_stay_as_they_are() {
    let mut b = Build::new();
    b.graph.arithmetic = Arithmetic::TfLite;
    let x = b.input(&[40]);
    let x = b.rounded(x, IN);
    let y = b.node(Unary::of(UnaryFn::Tanh), &[x]);
    let y = b.rounded(y, params(0.01, 0));
    assert_eq!(b.fused(y, 0.0).len(), 5);
}
