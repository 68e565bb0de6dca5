//! Normalizations and softmax.

use super::binary::pair;
use super::image;
use super::node::NodeCx;
use super::reduce::over;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::Tensor;
use crate::ir::types::shape_text;
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{DepthwiseConv2d, Sliding, Softmax};
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

/// Input `index` as one constant float per channel.
fn per_channel(cx: &NodeCx<'_>, index: usize, channels: usize) -> Result<Vec<f32>, Problem> {
    let list = cx
        .floats(index)?
        .ok_or_else(|| Problem::broken(format!("input {index} is missing")))?;
    if list.len() == channels {
        return Ok(list);
    }
    Err(Problem::shape(
        format!("input {index} with {} elements", list.len()),
        format!("one per channel: {channels}"),
    ))
}

fn epsilon(cx: &NodeCx<'_>) -> Result<f32, Problem> {
    Ok(cx.attrs.float("epsilon")?.unwrap_or(1e-5))
}

/// A 1×1 depthwise convolution with the statistics folded into weights and bias.
pub(super) fn batch(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let channels = *shape.get(1).ok_or_else(|| {
        Problem::shape(
            format!("an input of shape {}", shape_text(&shape)),
            "[N, C, …]",
        )
    })?;
    if cx.attrs.flag("training_mode")? || cx.attrs.int("spatial")? == Some(0) {
        return Err(Problem::attribute(
            "batch normalization that learns, or has statistics per element",
            "training_mode = 0, spatial = 1",
        )
        .help("export the model in evaluation mode (`model.eval()`)"));
    }
    let epsilon = f64::from(epsilon(cx)?);
    let [gamma, beta, mean, variance] = [
        per_channel(cx, 1, channels)?,
        per_channel(cx, 2, channels)?,
        per_channel(cx, 3, channels)?,
        per_channel(cx, 4, channels)?,
    ];
    let (mut weights, mut bias) = (Vec::new(), Vec::new());
    for c in 0..channels {
        let factor = f64::from(gamma[c]) / (f64::from(variance[c]) + epsilon).sqrt();
        weights.push(factor as f32);
        bias.push((f64::from(beta[c]) - f64::from(mean[c]) * factor) as f32);
    }
    let (Some(weights), Some(bias)) = (
        Tensor::from_f32(&[1, 1, channels], weights),
        Tensor::from_f32(&[channels], bias),
    ) else {
        return Err(Problem::broken("statistics without shape"));
    };
    let image = image::channels_last(cx, &x)?;
    let op = DepthwiseConv2d {
        sliding: Sliding {
            kernel: [1, 1],
            strides: [1, 1],
            dilations: [1, 1],
            pads: [0; 4],
        },
        clamp: NO_CLAMP,
    };
    let y = cx.apply(op, &[image, weights.into(), bias.into()])?;
    Ok(vec![image::channels_second(cx, &y, &shape)?])
}

/// The parts of a normalization over axes: `x − mean`, and `√(variance + epsilon)`.
struct Normal {
    mean: Datum,
    centred: Datum,
    deviation: Datum,
}

fn normal(cx: &mut NodeCx<'_>, x: &Datum, axes: &[usize]) -> Result<Normal, Problem> {
    let mean = over(cx, ReduceKind::Mean, x, axes)?;
    let centred = pair(cx, BinaryKind::Sub, x, &mean)?;
    let deviation = root_mean_square(cx, &centred, axes)?;
    Ok(Normal {
        mean,
        centred,
        deviation,
    })
}

fn root_mean_square(cx: &mut NodeCx<'_>, x: &Datum, axes: &[usize]) -> Result<Datum, Problem> {
    let epsilon = epsilon(cx)?;
    let squares = cx.unary(x, &[UnaryFn::Power(2.0)])?;
    let mean = over(cx, ReduceKind::Mean, &squares, axes)?;
    cx.unary(&mean, &[UnaryFn::Affine(1.0, epsilon), UnaryFn::Sqrt])
}

/// `x · scale + bias`, each if it is there.
fn scaled(
    cx: &mut NodeCx<'_>,
    x: Datum,
    scale: Option<&Datum>,
    bias: Option<&Datum>,
) -> Result<Datum, Problem> {
    let x = match scale {
        Some(scale) => pair(cx, BinaryKind::Mul, &x, scale)?,
        None => x,
    };
    match bias {
        Some(bias) => pair(cx, BinaryKind::Add, &x, bias),
        None => Ok(x),
    }
}

pub(super) fn layer(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let rank = cx.shape(&x).len();
    let axes: Vec<usize> = (cx.axis(-1, rank)?..rank).collect();
    let parts = normal(cx, &x, &axes)?;
    let y = pair(cx, BinaryKind::Div, &parts.centred, &parts.deviation)?;
    let (scale, bias) = (cx.optional(1), cx.optional(2));
    let y = scaled(cx, y, scale.as_ref(), bias.as_ref())?;
    let inverse = match cx.proto.output.get(2) {
        Some(name) if !name.is_empty() => {
            cx.unary(&parts.deviation, &[UnaryFn::DivideInto(1.0)])?
        }
        Some(_) | None => parts.deviation,
    };
    Ok(vec![y, parts.mean, inverse])
}

pub(super) fn root_mean(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let rank = cx.shape(&x).len();
    let axes: Vec<usize> = (cx.axis(-1, rank)?..rank).collect();
    let deviation = root_mean_square(cx, &x, &axes)?;
    let y = pair(cx, BinaryKind::Div, &x, &deviation)?;
    let scale = cx.optional(1);
    Ok(vec![scaled(cx, y, scale.as_ref(), None)?])
}

/// Division by the sum of magnitudes or the Euclidean length along an axis; 0 stays 0.
pub(super) fn lp(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let rank = cx.shape(&x).len();
    let axis = cx.axis(-1, rank)?;
    let (before, behind) = match cx.attrs.int("p")?.unwrap_or(2) {
        1 => (UnaryFn::Abs, None),
        2 => (UnaryFn::Power(2.0), Some(UnaryFn::Sqrt)),
        other => return Err(Problem::attribute(format!("p = {other}"), "1, 2")),
    };
    let parts = cx.unary(&x, &[before])?;
    let sum = over(cx, ReduceKind::Sum, &parts, &[axis])?;
    let least = UnaryFn::Clip(f32::MIN_POSITIVE, f32::INFINITY);
    let functions: Vec<UnaryFn> = behind.into_iter().chain([least]).collect();
    let length = cx.unary(&sum, &functions)?;
    Ok(vec![pair(cx, BinaryKind::Div, &x, &length)?])
}

pub(super) fn instance(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let channels = shape.get(1).copied().unwrap_or(0);
    per_channel(cx, 1, channels)?;
    per_channel(cx, 2, channels)?;
    let (scale, bias) = (cx.input(1)?, cx.input(2)?);
    let image = image::channels_last(cx, &x)?;
    let parts = normal(cx, &image, &[1, 2])?;
    let y = pair(cx, BinaryKind::Div, &parts.centred, &parts.deviation)?;
    let y = scaled(cx, y, Some(&scale), Some(&bias))?;
    Ok(vec![image::channels_second(cx, &y, &shape)?])
}

pub(super) fn group(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let stated = cx.attrs.int("num_groups")?.unwrap_or(0);
    let groups = usize::try_from(stated).unwrap_or(0);
    let (Some(&n), Some(&channels)) = (shape.first(), shape.get(1)) else {
        return Err(Problem::shape(shape_text(&shape), "[N, C, …]"));
    };
    if groups == 0 || channels % groups != 0 {
        return Err(Problem::shape(
            format!("{stated} groups of {channels} channels"),
            "a divisor of the channels",
        ));
    }
    let inner: usize = shape[2..].iter().product();
    let grouped = [n, groups, channels / groups * inner];
    let flat = cx.reshape(&x, &grouped)?;
    let parts = normal(cx, &flat, &[2])?;
    let y = pair(cx, BinaryKind::Div, &parts.centred, &parts.deviation)?;
    // Scale and bias were one per group at first, and are one per channel since opset 21.
    let per = if cx.opset < 21 { groups } else { channels };
    per_channel(cx, 1, per)?;
    per_channel(cx, 2, per)?;
    let y = cx.reshape(&y, &[n, per, channels * inner / per])?;
    let (scale, bias) = (cx.input(1)?, cx.input(2)?);
    let scale = cx.reshape(&scale, &[per, 1])?;
    let bias = cx.reshape(&bias, &[per, 1])?;
    let y = scaled(cx, y, Some(&scale), Some(&bias))?;
    Ok(vec![cx.reshape(&y, &shape)?])
}

/// `Softmax` and `LogSoftmax`. Before opset 13 all axes from `axis` on count as one.
pub(super) fn softmax(cx: &mut NodeCx<'_>, log: bool) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let rank = cx.shape(&x).len();
    let flattens = cx.opset < 13;
    let start = cx.axis(if flattens { 1 } else { -1 }, rank)?;
    let end = if flattens { rank } else { start + 1 };
    Ok(vec![cx.apply(
        Softmax {
            start,
            end,
            log,
            beta: 1.0,
            wide: false,
        },
        &[x],
    )?])
}

pub(super) fn dropout(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let training = cx.ints(2)?.is_some_and(|list| list.contains(&1));
    if training {
        return Err(
            Problem::attribute("dropout in training mode", "training_mode = false")
                .help("export the model in evaluation mode (`model.eval()`)"),
        );
    }
    Ok(vec![cx.input(0)?])
}
