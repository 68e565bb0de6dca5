//! Local search over orders: blocks that stick out are placed earlier.

use super::first_fit::{Budget, Placement, Problem};

/// Rounds without a better placement after which the search starts again from the best one.
const PATIENCE: usize = 40;

/// Searches from an order until the budget is used up or the bound is reached.
pub(super) fn improve(
    problem: &Problem<'_>,
    start: Vec<usize>,
    mut best: Placement,
    budget: &mut Budget,
) -> Placement {
    let mut random = XorShift(0x9e37_79b9);
    let mut best_order = start.clone();
    let (mut order, mut current) = (start, best.clone());
    let mut stale = 0;
    while best.peak > problem.bound && budget.0 > 0 {
        let mut next_order = order.clone();
        change(problem, &mut next_order, &current, &mut random);
        let next = problem.place(&next_order, budget);
        // A slightly worse placement is taken now and then, to leave a dead end.
        let slack = if random.below(8) == 0 {
            current.peak / 16
        } else {
            0
        };
        stale += 1;
        if next.peak <= current.peak + slack {
            (order, current) = (next_order, next);
        }
        if current.peak < best.peak {
            (best, best_order) = (current.clone(), order.clone());
            stale = 0;
        } else if stale > PATIENCE {
            (order, current) = (best_order.clone(), best.clone());
            stale = 0;
        }
    }
    best
}

/// Moves a block that reaches the peak, or any block, to an earlier turn.
fn change(
    problem: &Problem<'_>,
    order: &mut [usize],
    placement: &Placement,
    random: &mut XorShift,
) {
    let at_peak = |&turn: &usize| {
        let block = order[turn];
        placement.offsets[block] + problem.blocks[block].bytes == placement.peak
    };
    let top = (0..order.len()).find(at_peak).unwrap_or(0);
    let from = if random.below(3) == 0 {
        random.below(order.len())
    } else {
        top
    };
    let to = random.below(from + 1);
    order[to..=from].rotate_right(1);
}

/// Marsaglia's generator: the same numbers in every build.
struct XorShift(u32);

impl XorShift {
    /// A number below `limit`; 0 if the limit is 0.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % limit.max(1)
    }
}
