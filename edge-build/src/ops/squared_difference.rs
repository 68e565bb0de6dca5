//! The squared difference of two tensors of integers, with broadcasting. That of floats is a difference and a
//! square.
//!
//! Source: `TFLite` `SQUARED_DIFFERENCE`.

use super::binary::{broadcast_type, walk};
use super::conv2d::NO_CLAMP;
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::exact::binary::{self as exact, Triple};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params::{IntegerKind, Integers, SumKind};

/// The squared difference of two tensors of integers.
#[derive(Clone, Debug, PartialEq)]
pub struct SquaredDifference;

impl Operator for SquaredDifference {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        broadcast_type(inputs).map(|ty| vec![ty])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (a, b, y) = (node.input_type(0)?, node.input_type(1)?, node.output_type());
        let walk = walk(&a.shape, &b.shape)?;
        let exact = || {
            let t = Triple::of(a, b, y)?;
            exact::add_exact(SumKind::SquaredDifference, t, NO_CLAMP, walk)
        };
        let kernel = match y.dtype {
            DType::I8 => Kernel::AddExactS8(exact()?),
            DType::I16 => Kernel::AddExactS16(exact()?),
            DType::I32 => Kernel::IntegersS32(Integers {
                kind: IntegerKind::SquaredDifference,
                walk,
                range: [i32::MIN, i32::MAX],
            }),
            other @ (DType::F32 | DType::U8 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let operands = [node.operand(0)?, node.operand(1)?];
        node.step(kernel, &operands, &[]);
        Ok(())
    }
}
