//! The same elements with another shape. Costs nothing: the output is the memory of the input.
//!
//! Source: ONNX `Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`; `TFLite` `RESHAPE`, `EXPAND_DIMS`.

use super::{OpError, Operator, QuantRule};
use crate::ir::TensorType;
use crate::ir::types::shape_text;
use crate::lower::{LowerError, NodeLowering};

/// The same elements with another shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Reshape {
    /// The shape.
    pub shape: Vec<usize>,
}

impl Operator for Reshape {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        let count = |shape: &[usize]| shape.iter().try_fold(1usize, |n, &dim| n.checked_mul(dim));
        if count(&self.shape).is_none() || count(&self.shape) != count(&x.shape) {
            return Err(OpError::new(
                format!("{x} to {}", shape_text(&self.shape)),
                "as many elements as before",
            ));
        }
        Ok(vec![TensorType {
            dtype: x.dtype,
            shape: self.shape.clone(),
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
        node.alias()
    }
}
