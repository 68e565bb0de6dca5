//! Windows of pixels as 16-bit numbers in scratch memory.

#[cfg(not(edge_dsp))]
use super::LANES;
use super::QUAD;
use crate::kernels::slices::window;
#[cfg(not(edge_dsp))]
use crate::kernels::slices::window_mut;
use crate::kernels::window::{Pixel, Taps};
use crate::params::Window2d;
use core::cell::Cell;

/// Rows of numbers that are widened and lie behind each other afterwards.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    /// Number of rows.
    pub(crate) count: usize,
    /// Numbers of a row, divisible by four, at least four.
    pub(crate) len: usize,
    /// From the start of a row to the next.
    pub(crate) stride: usize,
}

/// The output pixels in their order.
pub(super) struct Walk<'a> {
    w: &'a Window2d,
    batch: usize,
    out_y: usize,
    out_x: usize,
    rows: Taps,
    /// The first column of the first window that reaches over the right edge.
    right: usize,
    /// Numbers of a row of the window if its taps are neighbours, else of a tap.
    run: usize,
}

impl<'a> Walk<'a> {
    #[inline(always)]
    pub(super) fn new(w: &'a Window2d) -> Self {
        let reach = w.kernel_w.wrapping_sub(1).wrapping_mul(w.dilation_w);
        let run_taps = if w.dilation_w == 1 { w.kernel_w } else { 1 };
        Self {
            w,
            batch: 0,
            out_y: 0,
            out_x: 0,
            rows: Taps::vertical(w, 0),
            right: w.in_w.saturating_sub(reach),
            run: run_taps.wrapping_mul(w.in_c),
        }
    }

    /// Goes to the next pixel.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        self.out_x = self.out_x.wrapping_add(1);
        if self.out_x < self.w.out_w {
            return;
        }
        self.out_x = 0;
        self.out_y = self.out_y.wrapping_add(1);
        if self.out_y >= self.w.out_h {
            self.out_y = 0;
            self.batch = self.batch.wrapping_add(1);
        }
        self.rows = Taps::vertical(self.w, self.out_y);
    }

    /// Gathers the window of the pixel for a lane of the tile.
    ///
    /// `bytes` holds windows that cannot be widened where they lie: such as reach over an edge, or rows whose
    /// length is not divisible by four.
    #[inline(always)]
    pub(super) fn gather(
        &self,
        x: &[Cell<i8>],
        pad_value: i8,
        bytes: &mut [i8],
        windows: &mut [i16],
        lane: usize,
    ) {
        let w = self.w;
        let column = self.out_x.wrapping_mul(w.stride_w).wrapping_sub(w.pad_left);
        let whole_rows = self.run == w.kernel_w.wrapping_mul(w.in_c) && self.run % QUAD == 0;
        if whole_rows && column < self.right && self.rows.inside() == w.kernel_h {
            let row = self
                .batch
                .wrapping_mul(w.in_h)
                .wrapping_add(self.rows.position(0));
            let at = row
                .wrapping_mul(w.in_w)
                .wrapping_add(column)
                .wrapping_mul(w.in_c);
            let stride = w.dilation_h.wrapping_mul(w.in_w).wrapping_mul(w.in_c);
            let rows = Rows {
                count: w.kernel_h,
                len: self.run,
                stride,
            };
            widen(x.get(at..).unwrap_or_default(), rows, windows, lane);
        } else {
            self.copy(x, pad_value, bytes);
            let bytes = Cell::from_mut(bytes).as_slice_of_cells();
            let rows = Rows {
                count: 1,
                len: bytes.len(),
                stride: 0,
            };
            widen(bytes, rows, windows, lane);
        }
    }

    /// Copies the window as bytes.
    fn copy(&self, x: &[Cell<i8>], pad_value: i8, bytes: &mut [i8]) {
        let w = self.w;
        let pixel = Pixel {
            batch: self.batch,
            rows: self.rows,
            columns: Taps::horizontal(w, self.out_x),
        };
        if !pixel.is_inside(w) {
            bytes.fill(pad_value);
        }
        let bytes = Cell::from_mut(bytes).as_slice_of_cells();
        let taps = pixel.columns;
        let step = if w.dilation_w == 1 { taps.inside() } else { 1 };
        let len = step.wrapping_mul(w.in_c);
        for tap_y in self.rows.first..self.rows.end {
            let mut tap = taps.first;
            while tap < taps.end {
                let from = pixel.index(w, self.rows.position(tap_y), taps.position(tap));
                let to = tap_y.wrapping_mul(w.kernel_w).wrapping_add(tap);
                let to = to.wrapping_mul(w.in_c);
                let to = bytes.get(to..to.wrapping_add(len)).unwrap_or_default();
                copy_cells(window(x, from, len), to);
                tap = tap.wrapping_add(step);
            }
        }
    }
}

/// Copies as many numbers as both have.
#[inline(always)]
fn copy_cells(from: &[Cell<i8>], to: &[Cell<i8>]) {
    #[cfg(edge_dsp)]
    crate::arch::dsp::copy_cells(from, to);
    #[cfg(not(edge_dsp))]
    for (to, from) in to.iter().zip(from) {
        to.set(from.get());
    }
}

/// Widens rows of numbers to a lane of the windows of a tile, each four in the order `0 2 1 3`.
#[inline(always)]
fn widen(x: &[Cell<i8>], rows: Rows, windows: &mut [i16], lane: usize) {
    #[cfg(edge_dsp)]
    crate::arch::dsp::widen(x, rows, windows, lane);
    #[cfg(not(edge_dsp))]
    widen_portable(x, rows, windows, lane);
}

/// [`widen`] in plain Rust.
#[cfg(not(edge_dsp))]
fn widen_portable(x: &[Cell<i8>], rows: Rows, windows: &mut [i16], lane: usize) {
    let mut to = lane.wrapping_mul(2);
    for row in 0..rows.count {
        let row = window(x, row.wrapping_mul(rows.stride), rows.len);
        let mut at = 0;
        while let Some([a, b, c, d]) = row.get(at..).and_then(<[Cell<i8>]>::first_chunk) {
            for pair in [[a, c], [b, d]] {
                if let [first, second] = window_mut(windows, to, 2) {
                    *first = i16::from(pair[0].get());
                    *second = i16::from(pair[1].get());
                }
                to = to.wrapping_add(2 * LANES);
            }
            at = at.wrapping_add(QUAD);
        }
    }
}
