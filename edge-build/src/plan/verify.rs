//! Checks a plan. Knows nothing of how plans are made: it walks the steps as the device does, and notes for each
//! byte of the arena whose it is.

mod memory;

use super::{Plan, alignment};
use crate::lower::{BufferId, Draft, DraftOperand, DraftStep, Part, Span};
use memory::Memory;

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
    /// A part of a buffer does not lie in its place there.
    #[error("buffer {0} does not lie where the buffer has it that it is a part of")]
    Part(usize),
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

/// Checks a plan: alignment, bounds, and that whatever a step reads is what was written there last. An output
/// lies apart from everything else that its step touches, but where the kernel is made to overwrite its first
/// input: exactly in its place, or at least its lead below it.
///
/// # Errors
/// Everything that is wrong with it; each pair of buffers once.
pub fn verify(draft: &Draft, plan: &Plan) -> Result<(), Vec<PlanError>> {
    let (buffers, offsets) = (draft.buffers.len(), plan.offsets.len());
    if buffers != offsets {
        return Err(vec![PlanError::Count { buffers, offsets }]);
    }
    let mut check = Check {
        draft,
        plan,
        memory: Memory::default(),
        written: vec![Span::default(); buffers],
        errors: Vec::new(),
    };
    if !plan.arena_bytes.is_multiple_of(alignment(draft)) {
        check.errors.push(PlanError::Arena(plan.arena_bytes));
    }
    check.places();
    if check.errors.is_empty() {
        check.run();
    }
    if check.errors.is_empty() {
        Ok(())
    } else {
        Err(check.errors)
    }
}

/// The arena as it is after some steps.
struct Check<'a> {
    draft: &'a Draft,
    plan: &'a Plan,
    memory: Memory,
    /// Bytes of each buffer that hold something.
    written: Vec<Span>,
    errors: Vec<PlanError>,
}

impl Check<'_> {
    /// Alignment and bounds of every buffer that is used.
    fn places(&mut self) {
        let mut used = vec![false; self.draft.buffers.len()];
        let steps = &self.draft.steps;
        let touched = steps.iter().flat_map(touched);
        let states = self.draft.states.iter().map(|state| state.buffer);
        let ports = self.draft.inputs.iter().chain(&self.draft.outputs);
        for BufferId(id) in touched.chain(states).chain(ports.copied()) {
            used[id] = true;
        }
        for buffer in (0..used.len()).filter(|&buffer| used[buffer]) {
            self.place(buffer);
        }
    }

    fn place(&mut self, buffer: usize) {
        let (offset, arena_bytes) = (self.plan.offsets[buffer], self.plan.arena_bytes);
        let shape = &self.draft.buffers[buffer];
        let at = |Part { of, first }: Part| {
            let outer = &self.draft.buffers[of.0];
            let inside = first + shape.len <= outer.len && outer.part.is_none();
            let start = self.plan.offsets[of.0].checked_add(first * shape.element.size());
            inside && outer.element == shape.element && start == Some(offset)
        };
        let misplaced = shape.part.is_some_and(|part| !at(part));
        if misplaced {
            self.errors.push(PlanError::Part(buffer));
        } else if shape.part.is_none() && !offset.is_multiple_of(alignment(self.draft)) {
            self.errors.push(PlanError::Misaligned { buffer, offset });
        }
        let end = offset.checked_add(shape.bytes());
        if end.is_none_or(|end| end > arena_bytes) {
            self.errors.push(PlanError::Outside {
                buffer,
                offset,
                arena_bytes,
            });
        }
    }

    fn run(&mut self) {
        let states = || self.draft.states.iter().map(|state| state.buffer);
        let start: Vec<BufferId> = self.draft.inputs.iter().copied().chain(states()).collect();
        let end: Vec<BufferId> = states().chain(self.draft.outputs.iter().copied()).collect();
        for &id in &start {
            self.write(id);
        }
        for &id in &start {
            self.read(id, 0);
        }
        for (index, step) in self.draft.steps.iter().enumerate() {
            self.step(step, index);
        }
        for id in end {
            self.read(id, self.draft.steps.len());
        }
    }

    fn step(&mut self, step: &DraftStep, index: usize) {
        let inputs: Vec<BufferId> = inputs(step).collect();
        for &id in &inputs {
            self.read(id, index);
        }
        if let Some(scratch) = step.scratch {
            self.keep(scratch, index);
            for &id in &inputs {
                self.apart(scratch, id, index);
            }
            self.apart(scratch, step.output, index);
        }
        for (number, &id) in inputs.iter().enumerate() {
            if number > 0 || !self.may_overwrite(step) {
                self.apart(id, step.output, index);
            }
        }
        if step.kernel.writes_in_part() {
            self.keep(step.output, index);
        }
        for id in step.scratch.into_iter().chain([step.output]) {
            self.write(id);
        }
    }

    /// What a buffer holds must be its own.
    fn read(&mut self, id: BufferId, step: usize) {
        let (whole, span) = self.draft.place(id);
        self.own(whole, span, step);
    }

    /// What a buffer holds already must be its own, for a step that may leave some of it as it is.
    fn keep(&mut self, id: BufferId, step: usize) {
        let (whole, span) = self.draft.place(id);
        let held = self.written[whole.0].meet(span);
        self.own(whole, held, step);
    }

    fn own(&mut self, BufferId(whole): BufferId, span: Span, step: usize) {
        if span.is_empty() {
            return;
        }
        let stranger = self.memory.stranger(whole, self.plan.offsets[whole], span);
        if let Some(other) = stranger {
            self.overlap(whole, other, step);
        }
    }

    fn write(&mut self, id: BufferId) {
        let (BufferId(whole), span) = self.draft.place(id);
        self.memory.take(whole, self.plan.offsets[whole], span);
        self.written[whole] = self.written[whole].hull(span);
    }

    /// Whether the first input may lie under the output as it does.
    fn may_overwrite(&self, step: &DraftStep) -> bool {
        let Some(DraftOperand::Buffer(under)) = step.inputs.first() else {
            return false;
        };
        let [x, y] = [under.0, step.output.0].map(|id| self.plan.offsets[id]);
        let [x_len, y_len] = [under.0, step.output.0].map(|id| self.draft.buffers[id].bytes());
        let twin = step.overwritable().is_some() && x == y && step.fits_over(x_len, y_len);
        let ahead = step.lead.is_some_and(|lead| y + lead <= x);
        twin || ahead
    }

    /// Two operands of a step must not share memory.
    fn apart(&mut self, a: BufferId, b: BufferId, step: usize) {
        let [from_a, from_b] = [a, b].map(|id| self.plan.offsets[id.0]);
        let [to_a, to_b] =
            [a, b].map(|id| self.plan.offsets[id.0] + self.draft.buffers[id.0].bytes());
        if from_a < to_b && from_b < to_a {
            self.overlap(self.draft.place(a).0.0, self.draft.place(b).0.0, step);
        }
    }

    fn overlap(&mut self, a: usize, b: usize, step: usize) {
        let (first, second) = (a.min(b), a.max(b));
        let known = self.errors.iter().any(|error| {
            matches!(error, PlanError::Overlap { first: f, second: s, .. } if (*f, *s) == (first, second))
        });
        if !known {
            self.errors.push(PlanError::Overlap {
                first,
                second,
                step,
            });
        }
    }
}

fn inputs(step: &DraftStep) -> impl Iterator<Item = BufferId> + '_ {
    step.inputs.iter().filter_map(|input| match *input {
        DraftOperand::Buffer(id) => Some(id),
        DraftOperand::Constant(_) => None,
    })
}

fn touched(step: &DraftStep) -> impl Iterator<Item = BufferId> + '_ {
    inputs(step).chain(step.scratch).chain([step.output])
}
