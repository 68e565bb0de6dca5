//! Fully connected layers with weights packed in pairs of outputs.

#[cfg(test)]
mod tests;

use super::weighted::{Form, Record, Weighted};
use super::{Layer, Offer};
use crate::program::{Constant, Element, Kernel, Variant};
use crate::target::Core;
use edge_core::params::{Issue, PackedFullyConnected, PackedRequant, PackedRounding};

/// Multiplications of a layer from which on blocks of six outputs are worth their code.
const MACS_FOR_SIXES: usize = 4096;

/// The offer for an int8 fully connected layer.
pub(super) fn offer(layer: &Layer<'_>) -> Option<Offer> {
    let issue = match layer.core {
        Core::CortexM4 | Core::CortexM33 => Issue::Single,
        Core::CortexM7 => Issue::Dual,
        Core::CortexM0 | Core::CortexM3 | Core::Riscv32Imc | Core::Host => return None,
    };
    let weighted = Weighted::of(layer)?;
    if weighted.form != Form::FullyConnected {
        return None;
    }
    let (p, stream) = pack(&weighted, issue)?;
    Some(Offer {
        variant: Variant::Packed,
        cycles: cycles(&p),
        kernel: Kernel::PackedFullyConnectedS8(p),
        constants: vec![Constant {
            what: "weights".to_owned(),
            element: Element::I32,
            bytes: stream.iter().flat_map(|word| word.to_le_bytes()).collect(),
        }],
        scratch: None,
        lead: None,
    })
}

/// Parameters and stream, if the sums fit. Falls back to the signs of [`Issue::Dual`] where −128 stands in the
/// way of those for [`Issue::Single`].
fn pack(layer: &Weighted, issue: Issue) -> Option<(PackedFullyConnected, Vec<i32>)> {
    let requant = requant(layer)?;
    let window = &layer.window;
    let (inputs, outputs) = (window.in_c, window.out_c);
    let sixes = if inputs * outputs < MACS_FOR_SIXES {
        0
    } else {
        outputs / 6
    };
    let shared_scale = layer
        .records
        .iter()
        .all(|r| r[1..] == layer.records[0][1..]);
    let p = PackedFullyConnected {
        batch: window.in_h,
        inputs,
        outputs,
        sixes,
        shared_scale,
        requant,
        issue,
    };
    if !(1..outputs)
        .step_by(2)
        .all(|channel| fits_high(layer, channel))
    {
        return None;
    }
    let packed = |p: PackedFullyConnected| Some((p, stream(layer, &p)?));
    let either_sign = PackedFullyConnected {
        issue: Issue::Dual,
        ..p
    };
    packed(p).or_else(|| packed(either_sign))
}

/// One of the three arithmetics that the kernel has, if it gives the layer's bits.
fn requant(layer: &Weighted) -> Option<PackedRequant> {
    use PackedRounding::{Away, Floor, Nearest};
    let requant = layer.requant;
    // Where the activation cuts at the zero point, rounding below it does not show.
    let rounds_away = |&[_, multiplier, offset, shift]: &Record| {
        let zero = offset >> shift;
        multiplier >= 0 && shift >= 1 && (requant.rounding == Away || requant.range[0] >= zero)
    };
    match (requant.pre_shift, requant.rounding) {
        (0, Nearest) | (1, Floor) => Some(requant),
        (1, Nearest | Away) if layer.records.iter().all(rounds_away) => Some(PackedRequant {
            rounding: Away,
            ..requant
        }),
        _ => None,
    }
}

/// Whether the sum of an output fits the 24 bits that one in the high bytes has.
fn fits_high(layer: &Weighted, channel: usize) -> bool {
    let [low, high] = layer.bounds(channel);
    low >= -(1 << 23) && high < 1 << 23
}

/// All words in their order; `None` if a pair of weights does not fit a half word.
fn stream(layer: &Weighted, p: &PackedFullyConnected) -> Option<Vec<i32>> {
    let mut words = Vec::new();
    let mut output = 0;
    while output < p.outputs {
        let pairs = if output < p.sixes * 6 { 3 } else { 1 };
        block(layer, p, output, pairs, &mut words)?;
        output += 2 * pairs;
    }
    let [_, scale @ ..] = layer.records.first()?;
    match (p.shared_scale, p.requant.rounding) {
        (true, _) => words.extend(scale),
        (false, PackedRounding::Nearest) => words.extend(&scale[1..]),
        (false, PackedRounding::Away | PackedRounding::Floor) => {}
    }
    Some(words)
}

fn block(
    layer: &Weighted,
    p: &PackedFullyConnected,
    output: usize,
    pairs: usize,
    words: &mut Vec<i32>,
) -> Option<()> {
    let outputs = output..output + 2 * pairs;
    let record = |at: usize| layer.records.get(at).copied().unwrap_or_default();
    for first in outputs.clone().step_by(2) {
        let [low, high] = [record(first)[0], record(first + 1)[0]];
        words.extend([low, low.wrapping_add(high.wrapping_shl(8))]);
    }
    let row = |at: usize| layer.weights.get(at * p.inputs..(at + 1) * p.inputs);
    let rows: Vec<&[i8]> = outputs
        .clone()
        .map(|at| row(at).unwrap_or_default())
        .collect();
    for k in (0..p.inputs).step_by(4).flat_map(|k| [k, k + 1]) {
        for pair in rows.chunks_exact(2) {
            let half = |k: usize| {
                let [low, high] = [pair[0], pair[1]].map(|row| row.get(k).copied().unwrap_or(0));
                half_word(low, high, p.issue)
            };
            words.push((half(k)? | half(k + 2)? << 16) as i32);
        }
    }
    let own = match (p.shared_scale, p.requant.rounding) {
        (true, _) => 1..1,
        (false, PackedRounding::Nearest) => 1..2,
        (false, PackedRounding::Away | PackedRounding::Floor) => 1..4,
    };
    outputs.for_each(|at| words.extend_from_slice(&record(at)[own.clone()]));
    Some(())
}

fn half_word(low: i8, high: i8, issue: Issue) -> Option<u32> {
    let low = match issue {
        Issue::Single => i32::from(low),
        Issue::Dual => i32::from(low) + 128,
    };
    let both = i16::try_from(256 * i32::from(high) + low).ok()?;
    Some(u32::from(both as u16))
}

/// Estimated cycles, fitted to counts of 128×128, 640×128, 128×640 and 16×16.
fn cycles(p: &PackedFullyConnected) -> u64 {
    let quads = p.inputs.div_ceil(4);
    let twos = (p.outputs - 6 * p.sixes).div_ceil(2);
    let (six, two, row) = match p.issue {
        Issue::Single => (66 + 30 * quads, 40 + 14 * quads, 60),
        Issue::Dual => (70 + 15 * quads, 42 + 12 * quads, 100 + 4 * quads),
    };
    (p.batch * (row + p.sixes * six + twos * two)) as u64
}
