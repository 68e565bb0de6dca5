//! The loops in plain Rust.

use super::{Band, Gather, KERNEL, LANES, STRIP, WEIGHTS};
use crate::kernels::packed::requant::{RECORD, finish};
use crate::kernels::slices::chunk;
use crate::params::PlanarDepthwise;
use core::cell::Cell;

/// There is one loop for all.
#[derive(Clone, Copy)]
pub(super) struct Loop;

pub(super) fn choose(_: &PlanarDepthwise) -> Loop {
    Loop
}

/// Two columns of each strip become words.
pub(super) fn gather(g: &Gather, x: &[Cell<i8>], scratch: &mut [i32]) {
    for strip in 0..g.strips {
        let first = strip.wrapping_mul(2).wrapping_sub(g.pad_columns);
        for row in 0..g.rows {
            let row_at = g.row.wrapping_add(row.wrapping_mul(g.row_step));
            for lane in 0..LANES {
                let value = |column: usize| {
                    if column >= g.len {
                        return g.pad;
                    }
                    let at = row_at.wrapping_add(column.wrapping_mul(g.column_step));
                    x.get(at.wrapping_add(lane)).map_or(0, Cell::get)
                };
                let pair = [value(first), value(first.wrapping_add(1))];
                put(scratch, strip, row, lane, word(pair));
            }
        }
    }
}

/// A row of all strips becomes padding.
pub(super) fn blank(pad: i8, row: usize, strips: usize, scratch: &mut [i32]) {
    for strip in 0..strips {
        for lane in 0..LANES {
            put(scratch, strip, row, lane, word([pad; 2]));
        }
    }
}

/// The first `rows` rows of all strips become those from row `from` on.
pub(super) fn carry(from: usize, rows: usize, strips: usize, scratch: &mut [i32]) {
    for strip in 0..strips {
        for row in 0..rows {
            for lane in 0..LANES {
                let kept = get(scratch, strip, from.wrapping_add(row), lane);
                put(scratch, strip, row, lane, kept);
            }
        }
    }
}

/// All outputs of a band.
pub(super) fn band(p: &PlanarDepthwise, _: Loop, band: &Band<'_>, scratch: &[i32], y: &[Cell<i8>]) {
    for channel in 0..band.lanes() {
        let weights = chunk(band.weights, channel.wrapping_mul(WEIGHTS));
        let record: Option<&[i32; RECORD]> = chunk(band.records, channel.wrapping_mul(RECORD));
        let (Some(weights), Some(record)) = (weights, record) else {
            return;
        };
        let lane = band.lane.wrapping_add(channel);
        for row in 0..band.rows {
            for column in 0..band.columns {
                let place = [row, column].map(|at| at.wrapping_mul(p.window.stride_h));
                let [bias, ..] = *record;
                let sum = bias.wrapping_add(dot(scratch, place, lane, weights));
                let at = band
                    .y
                    .wrapping_add(channel)
                    .wrapping_add(row.wrapping_mul(band.below))
                    .wrapping_add(column.wrapping_mul(band.right));
                if let Some(y) = y.get(at) {
                    y.set(finish(sum, record, p.requant));
                }
            }
        }
    }
}

/// The window whose first tap is at a row and a column, times the weights.
fn dot(scratch: &[i32], [row, column]: [usize; 2], lane: usize, weights: &[i8; WEIGHTS]) -> i32 {
    let mut sum: i32 = 0;
    for tap in 0..KERNEL {
        let taps = chunk(weights, tap.wrapping_mul(4)).copied();
        let [k0, k1, _, k2]: [i8; 4] = taps.unwrap_or_default();
        for (step, weight) in [k0, k1, k2].into_iter().enumerate() {
            let column = column.wrapping_add(step);
            let word = get(scratch, column / 2, row.wrapping_add(tap), lane);
            let half = (word >> (column % 2).wrapping_mul(16)) as i16;
            sum = sum.wrapping_add(i32::from(half).wrapping_mul(i32::from(weight)));
        }
    }
    sum
}

fn word([low, high]: [i8; 2]) -> i32 {
    i32::from(low) & 0xffff | i32::from(high) << 16
}

fn index(strip: usize, row: usize, lane: usize) -> usize {
    strip
        .wrapping_mul(STRIP)
        .wrapping_add(row.wrapping_mul(LANES))
        .wrapping_add(lane)
}

fn get(scratch: &[i32], strip: usize, row: usize, lane: usize) -> i32 {
    scratch
        .get(index(strip, row, lane))
        .copied()
        .unwrap_or_default()
}

fn put(scratch: &mut [i32], strip: usize, row: usize, lane: usize, word: i32) {
    if let Some(place) = scratch.get_mut(index(strip, row, lane)) {
        *place = word;
    }
}
