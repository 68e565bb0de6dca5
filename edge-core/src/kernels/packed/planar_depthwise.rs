//! Depthwise convolution of 3×3, channel by channel over planes of 16-bit numbers.
//!
//! Four channels at a time, a band of rows is taken out of the NHWC image into scratch memory. There two columns
//! that stand side by side are a word, and the words of a pair of columns (a strip) stand row below row, for four
//! channels each:
//!
//! ```text
//! scratch[strip][row][channel] = (column 2·strip, column 2·strip + 1)
//! ```
//!
//! so that with words a and b of two strips and words of weights two outputs are
//! `a·(k0, k1) + b.low·k2` and `a.high·k0 + b·(k1, k2)`. Bands follow from the top; the rows that the next band
//! sees again stay in scratch memory.
//!
//! The input may lie where the output is written if both start at the same byte: a channel overwrites bytes of its
//! own only, and those have been taken out before (see `overwrites_what_it_read` of the compiler).
//!
//! Weights are 12 bytes per channel, `[k0, k1, k1, k2]` for each row of the window.

#[cfg(not(edge_dsp))]
mod portable;

use super::requant::RECORD;
use crate::kernels::slices::window;
use crate::params::{PlanarDepthwise, Window2d};
use core::cell::Cell;

#[cfg(edge_dsp)]
use crate::arch::dsp::planar_depthwise as loops;
#[cfg(not(edge_dsp))]
use portable as loops;

/// Channels at a time.
pub const LANES: usize = 4;

/// Rows of a strip in scratch memory.
pub const ROWS: usize = 10;

/// Words of a strip.
pub const STRIP: usize = ROWS * LANES;

/// Bytes of the weights of a channel.
pub const WEIGHTS: usize = 12;

/// Taps along each axis.
const KERNEL: usize = 3;

/// int8 depthwise convolution; image `[batch, in_h, in_w, c]`, result `[batch, out_h, out_w, c]`.
///
/// `channels` holds four words for each channel, see [`crate::params::PackedRequant`], `scratch` [`scratch_len`]
/// words.
#[inline(always)]
pub fn planar_depthwise_s8(
    p: &PlanarDepthwise,
    x: &[Cell<i8>],
    weights: &[i8],
    channels: &[i32],
    scratch: &mut [i32],
    y: &[Cell<i8>],
) {
    run(p, loops::choose(p), x, weights, channels, scratch, y);
}

/// Words of scratch memory.
#[must_use]
pub fn scratch_len(p: &PlanarDepthwise) -> usize {
    let [_, columns] = Axis::both(p);
    columns.strips().wrapping_mul(STRIP)
}

/// Output rows of a band.
#[must_use]
pub const fn band_rows(stride: usize) -> usize {
    if stride == 2 { 4 } else { 8 }
}

/// Whether the input may lie where the output is written, both from the same byte on.
///
/// A channel's outputs lie in bytes of that channel, so all that matters is that a band never writes over pixels
/// that the bands behind it have still to bring to scratch memory.
#[must_use]
pub fn may_overwrite(p: &PlanarDepthwise) -> bool {
    let w = &p.window;
    let [rows, columns] = Axis::both(p);
    let most = band_rows(rows.stride);
    let same = w.in_h == w.out_h && w.in_w == w.out_w;
    if w.batch > 1 && !same {
        return false;
    }
    // Output rows before a band, against the input rows that are in scratch memory by then.
    let kept = |done: usize| {
        let seen = done
            .saturating_mul(rows.stride)
            .saturating_add(KERNEL - rows.stride.min(KERNEL))
            .saturating_sub(rows.pad);
        if p.transposed {
            same && done <= seen
        } else {
            done.saturating_mul(columns.out_len) <= seen.saturating_mul(columns.len)
        }
    };
    let mut done = most;
    while done < rows.out_len {
        if !kept(done) {
            return false;
        }
        done = done.saturating_add(most);
    }
    true
}

/// One axis of the image: lengths, bytes from one element to the next, padding in front.
#[derive(Clone, Copy)]
struct Axis {
    len: usize,
    step: usize,
    out_len: usize,
    out_step: usize,
    pad: usize,
    stride: usize,
}

impl Axis {
    /// The axis of the bands and that of the strips.
    fn both(p: &PlanarDepthwise) -> [Self; 2] {
        let w: &Window2d = &p.window;
        let rows = Self {
            len: w.in_h,
            step: w.in_w.wrapping_mul(w.in_c),
            out_len: w.out_h,
            out_step: w.out_w.wrapping_mul(w.out_c),
            pad: w.pad_top,
            stride: w.stride_h,
        };
        let columns = Self {
            len: w.in_w,
            step: w.in_c,
            out_len: w.out_w,
            out_step: w.out_c,
            pad: w.pad_left,
            stride: w.stride_w,
        };
        if p.transposed {
            [columns, rows]
        } else {
            [rows, columns]
        }
    }

    /// Strips that an even number of outputs looks at.
    fn strips(&self) -> usize {
        let pairs = self.out_len.div_ceil(2);
        pairs.wrapping_mul(self.stride).wrapping_add(1)
    }

    /// Where the element at a position lies, counted from the start of the padding; `None` in the padding.
    fn at(&self, position: usize) -> Option<usize> {
        let at = position.wrapping_sub(self.pad);
        (at < self.len).then(|| at.wrapping_mul(self.step))
    }

    /// Elements from a position inside the image on.
    fn behind(&self, position: usize) -> usize {
        self.len.wrapping_add(self.pad).wrapping_sub(position)
    }
}

/// What goes to scratch memory: four channels of some rows of all columns.
#[derive(Clone, Copy)]
pub(crate) struct Gather {
    /// First byte of the first row.
    pub(crate) row: usize,
    /// Bytes from a row to the next.
    pub(crate) row_step: usize,
    /// Rows, at least one.
    pub(crate) rows: usize,
    /// Bytes from a column to the next.
    pub(crate) column_step: usize,
    /// Columns of the image.
    pub(crate) len: usize,
    /// Columns of padding in front of them.
    pub(crate) pad_columns: usize,
    /// Strips, at least one.
    pub(crate) strips: usize,
    /// What stands in the padding.
    pub(crate) pad: i8,
}

/// The outputs of neighbouring channels that follow from the strips in scratch memory.
#[derive(Clone, Copy)]
pub(crate) struct Band<'a> {
    /// First output of the first channel.
    pub(crate) y: usize,
    /// Bytes from an output to the one below.
    pub(crate) below: usize,
    /// Bytes from an output to the one to the right.
    pub(crate) right: usize,
    /// Output rows, 1 to [`band_rows`].
    pub(crate) rows: usize,
    /// Output columns, at least one.
    pub(crate) columns: usize,
    /// Weights of the channels, [`WEIGHTS`] each.
    pub(crate) weights: &'a [i8],
    /// Records of the channels, [`RECORD`] each.
    pub(crate) records: &'a [i32],
    /// The first channel's place among the four.
    pub(crate) lane: usize,
}

impl Band<'_> {
    /// Number of channels, at most [`LANES`].
    pub(crate) fn lanes(&self) -> usize {
        LANES.wrapping_sub(self.lane)
    }
}

#[inline(never)]
fn run(
    p: &PlanarDepthwise,
    chosen: loops::Loop,
    x: &[Cell<i8>],
    weights: &[i8],
    channels: &[i32],
    scratch: &mut [i32],
    y: &[Cell<i8>],
) {
    let w = &p.window;
    let axes = Axis::both(p);
    let [rows, columns] = &axes;
    let Some(last) = w.in_c.checked_sub(LANES) else {
        return;
    };
    let most = band_rows(rows.stride);
    let image = w.in_h.wrapping_mul(w.in_w).wrapping_mul(w.in_c);
    let result = w.out_h.wrapping_mul(w.out_w).wrapping_mul(w.out_c);
    for batch in 0..w.batch {
        let mut done = 0;
        while done < w.in_c {
            // The last four channels may be among those before.
            let first = done.min(last);
            let x = x
                .get(batch.wrapping_mul(image).wrapping_add(first)..)
                .unwrap_or_default();
            let mut from = 0;
            while from < rows.out_len {
                let count = rows.out_len.wrapping_sub(from).min(most);
                let fresh = done == 0 || rows.out_len > most;
                fill(p, &axes, from, count, fresh, x, scratch);
                let behind = w.in_c.wrapping_sub(done).min(LANES);
                let band = Band {
                    y: batch
                        .wrapping_mul(result)
                        .wrapping_add(done)
                        .wrapping_add(from.wrapping_mul(rows.out_step)),
                    below: rows.out_step,
                    right: columns.out_step,
                    rows: count,
                    columns: columns.out_len,
                    weights: window(
                        weights,
                        done.wrapping_mul(WEIGHTS),
                        behind.wrapping_mul(WEIGHTS),
                    ),
                    records: window(
                        channels,
                        done.wrapping_mul(RECORD),
                        behind.wrapping_mul(RECORD),
                    ),
                    lane: done.wrapping_sub(first),
                };
                loops::band(p, chosen, &band, scratch, y);
                from = from.wrapping_add(count);
            }
            done = first.wrapping_add(LANES);
        }
    }
}

/// Brings the input rows of a band of `count` output rows from `from` on to scratch memory. Unless `fresh`, rows of
/// padding are there already.
fn fill(
    p: &PlanarDepthwise,
    [rows, columns]: &[Axis; 2],
    from: usize,
    count: usize,
    fresh: bool,
    x: &[Cell<i8>],
    scratch: &mut [i32],
) {
    let needed = count
        .wrapping_sub(1)
        .wrapping_mul(rows.stride)
        .wrapping_add(KERNEL);
    let strips = columns.strips();
    let mut next = 0;
    if from > 0 {
        next = KERNEL.wrapping_sub(rows.stride);
        let seen = band_rows(rows.stride).wrapping_mul(rows.stride);
        loops::carry(seen, next, strips, scratch);
    }
    let first = from.wrapping_mul(rows.stride);
    while next < needed {
        let position = first.wrapping_add(next);
        let Some(row) = rows.at(position) else {
            if fresh {
                loops::blank(p.pad_value, next, strips, scratch);
            }
            next = next.wrapping_add(1);
            continue;
        };
        let run = rows.behind(position).min(needed.wrapping_sub(next));
        let gather = Gather {
            row,
            row_step: rows.step,
            rows: run,
            column_step: columns.step,
            len: columns.len,
            pad_columns: columns.pad,
            strips,
            pad: p.pad_value,
        };
        let to = next.wrapping_mul(LANES);
        loops::gather(&gather, x, scratch.get_mut(to..).unwrap_or_default());
        next = next.wrapping_add(run);
    }
}
