//! How far apart blocks must start.
//!
//! Of two blocks that are alive together one lies above the other, and starts at least so many bytes above it
//! that nothing is overwritten that is still needed. The number depends on which of the two is the upper one.
//! It is less than the size of the lower block where an output may reach into the dying part of its input.

use super::blocks::Blocks;
use super::liveness::{Life, Lives};
use crate::lower::{BufferId, Draft, DraftOperand, DraftStep, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Another block that is alive together with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rival {
    /// The other block.
    pub block: usize,
    /// How far above the other one this block starts at least, if it lies above.
    pub above: usize,
    /// How far below the other one this block starts at least, if it lies below.
    pub below: usize,
    /// Whether it may start where the other one does.
    pub same: bool,
}

/// For each block the blocks that are alive together with it.
pub(super) fn rivals(draft: &Draft, lives: &Lives, blocks: &Blocks) -> Vec<Vec<Rival>> {
    let align = super::alignment(draft);
    let mut gaps: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (moment, alive) in lives.at.iter().enumerate() {
        let reach = reach_at(draft, moment);
        for low in alive {
            for high in alive {
                let pair = (blocks.of[low.buffer], blocks.of[high.buffer]);
                if let (Some(a), Some(b)) = pair
                    && a != b
                {
                    let gap = gap(reach.as_ref(), low, high).next_multiple_of(align);
                    let known = gaps.entry((a, b)).or_insert(gap);
                    *known = gap.max(*known);
                }
            }
        }
    }
    let mut rivals: Vec<Vec<Rival>> = vec![Vec::new(); blocks.all.len()];
    for (&(block, other), &below) in &gaps {
        let above = gaps.get(&(other, block)).copied().unwrap_or(0);
        rivals[block].push(Rival {
            block: other,
            above,
            below,
            same: blocks.same.contains(&(block, other)),
        });
    }
    rivals
}

/// No arena is smaller: at each moment what is alive takes its bytes, those of an output that reaches into
/// its input once.
pub(super) fn bound(draft: &Draft, lives: &Lives, blocks: &Blocks) -> usize {
    let align = super::alignment(draft);
    let whole = blocks.all.iter().map(|block| block.bytes).max();
    let at = |(moment, alive): (usize, &Vec<Life>)| busy(draft, blocks, moment, alive, align);
    let busiest = lives.at.iter().enumerate().map(at).max();
    whole.max(busiest).unwrap_or(0).next_multiple_of(align)
}

/// The bytes that are taken at a moment.
fn busy(draft: &Draft, blocks: &Blocks, moment: usize, alive: &[Life], align: usize) -> usize {
    let mut spans: BTreeMap<usize, Span> = BTreeMap::new();
    for life in alive {
        if let Some(block) = blocks.of[life.buffer] {
            let span = spans.entry(block).or_default();
            *span = span.hull(life.during);
        }
    }
    let size = |span: Span| match span.from {
        0 => span.to.next_multiple_of(align),
        _ => span.len(),
    };
    let sum: usize = spans.values().map(|&span| size(span)).sum();
    let sum = sum - twice(draft, blocks, moment, &spans, &size);
    let Some(reach) = reach_at(draft, moment) else {
        return sum;
    };
    let life = |buffer: usize| alive.iter().find(|life| life.buffer == buffer);
    let (Some(low), Some(high)) = (life(reach.output), life(reach.input)) else {
        return sum;
    };
    let pair = (blocks.of[low.buffer], blocks.of[high.buffer]);
    if pair.0 == pair.1 || pair_in(&blocks.same, pair) {
        return sum;
    }
    let apart = size(low.during) + size(high.during);
    let over = (gap(Some(&reach), low, high) + high.during.to).saturating_sub(low.during.from);
    let over = over.max(size(low.during)).max(size(high.during));
    sum - apart + over.min(apart)
}

/// Bytes that both blocks of a pair take which may lie in the same place.
fn twice(
    draft: &Draft,
    blocks: &Blocks,
    moment: usize,
    spans: &BTreeMap<usize, Span>,
    size: &dyn Fn(Span) -> usize,
) -> usize {
    let step = moment.checked_sub(1).and_then(|i| draft.steps.get(i));
    let pair = step.and_then(|step| Some((step.overwritable()?, step.output)));
    let block = |id: BufferId| blocks.of[draft.place(id).0.0];
    match pair.map(|(under, over)| (block(under), block(over))) {
        Some(pair) if pair_in(&blocks.same, pair) => {
            let bytes = |block: Option<usize>| spans.get(&block?).map(|&span| size(span));
            bytes(pair.0).min(bytes(pair.1)).unwrap_or(0)
        }
        Some(_) | None => 0,
    }
}

fn pair_in(same: &BTreeSet<(usize, usize)>, pair: (Option<usize>, Option<usize>)) -> bool {
    matches!(pair, (Some(a), Some(b)) if same.contains(&(a, b)))
}

/// An output that may reach into its input.
struct Reach {
    output: usize,
    written: Span,
    input: usize,
    read: Span,
    lead: usize,
}

fn reach_at(draft: &Draft, moment: usize) -> Option<Reach> {
    let step = draft.steps.get(moment.checked_sub(1)?)?;
    let lead = step.lead?;
    let (BufferId(output), written) = draft.place(step.output);
    let (BufferId(input), read) = draft.place(first_input(step)?);
    let others = step.inputs.iter().skip(1).filter_map(|input| match *input {
        DraftOperand::Buffer(id) => Some(id),
        DraftOperand::Constant(_) => None,
    });
    let twice = others
        .chain(step.scratch)
        .any(|id| draft.place(id).0.0 == input);
    (!twice && output != input).then_some(Reach {
        output,
        written,
        input,
        read,
        lead: lead.min(written.len()),
    })
}

fn first_input(step: &DraftStep) -> Option<BufferId> {
    match step.inputs.first()? {
        DraftOperand::Buffer(id) => Some(*id),
        DraftOperand::Constant(_) => None,
    }
}

/// How far above the start of the lower buffer the upper one starts at least.
fn gap(reach: Option<&Reach>, low: &Life, high: &Life) -> usize {
    let apart = low.during.to.saturating_sub(high.during.from);
    let is_pair = |r: &&Reach| (r.output, r.input) == (low.buffer, high.buffer);
    let Some(reach) = reach.filter(is_pair) else {
        return apart;
    };
    // What the step reads must not be overwritten too early by what it writes …
    let running = (reach.written.from + reach.lead).saturating_sub(reach.read.from);
    // … nor lie under what the output holds already, …
    let earlier = if low.before.is_empty() {
        0
    } else {
        low.before.to.saturating_sub(high.during.from)
    };
    // … and what is read later must not be overwritten at all.
    let later = if high.after.is_empty() {
        0
    } else {
        low.during.to.saturating_sub(high.after.from)
    };
    running.max(earlier).max(later).min(apart)
}
