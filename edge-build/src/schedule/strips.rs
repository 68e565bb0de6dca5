//! Layers run strip by strip, where that takes less memory.
//!
//! A chain of layers that slide windows over images need not hold its inner images whole: a strip of rows goes
//! through all of its layers before the next strip begins. Rows that two strips need at their common border are
//! computed twice. The steps stay what they are, calls of the same kernels, over fewer rows. A fully connected layer
//! behind a chain takes what a strip leaves and adds its products to the sums of its outputs.

mod chain;
mod cut;
mod dense;
mod estimate;
#[cfg(test)]
mod tests;

use crate::lower::Draft;
use cut::Cut;
use estimate::Estimate;

/// What strips may cost.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Work of a chain cut into strips over that of the whole chain, in percent, at most.
    work: usize,
    /// Strips of a chain, at most: each is some code.
    strips: usize,
    /// Whether only chains are cut that a fully connected layer ends.
    dense_only: bool,
    /// Bytes that must be saved, at least.
    gain: usize,
}

impl Bounds {
    /// Where memory is the aim.
    pub const RAM: Self = Self {
        work: 200,
        strips: usize::MAX,
        dense_only: false,
        gain: 1,
    };

    /// What costs no work.
    pub const FREE: Self = Self {
        work: 100,
        strips: 12,
        dense_only: true,
        gain: 512,
    };

    fn allow(self, plan: &cut::Strips) -> bool {
        plan.work <= self.work && plan.strips.len() <= self.strips
    }
}

/// Chains that are cut, at most.
const MOST_CHAINS: usize = 4;

/// Memory that a cut must save, as a part of what is needed: 1/64.
const LEAST_GAIN: usize = 64;

/// The draft with chains cut into strips, `None` if no memory is saved. `chosen` is the same draft with the kernels
/// that will run, which tells how much memory these need.
#[must_use]
pub fn run(draft: &Draft, chosen: &Draft, bounds: Bounds) -> Option<Draft> {
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
        let Some((cut, less)) = best_cut(&best, &estimate, bytes, bounds) else {
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
fn best_cut(
    from: &Cut,
    estimate: &Estimate<'_>,
    bytes: usize,
    bounds: Bounds,
) -> Option<(Cut, usize)> {
    let gain = bounds.gain.max(bytes / LEAST_GAIN);
    let mut least = (bytes.saturating_sub(gain), usize::MAX);
    let mut best = None;
    let chains = chain::find(&from.draft).into_iter();
    for chain in chains.filter(|chain| chain.dense.is_some() || !bounds.dense_only) {
        for height in heights(&chain.links) {
            let plan = cut::plan(&chain.links, height);
            let Some(plan) = plan.filter(|plan| bounds.allow(plan)) else {
                continue;
            };
            let cut = cut::apply(from, &chain, &plan);
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
