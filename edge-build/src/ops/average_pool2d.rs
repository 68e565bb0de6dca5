//! Mean over windows of an NHWC image.
//!
//! Source: ONNX `AveragePool`, `TFLite` `AVERAGE_POOL_2D`.

use super::{OpError, Operator, QuantRule, Sliding};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params;

/// Mean over windows. Input: image `[n,h,w,c]`.
#[derive(Clone, Debug, PartialEq)]
pub struct AveragePool2d {
    /// Window, steps, padding.
    pub sliding: Sliding,
    /// Whether padding counts as zeros in the mean.
    pub count_pad: bool,
    /// How much of the bottom and right padding comes from rounding the output up, and never counts.
    pub ceil_pads: [usize; 2],
}

impl Operator for AveragePool2d {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[image] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one image",
            ));
        };
        let channels = image.shape.last().copied().unwrap_or(0);
        let shape = self.sliding.infer(image, channels)?;
        Ok(vec![TensorType {
            dtype: image.dtype,
            shape,
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::Calibrated
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let window = self.sliding.window(x, y);
        let [pad_bottom, pad_right] =
            [0, 1].map(|i| self.sliding.pads[i + 2].saturating_sub(self.ceil_pads[i]));
        let operand = node.operand(0)?;
        match y.dtype {
            DType::F32 => {
                let p = params::AveragePool2dF32 {
                    window,
                    count_pad: self.count_pad,
                    pad_bottom,
                    pad_right,
                };
                node.step(Kernel::AveragePool2dF32(p), &[operand], &[]);
            }
            DType::I8 => {
                let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
                let most = window.kernel_h * window.kernel_w;
                let scale = f64::from(from.scale) / f64::from(to.scale);
                let real: Vec<f64> = (1..=most).map(|n| scale / n as f64).collect();
                let (multipliers, requant) =
                    arithmetic::requant(&real, to.zero_point, 256 * most as i64)?;
                let table = node.add_constant(
                    "reciprocals of the window sizes",
                    Element::I32,
                    &multipliers,
                );
                let p = params::AveragePool2dS8 {
                    window,
                    input_zero: from.zero_point,
                    count_pad: self.count_pad,
                    pad_bottom,
                    pad_right,
                    requant,
                };
                node.step(Kernel::AveragePool2dS8(p), &[operand], &[table]);
            }
            other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        }
        Ok(())
    }
}
