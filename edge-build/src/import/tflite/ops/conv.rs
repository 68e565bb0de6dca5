//! Convolutions: `CONV_2D`, `DEPTHWISE_CONV_2D`, `TRANSPOSE_CONV`.

use super::Reader;
use super::weights::{Bias, Layer, weights};
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::activation;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{Conv2DOptions, DepthwiseConv2DOptions, TransposeConvOptions};
use crate::import::tflite::window::Window;
use crate::ir::types::shape_text;
use crate::ops::{Conv2d, ConvTranspose2d, DepthwiseConv2d, Sliding};

pub(super) const OPS: &[(&str, Reader)] = &[
    ("CONV_2D", conv_2d),
    ("DEPTHWISE_CONV_2D", depthwise_conv_2d),
    ("TRANSPOSE_CONV", transpose_conv),
];

/// Filters are `[out, height, width, depth]`; a depth below that of the image means groups.
fn conv_2d(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options: &Conv2DOptions = cx.options()?;
    let clamp = activation::clamp(options.fused_activation_function)?;
    let mut window = Window {
        padding: options.padding,
        kernel: [1, 1],
        strides: [options.stride_h, options.stride_w],
        dilations: [options.dilation_h_factor, options.dilation_w_factor],
    };
    let x = cx.input(0)?;
    let weights = weights(cx, 1, &x, Layer::Convolution)?;
    let [_, height, width, channels] = rank_4(cx, &x)?;
    let [out, kernel_h, kernel_w, depth] = rank_4(cx, &weights)?;
    window.kernel = [kernel_h, kernel_w];
    let sliding = window.sliding([height, width])?;
    if depth == 0 || channels % depth != 0 {
        return Err(Problem::shape(
            format!("filters of depth {depth} for {channels} channels"),
            "filters whose depth divides the channels",
        ));
    }
    let bias = Bias {
        outputs: out,
        narrow: true,
    }
    .read(cx, 2, &x)?;
    let groups = channels / depth;
    let op = Conv2d {
        sliding,
        groups,
        clamp,
    };
    cx.finish(op, &[x, weights, bias])
}

/// Filters are `[1, height, width, out]`.
fn depthwise_conv_2d(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options: &DepthwiseConv2DOptions = cx.options()?;
    let clamp = activation::clamp(options.fused_activation_function)?;
    let mut window = Window {
        padding: options.padding,
        kernel: [1, 1],
        strides: [options.stride_h, options.stride_w],
        dilations: [options.dilation_h_factor, options.dilation_w_factor],
    };
    let x = cx.input(0)?;
    let weights = weights(cx, 1, &x, Layer::Depthwise)?;
    let [_, height, width, _] = rank_4(cx, &x)?;
    let &[kernel_h, kernel_w, out] = cx.shape(&weights).as_slice() else {
        return Err(Problem::broken("filters of another rank than 4"));
    };
    window.kernel = [kernel_h, kernel_w];
    let sliding = window.sliding([height, width])?;
    let bias = Bias {
        outputs: out,
        narrow: false,
    }
    .read(cx, 2, &x)?;
    cx.finish(DepthwiseConv2d { sliding, clamp }, &[x, weights, bias])
}

/// Inputs are the shape of the output, filters `[out, height, width, depth]`, the image and a bias. The declared
/// shape counts, as in `TFLite` Micro.
fn transpose_conv(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options: &TransposeConvOptions = cx.options()?;
    let clamp = activation::clamp(options.fused_activation_function)?;
    let mut window = Window {
        padding: options.padding,
        kernel: [1, 1],
        strides: [options.stride_h, options.stride_w],
        dilations: [1, 1],
    };
    let x = cx.input(2)?;
    let weights = weights(cx, 1, &x, Layer::Convolution)?;
    let [_, height, width, _] = rank_4(cx, &x)?;
    let [out, kernel_h, kernel_w, _] = rank_4(cx, &weights)?;
    let &[_, out_h, out_w, _] = cx.output(0)?.shape.as_slice() else {
        return Err(Problem::broken("an output of another rank than 4"));
    };
    window.kernel = [kernel_h, kernel_w];
    // The padding is that of the convolution from the output to the input.
    let sliding = window.sliding([out_h, out_w])?;
    let (rows, columns) = (
        Ends::of(&sliding, 0, height, out_h)?,
        Ends::of(&sliding, 1, width, out_w)?,
    );
    let [top, left, _, _] = sliding.pads;
    let op = ConvTranspose2d {
        sliding: Sliding {
            pads: [top, left, rows.cut, columns.cut],
            ..sliding
        },
        output_padding: [rows.added, columns.added],
        groups: 1,
        clamp,
    };
    let bias = Bias {
        outputs: out,
        narrow: false,
    }
    .read(cx, 3, &x)?;
    let weights = cx.transpose(&weights, &[3, 1, 2, 0])?;
    cx.finish(op, &[x, weights, bias])
}

/// What makes the full output of a transposed convolution as long as the file says, behind it.
struct Ends {
    cut: usize,
    added: usize,
}

impl Ends {
    fn of(sliding: &Sliding, axis: usize, input: usize, output: usize) -> Result<Self, Problem> {
        let full = || {
            let steps = input
                .checked_sub(1)?
                .checked_mul(*sliding.strides.get(axis)?)?;
            steps
                .checked_add(*sliding.kernel.get(axis)?)?
                .checked_sub(*sliding.pads.get(axis)?)
        };
        let full = full().ok_or_else(|| {
            Problem::shape(
                format!("an output of {output} for an input of {input}"),
                "outputs that the input reaches",
            )
        })?;
        Ok(Self {
            cut: full.saturating_sub(output),
            added: output.saturating_sub(full),
        })
    }
}

/// The dimensions of an image or of filters.
fn rank_4(cx: &OpCx<'_>, x: &Datum) -> Result<[usize; 4], Problem> {
    let shape = cx.shape(x);
    shape.as_slice().try_into().map_err(|_| {
        Problem::shape(
            format!("an input of shape {}", shape_text(&shape)),
            "images and filters of rank 4",
        )
    })
}
