//! States: memory that is written at the end of a run and read in the next.

use super::draft::{BufferId, Draft, DraftOperand, DraftStep};
use super::movement::{Axis, copy, copy_kernel};

/// Copies what the states become, `new`, to the memory of each.
pub(super) fn keep(draft: &mut Draft, new: &[BufferId]) {
    let states: Vec<BufferId> = draft.states.iter().map(|state| state.buffer).collect();
    let mut moves: Vec<(BufferId, BufferId)> = Vec::new();
    for (&from, &to) in new.iter().zip(&states) {
        if from == to {
            continue;
        }
        // What another state holds now must be read before that one is written.
        let from = if states.contains(&from) {
            let buffer = draft.buffers[from.0];
            let aside = draft.add_buffer(buffer.element, buffer.len);
            emit(draft, from, aside);
            aside
        } else {
            from
        };
        moves.push((from, to));
    }
    for (from, to) in moves {
        emit(draft, from, to);
    }
}

fn emit(draft: &mut Draft, from: BufferId, to: BufferId) {
    let buffer = draft.buffers[from.0];
    let axis = Axis {
        len: buffer.len,
        source: 1,
        target: 1,
    };
    // One axis is never too many.
    let (Ok(p), Some(last)) = (copy(&[axis], 0, 0), draft.steps.last()) else {
        return;
    };
    let node = last.node;
    draft.steps.push(DraftStep {
        what: format!("state {}[{}] kept", buffer.element.rust_name(), buffer.len),
        node,
        kernel: copy_kernel(buffer.element, p),
        inputs: vec![DraftOperand::Buffer(from)],
        constants: Vec::new(),
        scratch: None,
        output: to,
    });
}
