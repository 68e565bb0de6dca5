//! Convolutions of 3×3 with steps of 1 by Winograd's minimal filtering: fewer multiplications, more bytes.
//!
//! Tiles of 2 take 4 multiplications per output and pair of channels instead of 9, and 32/9 of the bytes of the
//! weights; tiles of 4 take 9/4 multiplications and 8 times the bytes. The order of weights and the transforms are in
//! `edge_core::kernels::packed::winograd`.

#[cfg(test)]
mod tests;

use super::weighted::{Form, Weighted};
use super::{Layer, Offer};
use crate::program::{Constant, Element, Kernel, Variant};
use crate::target::Core;
use edge_core::params::{Issue, WinogradConv2d};

/// Output channels of a block.
const BLOCK: usize = 4;

/// `G` of tiles of 2: twice that of `F(2 × 2, 3 × 3)`.
const TILE_2: &[[i32; 3]] = &[[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]];

/// `G` of tiles of 4: the rows of that of `F(4 × 4, 3 × 3)` times 24, but for the last, which is that times 12. The
/// output transform does the rest.
const TILE_4: &[[i32; 3]] = &[
    [6, 0, 0],
    [-4, -4, -4],
    [-4, 4, -4],
    [1, 2, 4],
    [1, -2, 4],
    [0, 0, 12],
];

/// The offer of tiles of 2.
pub(super) fn offer(layer: &Layer<'_>) -> Option<Offer> {
    offer_of(layer, 2, Variant::Winograd)
}

/// The offer of tiles of 4.
pub(super) fn offer_4(layer: &Layer<'_>) -> Option<Offer> {
    offer_of(layer, 4, Variant::Winograd4)
}

fn offer_of(layer: &Layer<'_>, tile: usize, variant: Variant) -> Option<Offer> {
    let issue = match layer.core {
        Core::CortexM4 | Core::CortexM33 => Issue::Single,
        Core::CortexM7 => Issue::Dual,
        Core::CortexM0 | Core::CortexM3 | Core::Riscv32Imc | Core::Host => return None,
    };
    let weighted = Weighted::of(layer)?;
    let p = params(&weighted, tile, issue)?;
    let constant = |what: &str, element, bytes| Constant {
        what: what.to_owned(),
        element,
        bytes,
    };
    let weights = pack(&weighted, tile);
    let records = weighted.records.iter().flatten();
    Some(Offer {
        variant,
        constants: vec![
            constant(
                "transformed weights",
                Element::I16,
                weights.iter().flat_map(|w| w.to_le_bytes()).collect(),
            ),
            constant(
                "bias, multiplier, offset and shift of channels",
                Element::I32,
                records.flat_map(|word| word.to_le_bytes()).collect(),
            ),
        ],
        scratch: Some((Element::I32, p.scratch_len())),
        lead: Some(lead(&p)),
        cycles: cycles(&p),
        kernel: Kernel::WinogradConv2dS8(p),
    })
}

/// The parameters, if the kernel is made for such a layer and its sums fit.
fn params(layer: &Weighted, tile: usize, issue: Issue) -> Option<WinogradConv2d> {
    let w = layer.window;
    let shape = layer.form == Form::Convolution
        && [w.kernel_h, w.kernel_w] == [3; 2]
        && [w.stride_h, w.stride_w] == [1; 2]
        && [w.dilation_h, w.dilation_w] == [1; 2]
        && w.in_c != 0
        && w.in_c.is_multiple_of(4)
        && w.batch * w.out_h * w.out_w * w.out_c != 0;
    // Sums come out of the output transform modulo 2³² and times 4 or, once divided by 9, times 64. The kernel
    // shifts tiles of 2 by what `pre_shift` leaves of 2 bits, and multiplies those of 4 by it beforehand.
    let (spare, pre_shift) = match tile {
        2 => (2, 2),
        _ => (6 + layer.requant.pre_shift, 6),
    };
    let room = i64::from(i32::MAX) >> spare;
    let fits = |channel: usize| {
        let [low, high] = layer.bounds(channel);
        -room <= low && high <= room
    };
    let arithmetic = layer.requant.pre_shift <= pre_shift && (0..w.out_c).all(fits);
    (shape && arithmetic).then_some(WinogradConv2d {
        window: w,
        tile,
        pad_value: layer.pad_value,
        requant: layer.requant,
        issue,
    })
}

/// `G·g·Gt` of all filters in the order in which the kernel reads them: at most 144 · 128, which fits.
fn pack(layer: &Weighted, tile: usize) -> Vec<i16> {
    let g = if tile == 2 { TILE_2 } else { TILE_4 };
    let (in_c, out_c) = (layer.window.in_c, layer.window.out_c);
    let positions = g.len() * g.len();
    let block_len = positions * in_c * BLOCK;
    let mut packed = vec![0; out_c.div_ceil(BLOCK) * block_len];
    for channel in 0..out_c {
        let filter = layer.filter(channel);
        for input in 0..in_c {
            // Pairs hold inputs 4q and 4q + 2, then 4q + 1 and 4q + 3.
            let (pair, half) = (input / 4 * 2 + input % 2, input / 2 % 2);
            let first = channel / BLOCK * block_len + (pair * BLOCK + channel % BLOCK) * 2 + half;
            let transformed = transform(g, |tap| filter.get(tap * in_c + input).copied());
            for (position, &weight) in transformed.iter().enumerate() {
                if let Some(slot) = packed.get_mut(first + position * in_c * BLOCK) {
                    *slot = weight as i16;
                }
            }
        }
    }
    packed
}

/// `G·g·Gt`, row by row.
fn transform(g: &[[i32; 3]], filter: impl Fn(usize) -> Option<i8>) -> Vec<i32> {
    let mut taps = [[0i32; 3]; 3];
    for (row, line) in taps.iter_mut().enumerate() {
        for (column, tap) in line.iter_mut().enumerate() {
            *tap = filter(row * 3 + column).map_or(0, i32::from);
        }
    }
    let dot = |a: &[i32; 3], b: [i32; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let mut transformed = Vec::with_capacity(g.len() * g.len());
    for vertical in g {
        let line = [0, 1, 2].map(|i: usize| dot(vertical, [taps[0][i], taps[1][i], taps[2][i]]));
        transformed.extend(g.iter().map(|horizontal| dot(horizontal, line)));
    }
    transformed
}

/// How far the output must lie before the input: tiles are read and written in pairs, so that what is written up
/// to a pair must not reach what later pairs read.
fn lead(p: &WinogradConv2d) -> usize {
    let places = places(p);
    // From behind: the first byte that each pair and those behind it read.
    let mut first_read = vec![usize::MAX];
    for pair in places.chunks(2).rev() {
        let own = pair.iter().filter_map(|&place| reads_from(p, place));
        let later = first_read.last().copied().unwrap_or(usize::MAX);
        first_read.push(own.fold(later, usize::min));
    }
    let (mut written, mut lead) = (0, 0);
    for (pair, later) in places.chunks(2).zip(first_read.iter().rev().skip(1)) {
        let own = pair.iter().map(|&place| writes_to(p, place));
        written = own.fold(written, usize::max);
        lead = lead.max(written.saturating_sub(*later));
    }
    lead
}

/// All tiles in their order.
fn places(p: &WinogradConv2d) -> Vec<[usize; 3]> {
    let inside = |place: &[usize; 3]| place[0] < p.window.batch;
    std::iter::successors(Some([0; 3]), |&place| Some(p.next_place(place)))
        .take_while(inside)
        .collect()
}

/// The first byte of the input that the tile at a place reads, if it does not lie in the padding.
fn reads_from(p: &WinogradConv2d, [batch, top, left]: [usize; 3]) -> Option<usize> {
    let w = &p.window;
    let row = top.saturating_sub(w.pad_top);
    let column = left.saturating_sub(w.pad_left);
    let inside = |at: usize, pad: usize, first: usize, len: usize| {
        first < len && first + pad < at + p.tile + 2
    };
    let reads = inside(top, w.pad_top, row, w.in_h) && inside(left, w.pad_left, column, w.in_w);
    reads.then_some(((batch * w.in_h + row) * w.in_w + column) * w.in_c)
}

/// The byte of the output behind the last that the tile at a place writes.
fn writes_to(p: &WinogradConv2d, [batch, top, left]: [usize; 3]) -> usize {
    let w = &p.window;
    let rows = (top + p.tile).min(w.out_h);
    let columns = (left + p.tile).min(w.out_w);
    ((batch * w.out_h + rows - 1) * w.out_w + columns) * w.out_c
}

/// Estimated cycles, fitted to counts of 32×32×16, 16×16×32 and 8×8×64.
fn cycles(p: &WinogradConv2d) -> u64 {
    let w = &p.window;
    let tiles = w.batch * w.out_h.div_ceil(p.tile) * w.out_w.div_ceil(p.tile);
    let pairs = w.in_c / 2;
    let calls = tiles.div_ceil(2) * w.out_c.div_ceil(BLOCK);
    // The loop over pairs of channels takes the first pair and then 15 at once.
    let passes = pairs.saturating_sub(2) / 15;
    let (product, position, pass) = match p.issue {
        Issue::Single => (16, 32, 13),
        Issue::Dual => (8, 18, 12),
    };
    // Four channels in; a channel out.
    let [quad, output] = match (p.issue, p.tile) {
        (Issue::Single, 2) => [262, 89],
        (Issue::Single, _) => [935, 380],
        (Issue::Dual, 2) => [152, 63],
        (Issue::Dual, _) => [667, 246],
    };
    let products = calls * (p.positions() * (pairs * product + position + passes * pass) + 100);
    (products + tiles * (w.in_c / 4 * quad + w.out_c * output + 230)) as u64
}
