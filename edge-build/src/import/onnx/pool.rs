//! `MaxPool`, `AveragePool`, `GlobalAveragePool`, `GlobalMaxPool`.

use super::image;
use super::node::NodeCx;
use super::window::{self, Rounding, Window};
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::types::shape_text;
use crate::ops::{AveragePool2d, MaxPool2d, Reduce, Sums, conv2d::NO_CLAMP};
use edge_core::params::ReduceKind;

/// The image and the window of a pooling node.
fn pooled(cx: &mut NodeCx<'_>) -> Result<(Datum, Window, usize), Problem> {
    let x = cx.input(0)?;
    let rank = cx.shape(&x).len();
    let image = image::to_nhwc(cx, &x)?;
    let shape = cx.shape(&image);
    let kernel = window::pair(cx, "kernel_shape", rank - 2, 1)?
        .ok_or_else(|| Problem::broken("attribute `kernel_shape` is missing"))?;
    let rounding = if cx.attrs.flag("ceil_mode")? {
        Rounding::Up
    } else {
        Rounding::Down
    };
    let window = window::read(cx, kernel, rank - 2, &shape, rounding)?;
    Ok((image, window, rank))
}

pub(super) fn max_pool(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (image, window, rank) = pooled(cx)?;
    let op = MaxPool2d {
        sliding: window.sliding,
        clamp: NO_CLAMP,
    };
    let y = cx.apply(op, &[image])?;
    Ok(vec![image::from_nhwc(cx, &y, rank)?])
}

/// The first operator set whose `AveragePool` onnxruntime sums row by row whatever the steps are.
const AVERAGE_POOL_BY_ROWS: i64 = 19;

/// `AveragePool`. Quantized to the scale of its input, as quantizers do, the mean often lies in the middle
/// between two integers, and the order of the sum decides: so it is that of onnxruntime.
pub(super) fn average_pool(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let by_rows = cx.opset >= AVERAGE_POOL_BY_ROWS;
    average(cx, |strides| {
        if by_rows || strides[1] > 2 {
            Sums::Rows
        } else {
            Sums::Columns
        }
    })
}

/// `AveragePool` between integers that are summed as such.
pub(super) fn average_pool_of_integers(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    average(cx, |_| Sums::Integers)
}

fn average(cx: &mut NodeCx<'_>, sums: impl Fn([usize; 2]) -> Sums) -> Result<Vec<Datum>, Problem> {
    let (image, window, rank) = pooled(cx)?;
    let op = AveragePool2d {
        sums: sums(window.sliding.strides),
        sliding: window.sliding,
        count_pad: cx.attrs.flag("count_include_pad")?,
        ceil_pads: window.ceil_pads,
        clamp: NO_CLAMP,
    };
    let y = cx.apply(op, &[image])?;
    Ok(vec![image::from_nhwc(cx, &y, rank)?])
}

/// Reduction of all axes behind the channels.
pub(super) fn global(cx: &mut NodeCx<'_>, kind: ReduceKind) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let mut shape = cx.shape(&x);
    if shape.len() < 3 {
        return Err(Problem::shape(
            format!("an input of shape {}", shape_text(&shape)),
            "[N, C, …] with at least one spatial axis",
        ));
    }
    let image = image::channels_last(cx, &x)?;
    let op = Reduce {
        kind,
        start: 1,
        end: 3,
    };
    let y = cx.apply(op, &[image])?;
    shape[2..].fill(1);
    Ok(vec![image::channels_second(cx, &y, &shape)?])
}
