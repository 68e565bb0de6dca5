//! Every operator that a reshape passes, and those that stop it.

use crate::ops::{
    Binary, Concat, Gather, Op, Pad, Reduce, Reshape, Slice, Unary, conv2d::NO_CLAMP,
};
use crate::passes::testing::{Build, ops};
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

fn sub() -> Binary {
    Binary {
        kind: BinaryKind::Sub,
        clamp: NO_CLAMP,
    }
}

/// Operators after the pass over `op` of `[1, 1, 9, 4]` seen as `[1, 9, 4]`.
fn pass(op: impl Into<Op>) -> Vec<&'static str> {
    let mut b = Build::new();
    let x = b.input("x", &[1, 1, 9, 4]);
    let shape = vec![1, 9, 4];
    let r = b.node(Reshape { shape }, &[x]);
    let y = b.node(op, &[r]);
    ops(&b.output(y).check(super::run))
}

#[test]
fn operators_with_axes() {
    let pad = Pad {
        before: vec![0, 2, 0],
        after: vec![0, 0, 1],
        value: 0.0,
    };
    let slice = Slice {
        starts: vec![0, 8, 1],
        steps: vec![1, -2, 1],
        lens: vec![1, 3, 3],
    };
    let reduce = Reduce {
        kind: ReduceKind::Mean,
        start: 1,
        end: 2,
    };
    let gather = Gather {
        axis: 2,
        rows: vec![3, 0],
    };
    assert_eq!(pass(Unary::of(UnaryFn::Tanh)), ["Unary", "Reshape"]);
    assert_eq!(pass(pad), ["Pad", "Reshape"]);
    assert_eq!(pass(slice), ["Slice", "Reshape"]);
    assert_eq!(pass(reduce), ["Reduce", "Reshape"]);
    assert_eq!(pass(gather), ["Gather", "Reshape"]);
    assert_eq!(pass(Concat { axis: 1 }), ["Concat", "Reshape"]);
}

#[test]
fn an_axis_that_is_not_there_cannot_grow() {
    let mut b = Build::new();
    let x = b.input("x", &[9, 4]);
    let shape = vec![1, 9, 4];
    let r = b.node(Reshape { shape }, &[x]);
    let pad = Pad {
        before: vec![1, 0, 0],
        after: vec![0, 0, 0],
        value: 0.0,
    };
    let y = b.node(pad, &[r]);
    b.output(y).check_unchanged(super::run);
}

#[test]
fn residual_sums_of_views() {
    let mut b = Build::new();
    let (x, z) = (b.input("x", &[1, 1, 9, 4]), b.input("z", &[1, 1, 1, 4]));
    let (long, short) = (vec![1, 9, 4], vec![1, 1, 4]);
    let x = b.node(Reshape { shape: long }, &[x]);
    let z = b.node(Reshape { shape: short }, &[z]);
    let y = b.node(sub(), &[z, x]);
    assert_eq!(ops(&b.output(y).check(super::run)), ["Binary", "Reshape"]);
}

#[test]
fn constants_follow() {
    for shape in [&[4][..], &[1, 9, 1], &[1, 9, 4], &[1]] {
        let mut b = Build::new();
        let x = b.input("x", &[3, 3, 4]);
        let r = b.node(
            Reshape {
                shape: vec![1, 9, 4],
            },
            &[x],
        );
        let k = b.weights(shape);
        let y = b.node(sub(), &[k, r]);
        assert_eq!(ops(&b.output(y).check(super::run)), ["Binary", "Reshape"]);
    }
}

#[test]
fn a_free_operand_stops_it() {
    let mut b = Build::new();
    let (x, z) = (b.input("x", &[36]), b.input("z", &[9, 4]));
    let shape = vec![9, 4];
    let r = b.node(Reshape { shape }, &[x]);
    let y = b.node(sub(), &[r, z]);
    b.output(y).check_unchanged(super::run);
}
