//! Rows times a constant matrix.
//!
//! Source: ONNX `Gemm` and `MatMul` with constant weights, `TFLite` `FULLY_CONNECTED`.

use super::conv2d::check_bias;
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::exact::weighted::{self as exact, Form};
use crate::lower::{LowerError, NodeLowering, weighted};
use crate::program::Kernel;
use edge_core::params;

/// Fully connected layer. Inputs: `[rows, inputs]`, weights `[outputs, inputs]`, bias `[outputs]`.
#[derive(Clone, Debug, PartialEq)]
pub struct FullyConnected {
    /// Limits of the result: a fused activation.
    pub clamp: [f32; 2],
}

impl Operator for FullyConnected {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[rows, weights, bias] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "rows, weights, bias",
            ));
        };
        let (&[batch, depth], &[outputs, inner]) =
            (rows.shape.as_slice(), weights.shape.as_slice())
        else {
            return Err(OpError::new(
                format!("input {rows}, weights {weights}"),
                "both of rank 2",
            ));
        };
        if depth != inner {
            return Err(OpError::new(
                format!("weights {weights} for input {rows}"),
                format!("weights with {depth} inputs"),
            ));
        }
        check_bias(bias, outputs)?;
        Ok(vec![TensorType {
            dtype: rows.dtype,
            shape: vec![batch, outputs],
            quant: None,
        }])
    }

    fn macs(&self, inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        inputs[1].len() as u64 * inputs[0].shape[0] as u64
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::Weighted { axis: 0 }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let rows = &node.input_type(0)?.shape;
        let (batch, inputs, outputs) = (rows[0], rows[1], node.output_type().shape[1]);
        match node.output_type().dtype {
            DType::F32 => weighted::lower_f32(
                node,
                Kernel::FullyConnectedF32(params::FullyConnectedF32 {
                    batch,
                    inputs,
                    outputs,
                    clamp: self.clamp,
                }),
            ),
            DType::I8 if exact::is_native(node, self.clamp) => {
                weighted::lower_s8(node, 0, |requant, _| {
                    Kernel::FullyConnectedS8(params::FullyConnectedS8 {
                        batch,
                        inputs,
                        outputs,
                        requant,
                    })
                })
            }
            DType::I8 | DType::I16 => {
                exact::lower(node, Form::Filters { axis: 0 }, self.clamp, |decided| {
                    let p = params::FullyConnectedExact {
                        batch,
                        inputs,
                        outputs,
                        output: decided.output,
                    };
                    let rows = [
                        Kernel::FullyConnectedExactS8,
                        Kernel::FullyConnectedExactS8W16,
                        Kernel::FullyConnectedExactS16,
                        Kernel::FullyConnectedExactS16B32,
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
