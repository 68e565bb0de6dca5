//! Every operator that a transpose passes, and those that stop it.

use crate::ir::ValueId;
use crate::ops::{
    Binary, Concat, Expand, Gather, MaxPool2d, Op, Pad, Reduce, Reshape, Slice, Sliding, Softmax,
    Transpose, Unary, conv2d::NO_CLAMP,
};
use crate::passes::testing::{Build, ops};
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

const TO_NCHW: [usize; 4] = [0, 3, 1, 2];

fn nchw(b: &mut Build, x: ValueId) -> ValueId {
    let perm = TO_NCHW.to_vec();
    b.node(Transpose { perm }, &[x])
}

fn add() -> Binary {
    Binary {
        kind: BinaryKind::Sub,
        clamp: NO_CLAMP,
    }
}

/// Operators after the pass over `op` of a transposed `[1, 4, 5, 3]`, i.e. `[1, 3, 4, 5]`.
fn pass(op: impl Into<Op>) -> Vec<&'static str> {
    let mut b = Build::new();
    let x = b.input("x", &[1, 4, 5, 3]);
    let t = nchw(&mut b, x);
    let y = b.node(op, &[t]);
    ops(&b.output(y).check(super::run))
}

#[test]
fn operators_with_axes() {
    let slice = Slice {
        starts: vec![0, 1, 3, 0],
        steps: vec![1, 1, -2, 2],
        lens: vec![1, 2, 2, 3],
    };
    let pad = Pad {
        before: vec![0, 1, 2, 0],
        after: vec![0, 0, 1, 3],
        value: 0.5,
    };
    let gather = Gather {
        axis: 1,
        rows: vec![2, 0, 2],
    };
    let reduce = Reduce {
        kind: ReduceKind::Mean,
        start: 2,
        end: 4,
    };
    let softmax = Softmax {
        start: 1,
        end: 2,
        log: false,
        beta: 1.0,
        wide: false,
    };
    assert_eq!(pass(Unary::of(UnaryFn::Tanh)), ["Unary", "Transpose"]);
    assert_eq!(pass(slice), ["Slice", "Transpose"]);
    assert_eq!(pass(pad), ["Pad", "Transpose"]);
    assert_eq!(pass(gather), ["Gather", "Transpose"]);
    assert_eq!(pass(reduce), ["Reduce", "Transpose"]);
    assert_eq!(pass(softmax), ["Softmax", "Transpose"]);
}

#[test]
fn reduction_of_axes_that_are_no_neighbours_before_stays() {
    let mut b = Build::new();
    let x = b.input("x", &[2, 4, 5, 3]);
    let t = b.node(
        Transpose {
            perm: vec![1, 0, 3, 2],
        },
        &[x],
    );
    let reduce = Reduce {
        kind: ReduceKind::Sum,
        start: 1,
        end: 3,
    };
    let y = b.node(reduce, &[t]);
    b.output(y).check_unchanged(super::run);
}

#[test]
fn repetition_grows_in_the_old_order() {
    let mut b = Build::new();
    let x = b.input("x", &[2, 1, 3]);
    let t = b.node(
        Transpose {
            perm: vec![2, 1, 0],
        },
        &[x],
    );
    let shape = vec![3, 4, 2];
    let y = b.node(Expand { shape }, &[t]);
    assert_eq!(ops(&b.output(y).check(super::run)), ["Expand", "Transpose"]);
}

#[test]
fn concatenation_of_transposed_and_known() {
    let mut b = Build::new();
    let x = b.input("x", &[1, 4, 5, 3]);
    let t = nchw(&mut b, x);
    let k = b.weights(&[1, 2, 4, 5]);
    let y = b.node(Concat { axis: 1 }, &[k, t, t]);
    assert_eq!(ops(&b.output(y).check(super::run)), ["Concat", "Transpose"]);
}

#[test]
fn both_operands() {
    let mut b = Build::new();
    let (x, z) = (b.input("x", &[1, 4, 5, 3]), b.input("z", &[1, 1, 1, 3]));
    let (x, z) = (nchw(&mut b, x), nchw(&mut b, z));
    let y = b.node(add(), &[z, x]);
    assert_eq!(ops(&b.output(y).check(super::run)), ["Binary", "Transpose"]);
}

#[test]
fn one_operand_and_a_constant_a_number_or_a_view() {
    for shape in [&[3, 1, 1][..], &[1, 3, 4, 5], &[1], &[4, 1]] {
        let mut b = Build::new();
        let x = b.input("x", &[1, 4, 5, 3]);
        let t = nchw(&mut b, x);
        let k = b.weights(shape);
        let y = b.node(add(), &[k, t]);
        assert_eq!(ops(&b.output(y).check(super::run)), ["Binary", "Transpose"]);
    }
    let mut b = Build::new();
    let (x, z) = (b.input("x", &[1, 4, 5, 3]), b.input("z", &[3, 1, 1]));
    let t = nchw(&mut b, x);
    let y = b.node(add(), &[t, z]);
    let after = b.output(y).check(super::run);
    assert_eq!(ops(&after), ["Reshape", "Binary", "Transpose"]);
}

#[test]
fn a_free_operand_stops_it_unless_its_other_order_is_there() {
    let mut b = Build::new();
    let (x, z) = (b.input("x", &[1, 4, 5, 3]), b.input("z", &[1, 3, 4, 5]));
    let t = nchw(&mut b, x);
    let y = b.node(add(), &[t, z]);
    b.output(y).check_unchanged(super::run);

    let mut b = Build::new();
    let (x, z) = (b.input("x", &[1, 4, 5, 3]), b.input("z", &[1, 3, 4, 5]));
    let perm = vec![0, 2, 3, 1];
    let nhwc = b.node(Transpose { perm }, &[z]);
    let t = nchw(&mut b, x);
    let y = b.node(add(), &[t, z]);
    let after = b.output(y).output(nhwc).check(super::run);
    assert_eq!(ops(&after), ["Transpose", "Binary", "Transpose"]);
}

#[test]
fn wrappers_of_signals_cancel() {
    let mut b = Build::new();
    let x = b.input("x", &[1, 9, 4]);
    let perm = vec![0, 2, 1];
    let t = b.node(Transpose { perm }, &[x]);
    let shape = vec![1, 4, 1, 9];
    let r = b.node(Reshape { shape }, &[t]);
    let after = b.output(r).check(super::run);
    assert_eq!(ops(&after), ["Reshape", "Transpose"]);
}

#[test]
fn windows_stop_it() {
    let mut b = Build::new();
    let x = b.input("x", &[1, 4, 5, 3]);
    let t = nchw(&mut b, x);
    let sliding = Sliding {
        kernel: [2, 2],
        strides: [1, 1],
        dilations: [1, 1],
        pads: [0; 4],
    };
    let y = b.node(
        MaxPool2d {
            sliding,
            clamp: NO_CLAMP,
        },
        &[t],
    );
    b.output(y).check_unchanged(super::run);
}
