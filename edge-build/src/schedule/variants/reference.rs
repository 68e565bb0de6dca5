//! The kernel that lowering emitted, and what it costs.

use super::{Layer, Offer, weighted};
use crate::program::{Kernel, Variant};
use crate::target::Core;

/// The step as it is.
pub(super) fn offer(layer: &Layer<'_>) -> Offer {
    let step = layer.step;
    let constants = step
        .constants
        .iter()
        .filter_map(|&index| layer.constants.get(index));
    Offer {
        variant: Variant::Reference,
        kernel: step.kernel.clone(),
        constants: constants.cloned().collect(),
        // What it has stays with it.
        scratch: None,
        lead: None,
        cycles: cycles(&step.kernel, layer.elements, layer.core),
    }
}

/// Estimated cycles: per multiplication where there are weights, per element elsewhere.
fn cycles(kernel: &Kernel, elements: usize, core: Core) -> u64 {
    let [per_mac, per_output, per_element] = match core {
        Core::CortexM0 => [12, 90, 40],
        Core::CortexM3 | Core::CortexM4 | Core::CortexM33 | Core::Riscv32Imc => [6, 40, 20],
        Core::CortexM7 => [4, 25, 12],
        Core::Host => [1, 4, 2],
    };
    match weighted::macs_per_output(kernel) {
        Some(macs) => elements as u64 * (macs * per_mac + per_output),
        None => elements as u64 * per_element,
    }
}
