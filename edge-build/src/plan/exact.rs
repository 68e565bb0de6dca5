//! Branch and bound over orders: the smallest arena, where there are few blocks.

use super::first_fit::{Budget, Placement, Problem, UNPLACED};

/// A smaller placement than `best`, as small as the budget allows to find; `None` if there is none (or none
/// was found within the budget).
pub(super) fn improve(
    problem: &Problem<'_>,
    best: usize,
    budget: &mut Budget,
) -> Option<Placement> {
    let mut search = Search {
        problem,
        budget,
        offsets: vec![UNPLACED; problem.blocks.len()],
        best,
        found: None,
    };
    search.branch(problem.blocks.len(), 0, 0);
    search.found
}

struct Search<'a> {
    problem: &'a Problem<'a>,
    budget: &'a mut Budget,
    offsets: Vec<usize>,
    best: usize,
    found: Option<Placement>,
}

impl Search<'_> {
    /// Places one more block at every choice. Blocks are placed by rising offset: every plan that cannot be
    /// pushed down is reached that way, and many orders of the same plan are not looked at twice.
    fn branch(&mut self, left: usize, floor: usize, peak: usize) {
        if left == 0 {
            self.best = peak;
            self.found = Some(Placement {
                offsets: self.offsets.clone(),
                peak,
            });
            return;
        }
        for block in 0..self.problem.blocks.len() {
            if self.best <= self.problem.bound || self.budget.0 == 0 {
                return;
            }
            if self.offsets[block] != UNPLACED {
                continue;
            }
            let offset = self
                .problem
                .lowest(block, floor, &self.offsets, self.budget);
            let end = offset + self.problem.blocks[block].bytes;
            if end < self.best {
                self.offsets[block] = offset;
                self.branch(left - 1, offset, peak.max(end));
                self.offsets[block] = UNPLACED;
            } else {
                // Later blocks can only lie higher: this one will not fit any more.
                return;
            }
        }
    }
}
