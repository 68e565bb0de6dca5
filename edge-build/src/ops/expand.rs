//! Repetition of a tensor along axes.
//!
//! Source: ONNX `Expand`, `Tile` (of axes of length 1); `TFLite` `BROADCAST_TO`.

use super::binary::broadcast_shape;
use super::{OpError, Operator, QuantRule};
use crate::ir::TensorType;
use crate::ir::types::shape_text;
use crate::lower::movement::{self, Axis};
use crate::lower::{LowerError, NodeLowering};

/// Repetition to a shape by the rule of NumPy: only axes of length 1 grow.
#[derive(Clone, Debug, PartialEq)]
pub struct Expand {
    /// The shape of the output, with at least the rank of the input.
    pub shape: Vec<usize>,
}

impl Operator for Expand {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        if broadcast_shape(&x.shape, &self.shape).as_ref() != Some(&self.shape) {
            return Err(OpError::new(
                format!("{x} to {}", shape_text(&self.shape)),
                "growth of axes of length 1",
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
        let x = &node.input_type(0)?.shape;
        let (source, target) = (movement::strides(x), movement::strides(&self.shape));
        let lead = self.shape.len() - x.len();
        let step = |axis: usize| {
            axis.checked_sub(lead)
                .filter(|&own| x[own] != 1)
                .map_or(0, |own| source[own] as isize)
        };
        let axes: Vec<Axis> = (0..self.shape.len())
            .map(|i| Axis {
                len: self.shape[i],
                source: step(i),
                target: target[i],
            })
            .collect();
        let p = movement::copy(&axes, 0, 0)?;
        let (operand, output) = (node.operand(0)?, node.output());
        movement::emit(node, p, operand, output)
    }
}
