//! Every layer that takes up an affine function of its input.

use crate::ir::ValueId;
use crate::ops::{
    Conv2d, ConvTranspose2d, DepthwiseConv2d, FullyConnected, Op, Reshape, Sliding, Unary,
    conv2d::NO_CLAMP,
};
use crate::passes::testing::{Build, ops};
use edge_core::params::UnaryFn;

fn window(pads: [usize; 4]) -> Sliding {
    Sliding {
        kernel: [2, 2],
        strides: [1, 1],
        dilations: [1, 1],
        pads,
    }
}

/// A batch normalization of an image of 4 channels.
fn normalized(b: &mut Build, shift: bool) -> ValueId {
    let x = b.input("x", &[1, 3, 3, 4]);
    let sliding = Sliding {
        kernel: [1, 1],
        ..window([0; 4])
    };
    let op = DepthwiseConv2d {
        sliding,
        clamp: NO_CLAMP,
    };
    let scale = b.weights(&[1, 1, 4]);
    let shift = if shift {
        b.weights(&[4])
    } else {
        b.constant(&[4], &[0.0; 4])
    };
    b.node(op, &[x, scale, shift])
}

fn layers(pads: [usize; 4]) -> [(Op, &'static [usize]); 3] {
    let (sliding, clamp) = (window(pads), NO_CLAMP);
    let conv = Conv2d {
        sliding,
        groups: 2,
        clamp,
    };
    let up = ConvTranspose2d {
        sliding,
        output_padding: [0, 0],
        groups: 2,
        clamp,
    };
    [
        (conv.into(), &[8, 2, 2, 2]),
        (DepthwiseConv2d { sliding, clamp }.into(), &[2, 2, 8]),
        (up.into(), &[4, 2, 2, 4]),
    ]
}

fn build((op, weights): (Op, &[usize]), shift: bool) -> Build {
    let mut b = Build::new();
    let x = normalized(&mut b, shift);
    let (w, bias) = (b.weights(weights), b.weights(&[8]));
    let y = b.node(op, &[x, w, bias]);
    b.output(y);
    b
}

#[test]
fn scales_go_with_padding() {
    for layer in layers([1, 1, 0, 1]) {
        let name = layer.0.name();
        assert_eq!(ops(&build(layer, false).check(super::run)), [name]);
    }
}

#[test]
fn sums_go_without_padding() {
    let [conv, depthwise, up] = layers([0; 4]);
    assert_eq!(ops(&build(conv, true).check(super::run)), ["Conv2d"]);
    assert_eq!(
        ops(&build(depthwise, true).check(super::run)),
        ["DepthwiseConv2d"]
    );
    build(up, true).check_unchanged(super::run);
    for layer in layers([1, 0, 0, 0]) {
        build(layer, true).check_unchanged(super::run);
    }
}

#[test]
fn flattened_channels_repeat() {
    let mut b = Build::new();
    let x = normalized(&mut b, true);
    let shape = vec![1, 36];
    let rows = b.node(Reshape { shape }, &[x]);
    let (w, bias) = (b.weights(&[5, 36]), b.weights(&[5]));
    let y = b.node(FullyConnected { clamp: NO_CLAMP }, &[rows, w, bias]);
    let after = b.output(y).check(super::run);
    assert_eq!(ops(&after), ["Reshape", "FullyConnected"]);
}

#[test]
fn the_tail_of_a_chain_goes() {
    let mut b = Build::new();
    let x = b.input("x", &[3, 4]);
    let functions = vec![UnaryFn::Tanh, UnaryFn::Affine(2.0, 1.0)];
    let x = b.node(Unary { functions }, &[x]);
    let (w, bias) = (b.weights(&[5, 4]), b.weights(&[5]));
    let y = b.node(FullyConnected { clamp: NO_CLAMP }, &[x, w, bias]);
    let after = b.output(y).check(super::run);
    assert_eq!(ops(&after), ["Unary", "FullyConnected"]);
}
