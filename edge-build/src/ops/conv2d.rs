//! Convolution of an NHWC image.
//!
//! Source: ONNX `Conv`, `TFLite` `CONV_2D`.

use super::{OpError, Operator, QuantRule};
use crate::ir::types::shape_text;
use crate::ir::{DType, TensorType};
use crate::lower::exact::weighted::{self as exact, Form};
use crate::lower::{LowerError, NodeLowering, weighted};
use crate::program::Kernel;
use edge_core::params;

/// Convolution. Inputs: image `[n,h,w,c]`, weights `[out,kh,kw,c/groups]`, bias `[out]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv2d {
    /// Window, steps, padding.
    pub sliding: Sliding,
    /// Number of groups.
    pub groups: usize,
    /// Limits of the result, infinite where there is none: a fused activation.
    pub clamp: [f32; 2],
}

/// A window that slides over an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sliding {
    /// Height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal step.
    pub strides: [usize; 2],
    /// Vertical and horizontal distance of taps.
    pub dilations: [usize; 2],
    /// Padding: top, left, bottom, right.
    pub pads: [usize; 4],
}

/// No limits of a result.
pub const NO_CLAMP: [f32; 2] = [f32::NEG_INFINITY, f32::INFINITY];

impl Sliding {
    /// Height and width of the output for an input of that height and width; `None` if the window does not
    /// fit, a step is 0 or a number overflows.
    #[must_use]
    pub fn output(&self, input: [usize; 2]) -> Option<[usize; 2]> {
        let along = |axis: usize| {
            let padded = input[axis]
                .checked_add(self.pads[axis])?
                .checked_add(self.pads[axis + 2])?;
            let reach = self.dilations[axis]
                .checked_mul(self.kernel[axis].checked_sub(1)?)?
                .checked_add(1)?;
            padded
                .checked_sub(reach)?
                .checked_div(self.strides[axis])?
                .checked_add(1)
        };
        Some([along(0)?, along(1)?])
    }

    /// The numbers for a kernel; `image` and `output` are NHWC types.
    #[must_use]
    pub fn window(&self, image: &TensorType, output: &TensorType) -> params::Window2d {
        let (i, o) = (&image.shape, &output.shape);
        params::Window2d {
            batch: i[0],
            in_h: i[1],
            in_w: i[2],
            in_c: i[3],
            out_h: o[1],
            out_w: o[2],
            out_c: o[3],
            kernel_h: self.kernel[0],
            kernel_w: self.kernel[1],
            stride_h: self.strides[0],
            stride_w: self.strides[1],
            dilation_h: self.dilations[0],
            dilation_w: self.dilations[1],
            pad_top: self.pads[0],
            pad_left: self.pads[1],
        }
    }

    /// The NHWC output shape for an image and a number of channels.
    ///
    /// # Errors
    /// If the image is no image or the window does not fit.
    pub fn infer(&self, image: &TensorType, channels: usize) -> Result<Vec<usize>, OpError> {
        let &[n, h, w, _] = image.shape.as_slice() else {
            return Err(OpError::new(
                format!("an input of shape {image}"),
                "an image of rank 4",
            ));
        };
        let [out_h, out_w] = self.output([h, w]).ok_or_else(|| {
            OpError::new(
                format!(
                    "a window of {:?} (dilation {:?}, stride {:?}, pads {:?}) on {image}",
                    self.kernel, self.dilations, self.strides, self.pads
                ),
                "windows that fit into the padded input, strides of at least 1",
            )
        })?;
        Ok(vec![n, out_h, out_w, channels])
    }
}

/// Checks that a bias has one number per output.
pub(super) fn check_bias(bias: &TensorType, outputs: usize) -> Result<(), OpError> {
    if bias.shape == [outputs] {
        return Ok(());
    }
    Err(OpError::new(
        format!("a bias of shape {}", shape_text(&bias.shape)),
        format!("[{outputs}]"),
    ))
}

/// Multiply-accumulates of a layer whose every output takes one weight per element of `weights` but `out`.
pub(super) fn weighted_macs(output: &TensorType, weights: &TensorType, outputs: usize) -> u64 {
    output.len() as u64 * (weights.len() / outputs.max(1)) as u64
}

impl Operator for Conv2d {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[image, weights, bias] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "image, weights, bias",
            ));
        };
        let &[out, kh, kw, depth] = weights.shape.as_slice() else {
            return Err(OpError::new(
                format!("weights {weights}"),
                "weights of rank 4",
            ));
        };
        let shape = self.sliding.infer(image, out)?;
        let groups = self.groups.max(1);
        if [kh, kw] != self.sliding.kernel
            || depth.checked_mul(groups) != Some(image.shape[3])
            || out % groups != 0
        {
            return Err(OpError::new(
                format!("weights {weights} for input {image} in {groups} group(s)"),
                "weights [out, kernel height, kernel width, channels / groups]",
            ));
        }
        check_bias(bias, out)?;
        Ok(vec![TensorType {
            dtype: image.dtype,
            shape,
            quant: None,
        }])
    }

    fn macs(&self, inputs: &[&TensorType], outputs: &[&TensorType]) -> u64 {
        weighted_macs(outputs[0], inputs[1], inputs[1].shape[0])
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::Weighted { axis: 0 }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let window = self.sliding.window(node.input_type(0)?, node.output_type());
        match node.output_type().dtype {
            DType::F32 => weighted::lower_f32(
                node,
                Kernel::Conv2dF32(params::Conv2dF32 {
                    window,
                    groups: self.groups,
                    clamp: self.clamp,
                }),
            ),
            DType::I8 if exact::is_native(node, self.clamp) => {
                weighted::lower_s8(node, 0, |requant, pad_value| {
                    Kernel::Conv2dS8(params::Conv2dS8 {
                        window,
                        groups: self.groups,
                        pad_value,
                        requant,
                    })
                })
            }
            DType::I8 | DType::I16 => {
                exact::lower(node, Form::Filters { axis: 0 }, self.clamp, |decided| {
                    let p = params::Conv2dExact {
                        window,
                        groups: self.groups,
                        pad_value: decided.input_zero,
                        output: decided.output,
                    };
                    let rows = [
                        Kernel::Conv2dExactS8,
                        Kernel::Conv2dExactS8W16,
                        Kernel::Conv2dExactS16,
                        Kernel::Conv2dExactS16B32,
                    ];
                    decided.variant.kernel(p, rows)
                })
            }
            other @ (DType::U8 | DType::I32 | DType::I64 | DType::Bool) => {
                Err(LowerError::of_dtype(other))
            }
        }
    }
}
