//! The loops in plain Rust.

use super::{Band, Gather, KERNEL, LANES, ROW, STRIP};
use crate::kernels::packed::requant::finish;
use crate::kernels::slices::chunk;
use crate::params::PlanarDepthwise;
use core::cell::Cell;

/// Two columns of each strip become words.
pub(super) fn gather(g: &Gather, x: &[Cell<i8>], scratch: &mut [i16]) {
    for strip in 0..g.strips {
        for row in 0..g.rows {
            let offset = strip
                .wrapping_mul(g.strip_step)
                .wrapping_add(row.wrapping_mul(g.row_step));
            let to = strip
                .wrapping_mul(STRIP)
                .wrapping_add(row.wrapping_mul(ROW));
            for (half, column) in g.columns.into_iter().enumerate() {
                for lane in 0..LANES {
                    let value = match column {
                        Some(column) => x
                            .get(column.wrapping_add(offset).wrapping_add(lane))
                            .map_or(0, Cell::get),
                        None => g.pad,
                    };
                    let to = to.wrapping_add(lane.wrapping_mul(2)).wrapping_add(half);
                    if let Some(to) = scratch.get_mut(to) {
                        *to = value as i16;
                    }
                }
            }
        }
    }
}

/// All outputs of a band of one channel.
pub(super) fn band(p: &PlanarDepthwise, band: &Band<'_>, scratch: &[i16], y: &[Cell<i8>]) {
    for row in 0..band.rows {
        for column in 0..band.columns {
            let sum = sum(p, band, scratch, row, column);
            let at = band
                .y
                .wrapping_add(row.wrapping_mul(band.row_step))
                .wrapping_add(column.wrapping_mul(band.column_step));
            if let Some(y) = y.get(at) {
                y.set(finish(sum, band.record, p.requant));
            }
        }
    }
}

fn sum(p: &PlanarDepthwise, band: &Band<'_>, scratch: &[i16], row: usize, column: usize) -> i32 {
    let stride = p.window.stride_h;
    let [mut sum, ..] = *band.record;
    for tap_y in 0..KERNEL {
        let taps: [i8; 4] = chunk(band.weights, tap_y.wrapping_mul(4))
            .copied()
            .unwrap_or([0; 4]);
        let [k0, k1, _, k2] = taps;
        for (tap_x, weight) in [k0, k1, k2].into_iter().enumerate() {
            let column = column.wrapping_mul(stride).wrapping_add(tap_x);
            let at = (column / 2)
                .wrapping_mul(STRIP)
                .wrapping_add(
                    row.wrapping_mul(stride)
                        .wrapping_add(tap_y)
                        .wrapping_mul(ROW),
                )
                .wrapping_add(band.lane.wrapping_mul(2))
                .wrapping_add(column % 2);
            let value = scratch.get(at).copied().unwrap_or(0);
            sum = sum.wrapping_add(i32::from(value).wrapping_mul(i32::from(weight)));
        }
    }
    sum
}
