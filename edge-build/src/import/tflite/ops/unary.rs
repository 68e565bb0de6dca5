//! Functions of each element.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{GeluOptions, LeakyReluOptions};
use crate::ops::Unary;
use edge_core::params::UnaryFn;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("ABS", |cx| function(cx, UnaryFn::Abs)),
    ("CEIL", |cx| function(cx, UnaryFn::Ceil)),
    ("COS", |cx| function(cx, UnaryFn::Cos)),
    ("ELU", |cx| function(cx, UnaryFn::Elu(1.0))),
    ("EXP", |cx| function(cx, UnaryFn::Exp)),
    ("FLOOR", |cx| function(cx, UnaryFn::Floor)),
    ("GELU", gelu),
    ("HARD_SWISH", |cx| function(cx, UnaryFn::HardSwish)),
    ("LEAKY_RELU", leaky_relu),
    ("LOG", |cx| function(cx, UnaryFn::Log)),
    ("LOGISTIC", |cx| function(cx, UnaryFn::Sigmoid)),
    ("NEG", |cx| function(cx, UnaryFn::Affine(-1.0, 0.0))),
    ("RELU", |cx| function(cx, UnaryFn::Clip(0.0, f32::INFINITY))),
    ("RELU6", |cx| function(cx, UnaryFn::Clip(0.0, 6.0))),
    ("RELU_0_TO_1", |cx| function(cx, UnaryFn::Clip(0.0, 1.0))),
    ("RELU_N1_TO_1", |cx| function(cx, UnaryFn::Clip(-1.0, 1.0))),
    ("ROUND", |cx| function(cx, UnaryFn::Round)),
    ("RSQRT", |cx| function(cx, UnaryFn::Rsqrt)),
    ("SIN", |cx| function(cx, UnaryFn::Sin)),
    ("SQRT", |cx| function(cx, UnaryFn::Sqrt)),
    ("SQUARE", |cx| function(cx, UnaryFn::Power(2.0))),
    ("TANH", |cx| function(cx, UnaryFn::Tanh)),
];

fn function(cx: &mut OpCx<'_>, function: UnaryFn) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    cx.finish(Unary::of(function), &[x])
}

fn leaky_relu(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let alpha = cx.options::<LeakyReluOptions>()?.alpha;
    if !alpha.is_finite() {
        return Err(Problem::attribute(
            format!("a slope of {alpha}"),
            "finite slopes",
        ));
    }
    function(cx, UnaryFn::LeakyRelu(alpha))
}

fn gelu(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let approximate = cx.options::<GeluOptions>()?.approximate;
    function(
        cx,
        if approximate {
            UnaryFn::GeluTanh
        } else {
            UnaryFn::Gelu
        },
    )
}
