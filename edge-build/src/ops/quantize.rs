//! Float to int8 or 16-bit integers.
//!
//! Source: ONNX `QuantizeLinear`, `TFLite` `QUANTIZE`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{Arithmetic, DType, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::Kernel;
use edge_core::params;

/// Float to int8 or 16-bit integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantize {
    /// Element type of the output: `I8` or `I16`.
    pub dtype: DType,
}

impl Operator for Quantize {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] if x.dtype == DType::F32 && self.dtype.is_quantized() => {
                Ok(vec![TensorType::plain(self.dtype, x.shape.clone())])
            }
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
        let kernel = match (self.dtype, node.arithmetic()) {
            (DType::I16, Arithmetic::TfLite) => Kernel::QuantizeAwayS16(p),
            (DType::I16, Arithmetic::Native | Arithmetic::Onnx) => Kernel::QuantizeS16(p),
            (_, Arithmetic::TfLite) => Kernel::QuantizeAwayS8(p),
            (_, Arithmetic::Native | Arithmetic::Onnx) => Kernel::QuantizeS8(p),
        };
        node.step(kernel, &[x], &[]);
        Ok(())
    }
}
