//! States: memory that is written at the end of a run and read in the next.

use super::draft::{BufferId, Draft, DraftOperand, DraftStep};
use super::movement::{Axis, copy, copy_kernel};
use super::{LowerError, NodeLowering};
use crate::ir::ValueId;

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

impl NodeLowering<'_> {
    /// Whether anything reads output `index`.
    #[must_use]
    pub fn is_read(&self, index: usize) -> bool {
        self.output_id(index).is_ok_and(|id| self.uses(id) > 0)
    }

    fn uses(&self, id: ValueId) -> usize {
        let nodes = self.graph.nodes.iter().flat_map(|node| &node.inputs);
        nodes
            .chain(&self.graph.outputs)
            .filter(|&&other| other == id)
            .count()
    }

    /// The buffer of output `output`, which stands in for input `input`: the memory of that state itself if nothing
    /// but this node reads it. The node must have read all of the input before it writes there.
    ///
    /// # Errors
    /// If there is no such input or output.
    pub fn replaced(&mut self, input: usize, output: usize) -> Result<BufferId, LowerError> {
        let (old, new) = (self.input_id(input)?, self.output_id(output)?);
        let is_state = self.graph.split_inputs().1.contains(&old);
        if is_state && self.uses(old) == 1 && self.graph.ty(old).len() == self.graph.ty(new).len() {
            let buffer = self.draft.buffer_for(self.graph, old);
            self.draft.buffer_of[new.index()] = Some(buffer);
        }
        self.output_at(output)
    }

    /// The buffer of output `output`, filled with input `input`, for a kernel that updates it.
    ///
    /// # Errors
    /// If there is no such input or output.
    pub fn updated(&mut self, input: usize, output: usize) -> Result<BufferId, LowerError> {
        let (from, to) = (self.operand(input)?, self.replaced(input, output)?);
        if from != DraftOperand::Buffer(to) {
            let buffer = self.draft.buffers[to.0];
            let p = copy(&[whole(buffer.len)], 0, 0)?;
            self.step_to(copy_kernel(buffer.element, p), &[from], &[], to);
        }
        Ok(to)
    }
}

/// All elements.
fn whole(len: usize) -> Axis {
    Axis {
        len,
        source: 1,
        target: 1,
    }
}

fn emit(draft: &mut Draft, from: BufferId, to: BufferId) {
    let buffer = draft.buffers[from.0];
    // One axis is never too many.
    let (Ok(p), Some(last)) = (copy(&[whole(buffer.len)], 0, 0), draft.steps.last()) else {
        return;
    };
    let (node, name) = (last.node, last.name.clone());
    draft.steps.push(DraftStep {
        what: format!("state {}[{}] kept", buffer.element.rust_name(), buffer.len),
        name,
        node,
        kernel: copy_kernel(buffer.element, p),
        inputs: vec![DraftOperand::Buffer(from)],
        constants: Vec::new(),
        scratch: None,
        output: to,
        lead: None,
        choice: None,
    });
}

#[cfg(test)]
mod tests;
