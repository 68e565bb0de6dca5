//! Channels of integers that are the same for every input, or that nothing reads, are removed.
//!
//! | step | module | what |
//! | --- | --- | --- |
//! | fold | `fold` | from front to back: channels whose numbers are known; what layers make of them goes to the bias |
//! | live | `live` | from back to front: channels that reach an output of the graph |
//! | remove | `remove` | the others are taken out of weights, biases, scales and shapes |
//!
//! A graph fresh from the quantizer goes through `free_scales` before, where channels that are known lose their say in
//! the shift of a layer; that is the only one here that may change bits.
//!
//! Beside them `layer` knows where the weights of a channel lie, `flow` how channels go through the other operators,
//! `ranges` between which numbers those of a channel lie, `sums` and `through` how that goes on behind a layer and
//! behind the other operators.
//!
//! Otherwise no bit of an output changes: what is known has been computed by the kernels of the device, and sums of integers
//! may be taken in any order. The numbers of an image's border differ from those inside where padding is read, so a
//! channel goes to the bias only if it equals the zero point, or no window touches the padding.

mod flow;
mod fold;
mod free_scales;
mod layer;
mod live;
mod ranges;
mod remove;
mod sums;
mod through;

use crate::ir::Graph;
use ranges::Ranges;

pub(super) use free_scales::run as free_scales;

pub(super) fn run(graph: &mut Graph) -> bool {
    let folded = fold::run(graph, &mut Ranges::default());
    let live = live::of(graph);
    remove::run(graph, &live) || folded
}

#[cfg(test)]
mod tests;
