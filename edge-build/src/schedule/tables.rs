//! Chains of steps from one byte to one byte become a table of their 256 results.
//!
//! A small network that maps one sensor reading to one command, or the part of a network behind its last single
//! byte: whatever lies between, a table that is no larger than the constants it replaces is quicker.

#[cfg(test)]
mod tests;

use crate::exec::run_alone;
use crate::lower::{BufferId, Draft, DraftOperand, DraftStep};
use crate::options::Options;
use crate::program::{Constant, Element, Kernel};
use edge_core::params::TableS8;
use std::ops::RangeInclusive;

/// Results of a function of one byte.
const RESULTS: usize = 256;

/// Replaces chains by tables, but for those with a step whose kernel is pinned.
#[must_use]
pub fn run(mut draft: Draft, options: &Options) -> Draft {
    let mut first = 0;
    while first < draft.steps.len() {
        if let Some((steps, table)) = chain(&draft, first, options)
            .and_then(|steps| Some((steps.clone(), table(&draft, steps)?)))
        {
            replace(&mut draft, steps, table);
        }
        first += 1;
    }
    draft
}

/// The longest chain from a step on whose constants are no smaller than a table.
fn chain(draft: &Draft, first: usize, options: &Options) -> Option<RangeInclusive<usize>> {
    let mut source = sole_input(draft.steps.get(first)?)?;
    if !is_byte(draft, source) {
        return None;
    }
    let (mut last, mut bytes) = (None, 0);
    for (index, step) in draft.steps.iter().enumerate().skip(first) {
        if sole_input(step) != Some(source) || !is_plain(draft, step) || is_pinned(options, step) {
            break;
        }
        bytes += step
            .constants
            .iter()
            .filter_map(|&at| draft.constants.get(at))
            .map(|constant| constant.bytes.len())
            .sum::<usize>();
        if is_byte(draft, step.output) && bytes >= RESULTS {
            last = Some(index);
        }
        source = step.output;
        if !passes_on(draft, source) {
            break;
        }
    }
    last.map(|last| first..=last)
}

/// The buffer that is the only operand of a step beside its constants.
fn sole_input(step: &DraftStep) -> Option<BufferId> {
    match *step.inputs.as_slice() {
        [DraftOperand::Buffer(buffer)] => Some(buffer),
        _ => None,
    }
}

fn is_byte(draft: &Draft, buffer: BufferId) -> bool {
    let found = &draft.buffers[buffer.0];
    found.len == 1 && found.element == Element::I8 && found.part.is_none()
}

/// Whether a step computes its output from its input and constants alone, at once and apart from it.
fn is_plain(draft: &Draft, step: &DraftStep) -> bool {
    let writers = draft
        .steps
        .iter()
        .filter(|other| other.output == step.output);
    let remembers = draft.states.iter().any(|state| state.buffer == step.output);
    step.scratch.is_none()
        && !step.kernel.writes_in_part()
        && !step.kernel.takes_cells()
        && draft.buffers[step.output.0].part.is_none()
        && !remembers
        && writers.count() == 1
}

/// Whether nothing but one step reads a buffer.
fn passes_on(draft: &Draft, buffer: BufferId) -> bool {
    let reads = |step: &&DraftStep| step.inputs.contains(&DraftOperand::Buffer(buffer));
    let part = |other: &crate::lower::Buffer| other.part.is_some_and(|part| part.of == buffer);
    draft.steps.iter().filter(reads).count() == 1
        && !draft.outputs.contains(&buffer)
        && !draft.buffers.iter().any(part)
}

fn is_pinned(options: &Options, step: &DraftStep) -> bool {
    let mut pins = options.pins.iter();
    pins.any(|(node, _)| node == "*" || *node == step.name)
}

/// What a chain gives for −128..=127, computed by its own kernels.
fn table(draft: &Draft, steps: RangeInclusive<usize>) -> Option<Vec<u8>> {
    let result = |index: u8| {
        let mut bytes = vec![index ^ 0x80];
        for step in draft.steps.get(steps.clone())? {
            let constants = step
                .constants
                .iter()
                .filter_map(|&at| draft.constants.get(at));
            let constants: Vec<&[u8]> = constants
                .map(|constant| constant.bytes.as_slice())
                .collect();
            let len = draft.buffers[step.output.0].bytes();
            bytes = run_alone(&step.kernel, vec![bytes], &constants, len).ok()?;
        }
        bytes.first().copied()
    };
    (0..=u8::MAX).map(result).collect()
}

/// Puts the table where the last step of its chain was.
fn replace(draft: &mut Draft, steps: RangeInclusive<usize>, table: Vec<u8>) {
    let (first, last) = (*steps.start(), *steps.end());
    let nodes = &draft.steps[steps];
    let names: Vec<&str> = nodes.iter().map(|step| step.what.as_str()).collect();
    let what = names.join(", ");
    let input = nodes[0].inputs.clone();
    let index = draft.constants.len();
    draft.constants.push(Constant {
        what: format!("table of {what}"),
        element: Element::I8,
        bytes: table,
    });
    let step = &mut draft.steps[last];
    step.what = what;
    step.kernel = Kernel::TableS8(TableS8 { len: 1 });
    step.inputs = input;
    step.constants = vec![index];
    draft.steps.drain(first..last);
}
