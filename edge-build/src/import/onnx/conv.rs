//! `Conv` and `ConvTranspose`.

use super::image;
use super::node::NodeCx;
use super::window::{self, AutoPad, Rounding};
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::Tensor;
use crate::ir::types::shape_text;
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Conv2d, ConvTranspose2d, DepthwiseConv2d, Sliding};

/// Constant weights `[first, second, kernel…]` as `[first, second, height, width]`.
pub(super) fn weights(cx: &mut NodeCx<'_>, spatial: usize) -> Result<(Datum, [usize; 4]), Problem> {
    let w = cx.input(1)?;
    cx.constant(1)?;
    let shape = cx.shape(&w);
    let full = match (shape.as_slice(), spatial) {
        (&[a, b, len], 1) => [a, b, 1, len],
        (&[a, b, height, width], 2) => [a, b, height, width],
        _ => {
            return Err(Problem::shape(
                format!("weights {} for {spatial} spatial axes", shape_text(&shape)),
                "weights of the rank of the input, which is 3 or 4",
            ));
        }
    };
    if full.contains(&0) {
        return Err(Problem::shape(
            format!("weights {}", shape_text(&shape)),
            "dimensions of at least 1",
        ));
    }
    let stated = window::pair(cx, "kernel_shape", spatial, 1)?;
    if stated.is_some_and(|stated| stated != [full[2], full[3]]) {
        return Err(Problem::shape(
            format!("kernel_shape {stated:?} and weights {}", shape_text(&shape)),
            "the same kernel in both",
        ));
    }
    Ok((cx.reshape(&w, &full)?, full))
}

/// Input 2, or zeros.
fn bias(cx: &NodeCx<'_>, outputs: usize) -> Result<Datum, Problem> {
    match cx.constant(2)? {
        Some(bias) => Ok(bias.into()),
        None => zeros(outputs),
    }
}

/// That many zeros.
pub(super) fn zeros(len: usize) -> Result<Datum, Problem> {
    Tensor::from_f32(&[len], vec![0.0; len])
        .map(Datum::from)
        .ok_or_else(|| Problem::broken("a bias without shape"))
}

/// Number of groups, at least 1.
pub(super) fn groups(cx: &NodeCx<'_>, channels: usize) -> Result<usize, Problem> {
    let groups = cx.attrs.int("group")?.unwrap_or(1);
    usize::try_from(groups)
        .ok()
        .filter(|&g| g > 0 && channels.is_multiple_of(g))
        .ok_or_else(|| {
            Problem::shape(
                format!("group = {groups} for {channels} channels"),
                "a divisor of the channels",
            )
        })
}

/// Number of spatial axes of the input, 1 or 2.
pub(super) fn spatial_axes(cx: &NodeCx<'_>, x: &Datum) -> Result<usize, Problem> {
    let shape = cx.shape(x);
    match shape.len() {
        3 => Ok(1),
        4 => Ok(2),
        _ => Err(Problem::attribute(
            format!("an input of shape {}", shape_text(&shape)),
            "images [N, C, H, W] and signals [N, C, L]",
        )),
    }
}

pub(super) fn conv(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let spatial = spatial_axes(cx, &x)?;
    let channels = cx.shape(&x)[1];
    let groups = groups(cx, channels)?;
    let (w, [out, depth, kernel_h, kernel_w]) = weights(cx, spatial)?;
    let bias = bias(cx, out)?;
    let image = image::to_nhwc(cx, &x)?;
    let shape = cx.shape(&image);
    let kernel = [kernel_h, kernel_w];
    let sliding = window::read(cx, kernel, spatial, &shape, Rounding::Down)?.sliding;
    let y = if groups > 1 && groups == channels && depth == 1 {
        let w = cx.reshape(&w, &[out, kernel_h, kernel_w])?;
        let w = cx.transpose(&w, &[1, 2, 0])?;
        let op = DepthwiseConv2d {
            sliding,
            clamp: NO_CLAMP,
        };
        cx.apply(op, &[image, w, bias])?
    } else {
        let w = cx.transpose(&w, &[0, 2, 3, 1])?;
        let op = Conv2d {
            sliding,
            groups,
            clamp: NO_CLAMP,
        };
        cx.apply(op, &[image, w, bias])?
    };
    Ok(vec![image::from_nhwc(cx, &y, spatial + 2)?])
}

pub(super) fn conv_transpose(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let spatial = spatial_axes(cx, &x)?;
    let channels = cx.shape(&x)[1];
    let groups = groups(cx, channels)?;
    let (w, [_, per_group, kernel_h, kernel_w]) = weights(cx, spatial)?;
    let out = per_group
        .checked_mul(groups)
        .ok_or_else(|| Problem::shape("output channels that overflow", "fewer channels"))?;
    let bias = bias(cx, out)?;
    let image = image::to_nhwc(cx, &x)?;
    let shape = cx.shape(&image);
    let mut sliding = Sliding {
        kernel: [kernel_h, kernel_w],
        strides: window::pair(cx, "strides", spatial, 1)?.unwrap_or([1, 1]),
        dilations: window::pair(cx, "dilations", spatial, 1)?.unwrap_or([1, 1]),
        pads: [0; 4],
    };
    let mut output_padding = window::pair(cx, "output_padding", spatial, 0)?.unwrap_or([0, 0]);
    transpose_pads(cx, &mut sliding, &mut output_padding, spatial, &shape)?;
    let w = cx.transpose(&w, &[0, 2, 3, 1])?;
    let op = ConvTranspose2d {
        sliding,
        output_padding,
        groups,
        clamp: NO_CLAMP,
    };
    let y = cx.apply(op, &[image, w, bias])?;
    Ok(vec![image::from_nhwc(cx, &y, spatial + 2)?])
}

/// Padding of a transposed convolution: stated, or from the size of the output.
fn transpose_pads(
    cx: &NodeCx<'_>,
    sliding: &mut Sliding,
    output_padding: &mut [usize; 2],
    spatial: usize,
    image: &[usize],
) -> Result<(), Problem> {
    let auto = window::auto_pad(cx)?;
    let stated = window::pair(cx, "output_shape", spatial, 1)?;
    if stated.is_none() && matches!(auto, AutoPad::Explicit | AutoPad::Valid) {
        if auto == AutoPad::Explicit {
            sliding.pads = window::pads(cx, spatial)?;
        }
        return Ok(());
    }
    for axis in (2 - spatial)..2 {
        let input = image.get(axis + 1).copied().unwrap_or(1);
        let stride = sliding.strides[axis];
        let wanted = match stated {
            Some(size) => Some(size[axis]),
            None => input.checked_mul(stride),
        };
        let full = (input.max(1) - 1).checked_mul(stride).and_then(|steps| {
            let reach = sliding.dilations[axis] * (sliding.kernel[axis] - 1) + 1;
            steps.checked_add(reach + output_padding[axis])
        });
        let (Some(wanted), Some(full)) = (wanted, full) else {
            return Err(Problem::shape(
                "an output that overflows",
                "smaller strides",
            ));
        };
        if let Some(total) = full.checked_sub(wanted) {
            // With odd totals ONNX puts the greater half first, but for SAME_UPPER.
            let (less, more) = (total / 2, total - total / 2);
            let (before, after) = if auto == AutoPad::SameUpper {
                (less, more)
            } else {
                (more, less)
            };
            sliding.pads[axis] = before;
            sliding.pads[axis + 2] = after;
        } else {
            output_padding[axis] += wanted - full;
        }
    }
    Ok(())
}
