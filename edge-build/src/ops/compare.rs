//! Comparison of two tensors with broadcasting; the result is truth values.
//!
//! Source: `TFLite` `EQUAL`, `NOT_EQUAL`, `GREATER`, `GREATER_EQUAL`, `LESS`, `LESS_EQUAL`.

use super::binary::{broadcast_type, walk};
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::exact::binary as exact;
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params::{self, Relation};

/// Comparison of two tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Compare {
    /// What is asked.
    pub relation: Relation,
}

impl Operator for Compare {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let ty = broadcast_type(inputs)?;
        Ok(vec![TensorType::plain(DType::Bool, ty.shape)])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (a, b) = (node.input_type(0)?, node.input_type(1)?);
        let p = params::Compare {
            relation: self.relation,
            walk: walk(&a.shape, &b.shape)?,
        };
        let kernel = match a.dtype {
            DType::F32 => Kernel::CompareF32(p),
            DType::U8 | DType::Bool => Kernel::CompareU8(p),
            DType::I32 => Kernel::CompareS32(p),
            DType::I64 => Kernel::CompareS64(p),
            DType::I8 => Kernel::CompareScaledS8(exact::compare_scaled(p, a, b)?),
            DType::I16 => Kernel::CompareScaledS16(exact::compare_scaled(p, a, b)?),
        };
        let operands = [node.operand(0)?, node.operand(1)?];
        node.step(kernel, &operands, &[]);
        Ok(())
    }
}
