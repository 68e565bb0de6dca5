//! Offsets of a memory plan put into a draft.

use super::draft::{BufferId, Draft, DraftOperand, DraftState};
use crate::ir::Graph;
use crate::plan::Plan;
use crate::program::{Operand, Port, Program, Slot, StateSlot, Step};

/// A program, and where the values of its graph lie while it runs.
#[derive(Clone, Debug)]
pub struct Assembly {
    /// The program.
    pub program: Program,
    /// The slot of each value of the graph; `None` for constants and dead values. With a plan that reuses
    /// memory a slot holds its value only while the value is alive.
    pub slot_of: Vec<Option<Slot>>,
}

/// Puts the offsets of a (verified) plan into a draft of the graph.
#[must_use]
pub fn assemble(graph: &Graph, draft: &Draft, plan: &Plan) -> Assembly {
    let slot = |id: BufferId| {
        let buffer = draft.buffers[id.0];
        Slot {
            offset: plan.offsets[id.0],
            len: buffer.len,
            element: buffer.element,
        }
    };
    let operand = |operand: &DraftOperand| match *operand {
        DraftOperand::Buffer(id) => Operand::Arena(slot(id)),
        DraftOperand::Constant(index) => Operand::Constant(index),
    };
    let steps = draft.steps.iter().map(|step| {
        let output = slot(step.output);
        let twin = step.kernel.in_place_function().is_some();
        let in_place = step
            .overwritable()
            .is_some_and(|first| twin && slot(first).offset == output.offset);
        Step {
            what: step.what.clone(),
            node: step.node,
            kernel: step.kernel.clone(),
            inputs: step.inputs.iter().map(operand).collect(),
            constants: step.constants.clone(),
            scratch: step.scratch.map(slot),
            output,
            choice: step.choice.clone(),
            in_place,
        }
    });
    let port = |&id: &crate::ir::ValueId, buffer: &BufferId| Port {
        name: graph.value(id).name.clone(),
        shape: graph.ty(id).shape.clone(),
        slot: slot(*buffer),
        quant: graph.ty(id).params(),
    };
    let state = |state: &DraftState| StateSlot {
        slot: slot(state.buffer),
        init: state.init.clone(),
    };
    let program = Program {
        inputs: graph
            .split_inputs()
            .0
            .iter()
            .zip(&draft.inputs)
            .map(|(id, b)| port(id, b))
            .collect(),
        outputs: graph
            .split_outputs()
            .0
            .iter()
            .zip(&draft.outputs)
            .map(|(id, b)| port(id, b))
            .collect(),
        constants: draft.constants.clone(),
        steps: steps.collect(),
        states: draft.states.iter().map(state).collect(),
        started: draft.started.map(slot),
        arena_bytes: plan.arena_bytes,
        macs: graph.macs(),
    };
    let slot_of = draft
        .buffer_of
        .iter()
        .map(|buffer| buffer.map(slot))
        .collect();
    Assembly { program, slot_of }
}
