//! Functions of two and more tensors with broadcasting. A scalar constant makes them functions of one.

use super::node::NodeCx;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::types::shape_text;
use crate::ops::Binary;
use crate::ops::binary::broadcast_shape;
use crate::ops::conv2d::NO_CLAMP;
use edge_core::params::{BinaryKind, UnaryFn};

/// All inputs, one after the other.
pub(super) fn chain(cx: &mut NodeCx<'_>, kind: BinaryKind) -> Result<Vec<Datum>, Problem> {
    let mut inputs = cx.all_inputs()?.into_iter();
    let first = inputs
        .next()
        .ok_or_else(|| Problem::broken("a node without inputs"))?;
    let total = inputs.try_fold(first, |total, x| pair(cx, kind, &total, &x))?;
    Ok(vec![total])
}

/// Exactly two inputs.
pub(super) fn two(cx: &mut NodeCx<'_>, kind: BinaryKind) -> Result<Vec<Datum>, Problem> {
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    Ok(vec![pair(cx, kind, &a, &b)?])
}

pub(super) fn mean(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let count = cx.all_inputs()?.len();
    let sum = chain(cx, BinaryKind::Add)?;
    let share = UnaryFn::Affine(1.0 / count as f32, 0.0);
    sum.iter().map(|sum| cx.unary(sum, &[share])).collect()
}

/// A function of two values.
pub(super) fn pair(
    cx: &mut NodeCx<'_>,
    kind: BinaryKind,
    a: &Datum,
    b: &Datum,
) -> Result<Datum, Problem> {
    let function = match (scalar(a), scalar(b)) {
        (None, Some(c)) => with_second(kind, c).map(|function| (a, function)),
        (Some(c), None) => with_first(kind, c).map(|function| (b, function)),
        (None, None) | (Some(_), Some(_)) => None,
    };
    if let Some((x, function)) = function
        && matches!(x, Datum::Computed(_))
    {
        let (left, right) = (cx.shape(a), cx.shape(b));
        let shape = broadcast_shape(&left, &right).ok_or_else(|| {
            Problem::shape(
                format!("{} and {}", shape_text(&left), shape_text(&right)),
                "shapes that broadcast",
            )
        })?;
        let y = cx.unary(x, &[function])?;
        return cx.reshape(&y, &shape);
    }
    let op = Binary {
        kind,
        clamp: NO_CLAMP,
    };
    cx.apply(op, &[a.clone(), b.clone()])
}

/// The number, if this is a float constant of one element.
fn scalar(x: &Datum) -> Option<f32> {
    match x.tensor()?.as_f32()? {
        &[one] => Some(one),
        _ => None,
    }
}

/// `x ↦ x op c`.
fn with_second(kind: BinaryKind, c: f32) -> Option<UnaryFn> {
    Some(match kind {
        BinaryKind::Add => UnaryFn::Affine(1.0, c),
        BinaryKind::Sub => UnaryFn::Affine(1.0, -c),
        BinaryKind::Mul => UnaryFn::Affine(c, 0.0),
        BinaryKind::Div if (1.0 / c).is_finite() => UnaryFn::Affine(1.0 / c, 0.0),
        BinaryKind::Div => return None,
        BinaryKind::Min => UnaryFn::Clip(f32::NEG_INFINITY, c),
        BinaryKind::Max => UnaryFn::Clip(c, f32::INFINITY),
        BinaryKind::Pow => UnaryFn::Power(c),
        BinaryKind::PRelu => UnaryFn::LeakyRelu(c),
    })
}

/// `x ↦ c op x`.
fn with_first(kind: BinaryKind, c: f32) -> Option<UnaryFn> {
    match kind {
        BinaryKind::Add | BinaryKind::Mul | BinaryKind::Min | BinaryKind::Max => {
            with_second(kind, c)
        }
        BinaryKind::Sub => Some(UnaryFn::Affine(-1.0, c)),
        BinaryKind::Div => Some(UnaryFn::DivideInto(c)),
        BinaryKind::Pow => Some(UnaryFn::PowerOf(c)),
        BinaryKind::PRelu => None,
    }
}

/// `PRelu`: the slope broadcasts to the input, never the other way.
pub(super) fn prelu(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (x, slope) = (cx.input(0)?, cx.input(1)?);
    let (own, other) = (cx.shape(&x), cx.shape(&slope));
    if broadcast_shape(&own, &other).as_ref() != Some(&own) {
        return Err(Problem::shape(
            format!("slope {} for {}", shape_text(&other), shape_text(&own)),
            "a slope that broadcasts to the input",
        ));
    }
    Ok(vec![pair(cx, BinaryKind::PRelu, &x, &slope)?])
}
