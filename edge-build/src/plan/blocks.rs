//! Buffers that lie in the same place become one block.
//!
//! The output of a step may overwrite its first input if the kernel can, the input dies there, the output is
//! born there and both are of one size. Two such buffers never need more than the one place, so they are
//! planned as one block that is alive while either is.

use super::liveness::{LiveRange, live_ranges};
use crate::lower::{BufferId, Draft};

/// A range of the arena that is taken from one step to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Size, a multiple of [`super::alignment`].
    pub bytes: usize,
    /// When it is taken.
    pub range: LiveRange,
}

/// The blocks of a draft.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// The block of each buffer; `None` for buffers that nothing touches.
    pub of: Vec<Option<usize>>,
}

impl Blocks {
    /// Joins the buffers of a draft.
    pub(super) fn of(draft: &Draft) -> Self {
        let ranges = live_ranges(draft);
        let overwritten = overwritten(draft, &ranges);
        let align = super::alignment(draft);
        let mut made = Self {
            blocks: Vec::new(),
            of: vec![None; draft.buffers.len()],
        };
        // Where a buffer overwrites another, the other was born earlier: it has its block already.
        let mut order: Vec<usize> = (0..draft.buffers.len()).collect();
        order.sort_by_key(|&buffer| ranges[buffer].map_or(usize::MAX, |range| range.first));
        for buffer in order {
            let Some(range) = ranges[buffer] else {
                continue;
            };
            let shared = overwritten[buffer].and_then(|BufferId(under)| made.of[under]);
            made.of[buffer] = Some(if let Some(block) = shared {
                made.blocks[block].range.last = range.last;
                block
            } else {
                let bytes = draft.buffers[buffer].bytes();
                made.blocks.push(Block {
                    bytes: bytes.next_multiple_of(align),
                    range,
                });
                made.blocks.len() - 1
            });
        }
        made
    }
}

/// The buffer that each buffer is written over.
fn overwritten(draft: &Draft, ranges: &[Option<LiveRange>]) -> Vec<Option<BufferId>> {
    let mut overwritten = vec![None; draft.buffers.len()];
    for (index, step) in draft.steps.iter().enumerate() {
        let Some(under) = step.overwritable() else {
            continue;
        };
        let over = step.output;
        let filled = |range: LiveRange| range.first < index || draft.filled_at_start(under);
        let dies = ranges[under.0].is_some_and(|range| range.last == index && filled(range));
        let born = ranges[over.0].is_some_and(|range| range.first == index)
            && !draft.filled_at_start(over);
        let fits = draft.buffers[under.0].bytes() == draft.buffers[over.0].bytes();
        if dies && born && fits && under != over {
            overwritten[over.0] = Some(under);
        }
    }
    overwritten
}
