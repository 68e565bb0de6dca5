//! Long short-term memory.
//!
//! Source: ONNX `LSTM` of one direction, `TFLite` `UNIDIRECTIONAL_SEQUENCE_LSTM`.

mod exact;

use super::recurrent::{self, Walk, expect, expect_floats, sequence_type};
use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering};
use crate::program::Kernel;
use edge_core::params::{LstmF32, Sequence, UnaryFn};

/// Gates stand in the order input, output, forget, candidate.
///
/// Inputs: sequences, weights `[4, units, inputs]`, recurrent weights `[4, units, units]`, bias `[4, units]`, state and
/// cell `[batch, units]` before the first step, and perhaps peepholes `[3, units]`. Outputs: the states of all steps,
/// that of the last step, the last cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Lstm {
    /// Order of steps and sequences.
    pub walk: Walk,
    /// Bound of the numbers that go into the functions of gates and candidate; infinite for none.
    pub clip: f32,
    /// Bound of the cell; infinite for none.
    pub cell_clip: f32,
    /// Function of the input, output and forget gates.
    pub gate: UnaryFn,
    /// Function of the candidate.
    pub candidate: UnaryFn,
    /// Function of the cell on its way out.
    pub output: UnaryFn,
    /// Whether the forget gate is 1 less the input gate.
    pub coupled: bool,
}

impl Lstm {
    /// Shapes of the layer.
    fn sequence(&self, inputs: &[&TensorType]) -> Result<Sequence, OpError> {
        let (&[x, weights, recurrent, bias, h, c] | &[x, weights, recurrent, bias, h, c, _]) =
            inputs
        else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "sequences, weights, recurrent weights, bias, state and cell",
            ));
        };
        let p = recurrent::sequence(self.walk, 4, x, weights, recurrent, h)?;
        expect(bias, &[4, p.units])?;
        expect(c, &h.shape)?;
        if let Some(peepholes) = inputs.get(6) {
            expect(peepholes, &[3, p.units])?;
        }
        Ok(p)
    }
}

impl Operator for Lstm {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let p = self.sequence(inputs)?;
        let &[x, weights, recurrent, bias, h, c, ref rest @ ..] = inputs else {
            return Ok(Vec::new());
        };
        let types = [x, weights, recurrent, bias, h, c].map(|ty| ty.dtype);
        match types {
            [DType::F32, ..] => expect_floats(inputs)?,
            [
                DType::I8,
                DType::I8,
                DType::I8,
                DType::I32,
                DType::I8,
                DType::I16,
            ]
            | [
                DType::I16,
                DType::I8,
                DType::I8,
                DType::I64,
                DType::I16,
                DType::I16,
            ] if rest.is_empty() => {}
            _ => {
                return Err(OpError::new(
                    format!("{x}, weights {weights}, bias {bias}, state {h}, cell {c}"),
                    "floats, or inputs of 8 or 16 bits with weights of 8 bits and a cell of 16 bits",
                ));
            }
        }
        let last = |ty: &TensorType| TensorType::plain(ty.dtype, ty.shape.clone());
        Ok(vec![sequence_type(&p, x.dtype), last(h), last(c)])
    }

    fn macs(&self, inputs: &[&TensorType], outputs: &[&TensorType]) -> u64 {
        recurrent::macs(inputs, outputs)
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::FloatOnly
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let p = recurrent::lowered(node, |types| self.sequence(types))?;
        let x = node.operand(0)?;
        let h = node.operand(4)?;
        let (cell, y) = (node.updated(5, 2)?, node.output_at(0)?);
        let (kernel, constants) = if node.input_type(0)?.dtype == DType::F32 {
            self.float(node, p)?
        } else {
            exact::layer(self, node, p)?
        };
        node.step_with(kernel, &[x, h], &constants, Some(cell), y);
        recurrent::keep_state(node, &p, 4)
    }
}

impl Lstm {
    fn float(
        &self,
        node: &mut NodeLowering<'_>,
        sequence: Sequence,
    ) -> Result<(Kernel, Vec<usize>), LowerError> {
        let p = LstmF32 {
            sequence,
            clip: self.clip,
            cell_clip: self.cell_clip,
            gate: self.gate,
            candidate: self.candidate,
            output: self.output,
            coupled: self.coupled,
        };
        let mut constants = vec![
            recurrent::floats(node, 1, "weights")?,
            recurrent::floats(node, 2, "recurrent weights")?,
            recurrent::floats(node, 3, "bias")?,
        ];
        if node.node().inputs.len() < 7 {
            return Ok((Kernel::LstmF32(p), constants));
        }
        constants.push(recurrent::floats(node, 6, "peepholes")?);
        Ok((Kernel::LstmPeepholeF32(p), constants))
    }
}
