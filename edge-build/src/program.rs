//! A network with every number decided: constants, steps, arena offsets.
//!
//! Code generation prints a [`Program`]; [`crate::exec`] runs it on the host. Nothing after this stage
//! decides anything.

pub mod choice;
pub mod element;
pub mod kernel;
pub mod operands;
pub mod tokens;

pub use choice::{Choice, Cost, Variant};
pub use element::Element;
pub use kernel::Kernel;

use edge_core::quant::QuantParams;

/// A network with every number decided.
#[derive(Clone, Debug)]
pub struct Program {
    /// Inputs in the order of the file.
    pub inputs: Vec<Port>,
    /// Outputs in the order of the file.
    pub outputs: Vec<Port>,
    /// Weights, biases, multipliers, tables.
    pub constants: Vec<Constant>,
    /// What runs, in order.
    pub steps: Vec<Step>,
    /// Memory that keeps its numbers from run to run.
    pub states: Vec<StateSlot>,
    /// One byte that is 0 until the states have been set; `None` if zeroed memory is what they begin with.
    pub started: Option<Slot>,
    /// Size of the arena in bytes.
    pub arena_bytes: usize,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
}

impl Program {
    /// Bytes of stack that `run` takes at most on a microcontroller, built with optimisation.
    #[must_use]
    pub fn stack_bytes(&self) -> usize {
        /// The function itself, with the registers that it keeps for its caller.
        const RUN: usize = 128;
        let steps = self.steps.iter().map(|step| step.kernel.stack_bytes());
        RUN + steps.max().unwrap_or(0)
    }
}

/// An input or output.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// Name in the file.
    pub name: String,
    /// Shape in the file.
    pub shape: Vec<usize>,
    /// Where it lies.
    pub slot: Slot,
    /// Scale and zero point; `None` for float.
    pub quant: Option<QuantParams>,
}

/// Memory that keeps its numbers from run to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateSlot {
    /// Where it lies.
    pub slot: Slot,
    /// Its bytes before the first run.
    pub init: Vec<u8>,
}

/// A range of the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// First byte.
    pub offset: usize,
    /// Number of elements.
    pub len: usize,
    /// Type of the elements.
    pub element: Element,
}

impl Slot {
    /// Size in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.len * self.element.size()
    }
}

/// Numbers that go to flash.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// What it is, for readers of the generated code: `"conv1 weights [8,3,3,3]"`.
    pub what: String,
    /// Type of the elements.
    pub element: Element,
    /// Little-endian bytes.
    pub bytes: Vec<u8>,
}

/// An operand that a step reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A range of the arena.
    Arena(Slot),
    /// `Program::constants[i]`: an element-wise operand in flash.
    Constant(usize),
}

/// One call of a kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it computes, for readers: `Conv2d "/layer1/conv" [1,28,28,8] → [1,28,28,16]`.
    pub what: String,
    /// Index of the node in the quantized graph that it comes from.
    pub node: usize,
    /// The function.
    pub kernel: Kernel,
    /// What it reads.
    pub inputs: Vec<Operand>,
    /// Indices of its constants in `Program::constants`.
    pub constants: Vec<usize>,
    /// Memory that it reads and writes beside its output.
    pub scratch: Option<Slot>,
    /// What it writes.
    pub output: Slot,
    /// The kernel variant that was chosen; `None` for steps of the compiler's own.
    pub choice: Option<Choice>,
    /// Whether the output overwrites the first input: the in-place twin runs.
    pub in_place: bool,
}
