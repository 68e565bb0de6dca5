//! What the planner must know of kernels beyond their rows.

use super::Kernel;

impl Kernel {
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
