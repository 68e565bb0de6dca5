//! Convolution with packed weights.

use super::{Issue, PackedRequant, Window2d};

/// int8 convolution with packed weights, one group; see [`crate::kernels::packed::conv`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedConv2d {
    /// Shapes and steps.
    pub window: Window2d,
    /// What stands in the padding: the zero point of the input.
    pub pad_value: i8,
    /// How accumulators become outputs.
    pub requant: PackedRequant,
    /// For which order of loads and multiplications the weights are meant.
    pub issue: Issue,
}
