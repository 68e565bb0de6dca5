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

#[cfg_attr(edge_dsp, allow(dead_code, reason = "the assembly does it"))]
mod portable;

use super::requant::RECORD;
use crate::kernels::slices::{chunk, window_mut};
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

/// 16-bit numbers of a strip.
pub const STRIP: usize = ROWS * ROW;

/// 16-bit numbers of a row of a strip.
pub(crate) const ROW: usize = 2 * LANES;

/// Bytes of the weights of a channel.
pub const WEIGHTS: usize = 12;

/// Taps along each axis.
const KERNEL: usize = 3;

/// int8 depthwise convolution; image `[batch, in_h, in_w, c]`, result `[batch, out_h, out_w, c]`.
///
/// `channels` holds four words for each channel, see [`crate::params::PackedRequant`], `scratch`
/// [`scratch_len`] numbers.
#[inline(always)]
pub fn planar_depthwise_s8(
    p: &PlanarDepthwise,
    x: &[Cell<i8>],
    weights: &[i8],
    channels: &[i32],
    scratch: &mut [i16],
    y: &[Cell<i8>],
) {
    run(p, x, weights, channels, scratch, y);
}

/// Numbers of scratch memory.
#[must_use]
pub fn scratch_len(p: &PlanarDepthwise) -> usize {
    let [_, columns] = Axis::both(p);
    columns.strips().wrapping_mul(STRIP)
}

/// Output rows of a band, along the axis that is walked in bands.
#[must_use]
pub const fn band_rows(stride: usize) -> usize {
    if stride == 2 { 4 } else { 8 }
}

/// One axis of the image: input and output length, bytes from one element to the next, padding in front.
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

    /// Strips that the outputs look at, of an even number of outputs with stride 1 or 2.
    fn strips(&self) -> usize {
        let pairs = self.out_len.div_ceil(2);
        pairs.wrapping_mul(self.stride).wrapping_add(1)
    }

    /// The element of the image at a position behind the start of the padding.
    fn at(&self, position: usize) -> Option<usize> {
        let at = position.wrapping_sub(self.pad);
        (at < self.len).then(|| at.wrapping_mul(self.step))
    }
}

/// Bytes of `x` that go to scratch memory: two columns and the strips beside them.
#[derive(Clone, Copy)]
pub(crate) struct Gather {
    /// First bytes of two columns; `None` in the padding.
    pub(crate) columns: [Option<usize>; 2],
    /// Bytes from a row to the next.
    pub(crate) row_step: usize,
    /// Rows, at least one.
    pub(crate) rows: usize,
    /// Bytes from a strip to the next.
    pub(crate) strip_step: usize,
    /// Strips, at least one.
    pub(crate) strips: usize,
    /// What stands in the padding.
    pub(crate) pad: i8,
}

/// Outputs of one channel that the strips in scratch memory are enough for.
#[derive(Clone, Copy)]
pub(crate) struct Band<'a> {
    /// First output.
    pub(crate) y: usize,
    /// Bytes from an output to the one below.
    pub(crate) row_step: usize,
    /// Bytes from an output to the one to the right.
    pub(crate) column_step: usize,
    /// Output rows, 1 to [`band_rows`].
    pub(crate) rows: usize,
    /// Output columns, at least one.
    pub(crate) columns: usize,
    /// Weights of the channel.
    pub(crate) weights: &'a [i8; WEIGHTS],
    /// Record of the channel.
    pub(crate) record: &'a [i32; RECORD],
    /// The first channel's.
    pub(crate) lane: usize,
}

#[inline(never)]
fn run(
    p: &PlanarDepthwise,
    x: &[Cell<i8>],
    weights: &[i8],
    channels: &[i32],
    scratch: &mut [i16],
    y: &[Cell<i8>],
) {
    let w = &p.window;
    let [rows, columns] = Axis::both(p);
    let Some(last) = w.in_c.checked_sub(LANES) else {
        return;
    };
    let most = band_rows(rows.stride);
    for batch in 0..w.batch {
        let image = batch.wrapping_mul(w.in_h.wrapping_mul(w.in_w).wrapping_mul(w.in_c));
        let result = batch.wrapping_mul(w.out_h.wrapping_mul(w.out_w).wrapping_mul(w.out_c));
        let mut done = 0;
        while done < w.in_c {
            let first = done.min(last);
            let x = x.get(image.wrapping_add(first)..).unwrap_or_default();
            let mut from = 0;
            while from < rows.out_len {
                let count = rows.out_len.wrapping_sub(from).min(most);
                fill(p, [&rows, &columns], from, count, x, scratch);
                for lane in done.wrapping_sub(first)..LANES {
                    let channel = first.wrapping_add(lane);
                    let (Some(weights), Some(record)) = (
                        chunk(weights, channel.wrapping_mul(WEIGHTS)),
                        chunk(channels, channel.wrapping_mul(RECORD)),
                    ) else {
                        return;
                    };
                    let band = Band {
                        y: result
                            .wrapping_add(channel)
                            .wrapping_add(from.wrapping_mul(rows.out_step)),
                        row_step: rows.out_step,
                        column_step: columns.out_step,
                        rows: count,
                        columns: columns.out_len,
                        weights,
                        record,
                        lane,
                    };
                    loops::band(p, &band, scratch, y);
                }
                from = from.wrapping_add(count);
            }
            done = first.wrapping_add(LANES);
        }
    }
}

/// Brings the input rows of a band of `count` output rows from `from` on to scratch memory.
fn fill(
    p: &PlanarDepthwise,
    [rows, columns]: [&Axis; 2],
    from: usize,
    count: usize,
    x: &[Cell<i8>],
    scratch: &mut [i16],
) {
    let needed = count
        .wrapping_sub(1)
        .wrapping_mul(rows.stride)
        .wrapping_add(KERNEL);
    let mut next = 0;
    if from > 0 {
        next = KERNEL.wrapping_sub(rows.stride);
        carry(
            scratch,
            band_rows(rows.stride).wrapping_mul(rows.stride),
            next,
        );
    }
    let first = from.wrapping_mul(rows.stride);
    let strips = columns.strips();
    while next < needed {
        let position = first.wrapping_add(next);
        let Some(row) = rows.at(position) else {
            blank(scratch, next, p.pad_value);
            next = next.wrapping_add(1);
            continue;
        };
        let inside = rows.len.wrapping_add(rows.pad).wrapping_sub(position);
        let run = inside.min(needed.wrapping_sub(next));
        let mut strip = 0;
        while strip < strips {
            let at = strip.wrapping_mul(2);
            let place = [columns.at(at), columns.at(at.wrapping_add(1))]
                .map(|at| at.map(|at| at.wrapping_add(row)));
            // Strips inside the image go together.
            let mut together = 1;
            if let [Some(_), Some(_)] = place {
                let inside = columns.len.wrapping_add(columns.pad).wrapping_sub(at) / 2;
                together = inside.min(strips.wrapping_sub(strip));
            }
            let gather = Gather {
                columns: place,
                row_step: rows.step,
                rows: run,
                strip_step: columns.step.wrapping_mul(2),
                strips: together,
                pad: p.pad_value,
            };
            let to = strip
                .wrapping_mul(STRIP)
                .wrapping_add(next.wrapping_mul(ROW));
            loops::gather(&gather, x, scratch.get_mut(to..).unwrap_or_default());
            strip = strip.wrapping_add(together);
        }
        next = next.wrapping_add(run);
    }
}

/// Moves `count` rows from row `from` on to the top of every strip.
fn carry(scratch: &mut [i16], from: usize, count: usize) {
    for strip in scratch.chunks_exact_mut(STRIP) {
        for row in 0..count {
            let from = from.wrapping_add(row).wrapping_mul(ROW);
            let kept: [i16; ROW] = chunk(strip, from).copied().unwrap_or([0; ROW]);
            let to = window_mut(strip, row.wrapping_mul(ROW), ROW);
            if let Some(to) = to.first_chunk_mut() {
                *to = kept;
            }
        }
    }
}

/// Fills a row of every strip with the padding.
fn blank(scratch: &mut [i16], row: usize, pad: i8) {
    for strip in scratch.chunks_exact_mut(STRIP) {
        let to = window_mut(strip, row.wrapping_mul(ROW), ROW);
        if let Some(to) = to.first_chunk_mut() {
            *to = [pad as i16; ROW];
        }
    }
}
