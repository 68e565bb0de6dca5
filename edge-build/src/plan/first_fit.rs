//! Blocks placed one after the other, each at the lowest free offset.
//!
//! Some order yields the smallest arena there is: take a best plan and place its blocks by rising offset. So
//! planning is a search over orders.

use super::blocks::Block;

/// The blocks, with what must not overlap.
#[derive(Clone, Debug)]
pub(super) struct Problem<'a> {
    /// The blocks.
    pub blocks: &'a [Block],
    /// For each block the blocks that are alive together with it.
    pub rivals: Vec<Vec<usize>>,
    /// No arena is smaller: the greatest sum of live blocks.
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
    pub(super) fn new(blocks: &'a [Block]) -> Self {
        let rivals_of = |block: usize| {
            let meets =
                |&other: &usize| other != block && blocks[other].range.meets(blocks[block].range);
            (0..blocks.len()).filter(meets).collect()
        };
        Self {
            blocks,
            rivals: (0..blocks.len()).map(rivals_of).collect(),
            bound: bound(blocks),
        }
    }

    /// The lowest offset from `floor` on where a block overlaps no placed rival.
    pub(super) fn lowest(
        &self,
        block: usize,
        floor: usize,
        offsets: &[usize],
        budget: &mut Budget,
    ) -> usize {
        let size = self.blocks[block].bytes;
        let rivals = &self.rivals[block];
        let mut offset = floor;
        // Every place between the old and the new offset overlaps the same rival, so none is missed.
        loop {
            let before = offset;
            let mut i = 0;
            while i < rivals.len() {
                let rival = rivals[i];
                let start = offsets[rival];
                if start != UNPLACED
                    && start < offset + size
                    && offset < start + self.blocks[rival].bytes
                {
                    offset = start + self.blocks[rival].bytes;
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

/// The greatest sum of blocks that are alive at one step; it is reached where a block is born.
fn bound(blocks: &[Block]) -> usize {
    let at = |step: usize| -> usize {
        let alive = |block: &&Block| block.range.first <= step && step <= block.range.last;
        blocks.iter().filter(alive).map(|block| block.bytes).sum()
    };
    blocks
        .iter()
        .map(|block| at(block.range.first))
        .max()
        .unwrap_or(0)
}
