//! Steps over buffers that have no address yet.

use super::span::Span;
use crate::ir::{Graph, ValueId};
use crate::program::{Choice, Constant, Element, Kernel};

/// Index of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BufferId(pub usize);

/// Memory that a step reads or writes. Values that are views of each other (a reshape) share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Number of elements.
    pub len: usize,
    /// Type of the elements.
    pub element: Element,
    /// Where it lies if it is a part of another buffer, such as some rows of an image.
    pub part: Option<Part>,
}

/// The place of a buffer within another of the same element type, which is no part itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The other buffer.
    pub of: BufferId,
    /// Its element that is the first of this one.
    pub first: usize,
}

impl Buffer {
    /// Size in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.len * self.element.size()
    }
}

/// An operand that a step reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftOperand {
    /// A buffer in RAM.
    Buffer(BufferId),
    /// `Draft::constants[i]`.
    Constant(usize),
}

/// One call of a kernel over buffers.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftStep {
    /// What it computes, for readers.
    pub what: String,
    /// Name of the node it comes from.
    pub name: String,
    /// Index of the node it comes from.
    pub node: usize,
    /// The function.
    pub kernel: Kernel,
    /// What it reads.
    pub inputs: Vec<DraftOperand>,
    /// Indices of its constants.
    pub constants: Vec<usize>,
    /// Memory that it reads and writes beside its output, if its kernel asks for some.
    pub scratch: Option<BufferId>,
    /// What it writes, wholly or in part; a buffer may be written by several steps.
    pub output: BufferId,
    /// How far its output may reach into its first input, if that dies here and the output is born here: the
    /// kernel walks forward and never overwrites what it has still to read as long as the output starts this
    /// many bytes or more before the input. At most the size of the output. `None`: the two must not overlap.
    pub lead: Option<usize>,
    /// The kernel variant that was chosen, once it is.
    pub choice: Option<Choice>,
}

impl DraftStep {
    /// Whether an output of `y` bytes may overwrite a first input of `x` bytes: an in-place twin has one operand
    /// for both, so that sizes agree; a kernel that overwrites what it is done with has two.
    #[must_use]
    pub fn fits_over(&self, x: usize, y: usize) -> bool {
        x == y || self.kernel.in_place_function().is_none()
    }

    /// The buffer that the output may overwrite, if the kernel is made for it: its first input, provided no other
    /// operand is the same buffer. Both start at the same byte then; for sizes see [`Self::fits_over`].
    #[must_use]
    pub fn overwritable(&self) -> Option<BufferId> {
        if !self.kernel.may_overwrite() {
            return None;
        }
        let Some(DraftOperand::Buffer(first)) = self.inputs.first().copied() else {
            return None;
        };
        let again = self.inputs[1..].contains(&DraftOperand::Buffer(first));
        (!again).then_some(first)
    }
}

/// A buffer that keeps its numbers from one run to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftState {
    /// The buffer.
    pub buffer: BufferId,
    /// Its bytes before the first run.
    pub init: Vec<u8>,
}

/// A network as steps over buffers.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// All buffers.
    pub buffers: Vec<Buffer>,
    /// Steps in order.
    pub steps: Vec<DraftStep>,
    /// Numbers that go to flash.
    pub constants: Vec<Constant>,
    /// The buffer of each value of the graph; `None` for constants and dead values.
    pub buffer_of: Vec<Option<BufferId>>,
    /// Buffers of the inputs, alive from before the first step.
    pub inputs: Vec<BufferId>,
    /// Buffers that are alive always.
    pub states: Vec<DraftState>,
    /// A byte that tells whether the states have been set, if zeros are not what they begin with.
    pub started: Option<BufferId>,
    /// Buffers of the outputs, alive behind the last step.
    pub outputs: Vec<BufferId>,
}

impl Draft {
    /// A draft with buffers for the inputs of the graph and no steps.
    #[must_use]
    pub fn of(graph: &Graph) -> Self {
        let mut draft = Self {
            buffer_of: vec![None; graph.values.len()],
            ..Self::default()
        };
        let (inputs, states) = graph.split_inputs();
        draft.inputs = inputs
            .iter()
            .map(|&id| draft.buffer_for(graph, id))
            .collect();
        for (state, &id) in graph.states.iter().zip(states) {
            let buffer = draft.buffer_for(graph, id);
            let init = super::builder::bytes_of(&state.init);
            draft.states.push(DraftState { buffer, init });
        }
        if draft.states.iter().any(|s| s.init.iter().any(|&b| b != 0)) {
            let buffer = draft.add_buffer(Element::U8, 1);
            draft.started = Some(buffer);
            draft.states.push(DraftState {
                buffer,
                init: vec![1],
            });
        }
        draft
    }

    /// The buffer of a value, made if it has none yet.
    pub(super) fn buffer_for(&mut self, graph: &Graph, id: ValueId) -> BufferId {
        if let Some(buffer) = self.buffer_of[id.index()] {
            return buffer;
        }
        let ty = graph.ty(id);
        let buffer = self.add_buffer(super::builder::element_of(ty.dtype), ty.len());
        self.buffer_of[id.index()] = Some(buffer);
        buffer
    }

    /// A new buffer.
    pub(crate) fn add_buffer(&mut self, element: Element, len: usize) -> BufferId {
        let part = None;
        self.buffers.push(Buffer { len, element, part });
        BufferId(self.buffers.len() - 1)
    }

    /// Numbers for flash; the same numbers are stored once.
    pub(crate) fn add_constant(&mut self, constant: Constant) -> usize {
        let same = |c: &Constant| c.element == constant.element && c.bytes == constant.bytes;
        let known = self.constants.iter().position(same);
        known.unwrap_or_else(|| {
            self.constants.push(constant);
            self.constants.len() - 1
        })
    }

    /// A buffer that is `len` elements of another, from element `first` on.
    pub fn add_part(&mut self, of: BufferId, first: usize, len: usize) -> BufferId {
        let Buffer { element, part, .. } = self.buffers[of.0];
        let outer = part.unwrap_or(Part { of, first: 0 });
        let first = outer.first + first;
        let part = Some(Part {
            of: outer.of,
            first,
        });
        self.buffers.push(Buffer { len, element, part });
        BufferId(self.buffers.len() - 1)
    }

    /// The buffer that a buffer is a part of, which is itself for most, and its bytes within that.
    #[must_use]
    pub fn place(&self, id: BufferId) -> (BufferId, Span) {
        let buffer = &self.buffers[id.0];
        let Part { of, first } = buffer.part.unwrap_or(Part { of: id, first: 0 });
        let from = first * buffer.element.size();
        let to = from + buffer.bytes();
        (of, Span { from, to })
    }

    /// Notes the outputs of the graph; the last act of lowering. An output that is a constant or the input
    /// itself was given a copy step by the passes (`materialize_outputs`).
    pub(super) fn finish(mut self, graph: &Graph) -> Self {
        let (outputs, states) = graph.split_outputs();
        self.outputs = outputs
            .iter()
            .map(|&id| self.buffer_for(graph, id))
            .collect();
        let new: Vec<BufferId> = states
            .iter()
            .map(|&id| self.buffer_for(graph, id))
            .collect();
        super::states::keep(&mut self, &new);
        self
    }

    /// Whether a buffer holds something before the first step.
    #[must_use]
    pub fn filled_at_start(&self, buffer: BufferId) -> bool {
        self.inputs.contains(&buffer) || self.states.iter().any(|state| state.buffer == buffer)
    }
}
