//! What is removed, what stays, and that no bit changes.

mod random;

use super::run;
use crate::ir::{Arithmetic, Graph, ValueId, edit};
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Binary, Concat, Op, Reshape, Sliding};
use crate::passes::testing::integers::{ARITHMETICS, Build, Parts, program, quant, window};
use edge_core::params::BinaryKind;

/// Zero point of all tensors here.
const ZERO: i32 = 5;

/// Runs the pass, and drops what is dead.
fn prune(graph: &mut Graph) -> bool {
    let changed = run(graph);
    edit::sweep(graph, |_, _| None);
    edit::compact(graph);
    changed
}

/// Channels of the output of each node.
fn channels(graph: &Graph) -> Vec<usize> {
    let of = |node: &crate::ir::Node| *graph.ty(node.outputs[0]).shape.last().unwrap();
    graph.nodes.iter().map(of).collect()
}

/// The channels of each node once the pass has run.
fn left(b: &Build) -> Vec<usize> {
    channels(&b.check(prune).0)
}

/// A layer whose sums are divided by 100.
fn parts(sliding: Sliding, weights: &[i8], bias: &[i32]) -> Parts {
    Parts {
        scales: vec![0.01; bias.len()],
        to: quant(1.0, ZERO),
        ..Parts::of(sliding, weights, bias)
    }
}

fn padded() -> Sliding {
    Sliding {
        pads: [1; 4],
        ..window([3, 3])
    }
}

/// An image of 4 × 5 of two channels, made by a layer of which the second channel is its bias alone.
fn half_constant(arithmetic: Arithmetic, bias: i32) -> (Build, ValueId) {
    let mut b = Build::new(arithmetic, 1);
    let x = b.input(&[1, 4, 5, 2], quant(1.0, ZERO));
    let y = b.conv(x, parts(window([1, 1]), &[90, -77, 0, 0], &[120, bias]));
    (b, y)
}

#[test]
fn a_constant_channel_goes_to_the_bias() {
    for arithmetic in ARITHMETICS {
        let (mut b, y) = half_constant(arithmetic, 1234);
        let z = b.conv(y, parts(window([3, 2]), &[50; 36], &[0, 7, -9]));
        b.graph.outputs = vec![z];
        assert_eq!(left(&b), [1, 3], "{arithmetic:?}");
    }
}

#[test]
fn a_constant_beside_padding_stays_unless_it_is_the_zero_point() {
    for arithmetic in ARITHMETICS {
        for (bias, wanted) in [(1234, 2), (0, 1)] {
            let (mut b, y) = half_constant(arithmetic, bias);
            let z = b.conv(y, parts(padded(), &[50; 18], &[0]));
            b.graph.outputs = vec![z];
            assert_eq!(left(&b), [wanted, 1], "{arithmetic:?} {bias}");
        }
    }
}

#[test]
fn a_constant_beside_padding_goes_if_only_inner_taps_read_it() {
    let (mut b, y) = half_constant(Arithmetic::TfLite, 1234);
    let mut weights = [50; 18];
    for (index, weight) in weights.iter_mut().enumerate() {
        if index % 2 == 1 && index != 9 {
            *weight = 0;
        }
    }
    let z = b.conv(y, parts(padded(), &weights, &[0]));
    b.graph.outputs = vec![z];
    assert_eq!(left(&b), [1, 1]);
}

#[test]
fn constants_go_through_depthwise_layers_of_several_filters() {
    for arithmetic in ARITHMETICS {
        let (mut b, y) = half_constant(arithmetic, 1234);
        let d = b.depthwise(y, parts(window([2, 2]), &[33; 16], &[1, 2, 3, 4]));
        let z = b.conv(d, parts(window([1, 1]), &[20; 4], &[0]));
        b.graph.outputs = vec![z];
        assert_eq!(left(&b), [1, 2, 1]);
    }
}

#[test]
fn sums_that_always_saturate_are_constants() {
    let mut b = Build::new(Arithmetic::TfLite, 1);
    let x = b.input(&[1, 4, 5, 1], quant(1.0, ZERO));
    let rectified = Parts {
        clamp: [0.0, f32::INFINITY],
        ..parts(padded(), &[3; 18], &[-300_000, 0])
    };
    let y = b.conv(x, rectified);
    let z = b.conv(y, parts(padded(), &[50; 18], &[0]));
    b.graph.outputs = vec![z];
    assert_eq!(left(&b), [1, 1]);
}

#[test]
fn channels_that_nothing_reads_go_from_both_sides_of_a_sum() {
    for arithmetic in ARITHMETICS {
        let mut b = Build::new(arithmetic, 1);
        let x = b.input(&[1, 4, 5, 2], quant(1.0, ZERO));
        let one = b.conv(
            x,
            parts(window([1, 1]), &[90, -77, 11, 12, 3, 4], &[1, 2, 3]),
        );
        let two = b.conv(x, parts(window([1, 1]), &[9, -7, 41, 32, 3, 4], &[4, 5, 6]));
        let add = Binary {
            kind: BinaryKind::Add,
            clamp: NO_CLAMP,
        };
        let sum = b.node(add, &[one, two], quant(1.5, ZERO));
        let z = b.conv(sum, parts(window([1, 1]), &[50, 0, 50, 9, 0, -9], &[0, 1]));
        b.graph.outputs = vec![z];
        assert_eq!(left(&b), [2, 2, 2, 2], "{arithmetic:?}");
    }
}

#[test]
fn outputs_and_inputs_keep_their_channels() {
    let (mut b, y) = half_constant(Arithmetic::TfLite, 1234);
    b.graph.outputs = vec![y];
    let (after, changed) = b.check(prune);
    assert!(!changed);
    assert_eq!(channels(&after), [2]);
}

#[test]
fn parts_of_a_concatenation_go_by_themselves() {
    let (mut b, y) = half_constant(Arithmetic::Onnx, 1234);
    let x = b.graph.inputs[0];
    let w = b.conv(x, parts(window([1, 1]), &[1, 2, 3, 4], &[0, 0]));
    let both = b.node(Concat { axis: 3 }, &[y, w], quant(1.0, ZERO));
    let z = b.conv(both, parts(window([1, 1]), &[9, 9, 0, 9], &[0]));
    b.graph.outputs = vec![z];
    assert_eq!(left(&b), [1, 1, 2, 1]);
}

#[test]
fn flattened_channels_go_at_every_position() {
    let (mut b, y) = half_constant(Arithmetic::Native, 1234);
    let flat = b.node(Reshape { shape: vec![1, 40] }, &[y], quant(1.0, ZERO));
    let z = b.dense(flat, parts(window([1, 1]), &[7; 80], &[0, 0]));
    b.graph.outputs = vec![z];
    assert_eq!(left(&b), [1, 20, 2]);
}

#[test]
fn the_greatest_factor_of_a_layer_stays_where_it_sets_the_shift() {
    for (scale, wanted) in [(0.01, 1), (0.2, 2)] {
        let mut b = Build::new(Arithmetic::Native, 1);
        let x = b.input(&[1, 4, 5, 2], quant(1.0, ZERO));
        let scaled = Parts {
            scales: vec![0.01, scale],
            ..parts(window([1, 1]), &[90, -77, 0, 0], &[120, 12])
        };
        let y = b.conv(x, scaled);
        let z = b.conv(y, parts(window([1, 1]), &[50; 2], &[0]));
        b.graph.outputs = vec![z];
        assert_eq!(left(&b), [wanted, 1]);
    }
}

#[test]
fn a_network_that_is_all_constant_stays_a_network() {
    for arithmetic in ARITHMETICS {
        let (mut b, y) = half_constant(arithmetic, 1234);
        let z = b.conv(y, parts(window([1, 1]), &[0; 6], &[100, 200, 300]));
        b.graph.outputs = vec![z];
        assert_eq!(left(&b), [1, 3]);
    }
}

#[test]
fn weights_that_two_layers_share_are_cut_for_each() {
    let (mut b, y) = half_constant(Arithmetic::TfLite, 1234);
    let x = b.graph.inputs[0];
    let mut shared = parts(window([1, 1]), &[9, 8, 7, 6], &[1, 2]);
    shared.to = quant(1.0, ZERO);
    let one = b.conv(y, shared.clone());
    let mut node = b.graph.nodes[1].clone();
    node.inputs[0] = x;
    let other = b.graph.add_value("other", b.graph.ty(one).clone());
    node.outputs = vec![other];
    b.graph.nodes.push(node);
    b.graph.outputs = vec![one, other];
    let (after, _) = b.check(prune);
    let depth = |index: usize| after.ty(after.nodes[index].inputs[1]).shape[3];
    assert_eq!([depth(1), depth(2)], [1, 2]);
    assert!(matches!(after.nodes[2].op, Op::Conv2d(_)));
    assert!(program(&after).macs < program(&b.graph).macs);
}
