//! A layer that remembers the features of the last inputs.
//!
//! Source: `TFLite` `SVDF`.

mod exact;

use super::recurrent::{self, expect, expect_floats};
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params;

/// Inputs: rows `[batch, inputs]`, filters of features `[filters, inputs]`, filters over time `[filters, memory]`,
/// bias `[units]`, the memory `[batch, filters · memory]`. Outputs: `[batch, units]`, the memory behind the run. Each
/// unit sums `rank` filters.
#[derive(Clone, Debug, PartialEq)]
pub struct Svdf {
    /// Filters of a unit.
    pub rank: usize,
    /// Limits of a float output; integers know none.
    pub clamp: [f32; 2],
}

impl Svdf {
    fn shape(&self, inputs: &[&TensorType]) -> Result<params::Svdf, OpError> {
        let wrong = |found: String| {
            OpError::new(
                found,
                "rows, filters of features, filters over time, bias, memory",
            )
        };
        let &[x, features, time, bias, state] = inputs else {
            return Err(wrong(format!("{} inputs", inputs.len())));
        };
        let (&[batch, inputs], &[filters, memory]) = (x.shape.as_slice(), time.shape.as_slice())
        else {
            return Err(wrong(format!("rows {x}, filters over time {time}")));
        };
        let units = filters.checked_div(self.rank).unwrap_or(0);
        if units * self.rank != filters || [batch, inputs, units, memory].contains(&0) {
            return Err(wrong(format!("{filters} filters of rank {}", self.rank)));
        }
        expect(features, &[filters, inputs])?;
        expect(bias, &[units])?;
        let &[batches, memories] = state.shape.as_slice() else {
            return Err(wrong(format!("memory {state}")));
        };
        if batches != batch || memories / memory != filters || memories % memory != 0 {
            return Err(wrong(format!("memory {state}")));
        }
        Ok(params::Svdf {
            batch,
            inputs,
            units,
            rank: self.rank,
            memory,
        })
    }
}

impl Operator for Svdf {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let p = self.shape(inputs)?;
        let &[x, features, time, bias, state] = inputs else {
            return Ok(Vec::new());
        };
        match [x, features, time, bias, state].map(|ty| ty.dtype) {
            [DType::F32, ..] => expect_floats(inputs)?,
            [DType::I8, DType::I8, DType::I8, DType::I32, DType::I8]
            | [DType::I8, DType::I8, DType::I16, DType::I32, DType::I16] => {}
            _ => {
                return Err(OpError::new(
                    format!("{x}, features {features}, time {time}, bias {bias}, memory {state}"),
                    "floats, or int8 with a memory and filters over time of 8 or 16 bits",
                ));
            }
        }
        Ok(vec![
            TensorType::plain(x.dtype, [p.batch, p.units]),
            TensorType::plain(state.dtype, state.shape.clone()),
        ])
    }

    fn macs(&self, inputs: &[&TensorType], outputs: &[&TensorType]) -> u64 {
        let (Some(features), Some(time), Some(y)) = (inputs.get(1), inputs.get(2), outputs.first())
        else {
            return 0;
        };
        let batch = y.shape.first().copied().unwrap_or(0);
        batch as u64 * (features.len() + time.len()) as u64
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let shape = recurrent::lowered(node, |types| self.shape(types))?;
        let (x, memory, y) = (node.operand(0)?, node.updated(4, 1)?, node.output_at(0)?);
        let (kernel, constants) = if node.input_type(0)?.dtype == DType::F32 {
            let p = params::SvdfF32 {
                shape,
                clamp: self.clamp,
            };
            let constants = vec![
                recurrent::floats(node, 1, "features")?,
                recurrent::floats(node, 2, "time")?,
                recurrent::floats(node, 3, "bias")?,
            ];
            (Kernel::SvdfF32(p), constants)
        } else {
            exact::layer(node, shape)?
        };
        node.step_with(kernel, &[x], &constants, Some(memory), y);
        Ok(())
    }
}
