//! 3×3 convolution with fewer multiplications.

use super::requant::{RECORD, finish};
use crate::params::WinogradConv2d;
use core::cell::Cell;

/// Output channels of a block of weights.
const BLOCK: usize = 4;
/// Tiles in work at once.
const TILES: usize = 2;

/// The transforms of one size of tiles, over the integers.
///
/// With a tile of inputs `d` (`N × N`) and a filter `g` (3 × 3)
///
/// ```text
/// factor · (d * g) = At·[(G·g·Gt) ⊙ (Bt·d·B)]·A
/// ```
///
/// where the rows of `G` and the columns of `At` have been multiplied so that all are of integers. All sums are
/// exact modulo 2³², and so is the division by the odd part of `factor`.
struct Transforms<const N: usize, const M: usize> {
    input: [[i32; N]; N],
    output: [[i32; N]; M],
    /// `factor · inverse = 2^shift` modulo 2³².
    inverse: i32,
    shift: u32,
}

/// `F(2 × 2, 3 × 3)`: factor 4.
const TILE_2: Transforms<4, 2> = Transforms {
    input: [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]],
    output: [[1, 1, 1, 0], [0, 1, -1, -1]],
    inverse: 1,
    shift: 2,
};

/// `F(4 × 4, 3 × 3)`: factor 576.
const TILE_4: Transforms<6, 4> = Transforms {
    input: [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    output: [
        [1, 1, 1, 1, 1, 0],
        [0, 1, -1, 2, -2, 0],
        [0, 1, 1, 4, 4, 0],
        [0, 1, -1, 8, -8, 2],
    ],
    inverse: 0x38e3_8e39,
    shift: 6,
};

/// 3×3 convolution with steps of 1, int8, by transformed weights.
///
/// `x` is `[batch, in_h, in_w, in_c]` and `y` `[batch, out_h, out_w, out_c]`; they may overlap. Weights are the
/// filters `G·g·Gt` in the order `[block of 4 output channels][position][pair of input channels][channel of
/// block][2]`, zeros where the last block has no channel. The pairs of the input channels `4q..4q + 4` are
/// `(4q, 4q + 2)` and `(4q + 1, 4q + 3)`. A record `[bias, multiplier, offset, shift]` for each output channel
/// brings its sums to outputs, see [`crate::params::PackedRequant`].
///
/// The sums equal those of [`crate::kernels::conv::conv2d_s8`] if they fit 29 bits (tiles of 2) or 25 bits (tiles of 4)
/// and a sign, after the left shift before the multiplication.
#[inline(always)]
pub fn winograd_conv2d_s8(
    p: &WinogradConv2d,
    x: &[Cell<i8>],
    weights: &[i16],
    channels: &[i32],
    scratch: &mut [i32],
    y: &[Cell<i8>],
) {
    #[cfg(edge_dsp)]
    crate::arch::dsp::winograd_conv2d_s8(p, x, weights, channels, scratch, y);
    #[cfg(not(edge_dsp))]
    portable(p, x, weights, channels, scratch, y);
}

/// [`winograd_conv2d_s8`] in plain Rust.
#[cfg_attr(edge_dsp, allow(dead_code, reason = "the assembly stands for it"))]
fn portable(
    p: &WinogradConv2d,
    x: &[Cell<i8>],
    weights: &[i16],
    channels: &[i32],
    scratch: &mut [i32],
    y: &[Cell<i8>],
) {
    let lens = [weights.len(), channels.len(), scratch.len()];
    if !p.fits(x.len(), lens[0], lens[1], lens[2], y.len()) {
        return;
    }
    let memory = Memory {
        x,
        weights,
        channels,
        y,
    };
    if p.tile == 2 {
        run(p, &TILE_2, memory, scratch);
    } else {
        run(p, &TILE_4, memory, scratch);
    }
}

#[derive(Clone, Copy)]
struct Memory<'a> {
    x: &'a [Cell<i8>],
    weights: &'a [i16],
    channels: &'a [i32],
    y: &'a [Cell<i8>],
}

fn run<const N: usize, const M: usize>(
    p: &WinogradConv2d,
    transforms: &Transforms<N, M>,
    memory: Memory<'_>,
    transformed: &mut [i32],
) {
    let run = Run {
        p,
        transforms,
        memory,
    };
    let mut place = [0; 3];
    while place[0] < p.window.batch {
        let pair = [place, p.next_place(place)];
        // A last tile may have no partner.
        let tiles = 0..if pair[1][0] < p.window.batch {
            TILES
        } else {
            1
        };
        for tile in tiles.clone() {
            for channel in 0..p.window.in_c {
                run.transform(pair[tile], tile, channel, transformed);
            }
        }
        for tile in tiles {
            for channel in 0..p.window.out_c {
                let sums = run.products(tile, channel, transformed);
                run.write(pair[tile], channel, &sums);
            }
        }
        place = p.next_place(pair[1]);
    }
}

struct Run<'a, const N: usize, const M: usize> {
    p: &'a WinogradConv2d,
    transforms: &'a Transforms<N, M>,
    memory: Memory<'a>,
}

impl<const N: usize, const M: usize> Run<'_, N, M> {
    /// Where the transformed inputs of a tile of a pair at a channel lie: word, and whether it is the high half. Words
    /// follow each other as `[pair of channels][position][tile]`.
    fn slot(tile: usize, channel: usize, position: usize) -> (usize, bool) {
        let pair = (channel / 4).wrapping_mul(2).wrapping_add(channel % 2);
        let word = pair.wrapping_mul(N * N).wrapping_add(position);
        let word = word.wrapping_mul(TILES).wrapping_add(tile);
        (word, channel & 2 != 0)
    }

    /// Transforms the inputs of a tile at a channel.
    fn transform(&self, place: [usize; 3], tile: usize, channel: usize, to: &mut [i32]) {
        let rows = &self.transforms.input;
        let inputs = self.inputs(place, channel);
        let columns: [[i32; N]; N] = product(rows, &inputs);
        let tile_values: [[i32; N]; N] = product(rows, &transposed(&columns));
        for (column, values) in tile_values.iter().enumerate() {
            for (row, &value) in values.iter().enumerate() {
                let (word, high) =
                    Self::slot(tile, channel, row.wrapping_mul(N).wrapping_add(column));
                if let Some(word) = to.get_mut(word) {
                    *word = if high {
                        (*word & 0xffff) | (value << 16)
                    } else {
                        (*word & !0xffff) | (value & 0xffff)
                    };
                }
            }
        }
    }

    /// The inputs of a tile at a channel, with its padding.
    fn inputs(&self, [batch, top, left]: [usize; 3], channel: usize) -> [[i32; N]; N] {
        let w = &self.p.window;
        let mut inputs = [[i32::from(self.p.pad_value); N]; N];
        for (row, line) in inputs.iter_mut().enumerate() {
            let row = top.wrapping_add(row).wrapping_sub(w.pad_top);
            let line_at = batch
                .wrapping_mul(w.in_h)
                .wrapping_add(row)
                .wrapping_mul(w.in_w);
            for (column, value) in line.iter_mut().enumerate() {
                let column = left.wrapping_add(column).wrapping_sub(w.pad_left);
                let at = line_at.wrapping_add(column).wrapping_mul(w.in_c);
                let inside = row < w.in_h && column < w.in_w;
                let cell = self.memory.x.get(at.wrapping_add(channel));
                if let Some(cell) = cell.filter(|_| inside) {
                    *value = i32::from(cell.get());
                }
            }
        }
        inputs
    }

    /// `factor` times the sums of a tile at an output channel, without the bias, modulo 2³².
    fn products(&self, tile: usize, channel: usize, transformed: &[i32]) -> [[i32; M]; M] {
        let pairs = self.p.window.in_c / 2;
        let mut sums = [[0i32; N]; N];
        for (row, line) in sums.iter_mut().enumerate() {
            for (column, sum) in line.iter_mut().enumerate() {
                let position = row.wrapping_mul(N).wrapping_add(column);
                let begin = (channel / BLOCK).wrapping_mul(N * N).wrapping_add(position);
                let mut word = begin.wrapping_mul(pairs).wrapping_mul(BLOCK);
                word = word.wrapping_add(channel % BLOCK);
                let mut at = position.wrapping_mul(TILES).wrapping_add(tile);
                let mut pair = 0;
                while pair < pairs {
                    let x = transformed.get(at).copied().unwrap_or_default();
                    let w = word.wrapping_mul(2);
                    let low = self.memory.weights.get(w).copied().unwrap_or_default();
                    let high = self
                        .memory
                        .weights
                        .get(w.wrapping_add(1))
                        .copied()
                        .unwrap_or_default();
                    *sum = sum
                        .wrapping_add(i32::from(x as i16).wrapping_mul(i32::from(low)))
                        .wrapping_add((x >> 16).wrapping_mul(i32::from(high)));
                    word = word.wrapping_add(BLOCK);
                    at = at.wrapping_add(N * N * TILES);
                    pair = pair.wrapping_add(1);
                }
            }
        }
        let rows = &self.transforms.output;
        let columns: [[i32; N]; M] = product(rows, &sums);
        transposed(&product::<M, N, M>(rows, &transposed(&columns)))
    }

    /// Writes the outputs of a tile at a channel.
    fn write(&self, [batch, top, left]: [usize; 3], channel: usize, sums: &[[i32; M]; M]) {
        let w = &self.p.window;
        let record = self.memory.channels.get(channel.wrapping_mul(RECORD)..);
        let Some(record) = record.and_then(<[i32]>::first_chunk::<RECORD>) else {
            return;
        };
        for (row, line) in sums.iter().enumerate() {
            let row = top.wrapping_add(row);
            let line_at = batch
                .wrapping_mul(w.out_h)
                .wrapping_add(row)
                .wrapping_mul(w.out_w);
            for (column, &sum) in line.iter().enumerate() {
                let column = left.wrapping_add(column);
                let at = line_at.wrapping_add(column).wrapping_mul(w.out_c);
                let inside = row < w.out_h && column < w.out_w;
                let cell = self.memory.y.get(at.wrapping_add(channel));
                if let Some(cell) = cell.filter(|_| inside) {
                    let sum = sum.wrapping_mul(self.transforms.inverse) >> self.transforms.shift;
                    let sum = sum.wrapping_add(record[0]);
                    cell.set(finish(sum, record, self.p.requant));
                }
            }
        }
    }
}

/// `a · b` modulo 2³².
fn product<const R: usize, const K: usize, const C: usize>(
    a: &[[i32; K]; R],
    b: &[[i32; C]; K],
) -> [[i32; C]; R] {
    let mut c = [[0i32; C]; R];
    for (line, factors) in c.iter_mut().zip(a) {
        for (&factor, values) in factors.iter().zip(b) {
            if factor != 0 {
                for (sum, &value) in line.iter_mut().zip(values) {
                    *sum = sum.wrapping_add(factor.wrapping_mul(value));
                }
            }
        }
    }
    c
}

fn transposed<const R: usize, const C: usize>(a: &[[i32; C]; R]) -> [[i32; R]; C] {
    let mut t = [[0i32; R]; C];
    for (row, line) in a.iter().enumerate() {
        for (column, &value) in line.iter().enumerate() {
            t[column][row] = value;
        }
    }
    t
}
