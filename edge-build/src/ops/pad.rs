//! Constant padding.
//!
//! Source: ONNX `Pad` (constant mode), `TFLite` `PAD`, `PADV2`.

use super::{OpError, Operator, QuantRule};
use crate::ir::TensorType;
use crate::lower::movement::{self, Axis};
use crate::lower::{LowerError, NodeLowering};

/// Constant padding. Inputs: the tensor, and perhaps a tensor of one element, which is then the padding as it
/// stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Pad {
    /// Elements added before each axis.
    pub before: Vec<usize>,
    /// Elements added behind each axis.
    pub after: Vec<usize>,
    /// What they are, if there is no second input.
    pub value: f32,
}

impl Operator for Pad {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let error = |found: String| OpError::new(found, "one tensor and two pads per axis");
        let x = match *inputs {
            [x] => x,
            [x, fill] if fill.dtype == x.dtype && fill.len() == 1 => x,
            _ => {
                let found: Vec<String> = inputs.iter().map(ToString::to_string).collect();
                return Err(error(format!("inputs {}", found.join(", "))));
            }
        };
        if self.before.len() != x.shape.len() || self.after.len() != x.shape.len() {
            return Err(error(format!(
                "{} pads for {x}",
                self.before.len() + self.after.len()
            )));
        }
        let padded = |axis: usize| {
            x.shape[axis]
                .checked_add(self.before[axis])?
                .checked_add(self.after[axis])
        };
        let shape: Option<Vec<usize>> = (0..x.shape.len()).map(padded).collect();
        let shape = shape.ok_or_else(|| error("pads that overflow".to_owned()))?;
        Ok(vec![TensorType {
            dtype: x.dtype,
            shape,
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        // Zero is exact in every quantization; another value must lie in the range of the output.
        if self.value == 0.0 {
            QuantRule::Same
        } else {
            QuantRule::Unified
        }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        if node.node().inputs.len() > 1 {
            let fill = node.operand(1)?;
            movement::emit_repeat(node, fill)?;
        } else {
            movement::emit_fill(node, self.value)?;
        }
        let shape = &node.input_type(0)?.shape;
        let (source, target) = (
            movement::strides(shape),
            movement::strides(&node.output_type().shape),
        );
        let axes: Vec<Axis> = (0..shape.len())
            .map(|i| Axis {
                len: shape[i],
                source: source[i] as isize,
                target: target[i],
            })
            .collect();
        let start = self
            .before
            .iter()
            .zip(&target)
            .map(|(pad, stride)| pad * stride)
            .sum();
        let p = movement::copy(&axes, 0, start)?;
        let (x, output) = (node.operand(0)?, node.output());
        movement::emit(node, p, x, output)
    }
}
