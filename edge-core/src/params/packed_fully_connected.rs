//! Parameters of fully connected layers with packed weights.

use super::{Issue, PackedRequant};

/// int8 fully connected layer whose weights, biases and scales are one stream of words.
///
/// See `kernels::packed::fully_connected` for the order of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedFullyConnected {
    /// Rows of the input.
    pub batch: usize,
    /// Inputs of a row.
    pub inputs: usize,
    /// Outputs of a row.
    pub outputs: usize,
    /// Blocks of six outputs at the head of the stream; the others stand in blocks of two.
    pub sixes: usize,
    /// Whether all outputs have one scale, at the end of the stream; else each block ends with its multipliers.
    pub shared_scale: bool,
    /// How accumulators become outputs: `pre_shift` 0 with `Nearest`, or 1 with `Away` or `Floor`.
    pub requant: PackedRequant,
    /// Order of the instructions, and sign of the low bytes in the stream.
    pub issue: Issue,
}
