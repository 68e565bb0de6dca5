//! Maximum over windows of an NHWC image. Padding never wins.
//!
//! Source: ONNX `MaxPool`, `TFLite` `MAX_POOL_2D`.

use super::{OpError, Operator, QuantRule, Sliding};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params;

/// Maximum over windows. Input: image `[n,h,w,c]`.
#[derive(Clone, Debug, PartialEq)]
pub struct MaxPool2d {
    /// Window, steps, padding.
    pub sliding: Sliding,
}

impl Operator for MaxPool2d {
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
        QuantRule::Same
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let p = params::MaxPool2d {
            window: self.sliding.window(node.input_type(0)?, node.output_type()),
        };
        let kernel = match node.output_type().dtype {
            DType::F32 => Kernel::MaxPool2dF32(p),
            DType::I8 => Kernel::MaxPool2dS8(p),
            other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let x = node.operand(0)?;
        node.step(kernel, &[x], &[]);
        Ok(())
    }
}
