//! Convolution with packed weights: the loops are in `conv.s`.
#![allow(
    unsafe_code,
    reason = "whole loops in assembly, with every register laid out by hand"
)]

use crate::kernels::packed::conv::{ComputeTile, LANES, PER_TAP, Rows, Tile};
use crate::params::{Issue, PackedConv2d};
use core::arch::global_asm;
use core::cell::Cell;

global_asm!(include_str!("conv.s"), options(raw));

/// Words of a channel's record.
const RECORD: usize = 4;

unsafe extern "C" {
    fn edge_conv_widen(bytes: *const i8, words: *mut i16, quads: usize, step: usize, rows: usize);
}

/// The function for 8-bit weights, if there is one for the arithmetic.
#[inline(always)]
pub(crate) fn conv_tile_s8(p: &PackedConv2d) -> Option<ComputeTile<i8>> {
    match (p.requant.pre_shift, p.requant.ties, p.issue) {
        (1, true, Issue::Single | Issue::Dual) => Some(s8_exact_single),
        (1, false, Issue::Single | Issue::Dual) => Some(s8_once_single),
        (0, false, Issue::Single | Issue::Dual) => Some(s8_native_single),
        _ => None,
    }
}

/// The function for 16-bit weights, if there is one for the arithmetic.
#[inline(always)]
pub(crate) fn conv_tile_s8w16(p: &PackedConv2d) -> Option<ComputeTile<i16>> {
    match (p.requant.pre_shift, p.requant.ties, p.issue) {
        (1, true, Issue::Single | Issue::Dual) => Some(s16_exact_single),
        (1, false, Issue::Single | Issue::Dual) => Some(s16_once_single),
        (0, false, Issue::Single | Issue::Dual) => Some(s16_native_single),
        _ => None,
    }
}

macro_rules! tiles {
    ($($name:ident($weight:ty) = $symbol:ident;)*) => { $(
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
                );
            }
            let Some([first, second, third]) = checked(tile) else { return };
            let channels = tile.channels.as_ptr_range();
            // SAFETY: `checked` has seen that windows, weights, records and places lie inside their slices; cells
            // may be written through a shared reference. The function follows the C calling convention and writes
            // nothing but its own stack and these places.
            unsafe {
                $symbol(
                    tile.windows.as_ptr(),
                    tile.weights.as_ptr(),
                    channels.start,
                    tile.y.as_ptr().cast::<i8>().cast_mut().add(first),
                    second.wrapping_sub(first),
                    third.wrapping_sub(second),
                    channels.start.add(tile.count * RECORD),
                    tile.taps / 4,
                );
            }
        }
    )* };
}

tiles! {
    s8_exact_single(i8) = edge_conv_s8_exact_single;
    s8_once_single(i8) = edge_conv_s8_once_single;
    s8_native_single(i8) = edge_conv_s8_native_single;
    s16_exact_single(i16) = edge_conv_s16_exact_single;
    s16_once_single(i16) = edge_conv_s16_once_single;
    s16_native_single(i16) = edge_conv_s16_native_single;
}

/// The places of a tile if the assembly may run: it is not empty, and everything lies inside its slice.
#[inline(always)]
fn checked<W>(tile: &Tile<'_, W>) -> Option<[usize; LANES]> {
    let Tile { taps, count, .. } = *tile;
    let weights = taps.checked_mul(count)?.checked_mul(PER_TAP / 2)?;
    let last = tile.places.into_iter().max()?.checked_add(count)?;
    let fits = taps > 0
        && taps % 4 == 0
        && count > 0
        && count % 2 == 0
        && taps.checked_mul(LANES)? <= tile.windows.len()
        && weights <= tile.weights.len()
        && count.checked_mul(RECORD)? <= tile.channels.len()
        && last <= tile.y.len();
    fits.then_some(tile.places)
}

/// Widens rows of numbers to a lane of the windows of a tile; what does not fit is left out.
#[inline(always)]
pub(crate) fn widen(x: &[Cell<i8>], rows: Rows, windows: &mut [i16], lane: usize) {
    let Rows { count, len, stride } = rows;
    let last = count.wrapping_sub(1).wrapping_mul(stride);
    let fits = count > 0
        && len >= 4
        && len % 4 == 0
        && last.wrapping_add(len) <= x.len()
        && lane < LANES
        && count.wrapping_mul(len).wrapping_mul(LANES) <= windows.len();
    if !fits {
        return;
    }
    // SAFETY: all rows lie inside `x`, and three times their numbers inside `windows`, of which a lane is a third.
    // Cells may be read by a foreign function; words need not be aligned. The function follows the C calling
    // convention.
    unsafe {
        edge_conv_widen(
            x.as_ptr().cast::<i8>(),
            windows.as_mut_ptr().add(2 * lane),
            len / 4,
            stride.wrapping_sub(len),
            count,
        );
    }
}

/// Copies as many numbers as both have, by words.
#[inline(always)]
pub(crate) fn copy_cells(from: &[Cell<i8>], to: &[Cell<i8>]) {
    let len = from.len().min(to.len());
    let (from, to) = (
        from.as_ptr().cast::<i8>(),
        to.as_ptr().cast::<i8>().cast_mut(),
    );
    let mut at = 0;
    // SAFETY: `at` and what is accessed there is below `len`. Cells may be written through a shared reference,
    // and source and target may even be the same. Words need not be aligned.
    unsafe {
        while at + 4 <= len {
            let word = from.add(at).cast::<u32>().read_unaligned();
            to.add(at).cast::<u32>().write_unaligned(word);
            at += 4;
        }
        while at < len {
            *to.add(at) = *from.add(at);
            at += 1;
        }
    }
}
