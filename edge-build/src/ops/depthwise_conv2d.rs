//! Convolution of each channel by itself.
//!
//! Source: ONNX `Conv` with as many groups as channels, `TFLite` `DEPTHWISE_CONV_2D`.

use super::conv2d::{Sliding, check_bias};
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::exact::weighted::{self as exact, Form};
use crate::lower::{LowerError, NodeLowering, weighted};
use crate::program::Kernel;
use edge_core::params;

/// Depthwise convolution. Inputs: image `[n,h,w,c]`, weights `[kh,kw,c·multiplier]`, bias `[c·multiplier]`.
/// Output channel `o` belongs to input channel `o / multiplier`.
#[derive(Clone, Debug, PartialEq)]
pub struct DepthwiseConv2d {
    /// Window, steps, padding.
    pub sliding: Sliding,
    /// Limits of the result: a fused activation.
    pub clamp: [f32; 2],
}

impl Operator for DepthwiseConv2d {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[image, weights, bias] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "image, weights, bias",
            ));
        };
        let &[kh, kw, out] = weights.shape.as_slice() else {
            return Err(OpError::new(
                format!("weights {weights}"),
                "weights of rank 3",
            ));
        };
        let shape = self.sliding.infer(image, out)?;
        let channels = image.shape[3];
        if [kh, kw] != self.sliding.kernel || channels == 0 || out % channels != 0 {
            return Err(OpError::new(
                format!("weights {weights} for input {image}"),
                "weights [kernel height, kernel width, channels · multiplier]",
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
        super::conv2d::weighted_macs(outputs[0], inputs[1], inputs[1].shape[2])
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::Weighted { axis: 2 }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let window = self.sliding.window(node.input_type(0)?, node.output_type());
        match node.output_type().dtype {
            DType::F32 => weighted::lower_f32(
                node,
                Kernel::DepthwiseConv2dF32(params::DepthwiseConv2dF32 {
                    window,
                    clamp: self.clamp,
                }),
            ),
            DType::I8 if exact::is_native(node, self.clamp) => {
                weighted::lower_s8(node, 2, |requant, pad_value| {
                    Kernel::DepthwiseConv2dS8(params::DepthwiseConv2dS8 {
                        window,
                        pad_value,
                        requant,
                    })
                })
            }
            DType::I8 | DType::I16 => {
                exact::lower(node, Form::Filters { axis: 2 }, self.clamp, |decided| {
                    let p = params::DepthwiseConv2dExact {
                        window,
                        pad_value: decided.input_zero,
                        output: decided.output,
                    };
                    let rows = [
                        Kernel::DepthwiseConv2dExactS8,
                        Kernel::DepthwiseConv2dExactS8W16,
                        Kernel::DepthwiseConv2dExactS16,
                        Kernel::DepthwiseConv2dExactS16B32,
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
