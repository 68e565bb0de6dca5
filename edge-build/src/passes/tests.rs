//! Whole graphs as exporters write them, and random ones.

mod random;

use super::*;
use crate::ir::{ValueId, verify};
use crate::ops::{
    Binary, Conv2d, DepthwiseConv2d, FullyConnected, MaxPool2d, Op, Pad, Reduce, Reshape, Sliding,
    Transpose, Unary, conv2d::NO_CLAMP,
};
use crate::passes::testing::{Build, assert_same, ops};
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

const RELU: UnaryFn = UnaryFn::Clip(0.0, f32::INFINITY);

fn window(kernel: [usize; 2], pads: [usize; 4]) -> Sliding {
    Sliding {
        kernel,
        strides: [1, 1],
        dilations: [1, 1],
        pads,
    }
}

/// A graph in NCHW whose image operators are wrapped, as the importer makes it.
struct Nchw(Build);

impl Nchw {
    fn turned(&mut self, x: ValueId, perm: [usize; 4]) -> ValueId {
        let perm = perm.to_vec();
        self.0.node(Transpose { perm }, &[x])
    }

    fn wrapped(&mut self, op: impl Into<Op>, x: ValueId, rest: &[ValueId]) -> ValueId {
        let x = self.turned(x, [0, 2, 3, 1]);
        let inputs: Vec<ValueId> = [&[x], rest].concat();
        let y = self.0.node(op, &inputs);
        self.turned(y, [0, 3, 1, 2])
    }

    fn conv(&mut self, x: ValueId, [out, depth]: [usize; 2]) -> ValueId {
        let op = Conv2d {
            sliding: window([3, 3], [1; 4]),
            groups: 1,
            clamp: NO_CLAMP,
        };
        let rest = [self.0.weights(&[out, 3, 3, depth]), self.0.weights(&[out])];
        self.wrapped(op, x, &rest)
    }

    fn batch_norm(&mut self, x: ValueId, channels: usize) -> ValueId {
        let op = DepthwiseConv2d {
            sliding: window([1, 1], [0; 4]),
            clamp: NO_CLAMP,
        };
        let rest = [
            self.0.weights(&[1, 1, channels]),
            self.0.weights(&[channels]),
        ];
        self.wrapped(op, x, &rest)
    }

    fn unary(&mut self, function: UnaryFn, x: ValueId) -> ValueId {
        self.0.node(Unary::of(function), &[x])
    }

    fn binary(&mut self, kind: BinaryKind, a: ValueId, b: ValueId) -> ValueId {
        let clamp = NO_CLAMP;
        self.0.node(Binary { kind, clamp }, &[a, b])
    }
}

fn canonical(build: &Build) -> Graph {
    let before = build.graph();
    verify::run(&before).expect("sound before");
    let after = canonicalize(before.clone()).expect("passes do not fail");
    verify::run(&after).unwrap_or_else(|errors| panic!("{errors}"));
    assert_same(&before, &after);
    let again = canonicalize(after.clone()).expect("passes do not fail");
    assert_eq!(ops(&again), ops(&after), "it has settled");
    after
}

#[test]
fn a_residual_network_keeps_one_transpose() {
    let mut n = Nchw(Build::new());
    let x = n.0.input("x", &[1, 3, 6, 6]);
    let y = n.conv(x, [8, 3]);
    let y = n.batch_norm(y, 8);
    let trunk = n.unary(RELU, y);
    let y = n.conv(trunk, [8, 8]);
    let y = n.batch_norm(y, 8);
    let y = n.binary(BinaryKind::Add, y, trunk);
    let y = n.unary(RELU, y);
    let reduce = Reduce {
        kind: ReduceKind::Mean,
        start: 2,
        end: 4,
    };
    let y = n.0.node(reduce, &[y]);
    let shape = vec![1, 8];
    let y = n.0.node(Reshape { shape }, &[y]);
    let rest = [n.0.weights(&[5, 8]), n.0.weights(&[5])];
    let y =
        n.0.node(FullyConnected { clamp: NO_CLAMP }, &[y, rest[0], rest[1]]);
    let after = canonical(n.0.output(y));
    let expected = [
        "Transpose",
        "Conv2d",
        "Conv2d",
        "Binary",
        "Reduce",
        "Reshape",
        "FullyConnected",
    ];
    assert_eq!(ops(&after), expected);
}

#[test]
fn squeeze_excite_and_hard_swish() {
    let mut n = Nchw(Build::new());
    let x = n.0.input("x", &[1, 1, 6, 6]);
    let y = n.conv(x, [4, 1]);
    let gate = n.unary(UnaryFn::HardSigmoid(1.0 / 6.0, 0.5), y);
    let y = n.binary(BinaryKind::Mul, y, gate);
    let reduce = Reduce {
        kind: ReduceKind::Mean,
        start: 2,
        end: 4,
    };
    let squeezed = n.0.node(reduce, &[y]);
    let squeezed = n.conv(squeezed, [4, 4]);
    let gate = n.unary(UnaryFn::Sigmoid, squeezed);
    let y = n.binary(BinaryKind::Mul, y, gate);
    let y = n.conv(y, [2, 4]);
    let shape = vec![1, 72];
    let y = n.0.node(Reshape { shape }, &[y]);
    let rest = [n.0.weights(&[5, 72]), n.0.weights(&[5])];
    let y =
        n.0.node(FullyConnected { clamp: NO_CLAMP }, &[y, rest[0], rest[1]]);
    let after = canonical(n.0.output(y));
    let expected = [
        "Reshape",
        "Conv2d",
        "Unary",
        "Reduce",
        "Conv2d",
        "Unary",
        "Binary",
        "Conv2d",
        "Reshape",
        "FullyConnected",
    ];
    assert_eq!(ops(&after), expected);
}

/// A 1-D operator over `[n, channels, length]`, wrapped as an image of height 1.
fn signal(b: &mut Build, op: impl Into<Op>, x: ValueId, rest: &[ValueId]) -> ValueId {
    let perm = vec![0, 2, 1];
    let x = b.node(Transpose { perm: perm.clone() }, &[x]);
    let &[n, l, c] = b.shape(x) else {
        panic!("a signal has three axes");
    };
    let shape = vec![n, 1, l, c];
    let x = b.node(Reshape { shape }, &[x]);
    let y = b.node(op, &[&[x], rest].concat());
    let &[n, _, l, c] = b.shape(y) else {
        panic!("an image has four axes");
    };
    let shape = vec![n, l, c];
    let y = b.node(Reshape { shape }, &[y]);
    b.node(Transpose { perm }, &[y])
}

#[test]
fn a_causal_signal_network_has_no_transpose() {
    let mut b = Build::new();
    let x = b.input("x", &[1, 1, 20]);
    let conv = |kernel, pads| Conv2d {
        sliding: window([1, kernel], pads),
        groups: 1,
        clamp: NO_CLAMP,
    };
    let rest = [b.weights(&[4, 1, 1, 1]), b.weights(&[4])];
    let trunk = signal(&mut b, conv(1, [0; 4]), x, &rest);
    let pad = Pad {
        before: vec![0, 0, 2],
        after: vec![0; 3],
        value: 0.0,
    };
    let y = b.node(pad, &[trunk]);
    let rest = [b.weights(&[4, 1, 3, 4]), b.weights(&[4])];
    let y = signal(&mut b, conv(3, [0; 4]), y, &rest);
    let y = b.node(Unary::of(RELU), &[y]);
    let add = Binary {
        kind: BinaryKind::Add,
        clamp: NO_CLAMP,
    };
    let y = b.node(add, &[trunk, y]);
    let pool = MaxPool2d {
        sliding: Sliding {
            strides: [1, 2],
            ..window([1, 2], [0; 4])
        },
        clamp: NO_CLAMP,
    };
    let y = signal(&mut b, pool, y, &[]);
    let shape = vec![1, 40];
    let y = b.node(Reshape { shape }, &[y]);
    let rest = [b.weights(&[5, 40]), b.weights(&[5])];
    let y = b.node(FullyConnected { clamp: NO_CLAMP }, &[y, rest[0], rest[1]]);
    let after = canonical(b.output(y));
    let expected = [
        "Reshape",
        "Conv2d",
        "Conv2d",
        "Binary",
        "MaxPool2d",
        "Reshape",
        "FullyConnected",
    ];
    assert_eq!(ops(&after), expected);
}

#[test]
fn a_normalization_that_cannot_fold_stays_depthwise() {
    let mut n = Nchw(Build::new());
    let x = n.0.input("x", &[1, 1, 6, 6]);
    let y = n.conv(x, [4, 1]);
    let y = n.unary(RELU, y);
    let y = n.batch_norm(y, 4);
    let y = n.conv(y, [4, 4]);
    let scale = n.0.weights(&[1, 4, 1, 1]);
    let y = n.binary(BinaryKind::Mul, y, scale);
    let y = n.unary(UnaryFn::Tanh, y);
    let shift = n.0.weights(&[4, 1, 1]);
    let y = n.binary(BinaryKind::Add, y, shift);
    let after = canonical(n.0.output(y));
    let expected = [
        "Reshape",
        "Conv2d",
        "DepthwiseConv2d",
        "Conv2d",
        "Unary",
        "DepthwiseConv2d",
        "Transpose",
    ];
    assert_eq!(ops(&after), expected);
}

#[test]
fn outputs_that_are_inputs_or_constants_are_copied() {
    let mut b = Build::new();
    let x = b.input("x", &[2, 3]);
    let view = b.node(Reshape { shape: vec![6] }, &[x]);
    let k = b.weights(&[2]);
    let k2 = b.node(Unary::of(UnaryFn::Tanh), &[k]);
    let after = canonical(b.output(x).output(view).output(k2));
    assert_eq!(ops(&after), ["Slice", "Slice", "Reshape", "Slice"]);
}

/// A thousand nodes, half of them transposes, in well under a second.
#[test]
fn it_is_fast() {
    let mut n = Nchw(Build::new());
    let x = n.0.input("x", &[1, 2, 4, 4]);
    let mut y = x;
    for _ in 0..200 {
        let z = n.conv(y, [2, 2]);
        let z = n.unary(UnaryFn::Tanh, z);
        y = n.binary(BinaryKind::Add, y, z);
    }
    let graph = n.0.output(y).graph();
    assert_eq!(graph.nodes.len(), 1000);
    let start = std::time::Instant::now();
    let after = canonicalize(graph).expect("passes do not fail");
    let took = start.elapsed();
    assert_eq!(after.nodes.len(), 602, "one transpose at each border");
    assert!(took.as_secs_f32() < 2.0, "{took:?}");
}
