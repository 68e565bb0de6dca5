//! Layers that step through sequences, and layers with memory from run to run.

use super::UnaryFn;
use crate::quant::{Scale, TableScale};

/// Sequences through which a layer steps.
///
/// Inputs are `[steps, batch, inputs]`, outputs `[steps, batch, units]`; with `batch_major` the first two
/// dimensions change places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Sequences, each with a state of its own.
    pub batch: usize,
    /// Steps of each, at least 1.
    pub steps: usize,
    /// Numbers that come in at a step.
    pub inputs: usize,
    /// Numbers of the state, which go out at a step.
    pub units: usize,
    /// Whether the steps of one sequence are neighbours in memory.
    pub batch_major: bool,
    /// Whether the last step is taken first.
    pub reverse: bool,
}

/// Plain recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RnnF32 {
    /// Shapes and direction.
    pub sequence: Sequence,
    /// Bound of the numbers that go into the function; infinite for none.
    pub clip: f32,
    /// The function.
    pub activation: UnaryFn,
}

/// Gated recurrent unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GruF32 {
    /// Shapes and direction.
    pub sequence: Sequence,
    /// Bound of the numbers that go into functions; infinite for none.
    pub clip: f32,
    /// Function of the update and reset gates.
    pub gate: UnaryFn,
    /// Function of the candidate.
    pub candidate: UnaryFn,
}

/// Long short-term memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LstmF32 {
    /// Shapes and direction.
    pub sequence: Sequence,
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

/// Long short-term memory of a graph that arrives quantized, cell in 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LstmExact {
    /// Shapes and direction.
    pub sequence: Sequence,
    /// What brings the sums over inputs to 2⁻¹², per gate.
    pub input_scales: [Scale; 4],
    /// What brings the sums over the state to 2⁻¹², per gate.
    pub hidden_scales: [Scale; 4],
    /// What brings forget gate times cell to steps of the cell.
    pub forget_scale: Scale,
    /// What brings input gate times candidate to steps of the cell.
    pub input_scale: Scale,
    /// Limits of the cell.
    pub cell_range: [i32; 2],
    /// What brings the cell to the table of tanh.
    pub cell_tanh: TableScale,
    /// What brings output gate times tanh of the cell to steps of the output.
    pub output_scale: Scale,
    /// Zero point of the output.
    pub output_zero: i32,
    /// Limits of the output.
    pub output_range: [i32; 2],
}

/// A layer that remembers the features of the last inputs.
///
/// A filter takes its feature from the input, `[batch, inputs]`, and weighs it with those of earlier runs. Each of
/// the `units` outputs sums `rank` filters, which are neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Svdf {
    /// Independent inputs.
    pub batch: usize,
    /// Numbers of one input.
    pub inputs: usize,
    /// Outputs.
    pub units: usize,
    /// Filters of one output.
    pub rank: usize,
    /// Features of a filter that are remembered, that of the last input among them.
    pub memory: usize,
}

/// Float layer that remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SvdfF32 {
    /// Shapes.
    pub shape: Svdf,
    /// Limits of the output.
    pub clamp: [f32; 2],
}

/// Layer that remembers, of a graph that arrives quantized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SvdfExact {
    /// Shapes.
    pub shape: Svdf,
    /// What brings a feature to steps of the memory.
    pub feature_scale: Scale,
    /// Zero point of the memory.
    pub memory_zero: i32,
    /// Limits of the memory.
    pub memory_range: [i32; 2],
    /// What brings a sum to steps of the output.
    pub output_scale: Scale,
    /// Zero point of the output.
    pub output_zero: i32,
}
