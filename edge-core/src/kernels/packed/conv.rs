//! Convolution with packed weights.
//!
//! Outputs are computed in tiles of [`LANES`] pixels by two channels. The windows of the pixels of a tile are
//! gathered into scratch memory as 16-bit numbers first, then all their channels are computed.
//!
//! A window is `kernel_h · kernel_w · in_c` numbers as they lie in the image, filled up with whatever to a number
//! divisible by four, `taps`. Both the gathered windows and the weights have the order `0 2 1 3` in each four,
//! the order in which `SXTB16` widens four bytes. Of a pair of channels A and B the weights are
//!
//! * 8 bits: for each tap two bytes, the 16-bit number `256·B + A` with signed A. Its products sum to
//!   `256·ΣxB + ΣxA`, those of its sign-extended low byte to `ΣxA`.
//! * 16 bits: for two taps of A, then of B, each two numbers.
//!
//! Taps that fill up have weight 0, as has the second channel of the last pair if their number is odd.
//!
//! In scratch memory lie for two taps at a time those of the first, of the second and of the third pixel.
//!
//! [`Issue::Dual`](crate::params::Issue) reads `AHEAD` taps behind the last weights and windows; there must be
//! some, with any value.
//!
//! Pixels are walked in the order of the output. All channels of a tile are written after all windows of the
//! tile were read; the last tile has fewer pixels if need be.

mod gather;

use super::requant::{RECORD, finish};
use crate::kernels::slices::{chunk, window};
use crate::params::{PackedConv2d, PackedRequant, Window2d};
use core::cell::Cell;
use gather::Walk;
#[cfg(edge_dsp)]
pub(crate) use gather::{Lanes, Rows};

/// Pixels of a tile.
pub const LANES: usize = 3;

/// Channels of a tile.
const PAIR: usize = 2;

/// Taps behind a window and behind the weights that may be read, but do not count.
const AHEAD: usize = 2;

/// Taps that are gathered together.
const QUAD: usize = 4;

/// int8 convolution with int8 weights of pairs of channels.
///
/// Image `[batch, in_h, in_w, in_c]`, result `[batch, out_h, out_w, out_c]`; `channels` has a record for each
/// output channel (see [`PackedRequant`]), `scratch` as many elements as `scratch_len` of the compiler says.
#[inline(always)]
pub fn packed_conv2d_s8(
    p: &PackedConv2d,
    x: &[Cell<i8>],
    weights: &[i8],
    channels: &[i32],
    scratch: &mut [i16],
    y: &[Cell<i8>],
) {
    walk_tiles(
        p,
        x,
        weights,
        channels,
        scratch,
        y,
        PackedWeight::compute(p),
    );
}

/// int8 convolution with 16-bit weights of pairs of channels; otherwise as [`packed_conv2d_s8`].
#[inline(always)]
pub fn packed_conv2d_s8w16(
    p: &PackedConv2d,
    x: &[Cell<i8>],
    weights: &[i16],
    channels: &[i32],
    scratch: &mut [i16],
    y: &[Cell<i8>],
) {
    walk_tiles(
        p,
        x,
        weights,
        channels,
        scratch,
        y,
        PackedWeight::compute(p),
    );
}

/// Gathers and computes tile by tile.
#[inline(never)]
fn walk_tiles<W: PackedWeight>(
    p: &PackedConv2d,
    x: &[Cell<i8>],
    weights: &[W],
    channels: &[i32],
    scratch: &mut [i16],
    y: &[Cell<i8>],
    compute: ComputeTile<W>,
) {
    let w = &p.window;
    let taps = taps_of(w);
    let (windows, bytes) = scratch
        .split_at_mut_checked(taps.wrapping_add(AHEAD).wrapping_mul(LANES))
        .unwrap_or_default();
    let windows = Cell::from_mut(windows).as_slice_of_cells();
    let bytes = Cell::from_mut(bytemuck::cast_slice_mut(bytes)).as_slice_of_cells();
    let mut walk = Walk::new(p, taps, x, bytes, windows);
    let mut tile = Tile {
        windows,
        weights,
        channels,
        taps,
        count: w.out_c & !1,
        requant: p.requant,
        y,
        places: [0; LANES],
    };
    let mut left = w.batch.wrapping_mul(w.out_h).wrapping_mul(w.out_w);
    let mut place = 0usize;
    while left > 0 {
        if walk.is_inside(LANES) {
            walk.gather_inside(0, LANES);
            walk.advance(LANES);
            left = left.wrapping_sub(LANES);
            let second = place.wrapping_add(w.out_c);
            let third = second.wrapping_add(w.out_c);
            tile.places = [place, second, third];
            place = third.wrapping_add(w.out_c);
        } else {
            for lane in 0..LANES {
                tile.places[lane] = place;
                walk.gather(lane);
                // The last pixel fills the tile up.
                if lane + 1 == LANES || left > 1 {
                    left = left.wrapping_sub(1);
                    place = place.wrapping_add(w.out_c);
                    walk.advance(1);
                }
            }
        }
        compute_channels(&tile, w.out_c, compute);
    }
}

/// Taps of a window, filled up to whole quads.
#[inline(always)]
fn taps_of(w: &Window2d) -> usize {
    let taps = w.kernel_h.wrapping_mul(w.kernel_w).wrapping_mul(w.in_c);
    taps.wrapping_add(QUAD - 1) & !(QUAD - 1)
}

/// Computes all channels of a tile. If their number is odd the last is computed beside one that is thrown away.
#[inline(always)]
fn compute_channels<W: PackedWeight>(tile: &Tile<'_, W>, channels: usize, compute: ComputeTile<W>) {
    if tile.count > 0 {
        compute(tile);
    }
    if tile.count < channels {
        compute_last_channel(tile, compute);
    }
    if tile.requant.range != [i32::from(i8::MIN), i32::from(i8::MAX)] {
        limit(tile, channels);
    }
}

/// Computes the channel behind the last pair.
#[inline(never)]
fn compute_last_channel<W: PackedWeight>(tile: &Tile<'_, W>, compute: ComputeTile<W>) {
    let last = [const { Cell::new(0) }; PAIR * LANES];
    let behind = tile.count.wrapping_mul(tile.taps);
    compute(&Tile {
        weights: tile.weights.get(behind..).unwrap_or_default(),
        channels: tile.channels.get(tile.count * RECORD..).unwrap_or_default(),
        count: PAIR,
        y: &last,
        places: [0, PAIR, 2 * PAIR],
        ..*tile
    });
    for (place, from) in tile.places.iter().zip(last.chunks_exact(PAIR)) {
        if let (Some(y), Some(from)) = (tile.y.get(place.wrapping_add(tile.count)), from.first()) {
            y.set(from.get());
        }
    }
}

/// Limits the outputs of a tile to their range.
fn limit<W>(tile: &Tile<'_, W>, channels: usize) {
    for place in tile.places {
        limit_to(tile.requant.range, window(tile.y, place, channels));
    }
}

#[inline(never)]
fn limit_to([least, greatest]: [i32; 2], y: &[Cell<i8>]) {
    for y in y {
        y.set((y.get() as i32).min(greatest).max(least) as i8);
    }
}

/// Three pixels whose windows were gathered, and where their channels go.
pub(crate) struct Tile<'a, W> {
    /// Of each two taps those of each pixel.
    pub(crate) windows: &'a [Cell<i16>],
    /// Weights of some pairs of channels.
    pub(crate) weights: &'a [W],
    /// Records of these channels.
    pub(crate) channels: &'a [i32],
    /// Taps of a window, divisible by four.
    pub(crate) taps: usize,
    /// Channels, an even number.
    pub(crate) count: usize,
    pub(crate) requant: PackedRequant,
    pub(crate) y: &'a [Cell<i8>],
    /// Where in `y` the first channel of each pixel goes. Pixels may be the same.
    pub(crate) places: [usize; LANES],
}

/// What computes a tile.
pub(crate) type ComputeTile<W> = fn(&Tile<'_, W>);

/// Elements of packed weights.
pub(crate) trait PackedWeight: Copy {
    /// Weights of two taps of a pair, each `[A, B]`; `at` counts elements.
    fn two_taps(weights: &[Self], at: usize) -> [[i32; PAIR]; 2];

    /// The quickest function for such tiles.
    fn compute(p: &PackedConv2d) -> ComputeTile<Self>;
}

/// Weights of a tap and a pair of channels.
pub(crate) const PER_TAP: usize = PAIR;

impl PackedWeight for i8 {
    #[inline(always)]
    fn two_taps(weights: &[Self], at: usize) -> [[i32; PAIR]; 2] {
        let [a, b, c, d] = chunk(weights, at).copied().unwrap_or_default();
        // The high byte of 256·B + A is B, less one where A is negative.
        let pair = |low: i8, high: i8| [i32::from(low), i32::from(high) + i32::from(low < 0)];
        [pair(a, b), pair(c, d)]
    }

    #[inline(always)]
    fn compute(p: &PackedConv2d) -> ComputeTile<Self> {
        #[cfg(edge_dsp)]
        if let Some(compute) = crate::arch::dsp::conv_tile_s8(p) {
            return compute;
        }
        let _ = p;
        compute_tile::<Self>
    }
}

impl PackedWeight for i16 {
    #[inline(always)]
    fn two_taps(weights: &[Self], at: usize) -> [[i32; PAIR]; 2] {
        let [a, b, c, d] = chunk(weights, at).copied().unwrap_or_default();
        [[i32::from(a), i32::from(c)], [i32::from(b), i32::from(d)]]
    }

    #[inline(always)]
    fn compute(p: &PackedConv2d) -> ComputeTile<Self> {
        #[cfg(edge_dsp)]
        if let Some(compute) = crate::arch::dsp::conv_tile_s8w16(p) {
            return compute;
        }
        let _ = p;
        compute_tile::<Self>
    }
}

/// A tile in plain Rust.
fn compute_tile<W: PackedWeight>(tile: &Tile<'_, W>) {
    for pair in 0..tile.count / PAIR {
        let records: [&[i32; RECORD]; PAIR] = [0, 1].map(|i| {
            let channel = pair.wrapping_mul(PAIR).wrapping_add(i);
            chunk(tile.channels, channel.wrapping_mul(RECORD)).unwrap_or(&[0; RECORD])
        });
        let mut sums = [records.map(|record| record[0]); LANES];
        let per_pair = tile.taps.wrapping_mul(PER_TAP);
        let weights = window(tile.weights, pair.wrapping_mul(per_pair), per_pair);
        let mut tap = 0;
        while tap < tile.taps {
            let [first, second] = W::two_taps(weights, tap.wrapping_mul(PER_TAP));
            let windows = window(tile.windows, tap.wrapping_mul(LANES), 2 * LANES);
            let mut lane = 0;
            while lane < LANES {
                let x = [0, 1].map(|i| windows.get(2 * lane + i).map_or(0, |x| x.get() as i32));
                let mut i = 0;
                while i < PAIR {
                    let sum = sums[lane][i].wrapping_add(x[0].wrapping_mul(first[i]));
                    sums[lane][i] = sum.wrapping_add(x[1].wrapping_mul(second[i]));
                    i += 1;
                }
                lane += 1;
            }
            tap = tap.wrapping_add(2);
        }
        for (sums, place) in sums.iter().zip(tile.places) {
            for (i, (&sum, record)) in sums.iter().zip(records).enumerate() {
                let at = place.wrapping_add(pair.wrapping_mul(PAIR)).wrapping_add(i);
                if let Some(y) = tile.y.get(at) {
                    y.set(finish(sum, record, tile.requant));
                }
            }
        }
    }
}
