//! int8 or 16-bit integers to float.
//!
//! Source: ONNX `DequantizeLinear`, `TFLite` `DEQUANTIZE`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::Kernel;
use edge_core::params;

/// int8 or 16-bit integers to float.
#[derive(Clone, Debug, PartialEq)]
pub struct Dequantize;

impl Operator for Dequantize {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] if x.dtype.is_quantized() => Ok(vec![TensorType::f32(x.shape.clone())]),
            other => Err(OpError::new(
                format!("{} inputs", other.len()),
                "one quantized tensor",
            )),
        }
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let from = arithmetic::params_of(node.input_type(0)?)?;
        let x = node.operand(0)?;
        let p = params::Quantize {
            scale: from.scale,
            zero_point: from.zero_point,
        };
        let kernel = if node.input_type(0)?.dtype == DType::I16 {
            Kernel::DequantizeS16(p)
        } else {
            Kernel::DequantizeF32(p)
        };
        node.step(kernel, &[x], &[]);
        Ok(())
    }
}
