//! Every layer that takes up an affine function of its result.

use crate::ir::ValueId;
use crate::ops::{
    Binary, Conv2d, ConvTranspose2d, DepthwiseConv2d, FullyConnected, Op, Reshape, Sliding, Unary,
    conv2d::NO_CLAMP,
};
use crate::passes::testing::{Build, ops};
use edge_core::params::{BinaryKind, UnaryFn};

const WINDOW: Sliding = Sliding {
    kernel: [2, 2],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [1, 0, 0, 1],
};

const PIXEL: Sliding = Sliding {
    kernel: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0; 4],
};

/// A layer with 8 output channels over an image of 4.
fn layer(b: &mut Build, op: impl Into<Op>, weights: &[usize]) -> ValueId {
    let x = b.input("x", &[1, 3, 4, 4]);
    let (w, bias) = (b.weights(weights), b.weights(&[8]));
    b.node(op, &[x, w, bias])
}

fn normalized(b: &mut Build, x: ValueId) -> ValueId {
    let (scale, shift) = (b.weights(&[1, 1, 8]), b.weights(&[8]));
    let op = DepthwiseConv2d {
        sliding: PIXEL,
        clamp: [0.0, 1.0],
    };
    b.node(op, &[x, scale, shift])
}

#[test]
fn layers_take_up_normalization() {
    let conv = Conv2d {
        sliding: WINDOW,
        groups: 2,
        clamp: NO_CLAMP,
    };
    let depthwise = DepthwiseConv2d {
        sliding: WINDOW,
        clamp: NO_CLAMP,
    };
    let up = ConvTranspose2d {
        sliding: WINDOW,
        output_padding: [0, 0],
        groups: 2,
        clamp: NO_CLAMP,
    };
    let cases: [(Op, &[usize]); 3] = [
        (conv.into(), &[8, 2, 2, 2]),
        (depthwise.into(), &[2, 2, 8]),
        (up.into(), &[4, 2, 2, 4]),
    ];
    for (op, weights) in cases {
        let name = op.name();
        let mut b = Build::new();
        let y = layer(&mut b, op, weights);
        let y = normalized(&mut b, y);
        assert_eq!(ops(&b.output(y).check(super::run)), [name, "Unary"]);
    }
}

#[test]
fn rows_take_up_sums_and_products() {
    let mut b = Build::new();
    let x = b.input("x", &[3, 5]);
    let (w, bias) = (b.weights(&[8, 5]), b.weights(&[8]));
    let mut y = b.node(FullyConnected { clamp: NO_CLAMP }, &[x, w, bias]);
    for kind in [BinaryKind::Mul, BinaryKind::Add, BinaryKind::Sub] {
        let (k, clamp) = (b.weights(&[8]), NO_CLAMP);
        y = b.node(Binary { kind, clamp }, &[k, y]);
    }
    let functions = vec![UnaryFn::Affine(2.0, 1.0), UnaryFn::Tanh];
    y = b.node(Unary { functions }, &[y]);
    let after = b.output(y).check(super::run);
    assert_eq!(ops(&after), ["FullyConnected", "Unary"]);
}

#[test]
fn rows_take_up_normalization_behind_a_view() {
    let mut b = Build::new();
    let x = b.input("x", &[3, 5]);
    let (w, bias) = (b.weights(&[8, 5]), b.weights(&[8]));
    let y = b.node(FullyConnected { clamp: NO_CLAMP }, &[x, w, bias]);
    let shape = vec![3, 1, 1, 8];
    let y = b.node(Reshape { shape }, &[y]);
    let y = normalized(&mut b, y);
    let after = b.output(y).check(super::run);
    assert_eq!(ops(&after), ["FullyConnected", "Reshape", "Unary"]);
}

#[test]
fn a_clamped_layer_and_one_with_two_readers_stay() {
    let mut b = Build::new();
    let conv = Conv2d {
        sliding: WINDOW,
        groups: 1,
        clamp: [0.0, f32::INFINITY],
    };
    let y = layer(&mut b, conv.clone(), &[8, 2, 2, 4]);
    let y = b.node(Unary::of(UnaryFn::Affine(2.0, 1.0)), &[y]);
    b.output(y).check_unchanged(super::run);

    let mut b = Build::new();
    let conv = Conv2d {
        clamp: NO_CLAMP,
        ..conv
    };
    let y = layer(&mut b, conv, &[8, 2, 2, 4]);
    let z = b.node(Unary::of(UnaryFn::Affine(2.0, 1.0)), &[y]);
    b.output(y).output(z).check_unchanged(super::run);
}
