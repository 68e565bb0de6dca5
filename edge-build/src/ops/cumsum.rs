//! Running sums along an axis.
//!
//! Source: `TFLite` `CUMSUM`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::exact::reduce::cumsum_scale;
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::Kernel;
use edge_core::params;

/// Running sums along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct CumSum {
    /// The axis.
    pub axis: usize,
    /// Whether an element is left out of its own sum.
    pub exclusive: bool,
    /// Whether sums run from the last element to the first.
    pub reverse: bool,
}

impl Operator for CumSum {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        match inputs {
            [x] if self.axis < x.shape.len() => {
                Ok(vec![TensorType::plain(x.dtype, x.shape.clone())])
            }
            [x] => Err(OpError::new(
                format!("axis {} of {x}", self.axis),
                "an axis of the tensor",
            )),
            other => Err(OpError::new(
                format!("{} inputs", other.len()),
                "one tensor",
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
        let (x, y) = (node.input_type(0)?, node.output_type());
        let sum = params::CumSum {
            outer: x.shape[..self.axis].iter().product(),
            axis: x.shape[self.axis],
            inner: x.shape[self.axis + 1..].iter().product(),
            exclusive: self.exclusive,
            reverse: self.reverse,
        };
        let kernel = match y.dtype {
            DType::F32 => Kernel::CumSumF32(sum),
            DType::I8 => {
                let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
                Kernel::CumSumS8(params::CumSumS8 {
                    sum,
                    input_zero: from.zero_point,
                    scale: cumsum_scale(from, to)?,
                    output_zero: to.zero_point,
                })
            }
            other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let operand = node.operand(0)?;
        node.step(kernel, &[operand], &[]);
        Ok(())
    }
}
