//! Checks a plan.

use super::Plan;
use crate::lower::Draft;

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two live buffers share memory.
    #[error("buffers {0} and {1} overlap while both are alive")]
    Overlap(usize, usize),
}

/// Checks a plan.
///
/// # Errors
/// Everything that is wrong with it.
pub fn verify(_draft: &Draft, _plan: &Plan) -> Result<(), Vec<PlanError>> {
    Ok(())
}
