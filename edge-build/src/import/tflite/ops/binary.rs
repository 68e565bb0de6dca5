//! Functions of two tensors: `ADD`, `SUB`, `MUL`, `DIV`, `MAXIMUM`, `MINIMUM`, `PRELU`,
//! `SQUARED_DIFFERENCE`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::activation;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{AddOptions, DivOptions, MulOptions, SubOptions};
use crate::ir::DType;
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Binary, SquaredDifference, Unary};
use edge_core::params::{BinaryKind, UnaryFn};

pub(super) const OPS: &[(&str, Reader)] = &[
    ("ADD", add),
    ("DIV", div),
    ("MAXIMUM", |cx| pair(cx, BinaryKind::Max, NO_CLAMP)),
    ("MINIMUM", |cx| pair(cx, BinaryKind::Min, NO_CLAMP)),
    ("MUL", mul),
    ("PRELU", |cx| pair(cx, BinaryKind::PRelu, NO_CLAMP)),
    ("SQUARED_DIFFERENCE", squared_difference),
    ("SUB", sub),
];

fn add(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let code = cx.options::<AddOptions>()?.fused_activation_function;
    // The reference takes no notice of an activation of 32-bit sums.
    let clamp = match cx.output(0)?.dtype {
        DType::I32 => NO_CLAMP,
        DType::F32 | DType::I8 | DType::U8 | DType::I16 | DType::I64 | DType::Bool => {
            activation::clamp(code)?
        }
    };
    pair(cx, BinaryKind::Add, clamp)
}

fn sub(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let code = cx.options::<SubOptions>()?.fused_activation_function;
    pair(cx, BinaryKind::Sub, activation::clamp(code)?)
}

fn mul(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let code = cx.options::<MulOptions>()?.fused_activation_function;
    pair(cx, BinaryKind::Mul, activation::clamp(code)?)
}

fn div(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let code = cx.options::<DivOptions>()?.fused_activation_function;
    pair(cx, BinaryKind::Div, activation::clamp(code)?)
}

/// Of floats a difference and its square.
fn squared_difference(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let inputs = [cx.input(0)?, cx.input(1)?];
    if cx.output(0)?.dtype != DType::F32 {
        return cx.finish(SquaredDifference, &inputs);
    }
    let difference = Binary {
        kind: BinaryKind::Sub,
        clamp: NO_CLAMP,
    };
    let difference = cx.apply(difference, &inputs, None)?;
    cx.finish(Unary::of(UnaryFn::Power(2.0)), &[difference])
}

fn pair(cx: &mut OpCx<'_>, kind: BinaryKind, clamp: [f32; 2]) -> Result<Vec<Datum>, Problem> {
    let inputs = [cx.input(0)?, cx.input(1)?];
    cx.finish(Binary { kind, clamp }, &inputs)
}
