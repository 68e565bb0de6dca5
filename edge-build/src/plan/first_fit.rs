//! Blocks placed one after the other, each at the lowest free offset.
//!
//! Some order yields the smallest arena there is: take a best plan and place its blocks by rising offset. So
//! planning is a search over orders.

use super::blocks::{Block, Blocks};
use super::gaps::{self, Rival};
use super::liveness::Lives;
use crate::lower::Draft;

/// The blocks, with what must not overlap.
#[derive(Clone, Debug)]
pub(super) struct Problem<'a> {
    /// The blocks.
    pub blocks: &'a [Block],
    /// For each block the blocks that are alive together with it.
    pub rivals: Vec<Vec<Rival>>,
    /// No arena is smaller.
    pub bound: usize,
}

/// Offsets of all blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// First byte of each block.
    pub offsets: Vec<usize>,
    /// End of the highest block.
    pub peak: usize,
}

/// How much may still be computed, in comparisons of two blocks. Counting work instead of time keeps the
/// outcome the same on every machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(pub usize);

impl Budget {
    /// Takes from the budget; false if it is used up.
    pub(super) fn spend(&mut self, work: usize) -> bool {
        self.0 = self.0.saturating_sub(work);
        self.0 > 0
    }
}

/// Not placed yet.
pub(super) const UNPLACED: usize = usize::MAX;

impl<'a> Problem<'a> {
    /// Prepares the search.
    pub(super) fn new(draft: &Draft, lives: &Lives, blocks: &'a Blocks) -> Self {
        Self {
            blocks: &blocks.all,
            rivals: gaps::rivals(draft, lives, blocks),
            bound: gaps::bound(draft, lives, blocks),
        }
    }

    /// The lowest offset from `floor` on where a block is far enough from every placed rival.
    pub(super) fn lowest(
        &self,
        block: usize,
        floor: usize,
        offsets: &[usize],
        budget: &mut Budget,
    ) -> usize {
        let rivals = &self.rivals[block];
        let mut offset = floor;
        // Every place between the old and the new offset is too near to the same rival, so none is missed.
        loop {
            let before = offset;
            let mut i = 0;
            while i < rivals.len() {
                let rival = rivals[i];
                let start = offsets[rival.block];
                let near = start != UNPLACED
                    && start < offset + rival.below
                    && offset < start + rival.above;
                if near && rival.same && offset <= start {
                    offset = start;
                } else if near {
                    offset = start + rival.above;
                }
                i += 1;
            }
            budget.spend(rivals.len() + 1);
            if offset == before {
                return offset;
            }
        }
    }

    /// Places the blocks in an order.
    pub(super) fn place(&self, order: &[usize], budget: &mut Budget) -> Placement {
        let mut offsets = vec![UNPLACED; self.blocks.len()];
        let mut peak = 0;
        for &block in order {
            let offset = self.lowest(block, 0, &offsets, budget);
            offsets[block] = offset;
            peak = peak.max(offset + self.blocks[block].bytes);
        }
        Placement { offsets, peak }
    }
}
