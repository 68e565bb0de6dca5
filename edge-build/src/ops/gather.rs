//! Rows picked by a constant list.
//!
//! Source: ONNX `Gather` with constant indices, `Resize` to the nearest; `TFLite` `GATHER`.

use super::{OpError, Operator, QuantRule};
use crate::ir::TensorType;
use crate::lower::{LowerError, NodeLowering, movement};
use edge_core::params;

/// Along `axis` the output has the elements `rows[0]`, `rows[1]`, … of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Gather {
    /// The axis.
    pub axis: usize,
    /// Indices along the axis, each below its length.
    pub rows: Vec<u32>,
}

impl Operator for Gather {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        let len = x.shape.get(self.axis).copied().unwrap_or(0);
        if self.rows.iter().any(|&row| row as usize >= len) {
            return Err(OpError::new(
                format!("rows {:?} of axis {} of {x}", self.rows, self.axis),
                "rows of the axis",
            ));
        }
        let mut shape = x.shape.clone();
        if let Some(dim) = shape.get_mut(self.axis) {
            *dim = self.rows.len();
        }
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
        let x = &node.input_type(0)?.shape;
        let p = params::Gather {
            outer: x[..self.axis].iter().product(),
            axis: x[self.axis],
            inner: x[self.axis + 1..].iter().product(),
        };
        movement::emit_gather(node, p, &self.rows)
    }
}
