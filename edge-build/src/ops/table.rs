//! Any function of a byte, as the byte for each.
//!
//! Source: passes that merge what computes a byte from a byte alone.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::{Element, Kernel};
use edge_core::params::TableS8;

/// A function of each byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The result for −128 first, for 127 last.
    pub entries: Box<[i8; 256]>,
}

impl Operator for Table {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] if x.dtype == DType::I8 => Ok(vec![TensorType::plain(DType::I8, x.shape.clone())]),
            other => Err(OpError::new(
                format!("{} inputs", other.len()),
                "one tensor of i8",
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
        let table = node.add_constant("table of a function", Element::I8, self.entries.as_slice());
        let len = node.output_type().len();
        let operand = node.operand(0)?;
        node.step(Kernel::TableS8(TableS8 { len }), &[operand], &[table]);
        Ok(())
    }
}
