//! Depthwise convolution by planes: the loops are in `planar_depthwise.s`.
#![allow(
    unsafe_code,
    reason = "whole loops in assembly, with every register laid out by hand"
)]

use crate::kernels::packed::planar_depthwise::{Band, Gather, LANES, ROWS, STRIP, WEIGHTS};
use crate::params::{Issue, PackedRounding, PlanarDepthwise};
use core::cell::Cell;

assembly!(include_str!("planar_depthwise.s"));

/// What the assembly knows.
const _: () = assert!(LANES == 4 && ROWS == 10 && STRIP == 40 && WEIGHTS == 12);

/// Words of a record.
const RECORD: usize = 4;

/// What the assembly reads to fill strips, and where it keeps count.
#[repr(C)]
struct Columns {
    /// Four channels of the first row of the first column, which may be outside the image.
    x: *const i8,
    to: *mut i32,
    /// The number of the first column; those in the padding are not below `len`.
    column: usize,
    /// Bytes from a column to the next, and from a row to the next.
    column_step: usize,
    row_step: usize,
    len: usize,
    rows: usize,
    strips: usize,
    /// Four channels of padding.
    pad: [i8; LANES],
}

/// What the assembly reads to compute the outputs of a band, and where it keeps count.
#[repr(C)]
struct Outputs {
    y: *mut i8,
    strips: *const i32,
    weights: *const i8,
    records: *const i32,
    channels: usize,
    rows: usize,
    columns: usize,
    /// Bytes from an output to the one to the right, and to the one below.
    right: usize,
    below: usize,
    pre_shift: u32,
}

unsafe extern "C" {
    fn edge_planar_gather(columns: &mut Columns);
    fn edge_planar_blank(to: *mut i32, word: i32, strips: usize);
    fn edge_planar_carry(to: *mut i32, from: *const i32, rows: usize, strips: usize);
    fn edge_planar_1_single(outputs: &mut Outputs);
    fn edge_planar_1_single_floor(outputs: &mut Outputs);
    fn edge_planar_1_dual(outputs: &mut Outputs);
    fn edge_planar_1_dual_floor(outputs: &mut Outputs);
    fn edge_planar_2_single(outputs: &mut Outputs);
    fn edge_planar_2_single_floor(outputs: &mut Outputs);
    fn edge_planar_2_dual(outputs: &mut Outputs);
    fn edge_planar_2_dual_floor(outputs: &mut Outputs);
}

/// A function that computes the outputs of a band.
#[derive(Clone, Copy)]
pub(crate) struct Loop {
    function: unsafe extern "C" fn(&mut Outputs),
    /// The stride that it is made for.
    stride: usize,
}

/// The function for a layer; a constant where the parameters are.
#[inline(always)]
pub(crate) fn choose(p: &PlanarDepthwise) -> Loop {
    let stride = if p.window.stride_h == 1 { 1 } else { 2 };
    let floor = p.requant.rounding == PackedRounding::Floor;
    let function = match (stride, p.issue, floor) {
        (1, Issue::Single, false) => edge_planar_1_single,
        (1, Issue::Single, true) => edge_planar_1_single_floor,
        (1, Issue::Dual, false) => edge_planar_1_dual,
        (1, Issue::Dual, true) => edge_planar_1_dual_floor,
        (_, Issue::Single, false) => edge_planar_2_single,
        (_, Issue::Single, true) => edge_planar_2_single_floor,
        (_, Issue::Dual, false) => edge_planar_2_dual,
        (_, Issue::Dual, true) => edge_planar_2_dual_floor,
    };
    Loop { function, stride }
}

/// Two columns of each strip become words.
pub(crate) fn gather(g: &Gather, x: &[Cell<i8>], scratch: &mut [i32]) {
    let far = |count: usize, step: usize| count.wrapping_sub(1).saturating_mul(step);
    let reach = far(g.rows, g.row_step)
        .saturating_add(far(g.len, g.column_step))
        .saturating_add(LANES);
    let written = far(g.strips, STRIP).saturating_add(g.rows.saturating_mul(LANES));
    let Some(image) = x.get(g.row..g.row.saturating_add(reach)) else {
        return;
    };
    if written > scratch.len() || g.rows == 0 || g.len == 0 || g.strips == 0 {
        return;
    }
    let before = g.pad_columns.wrapping_mul(g.column_step);
    let mut columns = Columns {
        x: image.as_ptr().cast::<i8>().wrapping_sub(before),
        to: scratch.as_mut_ptr(),
        column: g.pad_columns.wrapping_neg(),
        column_step: g.column_step,
        row_step: g.row_step,
        len: g.len,
        rows: g.rows,
        strips: g.strips,
        pad: [g.pad; LANES],
    };
    // SAFETY: as compared above, the words of all rows of the columns below `len` lie inside `x`, and no others are
    // read but `pad`; all strips lie inside `scratch`. The function keeps the calling convention and writes nothing
    // but the strips, its argument and its stack. Words of `x` need no alignment.
    unsafe { edge_planar_gather(&mut columns) }
}

/// A row of all strips becomes padding.
pub(crate) fn blank(pad: i8, row: usize, strips: usize, scratch: &mut [i32]) {
    if row >= ROWS || strips == 0 || strips.saturating_mul(STRIP) > scratch.len() {
        return;
    }
    let word = i32::from(pad) & 0xffff | i32::from(pad) << 16;
    // SAFETY: as compared above, the row of every strip lies inside `scratch`. The function keeps the calling
    // convention and writes nothing else.
    unsafe { edge_planar_blank(scratch.as_mut_ptr().wrapping_add(row * LANES), word, strips) }
}

/// The first `rows` rows of all strips become those from row `from` on.
pub(crate) fn carry(from: usize, rows: usize, strips: usize, scratch: &mut [i32]) {
    let inside =
        from <= ROWS && rows <= ROWS - from && strips.saturating_mul(STRIP) <= scratch.len();
    if !inside || rows == 0 || strips == 0 {
        return;
    }
    let to = scratch.as_mut_ptr();
    // SAFETY: as compared above, the rows of every strip lie inside `scratch`. The function keeps the calling
    // convention and writes nothing else but its stack.
    unsafe { edge_planar_carry(to, to.wrapping_add(from * LANES), rows, strips) }
}

/// All outputs of a band.
pub(crate) fn band(
    p: &PlanarDepthwise,
    chosen: Loop,
    band: &Band<'_>,
    scratch: &[i32],
    y: &[Cell<i8>],
) {
    let far = |count: usize, step: usize| count.wrapping_sub(1).saturating_mul(step);
    let channels = band.lanes();
    let last = band
        .y
        .saturating_add(far(band.rows, band.below))
        .saturating_add(far(band.columns, band.right))
        .saturating_add(channels);
    let strips = band
        .columns
        .div_ceil(2)
        .saturating_mul(chosen.stride)
        .saturating_add(1);
    let Some(y) = y.get(band.y..last) else {
        return;
    };
    if band.lane >= LANES
        || band.rows == 0
        || band.columns == 0
        || band.rows.saturating_mul(chosen.stride) > ROWS - 2
        || scratch.len() < strips.saturating_mul(STRIP)
        || band.weights.len() != channels * WEIGHTS
        || band.records.len() != channels * RECORD
    {
        return;
    }
    let mut outputs = Outputs {
        y: y.as_ptr().cast::<i8>().cast_mut(),
        strips: scratch.as_ptr().wrapping_add(band.lane),
        weights: band.weights.as_ptr(),
        records: band.records.as_ptr(),
        channels,
        rows: band.rows,
        columns: band.columns,
        right: band.right,
        below: band.below,
        pre_shift: p.requant.pre_shift,
    };
    // SAFETY: as compared above, the outputs of all channels lie inside `y`, whose cells may be written through a
    // shared reference, the strips that rows and columns ask for at this stride inside `scratch`, and weights and
    // records are as many as channels. The function keeps the calling convention and writes nothing but the
    // outputs, its argument and its stack.
    unsafe { (chosen.function)(&mut outputs) }
}
