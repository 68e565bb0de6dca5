//! Kernel variants: what could compute each step on the core, what each way costs, and which is chosen.
//!
//! Lowering emits reference kernels. Here every step with a faster kernel for the core is offered it
//! (`OFFERS`, one file per variant), and `choose` takes one by the aim of the options. The step keeps its
//! [`Choice`] for the report.

mod choose;
mod linear_add;
mod packed_conv;
mod packed_fully_connected;
mod planar_depthwise;
mod reference;
#[cfg(test)]
pub(super) mod tests;
mod weighted;
mod winograd;

use crate::diag::{Argument, Code, Diagnostic, Diagnostics};
use crate::lower::{Draft, DraftOperand, DraftStep};
use crate::options::Options;
use crate::program::{Choice, Constant, Cost, Element, Kernel, Variant};
use crate::target::Core;

/// A way to compute a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Which way.
    pub variant: Variant,
    /// The function with its parameters.
    pub kernel: Kernel,
    /// Its constants, in the order of its row.
    pub constants: Vec<Constant>,
    /// Type and number of the elements of its scratch memory.
    pub scratch: Option<(Element, usize)>,
    /// See [`DraftStep::lead`].
    pub lead: Option<usize>,
    /// Estimated cycles on the core.
    pub cycles: u64,
}

impl Offer {
    fn cost(&self) -> Cost {
        Cost {
            variant: self.variant,
            cycles: self.cycles,
            flash: self.constants.iter().map(|c| c.bytes.len()).sum(),
            scratch: self
                .scratch
                .map_or(0, |(element, len)| element.size() * len),
        }
    }
}

/// A step that is offered other kernels.
#[derive(Clone, Copy, Debug)]
pub struct Layer<'a> {
    /// The step as it was lowered.
    pub step: &'a DraftStep,
    /// All constants of the draft.
    pub constants: &'a [Constant],
    /// Number of elements of the output.
    pub elements: usize,
    /// The core that will run it.
    pub core: Core,
}

/// The offer of one variant for a step, if it applies.
type MakeOffer = fn(&Layer<'_>) -> Option<Offer>;

/// All variants beside the reference; each function is in a file of its own.
const OFFERS: &[MakeOffer] = &[
    planar_depthwise::offer,
    packed_fully_connected::offer,
    packed_conv::offer,
    packed_conv::offer_w16,
    winograd::offer,
    winograd::offer_4,
    linear_add::offer,
];

/// Chooses a kernel for every step.
///
/// # Errors
/// Pins that name no node, or a variant that is not offered there.
pub fn run(draft: Draft, options: &Options) -> Result<Draft, Diagnostics> {
    run_with(draft, options, OFFERS)
}

fn run_with(mut draft: Draft, options: &Options, all: &[MakeOffer]) -> Result<Draft, Diagnostics> {
    let core = options.target.core;
    let offers: Vec<Vec<Offer>> = draft
        .steps
        .iter()
        .map(|step| {
            let layer = Layer {
                step,
                constants: &draft.constants,
                elements: draft.buffers[step.output.0].len,
                core,
            };
            let others = all.iter().filter_map(|make| make(&layer));
            std::iter::once(reference::offer(&layer))
                .chain(others)
                .collect()
        })
        .collect();
    let chosen = choose::run(&draft, &offers, options)?;
    for (index, (offers, chosen)) in offers.into_iter().zip(chosen).enumerate() {
        put(&mut draft, index, offers, chosen);
    }
    drop_unused_constants(&mut draft);
    Ok(draft)
}

/// Puts a chosen offer into its step.
fn put(draft: &mut Draft, index: usize, mut offers: Vec<Offer>, chosen: usize) {
    let offer = offers.remove(chosen);
    let choice = Choice {
        chosen: offer.cost(),
        others: offers.iter().map(Offer::cost).collect(),
    };
    if offer.variant != Variant::Reference {
        let constants = offer.constants.into_iter();
        let constants = constants.map(|c| draft.add_constant(c)).collect();
        let scratch = offer
            .scratch
            .map(|(element, len)| draft.add_buffer(element, len));
        let step = &mut draft.steps[index];
        step.constants = constants;
        step.kernel = offer.kernel;
        step.scratch = scratch;
        step.lead = offer.lead;
    }
    draft.steps[index].choice = Some(choice);
}

/// Drops constants that no step reads any more.
fn drop_unused_constants(draft: &mut Draft) {
    let mut new_index: Vec<Option<usize>> = vec![None; draft.constants.len()];
    let mut mark = |index: usize| {
        if let Some(slot) = new_index.get_mut(index) {
            *slot = Some(0);
        }
    };
    for step in &draft.steps {
        step.constants.iter().for_each(|&index| mark(index));
        for input in &step.inputs {
            if let DraftOperand::Constant(index) = *input {
                mark(index);
            }
        }
    }
    for (kept, slot) in new_index.iter_mut().flatten().enumerate() {
        *slot = kept;
    }
    let mut used = new_index.iter().map(Option::is_some);
    draft.constants.retain(|_| used.next().unwrap_or(true));
    let renumber = |index: &mut usize| {
        *index = new_index.get(*index).copied().flatten().unwrap_or(*index);
    };
    for step in &mut draft.steps {
        step.constants.iter_mut().for_each(renumber);
        for input in &mut step.inputs {
            if let DraftOperand::Constant(index) = input {
                renumber(index);
            }
        }
    }
}

/// A pin that cannot be kept.
fn bad_pin(message: String, supported: String) -> Diagnostic {
    Diagnostic::error(
        Code::BadArgument,
        message,
        "`cargo edge inspect` lists the variants of every node",
    )
    .supported(supported)
    .at(Argument::Pin)
}
