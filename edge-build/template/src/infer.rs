//! Rows of a file go through a network; outputs and costs go to files.

use crate::platform::{self, File};
use core::ffi::CStr;
use edge_core::model::Model;

/// Something about the files went wrong.
#[derive(Debug)]
pub struct Failure;

/// The files of one network.
pub struct Files {
    /// Inputs, row after row, each the bytes of all inputs.
    pub input: &'static CStr,
    /// Outputs, row after row, each the bytes of all outputs.
    pub output: &'static CStr,
    /// Costs, row after row, each a little-endian u64 (time) and a u32 (bytes of stack).
    pub costs: &'static CStr,
}

/// Runs the network on every row.
#[cfg_attr(target_os = "none", unsafe(link_section = ".boot.infer"))]
#[inline(never)]
pub fn infer<M: Model>(net: &mut M, files: &Files) -> Result<(), Failure> {
    let mut input = File::open(files.input).ok_or(Failure)?;
    let mut output = File::create(files.output).ok_or(Failure)?;
    let mut costs = File::create(files.costs).ok_or(Failure)?;
    'rows: loop {
        for index in 0..M::INPUTS.len() {
            if !input.read(net.input_bytes_mut(index)) {
                break 'rows;
            }
        }
        let usage = platform::measure(net, enter::<M>);
        for index in 0..M::OUTPUTS.len() {
            output.write(net.output_bytes(index)).ok_or(Failure)?;
        }
        costs.write(&usage.time.to_le_bytes()).ok_or(Failure)?;
        costs.write(&usage.stack.to_le_bytes()).ok_or(Failure)?;
    }
    Ok(())
}

/// The network itself, in a section apart from the code around it.
#[inline(never)]
fn enter<M: Model>(net: &mut M) {
    net.run();
}
