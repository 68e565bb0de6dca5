//! Elements of one tensor where a condition holds, of another where not; all three broadcast.
//!
//! Source: `TFLite` `SELECT_V2`.

use super::binary::{broadcast_shape, broadcast_type, strides};
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params::{self, Broadcast, MAX_RANK};

/// Elements of input 1 where input 0 holds, of input 2 where not.
#[derive(Clone, Debug, PartialEq)]
pub struct Select;

impl Operator for Select {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[condition, a, b] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "a condition and two tensors",
            ));
        };
        if condition.dtype != DType::Bool {
            return Err(OpError::new(
                format!("a condition of type {condition}"),
                "truth values",
            ));
        }
        let mut ty = broadcast_type(&[a, b])?;
        ty.shape = broadcast_shape(&condition.shape, &ty.shape)
            .filter(|shape| shape.len() <= MAX_RANK)
            .ok_or_else(|| {
                OpError::new(
                    format!("{condition}, {a} and {b}"),
                    format!("shapes that broadcast to at most {MAX_RANK} axes"),
                )
            })?;
        Ok(vec![ty])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let y = node.output_type();
        let condition = &node.input_type(0)?.shape;
        let with = |tensor: &[usize]| along(&y.shape, condition, tensor);
        let p = params::Select {
            first: with(&node.input_type(1)?.shape)?,
            second: with(&node.input_type(2)?.shape)?,
        };
        let kernel = match y.dtype {
            DType::F32 => Kernel::SelectF32(p),
            DType::I8 => Kernel::SelectS8(p),
            DType::U8 | DType::Bool => Kernel::SelectU8(p),
            DType::I16 => Kernel::SelectS16(p),
            DType::I32 => Kernel::SelectS32(p),
            DType::I64 => Kernel::SelectS64(p),
        };
        let operands = [node.operand(0)?, node.operand(1)?, node.operand(2)?];
        node.step(kernel, &operands, &[]);
        Ok(())
    }
}

/// How two tensors are walked along a shape that both broadcast to.
fn along(shape: &[usize], a: &[usize], b: &[usize]) -> Result<Broadcast, LowerError> {
    let mut padded = [1; MAX_RANK];
    let Some(last) = MAX_RANK
        .checked_sub(shape.len())
        .and_then(|start| padded.get_mut(start..))
    else {
        return Err(LowerError::new(
            format!("a selection along {} axes", shape.len()),
            format!("{MAX_RANK} axes"),
        ));
    };
    last.copy_from_slice(shape);
    Ok(Broadcast {
        shape: padded,
        first: strides(a, shape),
        second: strides(b, shape),
    }
    .joined())
}
