//! Axes in another order.
//!
//! Source: ONNX `Transpose`, `TFLite` `TRANSPOSE`.

use super::{OpError, Operator, QuantRule};
use crate::ir::TensorType;
use crate::lower::movement::{self, Axis};
use crate::lower::{LowerError, NodeLowering};

/// Axis `i` of the output is axis `perm[i]` of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Transpose {
    /// A permutation of the axes.
    pub perm: Vec<usize>,
}

impl Operator for Transpose {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        let mut sorted = self.perm.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..x.shape.len()) {
            return Err(OpError::new(
                format!("perm {:?} for {x}", self.perm),
                "each axis once",
            ));
        }
        let shape: Vec<usize> = self.perm.iter().map(|&axis| x.shape[axis]).collect();
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
        QuantRule::Same
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let source = movement::strides(&node.input_type(0)?.shape);
        let shape = &node.output_type().shape;
        let target = movement::strides(shape);
        let axes: Vec<Axis> = (0..shape.len())
            .map(|i| Axis {
                len: shape[i],
                source: source[self.perm[i]] as isize,
                target: target[i],
            })
            .collect();
        let p = movement::copy(&axes, 0, 0)?;
        let (x, output) = (node.operand(0)?, node.output());
        movement::emit(node, p, x, output)
    }
}
