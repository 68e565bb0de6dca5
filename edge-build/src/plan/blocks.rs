//! What is placed: buffers, or several that lie in the same place.
//!
//! The output of a step may overwrite its first input if the kernel can, the input dies there and the output is
//! born there. Two such buffers never need more than the one place, so they may be planned as one block. Mostly
//! that is best; where an output must lie elsewhere for the sake of the step behind, it is not.

use super::liveness::Lives;
use crate::lower::{BufferId, Draft, DraftStep};
use std::collections::BTreeSet;

/// A range of the arena that is taken at some moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Size, a multiple of [`super::alignment`].
    pub bytes: usize,
    /// The first moment at which it is taken.
    pub first: usize,
    /// The last moment at which it is taken.
    pub last: usize,
}

/// The blocks of a draft.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    /// All of them.
    pub all: Vec<Block>,
    /// The block of each buffer; `None` for buffers that nothing touches and for parts of others.
    pub of: Vec<Option<usize>>,
    /// Pairs of blocks that may lie in the same place all the same.
    pub same: BTreeSet<(usize, usize)>,
}

impl Blocks {
    /// A block for each buffer of a draft.
    pub(super) fn apart(draft: &Draft, lives: &Lives) -> Self {
        let moments = moments(draft, lives);
        let members = (0..draft.buffers.len()).map(|b| vec![b]).collect();
        let mut made = Self::of(draft, &moments, members);
        for pair in pairs(draft, lives) {
            if let (Some(under), Some(over)) = (made.of[pair.under], made.of[pair.over])
                && may_join(&pair, &[pair.under], &[pair.over], &moments)
            {
                made.same.extend([(under, over), (over, under)]);
            }
        }
        made
    }

    /// A block for all buffers that may overwrite one another.
    pub(super) fn joined(draft: &Draft, lives: &Lives) -> Self {
        let moments = moments(draft, lives);
        let mut members: Vec<Vec<usize>> = (0..draft.buffers.len()).map(|b| vec![b]).collect();
        let mut group: Vec<usize> = (0..draft.buffers.len()).collect();
        for pair in pairs(draft, lives) {
            let (under, over) = (group[pair.under], group[pair.over]);
            if under != over && may_join(&pair, &members[under], &members[over], &moments) {
                for buffer in std::mem::take(&mut members[over]) {
                    group[buffer] = under;
                    members[under].push(buffer);
                }
            }
        }
        Self::of(draft, &moments, members)
    }

    /// Whether any buffers are one block.
    pub(super) fn joins(&self) -> bool {
        self.of.iter().flatten().count() > self.all.len()
    }

    fn of(draft: &Draft, moments: &[Vec<usize>], members: Vec<Vec<usize>>) -> Self {
        let align = super::alignment(draft);
        let mut made = Self {
            all: Vec::new(),
            of: vec![None; draft.buffers.len()],
            same: BTreeSet::new(),
        };
        for buffers in members {
            let alive = || buffers.iter().flat_map(|&buffer| &moments[buffer]);
            let (Some(&first), Some(&last)) = (alive().min(), alive().max()) else {
                continue;
            };
            let bytes = buffers.iter().map(|&b| draft.buffers[b].bytes()).max();
            for &buffer in &buffers {
                made.of[buffer] = Some(made.all.len());
            }
            made.all.push(Block {
                bytes: bytes.unwrap_or(0).next_multiple_of(align),
                first,
                last,
            });
        }
        made
    }
}

/// The moments at which each buffer is alive, rising.
fn moments(draft: &Draft, lives: &Lives) -> Vec<Vec<usize>> {
    let mut moments = vec![Vec::new(); draft.buffers.len()];
    for (moment, lives) in lives.at.iter().enumerate() {
        for life in lives {
            moments[life.buffer].push(moment);
        }
    }
    moments
}

/// A buffer that steps can write over another.
struct Pair {
    under: usize,
    over: usize,
    /// When they do; nothing else of either is needed then.
    at: Vec<usize>,
}

fn pairs(draft: &Draft, lives: &Lives) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for (index, step) in draft.steps.iter().enumerate() {
        let Some((under, over)) = in_place(draft, step) else {
            continue;
        };
        let moment = index + 1;
        let mut alive = lives.at[moment].iter();
        let clean = alive.all(|life| {
            (life.buffer != under || life.after.is_empty())
                && (life.buffer != over || life.before.is_empty())
        });
        let known = pairs
            .iter_mut()
            .find(|p| (p.under, p.over) == (under, over));
        match known {
            _ if !clean => {}
            Some(pair) => pair.at.push(moment),
            None => pairs.push(Pair {
                under,
                over,
                at: vec![moment],
            }),
        }
    }
    pairs
}

/// The two buffers of a step that can write its output exactly where its input lies, input first.
fn in_place(draft: &Draft, step: &DraftStep) -> Option<(usize, usize)> {
    let (BufferId(under), x) = draft.place(step.overwritable()?);
    let (BufferId(over), y) = draft.place(step.output);
    let fits = x.from == y.from && step.fits_over(x.len(), y.len());
    (fits && under != over).then_some((under, over))
}

/// Whether the buffers of two groups are never alive together, but for the pair while its steps run.
fn may_join(pair: &Pair, under: &[usize], over: &[usize], moments: &[Vec<usize>]) -> bool {
    under.iter().all(|&low| {
        over.iter().all(|&high| {
            let is_pair = (low, high) == (pair.under, pair.over);
            let meets = |moment: &usize| moments[high].binary_search(moment).is_ok();
            let mut together = moments[low].iter().filter(|moment| meets(moment));
            together.all(|moment| is_pair && pair.at.contains(moment))
        })
    })
}
