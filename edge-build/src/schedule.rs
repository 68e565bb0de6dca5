//! What runs when, and by which kernel: the order of the nodes before lowering, the kernel of each step after it.

pub mod order;
pub mod strips;
pub mod tables;
pub mod variants;

use crate::diag::Diagnostics;
use crate::lower::Draft;
use crate::options::{Optimize, Options};
use crate::plan::{Planner, Search};

/// Chooses a kernel for every step, after what a table does better. Where memory is the aim, chains of layers run
/// in strips if that saves some.
///
/// # Errors
/// Pins that name no node, or a variant that is not offered there.
pub fn run(draft: Draft, options: &Options) -> Result<Draft, Diagnostics> {
    let draft = tables::run(draft, options);
    if options.optimize != Optimize::Ram {
        return variants::run(draft, options);
    }
    let whole = variants::run(draft.clone(), options)?;
    let Some(cut) = strips::run(&draft, &whole) else {
        return Ok(whole);
    };
    let cut = variants::run(cut, options)?;
    let bytes = |draft: &Draft| Search.plan(draft).arena_bytes;
    let saves = bytes(&cut) < bytes(&whole);
    Ok(if saves { cut } else { whole })
}
