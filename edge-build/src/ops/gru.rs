//! Gated recurrent units.
//!
//! Source: ONNX `GRU` of one direction.

use super::recurrent::{self, Walk, expect, expect_floats};
use super::{OpError, Operator, QuantRule};
use crate::ir::TensorType;
use crate::lower::{LowerError, NodeLowering};
use crate::program::{Element, Kernel};
use edge_core::params::{GruF32, Sequence, UnaryFn};

/// Gates stand in the order update, reset, candidate.
///
/// Inputs: sequences, weights `[3, units, inputs]`, recurrent weights `[3, units, units]`, bias `[4, units]` (both
/// biases of the first two gates together, then those of the candidate for input and state), the state
/// `[batch, units]` before the first step. Outputs: the states of all steps, that of the last step.
#[derive(Clone, Debug, PartialEq)]
pub struct Gru {
    /// Order of steps and sequences.
    pub walk: Walk,
    /// Bound of the numbers that go into functions; infinite for none.
    pub clip: f32,
    /// Function of the update and reset gates.
    pub gate: UnaryFn,
    /// Function of the candidate.
    pub candidate: UnaryFn,
    /// Whether the reset gate multiplies behind the recurrent weights, else the state before them.
    pub linear_before_reset: bool,
}

impl Gru {
    fn sequence(&self, inputs: &[&TensorType]) -> Result<Sequence, OpError> {
        let &[x, weights, recurrent, bias, h] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "sequences, weights, recurrent weights, bias and state",
            ));
        };
        expect_floats(inputs)?;
        let p = recurrent::sequence(self.walk, 3, x, weights, recurrent, h)?;
        expect(bias, &[4, p.units])?;
        Ok(p)
    }
}

impl Operator for Gru {
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
        let p = GruF32 {
            sequence,
            clip: self.clip,
            gate: self.gate,
            candidate: self.candidate,
        };
        let (inputs, constants) = recurrent::operands(node)?;
        let y = node.output_at(0)?;
        if self.linear_before_reset {
            node.step_to(Kernel::GruLinearF32(p), &inputs, &constants, y);
        } else {
            let product = node.scratch(Element::F32, sequence.units);
            node.step_with(Kernel::GruF32(p), &inputs, &constants, Some(product), y);
        }
        recurrent::keep_state(node, &sequence, 4)
    }
}
