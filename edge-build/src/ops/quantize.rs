//! Float to int8.
//!
//! Source: ONNX `QuantizeLinear`, `TFLite` `QUANTIZE`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::Kernel;
use edge_core::params;

/// Float to int8.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantize;

impl Operator for Quantize {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] if x.dtype == DType::F32 => Ok(vec![TensorType {
                dtype: DType::I8,
                shape: x.shape.clone(),
                quant: None,
            }]),
            other => Err(OpError::new(
                format!("{} inputs", other.len()),
                "one float tensor",
            )),
        }
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::Calibrated
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let to = arithmetic::params_of(node.output_type())?;
        let x = node.operand(0)?;
        let p = params::Quantize {
            scale: to.scale,
            zero_point: to.zero_point,
        };
        node.step(Kernel::QuantizeS8(p), &[x], &[]);
        Ok(())
    }
}
