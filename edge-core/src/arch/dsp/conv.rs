//! Convolution with packed weights: the loops are in `conv.s`.
#![allow(
    unsafe_code,
    reason = "whole loops in assembly, with every register laid out by hand"
)]

use crate::kernels::packed::conv::{ComputeTile, LANES, Lanes, PER_TAP, Rows, Tile};
use crate::params::{Issue, PackedConv2d, PackedRounding};
use core::cell::Cell;

assembly!(include_str!("conv.s"));

/// Words of a channel's record.
const RECORD: usize = 4;

unsafe extern "C" {
    fn edge_conv_widen(
        bytes: *const i8,
        words: *mut i16,
        quads: usize,
        row_stride: usize,
        rows: usize,
        lanes: usize,
        lane_stride: usize,
    );

    fn edge_conv_copy(
        bytes: *const i8,
        copies: *mut i8,
        len: usize,
        stride: usize,
        step: usize,
        rows: usize,
        lanes: usize,
        lane_stride: usize,
        lane_step: usize,
    );
}

/// The function for 8-bit weights, if there is one for the arithmetic.
#[inline(always)]
pub(crate) fn conv_tile_s8(p: &PackedConv2d) -> Option<ComputeTile<i8>> {
    use PackedRounding::{Away, Floor, Nearest};
    match (p.requant.pre_shift, p.requant.rounding, p.issue) {
        (1, Away, Issue::Single) => Some(s8_away_single),
        (1, Nearest, Issue::Single) => Some(s8_nearest_single),
        (1, Floor, Issue::Single) => Some(s8_floor_single),
        (0, Nearest, Issue::Single) => Some(s8_native_single),
        (1, Away, Issue::Dual) => Some(s8_away_dual),
        (1, Nearest, Issue::Dual) => Some(s8_nearest_dual),
        (1, Floor, Issue::Dual) => Some(s8_floor_dual),
        (0, Nearest, Issue::Dual) => Some(s8_native_dual),
        _ => None,
    }
}

/// The function for 16-bit weights, if there is one for the arithmetic.
#[inline(always)]
pub(crate) fn conv_tile_s8w16(p: &PackedConv2d) -> Option<ComputeTile<i16>> {
    use PackedRounding::{Away, Floor, Nearest};
    match (p.requant.pre_shift, p.requant.rounding, p.issue) {
        (1, Away, Issue::Single | Issue::Dual) => Some(s16_away_single),
        (1, Nearest, Issue::Single | Issue::Dual) => Some(s16_nearest_single),
        (1, Floor, Issue::Single | Issue::Dual) => Some(s16_floor_single),
        (0, Nearest, Issue::Single | Issue::Dual) => Some(s16_native_single),
        _ => None,
    }
}

macro_rules! tiles {
    ($($name:ident($weight:ty) = $symbol:ident $(reads $ahead:literal ahead)?;)*) => { $(
        fn $name(tile: &Tile<'_, $weight>) {
            unsafe extern "C" {
                fn $symbol(
                    windows: *const i16,
                    weights: *const $weight,
                    channels: *const i32,
                    y: *mut i8,
                    y_step_1: usize,
                    y_step_2: usize,
                    channels_end: *const i32,
                    quads: usize,
                    windows_end: *const i16,
                );
            }
            let ahead = 0 $(+ $ahead)?;
            let Some([first, second, third]) = checked(tile, ahead) else { return };
            let (windows, channels) = (tile.windows.as_ptr().cast::<i16>(), tile.channels.as_ptr());
            // SAFETY: `checked` has seen that windows, weights, records and places lie inside their slices; cells
            // may be written through a shared reference. The function follows the C calling convention and writes
            // nothing but its own stack and these places.
            unsafe {
                $symbol(
                    windows,
                    tile.weights.as_ptr(),
                    channels,
                    tile.y.as_ptr().cast::<i8>().cast_mut().add(first),
                    second.wrapping_sub(first),
                    third.wrapping_sub(second),
                    channels.add(tile.count * RECORD),
                    tile.taps / 4,
                    windows.add(tile.taps * LANES),
                );
            }
        }
    )* };
}

tiles! {
    s8_away_single(i8) = edge_conv_s8_away_single;
    s8_nearest_single(i8) = edge_conv_s8_nearest_single;
    s8_floor_single(i8) = edge_conv_s8_floor_single;
    s8_native_single(i8) = edge_conv_s8_native_single;
    s8_away_dual(i8) = edge_conv_s8_away_dual reads 2 ahead;
    s8_nearest_dual(i8) = edge_conv_s8_nearest_dual reads 2 ahead;
    s8_floor_dual(i8) = edge_conv_s8_floor_dual reads 2 ahead;
    s8_native_dual(i8) = edge_conv_s8_native_dual reads 2 ahead;
    s16_away_single(i16) = edge_conv_s16_away_single;
    s16_nearest_single(i16) = edge_conv_s16_nearest_single;
    s16_floor_single(i16) = edge_conv_s16_floor_single;
    s16_native_single(i16) = edge_conv_s16_native_single;
}

/// The places of a tile if the assembly may run: it is not empty, and everything lies inside its slice, with the
/// windows and weights of so many taps behind those that count.
#[inline(always)]
fn checked<W>(tile: &Tile<'_, W>, ahead: usize) -> Option<[usize; LANES]> {
    let Tile { taps, count, .. } = *tile;
    let weights = taps.checked_mul(count)?.checked_add(ahead * PER_TAP)?;
    let last = tile.places.into_iter().max()?.checked_add(count)?;
    let fits = taps > 0
        && taps % 4 == 0
        && count > 0
        && count % 2 == 0
        && taps.checked_add(ahead)?.checked_mul(LANES)? <= tile.windows.len()
        && weights <= tile.weights.len()
        && count.checked_mul(RECORD)? <= tile.channels.len()
        && last <= tile.y.len();
    fits.then_some(tile.places)
}

/// Widens rows of numbers to lanes of the windows of a tile; nothing if they do not fit.
#[inline(always)]
pub(crate) fn widen_rows(x: &[Cell<i8>], rows: Rows, lanes: Lanes, windows: &[Cell<i16>]) {
    let Rows { count, len, stride } = rows;
    let last = count.wrapping_sub(1).wrapping_mul(stride);
    let last_lane = lanes.count.wrapping_sub(1).wrapping_mul(lanes.stride);
    let fits = count > 0
        && len >= 4
        && len % 4 == 0
        && last_lane.wrapping_add(last).wrapping_add(len) <= x.len()
        && lanes.count > 0
        && lanes.first.wrapping_add(lanes.count) <= LANES
        && count.wrapping_mul(len).wrapping_mul(LANES) <= windows.len();
    if !fits {
        return;
    }
    // SAFETY: all rows of all lanes lie inside `x`, and three times the numbers of one lane inside `windows`, of
    // which a lane is a third. Cells may be read by a foreign function; words need not be aligned. The function
    // follows the C calling convention.
    unsafe {
        edge_conv_widen(
            x.as_ptr().cast::<i8>(),
            windows
                .as_ptr()
                .cast::<i16>()
                .cast_mut()
                .add(2 * lanes.first),
            len / 4,
            stride,
            count,
            lanes.count,
            lanes.stride,
        );
    }
}

/// Copies rows of lanes; those of a lane to where they start `steps[0]` behind each other, those of lanes
/// `steps[1]`. Nothing if they do not fit.
#[inline(always)]
pub(crate) fn copy_rows(
    x: &[Cell<i8>],
    rows: Rows,
    lanes: Lanes,
    copies: &[Cell<i8>],
    steps: [usize; 2],
) {
    let end = |strides: [usize; 2]| {
        let row = rows.count.wrapping_sub(1).wrapping_mul(strides[0]);
        let lane = lanes.count.wrapping_sub(1).wrapping_mul(strides[1]);
        row.wrapping_add(lane).wrapping_add(rows.len)
    };
    let fits = rows.count > 0
        && rows.len > 0
        && lanes.count > 0
        && end([rows.stride, lanes.stride]) <= x.len()
        && end(steps) <= copies.len();
    if !fits {
        return;
    }
    // SAFETY: all rows lie inside both slices; cells may be written through a shared reference. Words need not be
    // aligned. The function follows the C calling convention.
    unsafe {
        edge_conv_copy(
            x.as_ptr().cast::<i8>(),
            copies.as_ptr().cast::<i8>().cast_mut(),
            rows.len,
            rows.stride,
            steps[0],
            rows.count,
            lanes.count,
            lanes.stride,
            steps[1],
        );
    }
}

/// Sets all numbers.
#[inline(always)]
pub(crate) fn fill_cells(bytes: &[Cell<i8>], value: i8) {
    // SAFETY: these bytes are the slice; cells may be written through a shared reference.
    unsafe {
        let start = bytes.as_ptr().cast::<i8>().cast_mut();
        start.write_bytes(value as u8, bytes.len());
    }
}
