//! What every generated type tells about itself.

use crate::quant::QuantParams;

/// Element type of a tensor at the border of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementType {
    /// 32-bit IEEE float.
    F32,
    /// Signed 8-bit integer with quantization parameters.
    I8,
    /// Unsigned 8-bit integer, with quantization parameters where it stands for real numbers; truth values are
    /// 0 or 1.
    U8,
    /// Signed 16-bit integer, with quantization parameters where it stands for real numbers.
    I16,
    /// Signed 32-bit integer.
    I32,
    /// Signed 64-bit integer.
    I64,
}

/// An input or output of a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TensorInfo {
    /// Name in the model file.
    pub name: &'static str,
    /// Shape in the model file, batch included, in the order of the file.
    pub shape: &'static [usize],
    /// Element type in the arena.
    pub element: ElementType,
    /// Scale and zero point; `None` for float.
    pub quant: Option<QuantParams>,
}

/// A network compiled into Rust. Implemented by generated types only.
///
/// All numbers are known at build time.
pub trait Model {
    /// Name of the model, from the file or the `name` argument.
    const NAME: &'static str;
    /// The target the network was compiled for.
    const TARGET: &'static str;
    /// Inputs in the order of the model file.
    const INPUTS: &'static [TensorInfo];
    /// Outputs in the order of the model file.
    const OUTPUTS: &'static [TensorInfo];
    /// Bytes of RAM: activations, inputs, outputs and scratch, all in the arena.
    const RAM_BYTES: usize;
    /// Bytes of stack that a run takes at most on a microcontroller, in an optimised build.
    const STACK_BYTES: usize;
    /// Bytes of flash for weights, biases, multipliers and tables; code not included.
    const FLASH_BYTES: usize;
    /// Multiply-accumulate operations of one inference.
    const MACS: u64;

    /// Runs the network on what stands in the inputs.
    fn run(&mut self);
    /// Forgets all earlier runs: gives every state what it held at first. Networks without states do nothing.
    fn reset(&mut self);
    /// The bytes of input `index` in the arena, or an empty slice if there is no such input.
    fn input_bytes_mut(&mut self, index: usize) -> &mut [u8];
    /// The bytes of output `index` in the arena, or an empty slice if there is no such output.
    fn output_bytes(&self, index: usize) -> &[u8];
}
