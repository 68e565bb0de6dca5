//! Where the greatest or least element along an axis stands.
//!
//! Source: `TFLite` `ARG_MAX`, `ARG_MIN`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params;

/// The index along an axis, which stays with length 1, of the extreme element; of equals the first.
#[derive(Clone, Debug, PartialEq)]
pub struct ArgReduce {
    /// The axis.
    pub axis: usize,
    /// Whether the greatest is wanted, else the least.
    pub greatest: bool,
    /// Whether indices have 64 bits, else 32.
    pub wide: bool,
}

impl Operator for ArgReduce {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            let found = format!("{} inputs", inputs.len());
            return Err(OpError::new(found, "one tensor"));
        };
        let mut shape = x.shape.clone();
        let dim = shape.get_mut(self.axis).filter(|dim| **dim > 0);
        let dim = dim.ok_or_else(|| {
            OpError::new(
                format!("axis {} of {x}", self.axis),
                "an axis with elements",
            )
        })?;
        *dim = 1;
        let dtype = if self.wide { DType::I64 } else { DType::I32 };
        Ok(vec![TensorType::plain(dtype, shape)])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let x = node.input_type(0)?;
        let p = params::ArgReduce {
            outer: x.shape[..self.axis].iter().product(),
            axis: x.shape[self.axis],
            inner: x.shape[self.axis + 1..].iter().product(),
            greatest: self.greatest,
        };
        let kernel = match (x.dtype, self.wide) {
            (DType::F32, false) => Kernel::ArgReduceF32ToS32(p),
            (DType::F32, true) => Kernel::ArgReduceF32ToS64(p),
            (DType::I8, false) => Kernel::ArgReduceS8ToS32(p),
            (DType::I8, true) => Kernel::ArgReduceS8ToS64(p),
            (DType::I16, false) => Kernel::ArgReduceS16ToS32(p),
            (DType::I16, true) => Kernel::ArgReduceS16ToS64(p),
            (DType::I32, false) => Kernel::ArgReduceS32ToS32(p),
            (DType::I32, true) => Kernel::ArgReduceS32ToS64(p),
            (other @ (DType::U8 | DType::I64 | DType::Bool), _) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let operand = node.operand(0)?;
        node.step(kernel, &[operand], &[]);
        Ok(())
    }
}
