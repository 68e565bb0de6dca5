//! Plain recurrent layers.
//!
//! Source: ONNX `RNN` of one direction.

use super::recurrent::{self, Walk, expect, expect_floats};
use super::{OpError, Operator, QuantRule};
use crate::ir::TensorType;
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params::{RnnF32, Sequence, UnaryFn};

/// `f(W·x + R·h + b)`.
///
/// Inputs: sequences, weights `[1, units, inputs]`, recurrent weights `[1, units, units]`, bias `[1, units]`, the state
/// `[batch, units]` before the first step. Outputs: the states of all steps, that of the last step.
#[derive(Clone, Debug, PartialEq)]
pub struct Rnn {
    /// Order of steps and sequences.
    pub walk: Walk,
    /// Bound of the numbers that go into the function; infinite for none.
    pub clip: f32,
    /// The function.
    pub activation: UnaryFn,
}

impl Rnn {
    fn sequence(&self, inputs: &[&TensorType]) -> Result<Sequence, OpError> {
        let &[x, weights, recurrent, bias, h] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "sequences, weights, recurrent weights, bias and state",
            ));
        };
        expect_floats(inputs)?;
        let p = recurrent::sequence(self.walk, 1, x, weights, recurrent, h)?;
        expect(bias, &[1, p.units])?;
        Ok(p)
    }
}

impl Operator for Rnn {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let p = self.sequence(inputs)?;
        Ok(recurrent::outputs(&p))
    }

    fn macs(&self, inputs: &[&TensorType], outputs: &[&TensorType]) -> u64 {
        recurrent::macs(inputs, outputs)
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let sequence = recurrent::lowered(node, |types| self.sequence(types))?;
        let p = RnnF32 {
            sequence,
            clip: self.clip,
            activation: self.activation,
        };
        let (inputs, constants) = recurrent::operands(node)?;
        let y = node.output_at(0)?;
        node.step_to(Kernel::RnnF32(p), &inputs, &constants, y);
        recurrent::keep_state(node, &sequence, 4)
    }
}
