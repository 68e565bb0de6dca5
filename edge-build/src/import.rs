//! Model files become graphs.

pub mod onnx;
mod sniff;

use crate::diag::Diagnostics;
use crate::ir::Graph;
use crate::options::Options;
use crate::source::Source;

/// Reads a model file.
///
/// # Errors
/// All that is wrong with the file.
pub fn run(source: &Source, options: &Options) -> Result<Graph, Diagnostics> {
    sniff::check(source)?;
    onnx::run(source, options)
}
