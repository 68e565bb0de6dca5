//! Estimated cycles, fitted to counts of the simulator.

use super::{LANES, taps};
use edge_core::params::{Issue, Window2d};

/// Cycles by what takes them.
struct Costs {
    /// Two times four taps of a tile of three pixels by two channels.
    two_quads: u64,
    /// The rest of such a tile.
    pair: u64,
    /// Widening four numbers of a window.
    widened: u64,
    /// A row of a window.
    row: u64,
    /// Copying four bytes of a window that cannot be widened where it lies.
    copied: u64,
    /// The rest of a pixel.
    pixel: u64,
    /// The rest of a pixel whose window is copied.
    copied_pixel: u64,
    /// The rest of a pixel whose window reaches over an edge.
    edge_pixel: u64,
}

const SINGLE: Costs = Costs {
    two_quads: 50,
    pair: 72,
    widened: 7,
    row: 16,
    copied: 6,
    pixel: 100,
    copied_pixel: 60,
    edge_pixel: 350,
};

const DUAL: Costs = Costs {
    two_quads: 25,
    pair: 45,
    widened: 5,
    row: 10,
    copied: 4,
    pixel: 75,
    copied_pixel: 40,
    edge_pixel: 200,
};

/// 16-bit weights have no order of their own for two instructions a cycle.
const DUAL_WIDE: Costs = Costs {
    two_quads: 40,
    pair: 60,
    ..DUAL
};

/// Cycles of a layer.
pub(super) fn cycles(window: &Window2d, issue: Issue, wide: bool) -> u64 {
    let costs = match (issue, wide) {
        (Issue::Single, _) => SINGLE,
        (Issue::Dual, false) => DUAL,
        (Issue::Dual, true) => DUAL_WIDE,
    };
    let quads = (taps(window) / 4) as u64;
    let pairs = window.out_c.div_ceil(2) as u64;
    let pixels = window.batch * window.out_h * window.out_w;
    let tiles = pixels.div_ceil(LANES) as u64;
    let lanes = tiles * LANES as u64;
    let inside = pixels_inside(window).min(lanes);
    let edge = lanes - inside;
    let in_place = (window.kernel_w * window.in_c).is_multiple_of(4);
    let copied = edge + if in_place { 0 } else { inside };
    let rows = window.kernel_h as u64;
    tiles * pairs * (quads * costs.two_quads / 2 + costs.pair)
        + lanes * (quads * costs.widened + rows * costs.row + costs.pixel)
        + copied * (quads * costs.copied + costs.copied_pixel)
        + edge * costs.edge_pixel
}

/// How many pixels have windows that reach over no edge and whose taps are neighbours.
fn pixels_inside(window: &Window2d) -> u64 {
    if window.dilation_w != 1 && window.kernel_w != 1 {
        return 0;
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
    (window.batch * rows * columns) as u64
}
