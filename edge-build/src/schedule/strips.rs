//! Layers run strip by strip, where that takes less memory.
//!
//! A chain of layers that slide windows over images need not hold its inner images whole: a strip of rows goes
//! through all of its layers before the next strip begins. Rows that two strips need at their common border are
//! computed twice. The steps stay what they are, calls of the same kernels, over fewer rows.

mod chain;
mod cut;
mod estimate;
#[cfg(test)]
mod tests;

use crate::lower::Draft;
use cut::Cut;
use estimate::Estimate;

/// Work of a chain cut into strips over that of the whole chain, in percent, at most.
const MOST_WORK: usize = 200;

/// Chains that are cut, at most.
const MOST_CHAINS: usize = 4;

/// Memory that a cut must save, as a part of what is needed: 1/64.
const LEAST_GAIN: usize = 64;

/// The draft with chains cut into strips, `None` if no memory is saved. `chosen` is the same draft with the kernels
/// that will run, which tells how much memory these need.
#[must_use]
pub fn run(draft: &Draft, chosen: &Draft) -> Option<Draft> {
    let mut best = Cut {
        draft: Draft {
            constants: Vec::new(),
            ..draft.clone()
        },
        origins: (0..draft.steps.len()).collect(),
    };
    let estimate = Estimate { chosen };
    let mut bytes = estimate.bytes(&best);
    for _ in 0..MOST_CHAINS {
        let Some((cut, less)) = best_cut(&best, &estimate, bytes) else {
            break;
        };
        (best, bytes) = (cut, less);
    }
    let is_cut = best.draft.steps.len() > draft.steps.len();
    is_cut.then(|| Draft {
        constants: draft.constants.clone(),
        ..best.draft
    })
}

/// The cut with the least memory, of equal ones that with the least work.
fn best_cut(from: &Cut, estimate: &Estimate<'_>, bytes: usize) -> Option<(Cut, usize)> {
    let mut least = (bytes - bytes / LEAST_GAIN, usize::MAX);
    let mut best = None;
    for links in chain::find(&from.draft) {
        for height in heights(&links) {
            let Some(plan) = cut::plan(&links, height).filter(|p| p.work <= MOST_WORK) else {
                continue;
            };
            let cut = cut::apply(from, &links, &plan);
            let key = (estimate.bytes(&cut), plan.work);
            if key < least {
                least = key;
                best = Some(cut);
            }
        }
    }
    best.map(|cut| (cut, least.0))
}

/// Rows of the last image that a strip may have.
fn heights(links: &[chain::Link]) -> Vec<usize> {
    let rows = links.last().map_or(0, |link| link.out_rows);
    let mut heights: Vec<usize> = (2..=rows).map(|strips| rows.div_ceil(strips)).collect();
    heights.dedup();
    heights
}
