//! Functions of each element.

use super::binary::pair;
use super::node::NodeCx;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::{DType, Tensor};
use crate::ops::Binary;
use crate::ops::conv2d::NO_CLAMP;
use edge_core::params::{BinaryKind, UnaryFn};

/// Applies functions to input 0.
pub(super) fn apply(cx: &mut NodeCx<'_>, functions: &[UnaryFn]) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    Ok(vec![cx.unary(&x, functions)?])
}

pub(super) const RELU: UnaryFn = UnaryFn::Clip(0.0, f32::INFINITY);

/// Attribute `alpha`.
fn alpha(cx: &NodeCx<'_>, default: f32) -> Result<f32, Problem> {
    Ok(cx.attrs.float("alpha")?.unwrap_or(default))
}

/// Limits are attributes before opset 11 and inputs since; those computed on the device are operands.
pub(super) fn clip(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let computed = |cx: &NodeCx<'_>, index| matches!(cx.optional(index), Some(Datum::Computed(_)));
    if computed(cx, 1) || computed(cx, 2) {
        return clip_to_values(cx);
    }
    let least = match cx.attrs.float("min")? {
        Some(min) => Some(min),
        None => cx.float(1)?,
    };
    let most = match cx.attrs.float("max")? {
        Some(max) => Some(max),
        None => cx.float(2)?,
    };
    let (least, most) = (
        least.unwrap_or(f32::NEG_INFINITY),
        most.unwrap_or(f32::INFINITY),
    );
    if least.is_nan() || most.is_nan() {
        return Err(Problem::attribute(
            "a limit that is not a number",
            "numbers",
        ));
    }
    // ONNX lets the upper limit win where they cross.
    apply(cx, &[UnaryFn::Clip(least.min(most), most)])
}

fn clip_to_values(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let mut y = cx.input(0)?;
    for (index, kind) in [(1, BinaryKind::Max), (2, BinaryKind::Min)] {
        if let Some(limit) = cx.optional(index) {
            if cx.ty(&limit).len() != 1 {
                return Err(Problem::shape(
                    format!("a limit of type {}", cx.ty(&limit)),
                    "a scalar",
                ));
            }
            y = pair(cx, kind, &y, &limit)?;
        }
    }
    Ok(vec![y])
}

pub(super) fn celu(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let alpha = alpha(cx, 1.0)?;
    let scaled = UnaryFn::Affine(1.0 / alpha, 0.0);
    apply(
        cx,
        &[scaled, UnaryFn::Elu(1.0), UnaryFn::Affine(alpha, 0.0)],
    )
}

pub(super) fn leaky_relu(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let alpha = alpha(cx, 0.01)?;
    apply(cx, &[UnaryFn::LeakyRelu(alpha)])
}

pub(super) fn elu(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let alpha = alpha(cx, 1.0)?;
    apply(cx, &[UnaryFn::Elu(alpha)])
}

pub(super) fn selu(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let alpha = alpha(cx, 1.673_263_2)?;
    let gamma = cx.attrs.float("gamma")?.unwrap_or(1.050_701);
    apply(cx, &[UnaryFn::Selu(alpha, gamma)])
}

pub(super) fn hard_sigmoid(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let alpha = alpha(cx, 0.2)?;
    let beta = cx.attrs.float("beta")?.unwrap_or(0.5);
    apply(cx, &[UnaryFn::HardSigmoid(alpha, beta)])
}

pub(super) fn swish(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let alpha = alpha(cx, 1.0)?;
    apply(cx, &[UnaryFn::Swish(alpha)])
}

pub(super) fn thresholded_relu(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let alpha = alpha(cx, 1.0)?;
    apply(cx, &[UnaryFn::ThresholdedRelu(alpha)])
}

pub(super) fn gelu(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    match cx.attrs.text("approximate")?.unwrap_or("none") {
        "none" => apply(cx, &[UnaryFn::Gelu]),
        "tanh" => apply(cx, &[UnaryFn::GeluTanh]),
        other => Err(Problem::attribute(
            format!("approximate = \"{other}\""),
            "none, tanh",
        )),
    }
}

/// `−x`, also of integer constants.
pub(super) fn neg(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    match integer_zero(cx)? {
        Some(zero) => integers(cx, BinaryKind::Sub, &[zero, cx.input(0)?]),
        None => apply(cx, &[UnaryFn::Affine(-1.0, 0.0)]),
    }
}

/// `|x|`, also of integer constants.
pub(super) fn abs(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let Some(zero) = integer_zero(cx)? else {
        return apply(cx, &[UnaryFn::Abs]);
    };
    let x = cx.input(0)?;
    let negative = integers(cx, BinaryKind::Sub, &[zero, x.clone()])?;
    let negative = negative.into_iter().next();
    let negative = negative.ok_or_else(|| Problem::broken("no result"))?;
    integers(cx, BinaryKind::Max, &[x, negative])
}

/// The scalar 0 of the type of input 0, if that is an integer.
fn integer_zero(cx: &NodeCx<'_>) -> Result<Option<Datum>, Problem> {
    let x = cx.input(0)?;
    Ok(match cx.ty(&x).dtype {
        DType::I64 => Some(Tensor::I64(ndarray::arr0(0).into_dyn()).into()),
        DType::I32 => Some(Tensor::I32(ndarray::arr0(0).into_dyn()).into()),
        DType::F32 | DType::I8 | DType::U8 | DType::I16 | DType::Bool => None,
    })
}

fn integers(
    cx: &mut NodeCx<'_>,
    kind: BinaryKind,
    operands: &[Datum],
) -> Result<Vec<Datum>, Problem> {
    let op = Binary {
        kind,
        clamp: NO_CLAMP,
    };
    Ok(vec![cx.apply(op, operands)?])
}
