//! Depthwise convolution of 3×3 by planes.

#[cfg(test)]
mod tests;

use super::weighted::{Form, Weighted};
use super::{Layer, Offer};
use crate::program::{Constant, Element, Kernel, Variant};
use crate::target::Core;
use edge_core::kernels::packed::planar_depthwise as planar;
use edge_core::params::{Issue, PackedRounding, PlanarDepthwise, Window2d};

/// The offer for an int8 depthwise layer.
pub(super) fn offer(layer: &Layer<'_>) -> Option<Offer> {
    let issue = match layer.core {
        Core::CortexM4 | Core::CortexM33 => Issue::Single,
        Core::CortexM7 => Issue::Dual,
        Core::CortexM0 | Core::CortexM3 | Core::Riscv32Imc | Core::Host => return None,
    };
    let weighted = Weighted::of(layer)?;
    let p = params(&weighted, issue)?;
    let constant = |what: &str, element, bytes| Constant {
        what: what.to_owned(),
        element,
        bytes,
    };
    let records = weighted.records.iter().flatten();
    Some(Offer {
        variant: Variant::Planar,
        constants: vec![
            constant("weights", Element::I8, pack(&weighted, p.transposed)),
            constant(
                "channels",
                Element::I32,
                records.flat_map(|word| word.to_le_bytes()).collect(),
            ),
        ],
        scratch: Some((Element::I32, planar::scratch_len(&p))),
        lead: None,
        cycles: cycles(&p),
        kernel: Kernel::PlanarDepthwiseS8(p),
    })
}

/// The parameters, if the kernel is made for such a layer.
fn params(layer: &Weighted, issue: Issue) -> Option<PlanarDepthwise> {
    let (w, requant) = (layer.window, layer.requant);
    let shape = layer.form == Form::Depthwise
        && w.in_c == w.out_c
        && w.in_c >= planar::LANES
        && [w.kernel_h, w.kernel_w] == [3; 2]
        && [w.dilation_h, w.dilation_w] == [1; 2]
        && matches!([w.stride_h, w.stride_w], [1, 1] | [2, 2])
        && w.out_h * w.out_w > 0;
    // Doubled, weights still fit the 16 bits in which they are multiplied.
    let arithmetic = requant.pre_shift <= 1
        && requant.rounding != PackedRounding::Away
        && requant.range == [-128, 127];
    (shape && arithmetic).then(|| PlanarDepthwise {
        window: w,
        pad_value: layer.pad_value,
        requant,
        transposed: transposed(&w),
        issue,
    })
}

/// Whether pairs of outputs are better taken from columns: where that wastes fewer.
fn transposed(w: &Window2d) -> bool {
    let outputs = |bands: usize, pairs: usize| {
        let strips = pairs.div_ceil(2);
        // Every strip of a band and every band costs something by itself.
        let count = bands.div_ceil(planar::band_rows(w.stride_h));
        strips * 2 * bands + 2 * strips * count
    };
    outputs(w.out_w, w.out_h) < outputs(w.out_h, w.out_w)
}

/// `[k0, k1, k1, k2]` of each row of the window, channel by channel.
fn pack(layer: &Weighted, transposed: bool) -> Vec<u8> {
    let mut packed = Vec::with_capacity(layer.window.out_c * planar::WEIGHTS);
    for channel in 0..layer.window.out_c {
        let filter = layer.filter(channel);
        for row in 0..3 {
            for column in [0, 1, 1, 2] {
                let tap = if transposed {
                    column * 3 + row
                } else {
                    row * 3 + column
                };
                packed.push(filter.get(tap).copied().unwrap_or(0) as u8);
            }
        }
    }
    packed
}

/// Estimated cycles.
fn cycles(p: &PlanarDepthwise) -> u64 {
    let w = &p.window;
    let outputs = w.batch * w.out_h * w.out_w * w.out_c;
    let inputs = w.batch * w.in_h * w.in_w * w.in_c;
    (24 * outputs + 4 * inputs) as u64
}
