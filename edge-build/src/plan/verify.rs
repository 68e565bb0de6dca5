//! Checks a plan. Knows nothing of how plans are made: it walks the steps as the device does.

use super::{Plan, alignment};
use crate::lower::{BufferId, Draft, DraftOperand, DraftStep};

/// What is wrong with a plan: a bug of the planner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Another number of offsets than of buffers.
    #[error("{offsets} offsets for {buffers} buffers")]
    Count {
        /// Number of buffers.
        buffers: usize,
        /// Number of offsets.
        offsets: usize,
    },
    /// The size of the arena is no multiple of [`alignment`].
    #[error("an arena of {0} bytes is not aligned")]
    Arena(usize),
    /// A buffer does not start at a multiple of [`alignment`].
    #[error("buffer {buffer} starts at {offset}, which is not aligned")]
    Misaligned {
        /// The buffer.
        buffer: usize,
        /// Where it starts.
        offset: usize,
    },
    /// A buffer ends outside the arena.
    #[error("buffer {buffer} starts at {offset} and ends outside the arena of {arena_bytes} bytes")]
    Outside {
        /// The buffer.
        buffer: usize,
        /// Where it starts.
        offset: usize,
        /// Size of the arena.
        arena_bytes: usize,
    },
    /// Two buffers share memory while both are needed. Step 0 is the first; inputs meet before it, outputs
    /// behind the last.
    #[error("buffers {first} and {second} overlap at step {step} while both are alive")]
    Overlap {
        /// The lower one.
        first: usize,
        /// The higher one.
        second: usize,
        /// The step at which both are alive.
        step: usize,
    },
}

/// Checks a plan: alignment, bounds, and that no two buffers share memory at a step at which both are
/// alive, but for an output that lies exactly where the input lies that it may overwrite.
///
/// # Errors
/// Everything that is wrong with it; each pair of buffers once.
pub fn verify(draft: &Draft, plan: &Plan) -> Result<(), Vec<PlanError>> {
    let (buffers, offsets) = (draft.buffers.len(), plan.offsets.len());
    if buffers != offsets {
        return Err(vec![PlanError::Count { buffers, offsets }]);
    }
    let mut errors = Vec::new();
    if !plan.arena_bytes.is_multiple_of(alignment(draft)) {
        errors.push(PlanError::Arena(plan.arena_bytes));
    }
    let alive = alive(draft);
    for buffer in 0..buffers {
        if alive.iter().any(|at| at[buffer]) {
            check_place(draft, plan, buffer, &mut errors);
        }
    }
    check_overlaps(draft, plan, &alive, &mut errors);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

fn check_place(draft: &Draft, plan: &Plan, buffer: usize, errors: &mut Vec<PlanError>) {
    let offset = plan.offsets[buffer];
    if !offset.is_multiple_of(alignment(draft)) {
        errors.push(PlanError::Misaligned { buffer, offset });
    }
    let end = offset.checked_add(draft.buffers[buffer].bytes());
    if end.is_none_or(|end| end > plan.arena_bytes) {
        errors.push(PlanError::Outside {
            buffer,
            offset,
            arena_bytes: plan.arena_bytes,
        });
    }
}

fn check_overlaps(draft: &Draft, plan: &Plan, alive: &[Vec<bool>], errors: &mut Vec<PlanError>) {
    let mut reported = Vec::new();
    for (step, now) in alive.iter().enumerate() {
        let together: Vec<usize> = (0..now.len()).filter(|&buffer| now[buffer]).collect();
        for (index, &second) in together.iter().enumerate() {
            for &first in &together[..index] {
                let pair = (first, second);
                if overlap(draft, plan, first, second)
                    && !in_place(draft, plan, alive, step, pair)
                    && !reported.contains(&pair)
                {
                    reported.push(pair);
                    errors.push(PlanError::Overlap {
                        first,
                        second,
                        step,
                    });
                }
            }
        }
    }
}

/// For each step, and the moment behind the last, which buffers hold something that is still needed or are
/// touched: there was a write before or now, and there is a touch now or later.
fn alive(draft: &Draft) -> Vec<Vec<bool>> {
    let touches = |step: &DraftStep, buffer: usize| {
        step.output == BufferId(buffer)
            || step.scratch == Some(BufferId(buffer))
            || step
                .inputs
                .contains(&DraftOperand::Buffer(BufferId(buffer)))
    };
    let steps = draft.steps.len();
    let mut alive = vec![vec![false; draft.buffers.len()]; steps + 1];
    for buffer in 0..draft.buffers.len() {
        let is_state = draft.states.iter().any(|s| s.buffer == BufferId(buffer));
        let is_input = is_state || draft.inputs.contains(&BufferId(buffer));
        let is_output = is_state || draft.outputs.contains(&BufferId(buffer));
        // Filled forwards …
        let mut filled = is_input;
        for (step, at) in alive.iter_mut().enumerate() {
            filled |= draft.steps.get(step).is_some_and(|s| touches(s, buffer));
            at[buffer] = filled || (step == steps && is_output);
        }
        // … and no longer needed backwards. An input that nothing reads is still written before step 0.
        let mut needed = is_output;
        for (step, at) in alive.iter_mut().enumerate().rev() {
            needed |= draft.steps.get(step).is_some_and(|s| touches(s, buffer));
            at[buffer] &= needed || (step == 0 && is_input);
        }
    }
    alive
}

fn overlap(draft: &Draft, plan: &Plan, first: usize, second: usize) -> bool {
    let end = |buffer: usize| plan.offsets[buffer].saturating_add(draft.buffers[buffer].bytes());
    plan.offsets[first] < end(second) && plan.offsets[second] < end(first)
}

/// Whether the step writes one buffer of the pair exactly over the other, which nobody reads later.
fn in_place(
    draft: &Draft,
    plan: &Plan,
    alive: &[Vec<bool>],
    index: usize,
    (first, second): (usize, usize),
) -> bool {
    let Some(step) = draft.steps.get(index) else {
        return false;
    };
    let Some(BufferId(under)) = step.overwritable() else {
        return false;
    };
    let BufferId(over) = step.output;
    let is_pair = (first, second) == (under.min(over), under.max(over));
    let born = index == 0 || !alive[index - 1][over];
    let is_input = draft.filled_at_start(BufferId(over));
    is_pair
        && born
        && !is_input
        && !alive[index + 1][under]
        && plan.offsets[under] == plan.offsets[over]
        && draft.buffers[under].bytes() == draft.buffers[over].bytes()
}
