//! Typed access to the operands of one step while it runs on the host.

use bytemuck::{AnyBitPattern, NoUninit};
use std::cell::Cell;
use std::ops::Range;

/// An operand that the row of the kernel asks for and the step does not have: a bug of the compiler.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperandError {
    /// Fewer operands than the kernel takes.
    #[error("operand {0} is missing")]
    Missing(usize),
    /// The bytes are no whole number of elements, or lie outside the arena.
    #[error("operand {0} does not hold whole elements inside its buffer")]
    Range(usize),
}

/// The operands of one step: inputs copied out of the arena, constants, and the output in the arena.
#[derive(Debug)]
pub struct Operands<'a> {
    /// Bytes of each input.
    pub inputs: Vec<Vec<u8>>,
    /// Bytes of each constant, aligned to 16.
    pub constants: Vec<&'a [u8]>,
    /// Bytes of the memory that is read and written beside the output.
    pub scratch: Vec<u8>,
    /// Where the output goes; the whole arena for kernels that take cells.
    pub output: &'a mut [u8],
    /// Where input and output lie in the arena, for kernels that take cells.
    pub places: Option<[Range<usize>; 2]>,
    /// Inputs handed out so far.
    pub inputs_taken: usize,
    /// Constants handed out so far.
    pub constants_taken: usize,
}

impl<'a> Operands<'a> {
    /// The next input as elements.
    ///
    /// # Errors
    /// If there is none, or its bytes are no whole elements.
    pub fn next_input<T: AnyBitPattern + NoUninit>(&mut self) -> Result<Vec<T>, OperandError> {
        let index = self.inputs_taken;
        self.inputs_taken += 1;
        let bytes = self.inputs.get(index).ok_or(OperandError::Missing(index))?;
        if bytes.len() % size_of::<T>() != 0 {
            return Err(OperandError::Range(index));
        }
        Ok(bytemuck::allocation::pod_collect_to_vec(bytes))
    }

    /// The next constant as elements.
    ///
    /// # Errors
    /// If there is none, or its bytes are no whole aligned elements.
    pub fn next_constant<T: AnyBitPattern>(&mut self) -> Result<&'a [T], OperandError> {
        let index = self.constants_taken;
        self.constants_taken += 1;
        let bytes = self
            .constants
            .get(index)
            .ok_or(OperandError::Missing(index))?;
        bytemuck::try_cast_slice(bytes).map_err(|_| OperandError::Range(index))
    }

    /// The memory beside the output as elements.
    ///
    /// # Errors
    /// If its bytes are no whole elements.
    pub fn scratch<T: AnyBitPattern + NoUninit>(&self) -> Result<Vec<T>, OperandError> {
        if !self.scratch.len().is_multiple_of(size_of::<T>()) {
            return Err(OperandError::Range(usize::MAX));
        }
        Ok(bytemuck::allocation::pod_collect_to_vec(&self.scratch))
    }

    /// Keeps what a kernel wrote beside its output.
    pub fn keep_scratch<T: NoUninit>(&mut self, numbers: &[T]) {
        self.scratch.clear();
        self.scratch.extend(bytemuck::cast_slice(numbers));
    }

    /// Input and output as cells of the arena, of one element type; they may overlap.
    ///
    /// # Errors
    /// If they lie outside the arena or are no whole aligned elements.
    #[allow(clippy::type_complexity, reason = "an input and an output")]
    pub fn cells<T: AnyBitPattern + NoUninit>(
        &mut self,
    ) -> Result<(&[Cell<T>], &[Cell<T>]), OperandError> {
        let [x, y] = self.places.clone().ok_or(OperandError::Missing(0))?;
        let all: &mut [T] = bytemuck::try_cast_slice_mut(self.output)
            .map_err(|_| OperandError::Range(usize::MAX))?;
        let all = Cell::from_mut(all).as_slice_of_cells();
        let part = |place: Range<usize>, index: usize| {
            let size = size_of::<T>();
            let whole = place.start.is_multiple_of(size) && place.end.is_multiple_of(size);
            let cells = all.get(place.start / size..place.end / size);
            cells.filter(|_| whole).ok_or(OperandError::Range(index))
        };
        Ok((part(x, 0)?, part(y, usize::MAX)?))
    }

    /// The output as elements.
    ///
    /// # Errors
    /// If its bytes are no whole aligned elements.
    pub fn output<T: AnyBitPattern + NoUninit>(&mut self) -> Result<&mut [T], OperandError> {
        bytemuck::try_cast_slice_mut(self.output).map_err(|_| OperandError::Range(usize::MAX))
    }
}
