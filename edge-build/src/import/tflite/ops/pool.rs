//! Poolings over windows.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::activation;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::Pool2DOptions;
use crate::import::tflite::window::Window;
use crate::ir::DType;
use crate::ir::types::shape_text;
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{AveragePool2d, MaxPool2d, Op, Sliding, Sums, Unary};
use edge_core::params::UnaryFn;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("AVERAGE_POOL_2D", |cx| {
        let (x, sliding, clamp) = pooled(cx)?;
        pool(cx, |clamp| average(sliding, clamp).into(), &x, clamp)
    }),
    ("L2_POOL_2D", l2_pool),
    ("MAX_POOL_2D", |cx| {
        let (x, sliding, clamp) = pooled(cx)?;
        pool(cx, |clamp| MaxPool2d { sliding, clamp }.into(), &x, clamp)
    }),
];

/// Greatest height and width of a window: SAME padding would take any.
const MAX_SIZE: usize = 1 << 16;

fn average(sliding: Sliding, clamp: [f32; 2]) -> AveragePool2d {
    AveragePool2d {
        sliding,
        count_pad: false,
        ceil_pads: [0, 0],
        clamp,
        sums: Sums::Integers,
    }
}

/// The image, the window and the limits of a pooling.
fn pooled(cx: &mut OpCx<'_>) -> Result<(Datum, Sliding, [f32; 2]), Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let &[_, height, width, _] = shape.as_slice() else {
        return Err(Problem::shape(
            format!("an input of shape {}", shape_text(&shape)),
            "images of rank 4",
        ));
    };
    let options = cx.options::<Pool2DOptions>()?;
    let size = |size: i32| {
        let usable = usize::try_from(size).ok().filter(|&size| size <= MAX_SIZE);
        usable.ok_or_else(|| {
            Problem::attribute(
                format!("a window of size {size}"),
                format!("sizes up to {MAX_SIZE}"),
            )
        })
    };
    let window = Window {
        padding: options.padding,
        kernel: [size(options.filter_height)?, size(options.filter_width)?],
        strides: [options.stride_h, options.stride_w],
        dilations: [1, 1],
    };
    let clamp = activation::clamp(options.fused_activation_function)?;
    Ok((x, window.sliding([height, width])?, clamp))
}

/// A pooling and its limits; in float these are a function of its own, so that they can join others.
fn pool(
    cx: &mut OpCx<'_>,
    op: impl FnOnce([f32; 2]) -> Op,
    x: &Datum,
    clamp: [f32; 2],
) -> Result<Vec<Datum>, Problem> {
    let x = std::slice::from_ref(x);
    if clamp == NO_CLAMP || cx.output(0)?.dtype != DType::F32 {
        return cx.finish(op(clamp), x);
    }
    let open = cx.apply(op(NO_CLAMP), x, None)?;
    cx.finish(Unary::of(UnaryFn::Clip(clamp[0], clamp[1])), &[open])
}

/// The square root of the mean of squares.
fn l2_pool(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (x, sliding, clamp) = pooled(cx)?;
    if cx.ty(&x).dtype != DType::F32 {
        return Err(Problem::dtype("an L2 pooling of integers", "f32 images"));
    }
    let mut functions = vec![UnaryFn::Sqrt];
    if clamp != NO_CLAMP {
        functions.push(UnaryFn::Clip(clamp[0], clamp[1]));
    }
    let squares = cx.apply(Unary::of(UnaryFn::Power(2.0)), &[x], None)?;
    let means = cx.apply(average(sliding, NO_CLAMP), &[squares], None)?;
    cx.finish(Unary { functions }, &[means])
}
