//! Windows over NHWC images: which taps lie inside, and a walk over blocks of channels.

use super::slices::{chunk, put};
use crate::params::Window2d;

/// The taps of a window along one axis, for one output position.
///
/// Positions are numbers modulo 2ⁿ: those before the image wrap around and are outside like those behind it.
#[derive(Clone, Copy)]
pub(super) struct Taps {
    origin: usize,
    dilation: usize,
    /// First tap inside the image.
    pub(super) first: usize,
    /// The tap behind the last one inside.
    pub(super) end: usize,
}

impl Taps {
    /// Taps of output row `at`.
    #[inline(always)]
    pub(super) fn vertical(w: &Window2d, at: usize) -> Self {
        let origin = at.wrapping_mul(w.stride_h).wrapping_sub(w.pad_top);
        Self::new(origin, w.dilation_h, w.kernel_h, w.in_h)
    }

    /// Taps of output column `at`.
    #[inline(always)]
    pub(super) fn horizontal(w: &Window2d, at: usize) -> Self {
        let origin = at.wrapping_mul(w.stride_w).wrapping_sub(w.pad_left);
        Self::new(origin, w.dilation_w, w.kernel_w, w.in_w)
    }

    #[inline(always)]
    fn new(origin: usize, dilation: usize, kernel: usize, len: usize) -> Self {
        let mut taps = Self {
            origin,
            dilation,
            first: 0,
            end: 0,
        };
        while taps.first < kernel && taps.position(taps.first) >= len {
            taps.first += 1;
        }
        taps.end = taps.first;
        while taps.end < kernel && taps.position(taps.end) < len {
            taps.end += 1;
        }
        taps
    }

    /// Row or column of the image under a tap.
    #[inline(always)]
    pub(super) fn position(self, tap: usize) -> usize {
        self.origin.wrapping_add(tap.wrapping_mul(self.dilation))
    }

    /// Whether a tap lies inside the image.
    #[inline(always)]
    pub(super) fn contains(self, tap: usize) -> bool {
        self.first <= tap && tap < self.end
    }

    /// Number of taps inside the image.
    #[inline(always)]
    pub(super) fn inside(self) -> usize {
        self.end.wrapping_sub(self.first)
    }
}

/// An output pixel: its image and the taps of its window.
#[derive(Clone, Copy)]
pub(super) struct Pixel {
    pub(super) batch: usize,
    pub(super) rows: Taps,
    pub(super) columns: Taps,
}

impl Pixel {
    /// Index of the first channel of the input pixel at a row and a column.
    #[inline(always)]
    pub(super) fn index(self, w: &Window2d, row: usize, column: usize) -> usize {
        self.batch
            .wrapping_mul(w.in_h)
            .wrapping_add(row)
            .wrapping_mul(w.in_w)
            .wrapping_add(column)
            .wrapping_mul(w.in_c)
    }

    /// The same with one column of its taps.
    #[inline(always)]
    pub(super) fn column(self, tap: usize) -> Self {
        let columns = Taps {
            first: tap,
            end: tap.wrapping_add(1),
            ..self.columns
        };
        Self { columns, ..self }
    }

    /// Whether all taps lie inside the image.
    #[inline(always)]
    pub(super) fn is_inside(self, w: &Window2d) -> bool {
        self.rows.inside() == w.kernel_h && self.columns.inside() == w.kernel_w
    }

    /// Calls `visit` with `N` channels from `channel` on of every tap inside the image, row by row.
    #[inline(always)]
    pub(super) fn each_inside<T, const N: usize>(
        self,
        w: &Window2d,
        x: &[T],
        channel: usize,
        mut visit: impl FnMut(&[T; N]),
    ) {
        for tap_y in self.rows.first..self.rows.end {
            let row = self.rows.position(tap_y);
            for tap_x in self.columns.first..self.columns.end {
                let at = self.index(w, row, self.columns.position(tap_x));
                if let Some(channels) = chunk(x, at.wrapping_add(channel)) {
                    visit(channels);
                }
            }
        }
    }
}

/// A function that gives all channels of an output pixel, a block of channels at a time.
pub(super) trait ChannelBlocks {
    /// Outputs.
    type Element;

    /// Channels `channel..channel + N` of a pixel.
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [Self::Element; N];
}

/// Channels in one block where their accumulators shall fit the registers.
pub(super) const BLOCK: usize = if cfg!(target_pointer_width = "64") {
    8
} else {
    4
};

/// Fills an output with a function of its pixels, in blocks of `N` channels, or if not `blocked` one by one.
///
/// The last block ends with the last channel; where the number of channels is no multiple of `N` it computes
/// some of them again.
#[inline(always)]
pub(super) fn fill_pixels<F: ChannelBlocks, const N: usize>(
    f: &F,
    w: &Window2d,
    blocked: bool,
    y: &mut [F::Element],
) {
    let mut at = 0;
    for batch in 0..w.batch {
        for out_y in 0..w.out_h {
            let rows = Taps::vertical(w, out_y);
            for out_x in 0..w.out_w {
                let pixel = Pixel {
                    batch,
                    rows,
                    columns: Taps::horizontal(w, out_x),
                };
                if blocked && w.out_c >= N {
                    let last = w.out_c - N;
                    for block in 0..w.out_c.div_ceil(N) {
                        let channel = block.wrapping_mul(N).min(last);
                        put(y, channel.wrapping_add(at), f.block::<N>(pixel, channel));
                    }
                } else {
                    for channel in 0..w.out_c {
                        put(y, channel.wrapping_add(at), f.block::<1>(pixel, channel));
                    }
                }
                at = at.wrapping_add(w.out_c);
            }
        }
    }
}
