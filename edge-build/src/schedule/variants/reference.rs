//! The kernel that lowering emitted, and what it costs.

use super::weighted::{self, Form};
use super::{Layer, Offer};
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

/// Estimated cycles: per multiplication and output where there are weights, per element of a window in pools, per
/// element elsewhere.
fn cycles(kernel: &Kernel, elements: usize, core: Core) -> u64 {
    let costs = Costs::of(core);
    let elements = elements as u64;
    if let Some(macs) = weighted::macs_per_output(kernel) {
        let per_mac = match weighted::form(kernel) {
            Some(Form::Depthwise) => costs.depthwise,
            Some(Form::Convolution | Form::FullyConnected) | None => costs.mac,
        };
        return elements * (macs * per_mac + costs.output);
    }
    if let Some(macs) = float_macs_per_output(kernel) {
        return elements * (macs * costs.float_mac + costs.output);
    }
    if let Kernel::AddProductsS8(p) = kernel {
        return elements * (p.len as u64 * costs.mac + costs.element);
    }
    if let Some(window) = window_of_pool(kernel) {
        return elements * (window * costs.pooled + costs.output);
    }
    elements * costs.element
}

/// Cycles of a core, as the reference kernels of the benchmarks take them.
struct Costs {
    /// A multiplication of a convolution or a matrix.
    mac: u64,
    /// A multiplication of a depthwise convolution.
    depthwise: u64,
    /// A multiplication of floats.
    float_mac: u64,
    /// An output of a layer, beside its sum.
    output: u64,
    /// An element of a window of a pool.
    pooled: u64,
    /// An element of anything else.
    element: u64,
}

impl Costs {
    fn of(core: Core) -> Self {
        let [mac, depthwise, float_mac, output, pooled, element] = match core {
            Core::CortexM0 => [6, 22, 150, 90, 6, 40],
            // No unit for floats.
            Core::CortexM3 | Core::Riscv32Imc => [5, 16, 100, 30, 3, 20],
            Core::CortexM4 | Core::CortexM33 => [5, 16, 7, 30, 3, 20],
            Core::CortexM7 => [3, 9, 4, 20, 2, 12],
            Core::Host => [1, 2, 1, 4, 1, 2],
        };
        Self {
            mac,
            depthwise,
            float_mac,
            output,
            pooled,
            element,
        }
    }
}

/// Multiplications per output of a float layer with weights.
fn float_macs_per_output(kernel: &Kernel) -> Option<u64> {
    let macs = if let Kernel::Conv2dF32(p) = kernel {
        let w = p.window;
        w.kernel_h * w.kernel_w * w.in_c / p.groups.max(1)
    } else if let Kernel::DepthwiseConv2dF32(p) = kernel {
        p.window.kernel_h * p.window.kernel_w
    } else if let Kernel::FullyConnectedF32(p) = kernel {
        p.inputs
    } else {
        return None;
    };
    Some(macs as u64)
}

/// Elements of the window of an int8 pool.
fn window_of_pool(kernel: &Kernel) -> Option<u64> {
    let window = if let Kernel::AveragePool2dExactS8(p) = kernel {
        p.window
    } else if let Kernel::AveragePool2dS8(p) = kernel {
        p.window
    } else if let Kernel::MaxPool2dQuantizedS8(p) = kernel {
        p.window
    } else {
        return None;
    };
    Some((window.kernel_h * window.kernel_w) as u64)
}
