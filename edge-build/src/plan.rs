//! Memory planning: offsets of buffers in the arena.
//!
//! Every planner sits behind [`Planner`]; every plan is checked by [`verify`], which shares no code with the
//! planners.

mod anneal;
mod blocks;
mod disjoint;
mod exact;
mod first_fit;
mod gaps;
mod liveness;
mod search;
#[cfg(test)]
mod tests;
mod verify;

pub use disjoint::Disjoint;
pub use search::Search;
pub use verify::{PlanError, verify};

use crate::lower::Draft;

/// Least alignment of every buffer in bytes.
pub const ALIGN: usize = 4;

/// Alignment of every buffer of a draft in bytes: that of the widest elements.
#[must_use]
pub fn alignment(draft: &Draft) -> usize {
    let sizes = draft.buffers.iter().map(|buffer| buffer.element.size());
    sizes.fold(ALIGN, usize::max)
}

/// Offsets of the buffers of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// First byte of each buffer, in the order of `Draft::buffers`.
    pub offsets: Vec<usize>,
    /// Size of the arena in bytes, a multiple of [`alignment`].
    pub arena_bytes: usize,
}

/// A way to find offsets.
pub trait Planner {
    /// Offsets for all buffers of the draft.
    fn plan(&self, draft: &Draft) -> Plan;
}

/// No plan of the draft has a smaller arena; most drafts have a plan that comes near.
#[must_use]
pub fn least_bytes(draft: &Draft) -> usize {
    let lives = liveness::Lives::of(draft);
    gaps::bound(draft, &lives, &blocks::Blocks::joined(draft, &lives))
}

/// A broken plan as diagnostics: a bug of ours.
#[must_use]
pub fn diagnostics(errors: Vec<PlanError>) -> crate::diag::Diagnostics {
    use crate::diag::{Code, Diagnostic, Diagnostics};
    let one = |error: PlanError| {
        Diagnostic::error(
            Code::Internal,
            format!("memory plan: {error}"),
            "this is a bug of edge: please report it with the model",
        )
    };
    Diagnostics(errors.into_iter().map(one).collect())
}
