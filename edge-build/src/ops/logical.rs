//! Functions of truth values.
//!
//! Source: `TFLite` `LOGICAL_AND`, `LOGICAL_OR`, `LOGICAL_NOT`.

use super::binary::{broadcast_type, walk};
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params::{self, Each, LogicalKind};

/// A function of two tensors of truth values, with broadcasting.
#[derive(Clone, Debug, PartialEq)]
pub struct Logical {
    /// The function.
    pub kind: LogicalKind,
}

/// The other truth value of each element.
#[derive(Clone, Debug, PartialEq)]
pub struct Not;

fn no_truth(ty: &TensorType) -> OpError {
    OpError::new(ty.to_string(), "truth values")
}

impl Operator for Logical {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let ty = broadcast_type(inputs)?;
        if ty.dtype != DType::Bool {
            return Err(no_truth(&ty));
        }
        Ok(vec![ty])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let p = params::Logical {
            kind: self.kind,
            walk: walk(&node.input_type(0)?.shape, &node.input_type(1)?.shape)?,
        };
        let operands = [node.operand(0)?, node.operand(1)?];
        node.step(Kernel::Logical(p), &operands, &[]);
        Ok(())
    }
}

impl Operator for Not {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] if x.dtype == DType::Bool => {
                Ok(vec![TensorType::plain(DType::Bool, x.shape.clone())])
            }
            [x] => Err(no_truth(x)),
            other => Err(OpError::new(
                format!("{} inputs", other.len()),
                "one tensor of truth values",
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
        let p = Each {
            len: node.output_type().len(),
        };
        let x = node.operand(0)?;
        node.step(Kernel::Not(p), &[x], &[]);
        Ok(())
    }
}
