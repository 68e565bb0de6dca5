//! When each buffer is alive.

use crate::lower::{BufferId, Draft, DraftOperand};

/// Steps from the first write to the last touch, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveRange {
    /// First step that writes it; 0 for inputs.
    pub first: usize,
    /// Last step that touches it; the number of steps for outputs.
    pub last: usize,
}

impl LiveRange {
    /// Whether there is a step at which both are alive.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// The range of each buffer; `None` if it is no input, no output and no step touches it.
#[must_use]
pub fn live_ranges(draft: &Draft) -> Vec<Option<LiveRange>> {
    let mut ranges: Vec<Option<LiveRange>> = vec![None; draft.buffers.len()];
    for &input in &draft.inputs {
        touch(&mut ranges, input, 0);
    }
    for (index, step) in draft.steps.iter().enumerate() {
        for input in &step.inputs {
            if let DraftOperand::Buffer(buffer) = *input {
                touch(&mut ranges, buffer, index);
            }
        }
        if let Some(scratch) = step.scratch {
            touch(&mut ranges, scratch, index);
        }
        touch(&mut ranges, step.output, index);
    }
    for &output in &draft.outputs {
        touch(&mut ranges, output, draft.steps.len());
    }
    let always = LiveRange {
        first: 0,
        last: draft.steps.len(),
    };
    for state in &draft.states {
        if let Some(range) = ranges.get_mut(state.buffer.0) {
            *range = Some(always);
        }
    }
    ranges
}

fn touch(ranges: &mut [Option<LiveRange>], buffer: BufferId, step: usize) {
    if let Some(range) = ranges.get_mut(buffer.0) {
        let first = range.map_or(step, |known| known.first);
        *range = Some(LiveRange { first, last: step });
    }
}
