//! Windows of pixels as 16-bit numbers in scratch memory.

#[cfg(not(edge_dsp))]
use super::LANES;
use super::QUAD;
use crate::kernels::slices::window;
use crate::params::{PackedConv2d, Window2d};
use core::cell::Cell;

/// Rows of numbers of one length.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    /// Number of rows.
    pub(crate) count: usize,
    /// Numbers of a row.
    pub(crate) len: usize,
    /// From the start of a row to the next.
    pub(crate) stride: usize,
}

impl Rows {
    fn one(len: usize) -> Self {
        Self {
            count: 1,
            len,
            stride: 0,
        }
    }
}

/// Lanes of a tile.
#[derive(Clone, Copy)]
pub(crate) struct Lanes {
    pub(crate) first: usize,
    pub(crate) count: usize,
    /// From where one starts in the image to where the next does.
    pub(crate) stride: usize,
}

impl Lanes {
    fn one(first: usize) -> Self {
        Self {
            first,
            count: 1,
            stride: 0,
        }
    }
}

/// The taps of a window along an axis that lie inside the image.
#[derive(Clone, Copy)]
struct Inside {
    first: usize,
    count: usize,
}

impl Inside {
    /// Of `kernel` taps from `origin` on.
    fn new(origin: isize, dilation: usize, kernel: usize, len: usize) -> Self {
        let steps = |way: isize| {
            let way = way.max(0) as usize;
            let up = way.wrapping_add(dilation).wrapping_sub(1);
            up.checked_div(dilation).unwrap_or(0).min(kernel)
        };
        let first = steps(0isize.wrapping_sub(origin));
        Self {
            first,
            count: steps((len as isize).wrapping_sub(origin)).saturating_sub(first),
        }
    }
}

/// The output pixels in their order.
pub(super) struct Walk<'a> {
    p: &'a PackedConv2d,
    taps: usize,
    x: &'a [Cell<i8>],
    /// For windows that cannot be widened where they lie: such as reach over an edge, or rows whose length is not
    /// divisible by four.
    bytes: &'a [Cell<i8>],
    windows: &'a [Cell<i16>],
    batch: usize,
    out_y: usize,
    out_x: usize,
    /// Where the window starts, modulo 2ⁿ.
    at: usize,
    /// From a window to the next one.
    step: usize,
    /// The rows of a window, if its taps are neighbours.
    whole: Rows,
    /// First and number of the columns of windows that lie wholly inside the image.
    inside: [usize; 2],
    /// Rows of the window inside the image.
    rows: Inside,
}

impl<'a> Walk<'a> {
    #[inline(never)]
    pub(super) fn new(
        p: &'a PackedConv2d,
        taps: usize,
        x: &'a [Cell<i8>],
        bytes: &'a [Cell<i8>],
        windows: &'a [Cell<i16>],
    ) -> Self {
        let w = &p.window;
        let mut walk = Self {
            p,
            taps,
            x,
            bytes,
            windows,
            batch: 0,
            out_y: 0,
            out_x: 0,
            at: 0,
            step: w.stride_w.wrapping_mul(w.in_c),
            whole: Rows {
                count: w.kernel_h,
                len: w.kernel_w.wrapping_mul(w.in_c),
                stride: w.dilation_h.wrapping_mul(w.in_w).wrapping_mul(w.in_c),
            },
            inside: columns_inside(w),
            rows: Inside { first: 0, count: 0 },
        };
        walk.start_row();
        walk
    }

    #[inline(never)]
    fn start_row(&mut self) {
        let w = &self.p.window;
        if self.out_y >= w.out_h {
            self.out_y = 0;
            self.batch = self.batch.wrapping_add(1);
        }
        self.out_x = 0;
        let top = self.out_y.wrapping_mul(w.stride_h).wrapping_sub(w.pad_top);
        self.rows = Inside::new(top as isize, w.dilation_h, w.kernel_h, w.in_h);
        self.at = self.index(top, 0usize.wrapping_sub(w.pad_left));
    }

    /// Index of the first channel of the input pixel at a row and a column.
    fn index(&self, row: usize, column: usize) -> usize {
        let w = &self.p.window;
        let row = self.batch.wrapping_mul(w.in_h).wrapping_add(row);
        row.wrapping_mul(w.in_w)
            .wrapping_add(column)
            .wrapping_mul(w.in_c)
    }

    /// Goes ahead within a row or to the start of the next one.
    #[inline(never)]
    pub(super) fn advance(&mut self, pixels: usize) {
        self.out_x = self.out_x.wrapping_add(pixels);
        self.at = self.at.wrapping_add(pixels.wrapping_mul(self.step));
        if self.out_x >= self.p.window.out_w {
            self.out_y = self.out_y.wrapping_add(1);
            self.start_row();
        }
    }

    /// Whether the windows of so many pixels from here on lie wholly inside the image.
    #[inline(always)]
    pub(super) fn is_inside(&self, pixels: usize) -> bool {
        let [first, count] = self.inside;
        let column = self.out_x.wrapping_sub(first);
        self.rows.count == self.p.window.kernel_h
            && column < count
            && count.wrapping_sub(column) >= pixels
    }

    /// Gathers the windows of `count` pixels from here on, which lie inside the image, for lanes from `first` on.
    #[inline(never)]
    pub(super) fn gather_inside(&self, first: usize, count: usize) {
        let x = self.x.get(self.at..).unwrap_or_default();
        let lanes = Lanes {
            first,
            count,
            stride: self.step,
        };
        if self.whole.len % QUAD == 0 {
            widen(x, self.whole, lanes, self.windows);
            return;
        }
        copy(
            x,
            self.whole,
            lanes,
            self.bytes,
            [self.whole.len, self.taps],
        );
        let lanes = Lanes {
            stride: self.taps,
            ..lanes
        };
        widen(self.bytes, Rows::one(self.taps), lanes, self.windows);
    }

    /// Gathers the window of the pixel for a lane.
    #[inline(never)]
    pub(super) fn gather(&self, lane: usize) {
        if self.is_inside(1) {
            self.gather_inside(lane, 1);
            return;
        }
        fill(window(self.bytes, 0, self.taps), self.p.pad_value);
        self.copy_partly();
        let rows = Rows::one(self.taps);
        widen(self.bytes, rows, Lanes::one(lane), self.windows);
    }

    /// Copies what of the window lies inside the image.
    #[inline(never)]
    fn copy_partly(&self) {
        let w = &self.p.window;
        let left = self.out_x.wrapping_mul(w.stride_w).wrapping_sub(w.pad_left);
        let top = self.out_y.wrapping_mul(w.stride_h).wrapping_sub(w.pad_top);
        let taps = Inside::new(left as isize, w.dilation_w, w.kernel_w, w.in_w);
        let column = left.wrapping_add(taps.first.wrapping_mul(w.dilation_w));
        // Neighbouring taps are a row of a block, others a row each.
        let mut block = Rows {
            count: self.rows.count,
            len: taps.count.wrapping_mul(w.in_c),
            stride: self.whole.stride,
        };
        let (mut step, mut blocks) = (self.whole.len, 1);
        if w.dilation_w != 1 {
            blocks = self.rows.count;
            step = w.in_c;
            block = Rows {
                count: taps.count,
                len: w.in_c,
                stride: w.dilation_w.wrapping_mul(w.in_c),
            };
        }
        for tap in self.rows.first..self.rows.first.wrapping_add(blocks) {
            let from = self.index(top.wrapping_add(tap.wrapping_mul(w.dilation_h)), column);
            let to = tap.wrapping_mul(w.kernel_w).wrapping_add(taps.first);
            copy(
                self.x.get(from..).unwrap_or_default(),
                block,
                Lanes::one(0),
                self.bytes
                    .get(to.wrapping_mul(w.in_c)..)
                    .unwrap_or_default(),
                [step, 0],
            );
        }
    }
}

/// First and number of the output columns whose windows reach over no edge, if their taps are neighbours.
fn columns_inside(w: &Window2d) -> [usize; 2] {
    let reach = w.kernel_w.wrapping_sub(1).wrapping_mul(w.dilation_w);
    let first = w.pad_left.wrapping_add(w.stride_w).wrapping_sub(1);
    let first = first.checked_div(w.stride_w).unwrap_or(0);
    let room = w
        .in_w
        .wrapping_add(w.pad_left)
        .checked_sub(reach.wrapping_add(1));
    let last = room.and_then(|room| room.checked_div(w.stride_w));
    let end = last.map_or(0, |last| last.wrapping_add(1).min(w.out_w));
    let neighbours = w.dilation_w == 1 || w.kernel_w == 1;
    let count = if neighbours {
        end.saturating_sub(first)
    } else {
        0
    };
    [first, count]
}

/// Sets all numbers.
#[inline(always)]
fn fill(bytes: &[Cell<i8>], value: i8) {
    #[cfg(edge_dsp)]
    crate::arch::dsp::fill_cells(bytes, value);
    #[cfg(not(edge_dsp))]
    for byte in bytes {
        byte.set(value);
    }
}

/// Copies rows; those of a lane start `steps[0]` behind each other, those of lanes `steps[1]`.
#[inline(always)]
fn copy(x: &[Cell<i8>], rows: Rows, lanes: Lanes, bytes: &[Cell<i8>], steps: [usize; 2]) {
    #[cfg(edge_dsp)]
    crate::arch::dsp::copy_rows(x, rows, lanes, bytes, steps);
    #[cfg(not(edge_dsp))]
    for lane in 0..lanes.count {
        for row in 0..rows.count {
            let at = |strides: [usize; 2]| {
                row.wrapping_mul(strides[0])
                    .wrapping_add(lane.wrapping_mul(strides[1]))
            };
            let from = window(x, at([rows.stride, lanes.stride]), rows.len);
            let to = window(bytes, at(steps), rows.len);
            for (to, from) in to.iter().zip(from) {
                to.set(from.get());
            }
        }
    }
}

/// Widens rows of numbers, whose length is divisible by four, to lanes of the windows of a tile; each four in
/// the order `0 2 1 3`.
#[inline(always)]
fn widen(x: &[Cell<i8>], rows: Rows, lanes: Lanes, windows: &[Cell<i16>]) {
    #[cfg(edge_dsp)]
    crate::arch::dsp::widen_rows(x, rows, lanes, windows);
    #[cfg(not(edge_dsp))]
    for lane in 0..lanes.count {
        let x = x.get(lane.wrapping_mul(lanes.stride)..).unwrap_or_default();
        widen_lane(x, rows, windows, lane.wrapping_add(lanes.first));
    }
}

/// [`widen`] of a lane in plain Rust.
#[cfg(not(edge_dsp))]
fn widen_lane(x: &[Cell<i8>], rows: Rows, windows: &[Cell<i16>], lane: usize) {
    let mut to = lane.wrapping_mul(2);
    for row in 0..rows.count {
        let row = window(x, row.wrapping_mul(rows.stride), rows.len);
        let mut at = 0;
        while let Some([a, b, c, d]) = row.get(at..).and_then(<[Cell<i8>]>::first_chunk) {
            for pair in [[a, c], [b, d]] {
                let place = window(windows, to, 2);
                if let [first, second] = place {
                    first.set(i16::from(pair[0].get()));
                    second.set(i16::from(pair[1].get()));
                }
                to = to.wrapping_add(2 * LANES);
            }
            at = at.wrapping_add(QUAD);
        }
    }
}
