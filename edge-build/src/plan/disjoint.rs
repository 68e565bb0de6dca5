//! Every buffer has its own memory: for calibration, where all values are looked at after the run.

use super::{Plan, Planner, alignment};
use crate::lower::{Draft, Part};

/// Every buffer has its own memory.
#[derive(Clone, Copy, Debug)]
pub struct Disjoint;

impl Planner for Disjoint {
    fn plan(&self, draft: &Draft) -> Plan {
        let (mut end, align) = (0, alignment(draft));
        let mut offsets = Vec::with_capacity(draft.buffers.len());
        for buffer in &draft.buffers {
            // A buffer stands before its parts.
            if let Some(Part { of, first }) = buffer.part {
                offsets.push(offsets[of.0] + first * buffer.element.size());
            } else {
                offsets.push(end);
                end += buffer.bytes().next_multiple_of(align);
            }
        }
        Plan {
            offsets,
            arena_bytes: end,
        }
    }
}
