//! Model files become graphs.

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::Graph;
use crate::options::Options;
use crate::source::Source;

/// Reads a model file.
///
/// # Errors
/// All that is wrong with the file.
pub fn run(_source: &Source, _options: &Options) -> Result<Graph, Diagnostics> {
    Err(Diagnostic::error(Code::Internal, "not there yet", "").into())
}
