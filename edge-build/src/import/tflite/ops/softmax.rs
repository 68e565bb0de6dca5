//! Softmax, its logarithm, and rows divided by their length.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{L2NormOptions, SoftmaxOptions};
use crate::ir::DType;
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Binary, Normalize, Reduce, Softmax, Unary};
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

pub(super) const OPS: &[(&str, Reader)] = &[
    ("L2_NORMALIZATION", l2_normalization),
    ("LOG_SOFTMAX", |cx| along_last_axis(cx, true, 1.0)),
    ("SOFTMAX", softmax),
];

fn softmax(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let beta = cx.options::<SoftmaxOptions>()?.beta;
    if !beta.is_finite() {
        return Err(Problem::attribute(
            format!("a factor beta of {beta}"),
            "finite factors",
        ));
    }
    along_last_axis(cx, false, beta)
}

#[allow(clippy::float_cmp, reason = "1 itself is meant")]
fn along_last_axis(cx: &mut OpCx<'_>, log: bool, beta: f32) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let ty = cx.ty(&x);
    let end = ty.shape.len();
    let op = Softmax {
        start: last_axis(end)?,
        end,
        log,
        beta,
        wide: cx.output(0)?.dtype == DType::I16,
    };
    if ty.dtype == DType::F32 && beta != 1.0 {
        let scaled = cx.apply(Unary::of(UnaryFn::Affine(beta, 0.0)), &[x], None)?;
        return cx.finish(Softmax { beta: 1.0, ..op }, &[scaled]);
    }
    cx.finish(op, &[x])
}

fn last_axis(rank: usize) -> Result<usize, Problem> {
    rank.checked_sub(1)
        .ok_or_else(|| Problem::shape("an input without axes", "at least one axis"))
}

/// Floats are wired from squares, sums and a division; lengths below 10⁻⁶ count as that.
fn l2_normalization(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let activation = cx.options::<L2NormOptions>()?.fused_activation_function;
    if activation != 0 {
        return Err(Problem::attribute(
            format!("the fused activation number {activation}"),
            "no fused activation",
        ));
    }
    let x = cx.input(0)?;
    let ty = cx.ty(&x);
    if ty.dtype != DType::F32 {
        return cx.finish(Normalize, &[x]);
    }
    let end = ty.shape.len();
    let sum = Reduce {
        kind: ReduceKind::Sum,
        start: last_axis(end)?,
        end,
    };
    let length = Unary {
        functions: vec![UnaryFn::Sqrt, UnaryFn::Clip(1e-6, f32::INFINITY)],
    };
    let ratio = Binary {
        kind: BinaryKind::Div,
        clamp: NO_CLAMP,
    };
    let squares = cx.apply(
        Unary::of(UnaryFn::Power(2.0)),
        std::slice::from_ref(&x),
        None,
    )?;
    let sums = cx.apply(sum, &[squares], None)?;
    let lengths = cx.apply(length, &[sums], None)?;
    cx.finish(ratio, &[x, lengths])
}
