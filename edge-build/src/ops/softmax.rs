//! Softmax or log-softmax along an axis.
//!
//! Source: ONNX `Softmax`, `LogSoftmax`; `TFLite` `SOFTMAX`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, QuantParams, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params;

/// Softmax along the axes `start..end` taken as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Softmax {
    /// First axis.
    pub start: usize,
    /// Axis behind the last.
    pub end: usize,
    /// Whether the logarithm of the result is wanted.
    pub log: bool,
}

impl Operator for Softmax {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        if self.start >= self.end || self.end > x.shape.len() {
            return Err(OpError::new(
                format!("axes {}..{} of {x}", self.start, self.end),
                "axes of the tensor",
            ));
        }
        Ok(vec![TensorType {
            dtype: x.dtype,
            shape: x.shape.clone(),
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        if self.log {
            QuantRule::FloatOnly
        } else {
            QuantRule::Fixed(QuantParams {
                scale: 1.0 / 256.0,
                zero_point: -128,
            })
        }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let x = node.input_type(0)?;
        let p = params::Softmax {
            outer: x.shape[..self.start].iter().product(),
            axis: x.shape[self.start..self.end].iter().product(),
            inner: x.shape[self.end..].iter().product(),
            log: self.log,
        };
        let operand = node.operand(0)?;
        match node.output_type().dtype {
            DType::F32 => node.step(Kernel::SoftmaxF32(p), &[operand], &[]),
            DType::I8 => {
                let scale = f64::from(arithmetic::params_of(x)?.scale);
                let table: Vec<u16> = (0..256)
                    .map(|d| (65535.0 * (-f64::from(d) * scale).exp()).round_ties_even() as u16)
                    .collect();
                let table = node.add_constant("exponentials of differences", Element::U16, &table);
                node.step(Kernel::SoftmaxS8(p), &[operand], &[table]);
            }
            other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        }
        Ok(())
    }
}
