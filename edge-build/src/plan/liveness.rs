//! When each buffer is alive.

use crate::lower::Draft;

/// Steps from the first write to the last read, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveRange {
    /// First step that writes it; 0 for inputs.
    pub first: usize,
    /// Last step that touches it; the number of steps for outputs.
    pub last: usize,
}

/// The range of each buffer; `None` if no step touches it.
#[must_use]
pub fn live_ranges(_draft: &Draft) -> Vec<Option<LiveRange>> {
    Vec::new()
}
