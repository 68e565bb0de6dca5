//! Every buffer has its own memory: for calibration, where all values are looked at after the run.

use super::{Plan, Planner, alignment};
use crate::lower::Draft;

/// Every buffer has its own memory.
#[derive(Clone, Copy, Debug)]
pub struct Disjoint;

impl Planner for Disjoint {
    fn plan(&self, draft: &Draft) -> Plan {
        let (mut end, align) = (0, alignment(draft));
        let place = |buffer: &crate::lower::Buffer| {
            let offset = end;
            end += buffer.bytes().next_multiple_of(align);
            offset
        };
        let offsets = draft.buffers.iter().map(place).collect();
        Plan {
            offsets,
            arena_bytes: end,
        }
    }
}
