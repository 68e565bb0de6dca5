//! Checks the invariants of a graph.

use super::Graph;
use crate::diag::Diagnostics;

/// Checks the invariants of a graph.
///
/// # Errors
/// Every invariant that does not hold: a bug of the pass before.
pub fn run(_graph: &Graph) -> Result<(), Diagnostics> {
    Ok(())
}
