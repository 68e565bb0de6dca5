//! Search for small arenas: greedy orders, then branch and bound, then local search.

use super::blocks::{Block, Blocks};
use super::first_fit::{Budget, Placement, Problem};
use super::liveness::Lives;
use super::{Plan, Planner, alignment, anneal, exact};
use crate::lower::{BufferId, Draft};
use std::cmp::Reverse;

/// Work of branch and bound and of local search: together about 0.1 s without optimiser.
const EXACT_WORK: usize = 400_000;
const ANNEAL_WORK: usize = 4_000_000;

/// Blocks beyond which branch and bound has no chance (and would recurse deeply).
const EXACT_BLOCKS: usize = 64;

/// Search for small arenas. Stops as soon as no smaller arena is possible.
#[derive(Clone, Copy, Debug)]
pub struct Search;

impl Planner for Search {
    fn plan(&self, draft: &Draft) -> Plan {
        let lives = Lives::of(draft);
        let joined = Blocks::joined(draft, &lives);
        let problem = Problem::new(draft, &lives, &joined);
        let (mut blocks, mut placement) = (&joined, search(&problem));
        let apart;
        if placement.peak > problem.bound && joined.joins() {
            apart = Blocks::apart(draft, &lives);
            let other = search(&Problem::new(draft, &lives, &apart));
            if other.peak < placement.peak {
                (blocks, placement) = (&apart, other);
            }
        }
        let offset = |id: usize| {
            let (BufferId(whole), within) = draft.place(BufferId(id));
            blocks.of[whole].map_or(0, |block| placement.offsets[block] + within.from)
        };
        Plan {
            offsets: (0..draft.buffers.len()).map(offset).collect(),
            arena_bytes: placement.peak.next_multiple_of(alignment(draft)),
        }
    }
}

fn search(problem: &Problem<'_>) -> Placement {
    let mut unlimited = Budget(usize::MAX);
    let mut best: Option<(Vec<usize>, Placement)> = None;
    for order in greedy_orders(problem.blocks) {
        let placement = problem.place(&order, &mut unlimited);
        if best
            .as_ref()
            .is_none_or(|(_, known)| placement.peak < known.peak)
        {
            best = Some((order, placement));
        }
    }
    let Some((order, best)) = best.filter(|_| !problem.blocks.is_empty()) else {
        return problem.place(&[], &mut unlimited);
    };
    if best.peak == problem.bound {
        return best;
    }
    let mut budget = Budget(EXACT_WORK);
    let small = problem.blocks.len() <= EXACT_BLOCKS;
    let found = if small {
        exact::improve(problem, best.peak, &mut budget)
    } else {
        None
    };
    if small && budget.0 > 0 {
        // All orders were looked at.
        return found.unwrap_or(best);
    }
    let (order, best) = match found {
        Some(better) => (by_offset(&better), better),
        None => (order, best),
    };
    anneal::improve(problem, order, best, &mut Budget(ANNEAL_WORK))
}

/// The order that yields a placement again.
fn by_offset(placement: &Placement) -> Vec<usize> {
    let mut order: Vec<usize> = (0..placement.offsets.len()).collect();
    order.sort_by_key(|&block| placement.offsets[block]);
    order
}

/// Orders that are often good: large, long-lived and first-used blocks first.
fn greedy_orders(blocks: &[Block]) -> [Vec<usize>; 4] {
    let by = |key: &dyn Fn(&Block) -> Reverse<usize>| {
        let mut order: Vec<usize> = (0..blocks.len()).collect();
        order.sort_by_key(|&block| (key(&blocks[block]), blocks[block].first));
        order
    };
    let steps = |block: &Block| block.last - block.first + 1;
    [
        by(&|block| Reverse(block.bytes)),
        by(&|block| Reverse(block.bytes.saturating_mul(steps(block)))),
        by(&|block| Reverse(steps(block))),
        by(&|_| Reverse(0)),
    ]
}
