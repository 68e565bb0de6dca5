//! What is to be known of kernels beyond their rows.

use super::Kernel;
use crate::program::Element;
use edge_core::kernels::packed::planar_depthwise;

/// Bytes of stack of a kernel that computes with integers.
const STACK: usize = 896;

/// Bytes of stack of a kernel that computes with floats, which on cores without them are calls.
const FLOAT_STACK: usize = 1408;

impl Kernel {
    /// Whether the output may lie exactly where the first input does, if their sizes agree: the kernel has an
    /// in-place twin, or overwrites an element only when it is done with it.
    #[must_use]
    pub fn may_overwrite(&self) -> bool {
        if let Self::PlanarDepthwiseS8(p) = self {
            return planar_depthwise::may_overwrite(p);
        }
        self.in_place_function().is_some()
    }

    /// Bytes of stack that the kernel takes at most on a microcontroller, with all that it calls, built with
    /// optimisation.
    ///
    /// No kernel holds arrays whose size depends on the network, so what a kernel takes is a handful of registers: the
    /// bounds are those of the two families. `tests/firmware` measures that they hold.
    #[must_use]
    pub fn stack_bytes(&self) -> usize {
        let float = |&element: &Element| element == Element::F32;
        if self.inputs().iter().any(float) || float(&self.output()) {
            FLOAT_STACK
        } else {
            STACK
        }
    }

    /// Whether a step may leave elements of its output as they were.
    #[must_use]
    pub fn writes_in_part(&self) -> bool {
        matches!(
            self,
            Self::CopyStridedF32(_)
                | Self::CopyStridedS8(_)
                | Self::CopyStridedU8(_)
                | Self::CopyStridedS16(_)
                | Self::CopyStridedS32(_)
                | Self::CopyStridedS64(_)
        )
    }
}
