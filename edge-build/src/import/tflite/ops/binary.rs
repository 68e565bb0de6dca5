//! Functions of two tensors: `ADD`, `SUB`, `MUL`, `DIV`, `MAXIMUM`, `MINIMUM`, `PRELU`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::activation;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{AddOptions, DivOptions, MulOptions, SubOptions};
use crate::ops::Binary;
use crate::ops::conv2d::NO_CLAMP;
use edge_core::params::BinaryKind;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("ADD", add),
    ("DIV", div),
    ("MAXIMUM", |cx| pair(cx, BinaryKind::Max, NO_CLAMP)),
    ("MINIMUM", |cx| pair(cx, BinaryKind::Min, NO_CLAMP)),
    ("MUL", mul),
    ("PRELU", |cx| pair(cx, BinaryKind::PRelu, NO_CLAMP)),
    ("SUB", sub),
];

fn add(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let code = cx.options::<AddOptions>()?.fused_activation_function;
    pair(cx, BinaryKind::Add, activation::clamp(code)?)
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

fn pair(cx: &mut OpCx<'_>, kind: BinaryKind, clamp: [f32; 2]) -> Result<Vec<Datum>, Problem> {
    let inputs = [cx.input(0)?, cx.input(1)?];
    cx.finish(Binary { kind, clamp }, &inputs)
}
