//! Depthwise convolution by planes: the loops are in `planar_depthwise.s`.
#![allow(
    unsafe_code,
    reason = "whole loops in assembly, with every register laid out by hand"
)]

use crate::kernels::packed::planar_depthwise::{Band, Gather, LANES, ROW, STRIP, WEIGHTS};
use crate::params::{Issue, PlanarDepthwise};
use core::arch::global_asm;
use core::cell::Cell;

global_asm!(include_str!("planar_depthwise.s"), options(raw));

/// What the assembly reads to fill strips.
#[repr(C)]
struct Columns {
    /// Four channels of the first row of two columns.
    at: [*const i8; 2],
    /// Bytes from a row to the next; 0 for padding.
    row_step: [usize; 2],
    /// Bytes from a strip to the next; 0 for padding.
    strip_step: [usize; 2],
    to: *mut i16,
    rows: usize,
    strips: usize,
}

/// What the assembly reads to compute the outputs of a channel. Its first nine words become its frame.
#[repr(C)]
struct Outputs {
    record: [i32; 4],
    /// Bytes from an output to the one to the right, and to the one below.
    column_step: usize,
    row_step: usize,
    y: *mut i8,
    /// The first row of the first strip.
    strip: *const i16,
    columns: usize,
    rows: usize,
    weights: *const i8,
    pre_shift: u32,
}

unsafe extern "C" {
    fn edge_planar_gather(columns: &mut Columns);
    fn edge_planar_1_single(outputs: &Outputs);
    fn edge_planar_1_dual(outputs: &Outputs);
    fn edge_planar_2_single(outputs: &Outputs);
    fn edge_planar_2_dual(outputs: &Outputs);
}

/// Two columns of each strip become words.
pub(crate) fn gather(g: &Gather, x: &[Cell<i8>], scratch: &mut [i16]) {
    let pad = [g.pad; LANES];
    let far = |count: usize, step: usize| count.wrapping_sub(1).wrapping_mul(step);
    let reach = far(g.rows, g.row_step)
        .wrapping_add(far(g.strips, g.strip_step))
        .wrapping_add(LANES);
    let written = far(g.strips, STRIP).wrapping_add(g.rows.wrapping_mul(ROW));
    let mut columns = Columns {
        at: [pad.as_ptr(); 2],
        row_step: [0; 2],
        strip_step: [0; 2],
        to: scratch.as_mut_ptr(),
        rows: g.rows,
        strips: g.strips,
    };
    for half in 0..2 {
        if let Some(at) = g.columns[half] {
            let Some(bytes) = x.get(at..at.wrapping_add(reach)) else {
                return;
            };
            columns.at[half] = bytes.as_ptr().cast();
            columns.row_step[half] = g.row_step;
            columns.strip_step[half] = g.strip_step;
        }
    }
    if written > scratch.len() || g.rows == 0 || g.strips == 0 {
        return;
    }
    // SAFETY: as compared above, the words of all rows of both columns lie inside `x`, which steps of at least 0
    // run through upwards, or are the word `pad`, and all strips inside `scratch`. The function keeps the calling
    // convention and writes nothing but the strips and its stack. Words need no alignment.
    unsafe { edge_planar_gather(&mut columns) }
}

/// All outputs of a band of one channel.
pub(crate) fn band(p: &PlanarDepthwise, band: &Band<'_>, scratch: &[i16], y: &[Cell<i8>]) {
    let far = |count: usize, step: usize| count.wrapping_sub(1).wrapping_mul(step);
    let last = band
        .y
        .wrapping_add(far(band.rows, band.row_step))
        .wrapping_add(far(band.columns, band.column_step));
    let stride = p.window.stride_h;
    let strips = band
        .columns
        .div_ceil(2)
        .wrapping_mul(stride)
        .wrapping_add(1);
    let plane = scratch.get(band.lane.wrapping_mul(2)..).unwrap_or_default();
    let read = strips.wrapping_mul(STRIP).wrapping_sub(ROW - 2);
    let (Some(y), true) = (y.get(band.y..=last), plane.len() >= read) else {
        return;
    };
    if band.rows == 0 || band.columns == 0 || band.rows.wrapping_mul(stride) > 8 {
        return;
    }
    let outputs = Outputs {
        record: *band.record,
        column_step: band.column_step,
        row_step: band.row_step,
        y: y.as_ptr().cast::<i8>().cast_mut(),
        strip: plane.as_ptr(),
        columns: band.columns,
        rows: band.rows,
        weights: band.weights.as_ptr(),
        pre_shift: p.requant.pre_shift,
    };
    // SAFETY: as compared above, the outputs lie inside `y`, whose cells may be written through a shared
    // reference, and the strips inside `scratch`; the weights are an array of WEIGHTS bytes. The functions keep the
    // calling convention and write nothing but the outputs and their stack.
    unsafe {
        match (stride, p.issue) {
            (1, Issue::Single) => edge_planar_1_single(&outputs),
            (1, Issue::Dual) => edge_planar_1_dual(&outputs),
            (_, Issue::Single) => edge_planar_2_single(&outputs),
            (_, Issue::Dual) => edge_planar_2_dual(&outputs),
        }
    }
}

const _: () = assert!(WEIGHTS == 12 && STRIP == 80 && ROW == 8);
