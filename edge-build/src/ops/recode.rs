//! Signed bytes as unsigned ones, or the other way: the numbers differ by 128, what they stand for stays.
//!
//! Source: `TFLite` and ONNX networks whose inputs or outputs are `uint8`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params;

/// Signed bytes as unsigned ones, or the other way.
#[derive(Clone, Debug, PartialEq)]
pub struct Recode;

impl Operator for Recode {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let wrong = |found: String| OpError::new(found, "one tensor of bytes");
        let &[x] = inputs else {
            return Err(wrong(format!("{} inputs", inputs.len())));
        };
        let dtype = match x.dtype {
            DType::I8 => DType::U8,
            DType::U8 => DType::I8,
            DType::F32 | DType::I16 | DType::I32 | DType::I64 | DType::Bool => {
                return Err(wrong(x.to_string()));
            }
        };
        Ok(vec![TensorType::plain(dtype, x.shape.clone())])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let x = node.operand(0)?;
        let p = params::Recode {
            len: node.output_type().len(),
        };
        let kernel = match node.output_type().dtype {
            DType::U8 => Kernel::RecodeU8(p),
            DType::I8 => Kernel::RecodeS8(p),
            other @ (DType::F32 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        node.step(kernel, &[x], &[]);
        Ok(())
    }
}
