//! Sum, mean, maximum or minimum over neighbouring axes.
//!
//! Source: ONNX `ReduceMean` and kin, `GlobalAveragePool`, `GlobalMaxPool`; `TFLite` `MEAN`, `SUM`, `REDUCE_MAX`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{Arithmetic, DType, TensorType};
use crate::lower::exact::reduce::reduce_exact;
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::Kernel;
use edge_core::params::{self, ReduceKind};

/// Reduction of the axes `start..end`, which stay with length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduce {
    /// What is computed.
    pub kind: ReduceKind,
    /// First axis.
    pub start: usize,
    /// Axis behind the last.
    pub end: usize,
}

impl Operator for Reduce {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        if self.start >= self.end || self.end > x.shape.len() {
            return Err(OpError::new(
                format!("axes {}..{} of {x}", self.start, self.end),
                "axes of the tensor",
            ));
        }
        let mut shape = x.shape.clone();
        shape[self.start..self.end].fill(1);
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
        match self.kind {
            ReduceKind::Sum | ReduceKind::Mean => QuantRule::Calibrated,
            ReduceKind::Max | ReduceKind::Min => QuantRule::Same,
        }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let reduce = params::Reduce {
            kind: self.kind,
            outer: x.shape[..self.start].iter().product(),
            axis: x.shape[self.start..self.end].iter().product(),
            inner: x.shape[self.end..].iter().product(),
        };
        let extreme = match self.kind {
            ReduceKind::Max | ReduceKind::Min => true,
            ReduceKind::Sum | ReduceKind::Mean => false,
        };
        if extreme && x.params() != y.params() {
            return Err(LowerError::new(
                format!("an extreme of {x} with another scale than {y}"),
                "extremes that keep their scale",
            ));
        }
        let arithmetic = node.arithmetic();
        let kernel = match y.dtype {
            DType::F32 => Kernel::ReduceF32(reduce),
            DType::I8 if extreme => Kernel::ReduceMaxS8(reduce),
            DType::I16 if extreme => Kernel::ReduceMaxS16(reduce),
            DType::I8 if arithmetic == Arithmetic::Native => {
                Kernel::ReduceSumS8(sum_s8(x, y, reduce)?)
            }
            DType::I8 => Kernel::ReduceSumExactS8(reduce_exact(x, y, reduce, arithmetic)?),
            DType::I16 => Kernel::ReduceSumExactS16(reduce_exact(x, y, reduce, arithmetic)?),
            other @ (DType::U8 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let operand = node.operand(0)?;
        node.step(kernel, &[operand], &[]);
        Ok(())
    }
}

fn sum_s8(
    x: &TensorType,
    y: &TensorType,
    reduce: params::Reduce,
) -> Result<params::ReduceS8, LowerError> {
    let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
    let divisor = if reduce.kind == ReduceKind::Mean {
        reduce.axis.max(1)
    } else {
        1
    };
    let real = f64::from(from.scale) / f64::from(to.scale) / divisor as f64;
    let (multipliers, requant) =
        arithmetic::requant(&[real], to.zero_point, 256 * reduce.axis as i64)?;
    let sum_zero = arithmetic::fit_i32(i64::from(from.zero_point) * reduce.axis as i64)?;
    Ok(params::ReduceS8 {
        reduce,
        sum_zero,
        multiplier: multipliers[0],
        requant,
    })
}
