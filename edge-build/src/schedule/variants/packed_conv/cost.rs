//! Estimated cycles, fitted to counts of the simulator.

use super::{LANES, taps};
use edge_core::params::{Issue, Window2d};

/// Cycles by what takes them.
struct Costs {
    /// Four taps of a tile of three pixels by two channels.
    quad: u64,
    /// The rest of such a tile.
    pair: u64,
    /// Widening four numbers of a window.
    widened: u64,
    /// A row of a window that is widened where it lies.
    row: u64,
    /// Copying four bytes of a window that is not.
    copied: u64,
    /// A row of such a window.
    copied_row: u64,
    /// The rest of a pixel.
    pixel: u64,
    /// The rest of such a pixel whose window is copied.
    copied_pixel: u64,
}

/// Cycles of a layer.
pub(super) fn cycles(window: &Window2d, issue: Issue, _wide: bool) -> u64 {
    let costs = match issue {
        Issue::Single => Costs {
            quad: 25,
            pair: 72,
            widened: 7,
            row: 12,
            copied: 6,
            copied_row: 30,
            pixel: 100,
            copied_pixel: 150,
        },
        Issue::Dual => Costs {
            quad: 15,
            pair: 40,
            widened: 5,
            row: 8,
            copied: 4,
            copied_row: 20,
            pixel: 60,
            copied_pixel: 100,
        },
    };
    let quads = (taps(window) / 4) as u64;
    let pairs = window.out_c.div_ceil(2) as u64;
    let pixels = window.batch * window.out_h * window.out_w;
    let lanes = (pixels.div_ceil(LANES) * LANES) as u64;
    let copied = copied_lanes(window, lanes);
    let rows = window.kernel_h as u64;
    let tile = pairs * (quads * costs.quad + costs.pair);
    lanes / LANES as u64 * tile
        + lanes * (quads * costs.widened + costs.pixel)
        + (lanes - copied) * rows * costs.row
        + copied * (rows * costs.copied_row + quads * costs.copied + costs.copied_pixel)
}

/// How many of the pixels have windows that are copied before they are widened.
fn copied_lanes(window: &Window2d, lanes: u64) -> u64 {
    let neighbours = window.dilation_w == 1 || window.kernel_w == 1;
    if !neighbours || !(window.kernel_w * window.in_c).is_multiple_of(4) {
        return lanes;
    }
    let inside = |out: usize, stride: usize, pad: usize, reach: usize, len: usize| {
        let is_inside = |at: &usize| at * stride >= pad && at * stride + reach < len + pad;
        (0..out).filter(is_inside).count()
    };
    let rows = inside(
        window.out_h,
        window.stride_h,
        window.pad_top,
        (window.kernel_h - 1) * window.dilation_h,
        window.in_h,
    );
    let columns = inside(
        window.out_w,
        window.stride_w,
        window.pad_left,
        (window.kernel_w - 1) * window.dilation_w,
        window.in_w,
    );
    lanes.saturating_sub((window.batch * rows * columns) as u64)
}
