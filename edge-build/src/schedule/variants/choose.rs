//! The choice among offers.

use super::{Offer, bad_pin};
use crate::diag::Diagnostics;
use crate::lower::{Draft, DraftOperand};
use crate::options::{Optimize, Options};
use crate::program::Variant;

/// The chosen offer of each step.
///
/// # Errors
/// Pins that name no node, or a variant that is not offered there.
pub(super) fn run(
    draft: &Draft,
    offers: &[Vec<Offer>],
    options: &Options,
) -> Result<Vec<usize>, Diagnostics> {
    let mut chosen = by_aim(draft, offers, options.optimize);
    let mut errors = Vec::new();
    for (node, variant) in &options.pins {
        if let Err(error) = pin(draft, offers, node, variant, &mut chosen) {
            errors.push(error);
        }
    }
    if errors.is_empty() {
        Ok(chosen)
    } else {
        Err(Diagnostics(errors))
    }
}

fn by_aim(draft: &Draft, offers: &[Vec<Offer>], aim: Optimize) -> Vec<usize> {
    let each = |key: &dyn Fn(usize, &Offer) -> (u64, u64)| -> Vec<usize> {
        let best = |(step, offers): (usize, &Vec<Offer>)| {
            let keys = offers.iter().map(|offer| key(step, offer));
            let best = keys.enumerate().min_by_key(|&(_, key)| key);
            best.map_or(0, |(index, _)| index)
        };
        offers.iter().enumerate().map(best).collect()
    };
    let flash = |offer: &Offer| offer.cost().flash as u64;
    match aim {
        Optimize::Speed => each(&|_, offer| (offer.cycles, flash(offer))),
        Optimize::Flash => each(&|_, offer| (flash(offer), offer.cycles)),
        Optimize::Ram => each(&|step, offer| (memory(draft, step, offer), offer.cycles)),
        Optimize::Balanced => balanced(
            draft,
            offers,
            &each(&|_, offer| (offer.cycles, flash(offer))),
        ),
    }
}

/// Percent of the network's bytes that a percent of its cycles may cost.
const BYTES_PER_CYCLES: u64 = 4;

/// What a step may need beyond the memory that the network needs in any case: 1/8 of that.
const ROOM: u64 = 8;

/// The quickest offers, but for those whose bytes buy too few cycles: an offer with more constants must save a
/// share of the network's cycles at least a quarter as large as the share that it adds to the network's constants.
/// Where another quick kernel is known, it must not need much more memory than the network needs in any case.
fn balanced(draft: &Draft, offers: &[Vec<Offer>], quickest: &[usize]) -> Vec<usize> {
    let least: Vec<usize> = offers.iter().map(|offers| least_flash(offers)).collect();
    let at = |step: usize, index: usize| &offers[step][index];
    let cycles: u64 = (0..offers.len()).map(|i| at(i, quickest[i]).cycles).sum();
    let bytes: usize = (0..offers.len())
        .map(|i| at(i, least[i]).cost().flash)
        .sum();
    let worth = |offer: &Offer, than: &Offer| {
        let saved = than.cycles.saturating_sub(offer.cycles);
        let spent = offer.cost().flash.saturating_sub(than.cost().flash) as u64;
        let (saved, spent) = (u128::from(saved), u128::from(spent));
        saved * bytes as u128 * u128::from(BYTES_PER_CYCLES) >= spent * u128::from(cycles)
    };
    let needs = |step: usize, index: usize| memory(draft, step, at(step, index));
    let least_need = |step: usize| (0..offers[step].len()).map(|i| needs(step, i)).min();
    let in_any_case = (0..offers.len()).filter_map(least_need).max().unwrap_or(0);
    let most = in_any_case + in_any_case / ROOM;
    let crowds = |step: usize, index: usize, than: usize| {
        let known = needs(step, than);
        at(step, than).variant != Variant::Reference && needs(step, index) > most.max(known)
    };
    (0..offers.len())
        .map(|step| {
            let mut best = least[step];
            let mut order: Vec<usize> = (0..offers[step].len()).collect();
            order.sort_by_key(|&index| (at(step, index).cost().flash, index));
            for index in order {
                let (offer, known) = (at(step, index), at(step, best));
                if offer.cycles < known.cycles && worth(offer, known) && !crowds(step, index, best)
                {
                    best = index;
                }
            }
            best
        })
        .collect()
}

/// The offer with the fewest bytes of constants, give or take what records of channels take more.
fn least_flash(offers: &[Offer]) -> usize {
    let keys = offers
        .iter()
        .map(|offer| (offer.cost().flash, offer.cycles));
    let least = keys.enumerate().min_by_key(|&(_, key)| key);
    least.map_or(0, |(index, _)| index)
}

/// Bytes that a step needs at once if its input dies with it.
fn memory(draft: &Draft, step: usize, offer: &Offer) -> u64 {
    let step = &draft.steps[step];
    let bytes = |buffer: crate::lower::BufferId| draft.buffers[buffer.0].bytes();
    let output = bytes(step.output);
    let input = match step.inputs.first() {
        Some(DraftOperand::Buffer(buffer)) => bytes(*buffer),
        Some(DraftOperand::Constant(_)) | None => 0,
    };
    let both = match offer.lead {
        Some(lead) => output.max(lead + input),
        None if offer.kernel.may_overwrite() => output.max(input),
        None => output + input,
    };
    (both + offer.cost().scratch) as u64
}

fn pin(
    draft: &Draft,
    offers: &[Vec<Offer>],
    node: &str,
    variant: &str,
    chosen: &mut [usize],
) -> Result<(), crate::diag::Diagnostic> {
    let names = || Variant::ALL.map(Variant::name).join(", ");
    let Some(variant) = Variant::ALL.into_iter().find(|v| v.name() == variant) else {
        return Err(bad_pin(
            format!("the kernel variant `{variant}` is not known"),
            names(),
        ));
    };
    let all = node == "*";
    let whole = draft.steps.iter().any(|step| step.name == node);
    let is_meant = |name: &str| all || name == node || !whole && ends_with(name, node);
    let (mut known, mut offered) = (all, all);
    for (step, offers) in offers.iter().enumerate() {
        if !is_meant(&draft.steps[step].name) {
            continue;
        }
        known = true;
        if let Some(index) = offers.iter().position(|offer| offer.variant == variant) {
            // A node with several steps is pinned where its weights are.
            offered = true;
            chosen[step] = index;
        }
    }
    if !known {
        let mut nodes: Vec<&str> = draft.steps.iter().map(|step| end(&step.name)).collect();
        nodes.dedup();
        return Err(bad_pin(
            format!("there is no node `{node}` to pin"),
            nodes.join(", "),
        ));
    }
    if !offered {
        let steps = draft
            .steps
            .iter()
            .zip(offers)
            .filter(|(step, _)| is_meant(&step.name));
        let variants = steps.flat_map(|(_, offers)| offers.iter().map(|o| o.variant.name()));
        return Err(bad_pin(
            format!(
                "node `{node}` has no kernel variant `{}` on this core",
                variant.name()
            ),
            variants.collect::<Vec<_>>().join(", "),
        ));
    }
    Ok(())
}

/// Whether a name ends with one of its parts, which `/` or `;` begins: converters make long names.
fn ends_with(name: &str, part: &str) -> bool {
    let before = name.strip_suffix(part);
    before.is_some_and(|before| before.ends_with(['/', ';']))
}

/// The last of the names that a converter has merged.
fn end(name: &str) -> &str {
    name.rsplit(';').next().unwrap_or(name)
}
