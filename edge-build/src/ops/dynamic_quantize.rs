//! Floats as bytes whose scale and zero point follow from the numbers at hand.
//!
//! Source: ONNX `DynamicQuantizeLinear`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{DraftOperand, LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params::DynamicRange;

/// Outputs: bytes, their scale, their zero point. The bytes are signed: those of ONNX are greater by 128.
#[derive(Clone, Debug, PartialEq)]
pub struct DynamicQuantize;

impl Operator for DynamicQuantize {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] if x.dtype == DType::F32 => Ok(vec![
                TensorType::plain(DType::I8, x.shape.clone()),
                TensorType::f32(Vec::new()),
                TensorType::plain(DType::I8, Vec::new()),
            ]),
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
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let p = DynamicRange {
            len: node.input_type(0)?.len(),
        };
        let x = node.operand(0)?;
        let (bytes, scale, zero) = (node.output_at(0)?, node.output_at(1)?, node.output_at(2)?);
        let [s, z] = [scale, zero].map(DraftOperand::Buffer);
        node.step_to(Kernel::DynamicScale(p), &[x], &[], scale);
        node.step_to(Kernel::DynamicZero(p), &[x, s], &[], zero);
        node.step_to(Kernel::QuantizeDynamic(p), &[x, s, z], &[], bytes);
        Ok(())
    }
}
