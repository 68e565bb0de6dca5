//! Transposed convolution.
//!
//! Source: ONNX `ConvTranspose`, `TFLite` `TRANSPOSE_CONV`.

use super::conv2d::{Sliding, check_bias};
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::exact::weighted::{self as exact, Form};
use crate::lower::{LowerError, NodeLowering, weighted};
use crate::program::Kernel;
use edge_core::params;

/// Transposed convolution. Inputs: image `[n,h,w,c]`, weights `[c,kh,kw,out/groups]`, bias `[out]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvTranspose2d {
    /// Window, steps, and what is cut off the full output.
    pub sliding: Sliding,
    /// Rows and columns added at the bottom and the right.
    pub output_padding: [usize; 2],
    /// Number of groups.
    pub groups: usize,
    /// Limits of the result: a fused activation.
    pub clamp: [f32; 2],
}

impl ConvTranspose2d {
    fn output(&self, input: [usize; 2]) -> Option<[usize; 2]> {
        let s = &self.sliding;
        let along = |axis: usize| {
            let steps = input[axis].checked_sub(1)?.checked_mul(s.strides[axis])?;
            let reach = s.dilations[axis]
                .checked_mul(s.kernel[axis].checked_sub(1)?)?
                .checked_add(1)?;
            let full = steps
                .checked_add(reach)?
                .checked_add(self.output_padding[axis])?;
            full.checked_sub(s.pads[axis].checked_add(s.pads[axis + 2])?)
        };
        Some([along(0)?, along(1)?])
    }
}

impl Operator for ConvTranspose2d {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[image, weights, bias] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "image, weights, bias",
            ));
        };
        let (&[n, h, w, c], &[depth, kh, kw, per_group]) =
            (image.shape.as_slice(), weights.shape.as_slice())
        else {
            return Err(OpError::new(
                format!("input {image}, weights {weights}"),
                "both of rank 4",
            ));
        };
        let outputs = per_group.checked_mul(self.groups).filter(|_| {
            depth == c && [kh, kw] == self.sliding.kernel && c % self.groups.max(1) == 0
        });
        let (Some(outputs), Some([out_h, out_w])) = (outputs, self.output([h, w])) else {
            return Err(OpError::new(
                format!("weights {weights} for input {image}"),
                "weights [channels, kernel height, kernel width, out / groups] and an output of at least one row",
            ));
        };
        check_bias(bias, outputs)?;
        Ok(vec![TensorType {
            dtype: image.dtype,
            shape: vec![n, out_h, out_w, outputs],
            quant: None,
        }])
    }

    fn macs(&self, inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        inputs[0].len() as u64 * (inputs[1].len() / inputs[1].shape[0].max(1)) as u64
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let window = self.sliding.window(node.input_type(0)?, node.output_type());
        match node.output_type().dtype {
            DType::F32 => weighted::lower_f32(
                node,
                Kernel::ConvTranspose2dF32(params::ConvTranspose2dF32 {
                    window,
                    groups: self.groups,
                    clamp: self.clamp,
                }),
            ),
            DType::I8 | DType::I16 => {
                let groups = self.groups;
                exact::lower(node, Form::Transposed { groups }, self.clamp, |decided| {
                    let p = params::ConvTranspose2dExact {
                        window,
                        groups,
                        input_zero: decided.input_zero,
                        output: decided.output,
                    };
                    let rows = [
                        Kernel::ConvTranspose2dExactS8,
                        Kernel::ConvTranspose2dExactS8W16,
                        Kernel::ConvTranspose2dExactS16,
                        Kernel::ConvTranspose2dExactS16B32,
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
