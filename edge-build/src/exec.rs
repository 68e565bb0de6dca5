//! Runs a [`Program`] on the host with the functions that run on the device.
//!
//! This is the oracle: the float executor of calibration, the integer executor of the accuracy report, and
//! what firmware is compared with.

use crate::program::operands::{OperandError, Operands};
use crate::program::{Kernel, Operand, Program, Slot, Step};
use std::ops::Range;

/// Bytes aligned to 16, as in the arena and in flash.
#[derive(Clone, Debug)]
struct AlignedBytes {
    words: Vec<u128>,
    len: usize,
}

impl AlignedBytes {
    fn zeroed(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(16)],
            len,
        }
    }

    fn of(bytes: &[u8]) -> Self {
        let mut aligned = Self::zeroed(bytes.len());
        aligned.bytes_mut().copy_from_slice(bytes);
        aligned
    }

    fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.len]
    }
}

/// A program ready to run, with its arena.
#[derive(Clone, Debug)]
pub struct Executor<'a> {
    program: &'a Program,
    constants: Vec<AlignedBytes>,
    arena: AlignedBytes,
}

/// Why a program cannot run: always a bug of the compiler.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("step {step}: {error}")]
pub struct ExecError {
    /// What the step computes.
    pub step: String,
    /// What is wrong.
    pub error: OperandError,
}

impl<'a> Executor<'a> {
    /// An executor with a zeroed arena and fresh states.
    #[must_use]
    pub fn new(program: &'a Program) -> Self {
        let mut executor = Self {
            program,
            constants: program
                .constants
                .iter()
                .map(|c| AlignedBytes::of(&c.bytes))
                .collect(),
            arena: AlignedBytes::zeroed(program.arena_bytes),
        };
        executor.reset();
        executor
    }

    /// Gives every state what it holds before the first run.
    pub fn reset(&mut self) {
        for state in &self.program.states {
            self.write(state.slot, &state.init);
        }
    }

    fn write(&mut self, slot: Slot, bytes: &[u8]) {
        let range = slot.offset..slot.offset + bytes.len().min(slot.bytes());
        let len = range.len();
        if let Some(target) = self.arena.bytes_mut().get_mut(range) {
            target.copy_from_slice(&bytes[..len]);
        }
    }

    /// The bytes of a slot; empty if it lies outside the arena.
    #[must_use]
    pub fn slot(&self, slot: Slot) -> &[u8] {
        self.arena
            .bytes()
            .get(slot.offset..slot.offset + slot.bytes())
            .unwrap_or(&[])
    }

    /// Writes the bytes of input `index`; bytes beyond its size are left out.
    pub fn set_input(&mut self, index: usize, bytes: &[u8]) {
        let Some(port) = self.program.inputs.get(index) else {
            return;
        };
        self.write(port.slot, bytes);
    }

    /// The bytes of output `index`; empty if there is none.
    #[must_use]
    pub fn output(&self, index: usize) -> &[u8] {
        self.program
            .outputs
            .get(index)
            .map_or(&[], |port| self.slot(port.slot))
    }

    /// Runs all steps.
    ///
    /// # Errors
    /// If the program is broken.
    pub fn run(&mut self) -> Result<(), ExecError> {
        self.run_watched(|_, _| ())
    }

    /// Runs all steps and shows the output of each as soon as it is written.
    ///
    /// # Errors
    /// If the program is broken.
    pub fn run_watched(&mut self, mut watch: impl FnMut(usize, &[u8])) -> Result<(), ExecError> {
        for (index, step) in self.program.steps.iter().enumerate() {
            self.execute(step).map_err(|error| ExecError {
                step: step.what.clone(),
                error,
            })?;
            watch(index, self.slot(step.output));
        }
        Ok(())
    }

    fn execute(&mut self, step: &Step) -> Result<(), OperandError> {
        let places = places_of_cells(step);
        let inputs = step.inputs.iter().map(|operand| match *operand {
            Operand::Arena(slot) => self.slot(slot).to_vec(),
            Operand::Constant(index) => self
                .constants
                .get(index)
                .map_or(Vec::new(), |c| c.bytes().to_vec()),
        });
        let inputs = if places.is_some() {
            Vec::new()
        } else {
            inputs.collect()
        };
        let constant = |&index: &usize| {
            self.constants
                .get(index)
                .map_or(&[][..], AlignedBytes::bytes)
        };
        let scratch = step
            .scratch
            .map_or(Vec::new(), |slot| self.slot(slot).to_vec());
        let range = if places.is_some() {
            0..self.arena.len
        } else {
            range_of(step.output)
        };
        let output = self
            .arena
            .bytes_mut()
            .get_mut(range)
            .ok_or(OperandError::Range(usize::MAX))?;
        let mut operands = Operands {
            inputs,
            constants: step.constants.iter().map(constant).collect(),
            scratch,
            output,
            places,
            inputs_taken: 0,
            constants_taken: 0,
        };
        step.kernel.execute(&mut operands)?;
        let scratch = operands.scratch;
        if let Some(slot) = step.scratch {
            self.write(slot, &scratch);
        }
        Ok(())
    }
}

/// Runs one kernel that has no state and takes no cells, on the bytes of its inputs; gives those of its output.
///
/// # Errors
/// If operands are missing or of another size than the kernel asks for.
pub(crate) fn run_alone(
    kernel: &Kernel,
    inputs: Vec<Vec<u8>>,
    constants: &[&[u8]],
    output_bytes: usize,
) -> Result<Vec<u8>, OperandError> {
    let constants: Vec<AlignedBytes> = constants.iter().map(|c| AlignedBytes::of(c)).collect();
    let mut output = AlignedBytes::zeroed(output_bytes);
    kernel.execute(&mut Operands {
        inputs,
        constants: constants.iter().map(AlignedBytes::bytes).collect(),
        scratch: Vec::new(),
        output: output.bytes_mut(),
        places: None,
        inputs_taken: 0,
        constants_taken: 0,
    })?;
    Ok(output.bytes().to_vec())
}

fn range_of(slot: Slot) -> Range<usize> {
    slot.offset..slot.offset + slot.bytes()
}

/// Where input and output lie, if the kernel takes them as cells of the arena.
fn places_of_cells(step: &Step) -> Option<[Range<usize>; 2]> {
    match step.inputs.as_slice() {
        &[Operand::Arena(x)] if step.kernel.takes_cells() => {
            Some([range_of(x), range_of(step.output)])
        }
        _ => None,
    }
}
