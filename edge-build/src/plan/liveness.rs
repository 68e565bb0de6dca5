//! Which bytes of each buffer are needed at each moment.

use crate::lower::{BufferId, Draft, DraftOperand, DraftStep, Span};

/// What a buffer holds at a moment that must survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Life {
    /// The buffer; never a part of another.
    pub buffer: usize,
    /// Bytes that were written earlier and are read now or later.
    pub before: Span,
    /// These, and what is read or written now.
    pub during: Span,
    /// Bytes that are there after this moment and are read later.
    pub after: Span,
}

/// The lives of all buffers at each moment: moment 0 stands before the first step, when the inputs are
/// written; step `i` is moment `i + 1`; at the last moment the outputs are read.
#[derive(Clone, Debug)]
pub(super) struct Lives {
    /// Buffers of which anything is alive, by moment, in the order of the draft.
    pub at: Vec<Vec<Life>>,
}

impl Lives {
    /// Walks the steps forward for what has been written, and backward for what is still read.
    pub(super) fn of(draft: &Draft) -> Self {
        let moments = draft.steps.len() + 2;
        let mut at: Vec<Vec<Life>> = vec![Vec::new(); moments];
        let touched = touches(draft);
        for (buffer, touches) in touched.iter().enumerate() {
            if touches.is_empty() {
                continue;
            }
            let whole = Span {
                from: 0,
                to: draft.buffers[buffer].bytes(),
            };
            for (moment, life) in lives(buffer, touches, whole, moments) {
                at[moment].push(life);
            }
        }
        Self { at }
    }
}

/// What one moment does to a buffer.
#[derive(Clone, Copy, Debug, Default)]
struct Touch {
    moment: usize,
    reads: Span,
    writes: Span,
    /// The bytes that surely are overwritten.
    replaces: Span,
    /// Holds everything at this moment, whatever is read.
    holds: Span,
}

/// The touches of each buffer in order of time.
fn touches(draft: &Draft) -> Vec<Vec<Touch>> {
    let mut touches: Vec<Vec<Touch>> = vec![Vec::new(); draft.buffers.len()];
    let mut touch = |moment: usize, id: BufferId, change: &dyn Fn(&mut Touch, Span)| {
        let (whole, span) = draft.place(id);
        let Some(list) = touches.get_mut(whole.0) else {
            return;
        };
        if list.last().is_none_or(|last| last.moment != moment) {
            list.push(Touch {
                moment,
                ..Touch::default()
            });
        }
        if let Some(last) = list.last_mut() {
            change(last, span);
        }
    };
    let write = |t: &mut Touch, span: Span| {
        t.writes = t.writes.hull(span);
        t.holds = t.holds.hull(span);
    };
    let read = |t: &mut Touch, span: Span| t.reads = t.reads.hull(span);
    let states = || draft.states.iter().map(|state| state.buffer);
    for id in draft.inputs.iter().copied().chain(states()) {
        touch(0, id, &write);
    }
    for (index, step) in draft.steps.iter().enumerate() {
        let moment = index + 1;
        for input in &step.inputs {
            if let DraftOperand::Buffer(id) = *input {
                touch(moment, id, &read);
            }
        }
        if let Some(id) = step.scratch {
            touch(moment, id, &write);
            if draft.filled_at_start(id) {
                touch(moment, id, &read);
            }
        }
        touch(moment, step.output, &write);
        if replaces(step) {
            touch(moment, step.output, &|t, span| t.replaces = span);
        }
    }
    for id in draft.outputs.iter().copied().chain(states()) {
        touch(draft.steps.len() + 1, id, &read);
    }
    touches
}

/// Whether a step writes every byte of its output and reads none of them.
fn replaces(step: &DraftStep) -> bool {
    !step.kernel.writes_in_part() && !step.inputs.contains(&DraftOperand::Buffer(step.output))
}

/// The lives of one buffer by moment.
fn lives(buffer: usize, touches: &[Touch], whole: Span, moments: usize) -> Vec<(usize, Life)> {
    // What is still read after each touch, from the last to the first.
    let mut needed = vec![Span::default(); touches.len()];
    for index in (1..touches.len()).rev() {
        let next = &touches[index];
        needed[index - 1] = needed[index].without(next.replaces).hull(next.reads);
    }
    let mut lives = Vec::new();
    let mut filled = Span::default();
    let mut before = Span::default();
    for (index, touch) in touches.iter().enumerate() {
        filled = filled.hull(touch.writes);
        let after = filled.meet(needed[index]);
        let during = before.hull(touch.reads).hull(touch.holds).hull(after);
        lives.push((
            touch.moment,
            Life {
                buffer,
                before,
                during: during.meet(whole),
                after,
            },
        ));
        let until = touches.get(index + 1).map_or(moments, |next| next.moment);
        if !after.is_empty() {
            let kept = Life {
                buffer,
                before: after,
                during: after,
                after,
            };
            lives.extend((touch.moment + 1..until).map(|moment| (moment, kept)));
        }
        before = after;
    }
    lives
}
