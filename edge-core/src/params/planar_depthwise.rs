//! Depthwise convolution by planes.

use super::{Issue, PackedRequant, Window2d};

/// int8 depthwise convolution 3×3, one channel after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanarDepthwise {
    /// Shapes and steps: 3×3, both strides 1 or both 2, as many outputs as inputs, at least four channels.
    pub window: Window2d,
    /// What stands in the padding: the zero point of the input.
    pub pad_value: i8,
    /// How a sum becomes an output; not `Away`, the range is all of int8.
    pub requant: PackedRequant,
    /// Whether rows and columns change places: pairs of outputs are then neighbours in a column of the image.
    pub transposed: bool,
    /// The order of instructions.
    pub issue: Issue,
}
