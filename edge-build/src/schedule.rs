//! What runs when, and by which kernel: the order of the nodes before lowering, the kernel of each step after it.

mod fit;
pub mod order;
pub mod strips;
pub mod tables;
pub mod variants;

use crate::diag::Diagnostics;
use crate::lower::{Draft, DraftStep};
use crate::options::{Optimize, Options};
use crate::plan::{Planner, Search};
use crate::program::Variant;
use strips::Bounds;

/// A part of the cycles that strips may cost where memory is not the aim: 1/32.
const MOST_CYCLES: u64 = 32;

/// A draft with the kernels that will run.
#[derive(Clone, Debug)]
pub struct Scheduled {
    /// The draft.
    pub draft: Draft,
    /// What the choice aimed at in the end.
    pub optimize: Optimize,
}

/// Chooses a kernel for every step, after what a table does better. If the device has no room for what the options
/// aim at, what it lacks becomes the aim.
///
/// # Errors
/// Pins that name no node, or a variant that is not offered there.
pub fn run(draft: Draft, options: &Options) -> Result<Scheduled, Diagnostics> {
    let draft = tables::run(draft, options);
    let first = aimed(&draft, options)?;
    let Some(optimize) = fit::lacks(&first, options.target) else {
        return Ok(Scheduled {
            draft: first,
            optimize: options.optimize,
        });
    };
    let options = Options {
        optimize,
        ..options.clone()
    };
    let draft = aimed(&draft, &options)?;
    Ok(Scheduled { draft, optimize })
}

/// Chooses by the aim of the options. Chains of layers run in strips if that saves memory and either memory is the aim
/// or it costs next to nothing.
fn aimed(draft: &Draft, options: &Options) -> Result<Draft, Diagnostics> {
    let bounds = match options.optimize {
        Optimize::Speed | Optimize::Flash => return variants::run(draft.clone(), options),
        Optimize::Balanced => Bounds::FREE,
        Optimize::Ram => Bounds::RAM,
    };
    let whole = variants::run(draft.clone(), options)?;
    // Where a pin needs the whole layer, it stays whole.
    let cut = strips::run(draft, &whole, bounds).and_then(|cut| variants::run(cut, options).ok());
    Ok(match cut {
        Some(cut) if pays(&cut, &whole, options.optimize) => cut,
        Some(_) | None => whole,
    })
}

/// Whether a cut draft is better than the whole.
fn pays(cut: &Draft, whole: &Draft, aim: Optimize) -> bool {
    let bytes = |draft: &Draft| Search.plan(draft).arena_bytes;
    let most = cycles(whole) + cycles(whole) / MOST_CYCLES;
    let cheap = || cycles(cut) <= most && !copies_code(cut);
    (aim == Optimize::Ram || cheap()) && bytes(cut) < bytes(whole)
}

/// Whether a layer runs a reference kernel more than once: these are inlined, other kernels are shared functions.
fn copies_code(cut: &Draft) -> bool {
    let slides = |step: &DraftStep| step.kernel.row_wise().is_some();
    let is_reference = |step: &DraftStep| {
        let choice = step.choice.as_ref();
        choice.is_none_or(|choice| choice.chosen.variant == Variant::Reference)
    };
    cut.steps.iter().enumerate().any(|(index, step)| {
        let mut before = cut.steps[..index].iter();
        let again = before.any(|other| other.node == step.node && slides(other));
        slides(step) && is_reference(step) && again
    })
}

/// Estimated cycles of the kernels that were chosen.
fn cycles(draft: &Draft) -> u64 {
    let choices = draft.steps.iter().filter_map(|step| step.choice.as_ref());
    choices.map(|choice| choice.chosen.cycles).sum()
}
