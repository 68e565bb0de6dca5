//! Convolution whose windows are gathered first.
//!
//! Where the rows of a window are short, it is copied to one run of numbers once per pixel, padding included; then
//! every channel is a single inner product.

use crate::kernels::dot::FILTERS;
use crate::kernels::lanes::each_lane;
use crate::kernels::layer::Layer;
use crate::kernels::slices::{copy, put, window, window_mut};
use crate::kernels::window::{Pixel, Taps};
use crate::params::Window2d;

/// Most elements of a window that is gathered.
const MOST: usize = 96;

/// Most elements of a row of such a window.
const MOST_IN_ROW: usize = 32;

/// Elements of a window if it pays to gather windows: their rows are short, but channels are not few.
#[inline(always)]
pub(super) fn taps_to_gather<L: Layer>(w: &Window2d, groups: usize) -> Option<usize> {
    let row = w.kernel_w.wrapping_mul(w.in_c);
    let short = w.kernel_h <= MOST && w.kernel_w <= MOST && w.in_c <= MOST && row <= MOST_IN_ROW;
    let taps = row.wrapping_mul(w.kernel_h);
    let pays = short && taps <= MOST && taps > w.in_c && w.out_c >= FILTERS;
    (L::ANY_ORDER && groups == 1 && pays).then_some(taps)
}

/// Convolution with windows of `taps` elements, one group; shapes as in [`super::conv2d_f32`].
#[inline(always)]
pub(super) fn convolve<L: Layer>(
    layer: &L,
    w: &Window2d,
    taps: usize,
    x: &[L::Input],
    weights: &[L::Weight],
    y: &mut [L::Output],
) {
    // A walk of its own over the pixels: one that is handed a function is not folded to constants on small cores.
    let mut buffer = [layer.padding(); MOST];
    let gathered = window_mut(&mut buffer, 0, taps);
    let last = w.out_c.wrapping_sub(FILTERS);
    let mut at = 0usize;
    for batch in 0..w.batch {
        for out_y in 0..w.out_h {
            let rows = Taps::vertical(w, out_y);
            for out_x in 0..w.out_w {
                let pixel = Pixel {
                    batch,
                    rows,
                    columns: Taps::horizontal(w, out_x),
                };
                gather(layer, w, pixel, x, gathered);
                for block in 0..w.out_c.div_ceil(FILTERS) {
                    let channel = block.wrapping_mul(FILTERS).min(last);
                    let outputs = outputs(layer, gathered, weights, channel);
                    put(y, channel.wrapping_add(at), outputs);
                }
                at = at.wrapping_add(w.out_c);
            }
        }
    }
}

/// Copies the window of a pixel.
#[inline(always)]
fn gather<L: Layer>(layer: &L, w: &Window2d, pixel: Pixel, x: &[L::Input], to: &mut [L::Input]) {
    if !pixel.is_inside(w) {
        to.fill(layer.padding());
    }
    let (rows, columns) = (pixel.rows, pixel.columns);
    let taps_of_run = if w.dilation_w == 1 {
        columns.inside()
    } else {
        1
    };
    let run = taps_of_run.wrapping_mul(w.in_c);
    for tap_y in rows.first..rows.end {
        let mut tap = columns.first;
        while tap < columns.end {
            let from = pixel.index(w, rows.position(tap_y), columns.position(tap));
            let at = tap_y.wrapping_mul(w.kernel_w).wrapping_add(tap);
            let place = window_mut(to, at.wrapping_mul(w.in_c), run);
            copy(window(x, from, run), place);
            tap = tap.wrapping_add(taps_of_run);
        }
    }
}

/// The outputs of channels from `channel` on.
#[inline(always)]
fn outputs<L: Layer>(
    layer: &L,
    x: &[L::Input],
    weights: &[L::Weight],
    channel: usize,
) -> [L::Output; FILTERS] {
    let mut filters: [&[L::Weight]; FILTERS] = [&[]; FILTERS];
    each_lane(&mut filters, |i, filter| {
        let at = channel.wrapping_add(i).wrapping_mul(x.len());
        *filter = window(weights, at, x.len());
    });
    let sums = L::dots(layer.biases(channel), x, filters);
    layer.outputs(sums, channel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::exact_layer::ExactLayer;
    use crate::params::ExactOutput;
    use crate::quant::Rounding;

    type Exact = ExactLayer<'static, i8, i8, i32>;

    const BIAS: [i32; 5] = [9, -700, 4000, -1, 30];
    const OUTPUT: ExactOutput = ExactOutput {
        rounding: Rounding::TfLite,
        range: [-128, 127],
        zero_point: 0,
    };

    fn layer(pad_value: i32) -> Exact {
        let multipliers = &[0x5555_5555; 5];
        ExactLayer::new(&BIAS, multipliers, &[-8; 5], pad_value, OUTPUT)
    }

    /// The sum of channel `channel` at an output pixel, tap by tap.
    fn sum(w: &Window2d, pad_value: i8, x: &[i8], weights: &[i8], at: [usize; 4]) -> i32 {
        let [batch, out_y, out_x, channel] = at;
        let mut sum = BIAS[channel];
        for tap in 0..w.kernel_h * w.kernel_w * w.in_c {
            let (tap_y, rest) = (tap / (w.kernel_w * w.in_c), tap % (w.kernel_w * w.in_c));
            let (tap_x, c) = (rest / w.in_c, rest % w.in_c);
            let row = (out_y * w.stride_h + tap_y * w.dilation_h).checked_sub(w.pad_top);
            let column = (out_x * w.stride_w + tap_x * w.dilation_w).checked_sub(w.pad_left);
            let x = match (row, column) {
                (Some(row), Some(column)) if row < w.in_h && column < w.in_w => {
                    x[((batch * w.in_h + row) * w.in_w + column) * w.in_c + c]
                }
                _ => pad_value,
            };
            let w = weights[channel * w.kernel_h * w.kernel_w * w.in_c + tap];
            sum += i32::from(x) * i32::from(w);
        }
        sum
    }

    fn check(w: &Window2d, pad_value: i8) {
        let layer = layer(pad_value.into());
        let taps = taps_to_gather::<Exact>(w, 1).unwrap();
        let x: [i8; 512] = core::array::from_fn(|i| (i * 89 + i / 7) as i8);
        let weights: [i8; 512] = core::array::from_fn(|i| (i * 55 + i / 5) as i8);
        let mut y = [0i8; 512];
        let len = w.batch * w.out_h * w.out_w * w.out_c;
        let image = &x[..w.batch * w.in_h * w.in_w * w.in_c];
        let filters = &weights[..w.out_c * taps];
        convolve(&layer, w, taps, image, filters, &mut y[..len]);
        for (i, &found) in y[..len].iter().enumerate() {
            let (pixel, channel) = (i / w.out_c, i % w.out_c);
            let (row, out_x) = (pixel / w.out_w, pixel % w.out_w);
            let at = [row / w.out_h, row % w.out_h, out_x, channel];
            let sum = sum(w, pad_value, image, filters, at);
            let [wanted]: [i8; 1] = layer.outputs([sum], channel);
            assert_eq!(found, wanted, "{w:?} {at:?}");
        }
    }

    #[test]
    fn windows_with_padding_steps_and_gaps() {
        for (in_c, kernel, stride, dilation) in [
            (1, [5, 4], 2, 1),
            (3, [3, 3], 1, 1),
            (3, [3, 2], 1, 2),
            (2, [1, 3], 3, 1),
        ] {
            let [kernel_h, kernel_w] = kernel;
            let w = Window2d {
                batch: 2,
                in_h: 7,
                in_w: 6,
                in_c,
                out_h: (9 - (kernel_h - 1) * dilation - 1) / stride + 1,
                out_w: (9 - (kernel_w - 1) * dilation - 1) / stride + 1,
                out_c: 5,
                kernel_h,
                kernel_w,
                stride_h: stride,
                stride_w: stride,
                dilation_h: dilation,
                dilation_w: dilation,
                pad_top: 1,
                pad_left: 2,
            };
            check(&w, 0);
            check(&w, -128);
        }
    }

    #[test]
    fn floats_long_rows_groups_and_few_channels_are_left() {
        let w = Window2d {
            batch: 1,
            in_h: 9,
            in_w: 9,
            in_c: 4,
            out_h: 7,
            out_w: 7,
            out_c: 8,
            kernel_h: 3,
            kernel_w: 3,
            stride_h: 1,
            stride_w: 1,
            dilation_h: 1,
            dilation_w: 1,
            pad_top: 0,
            pad_left: 0,
        };
        assert_eq!(taps_to_gather::<Exact>(&w, 1), Some(36));
        assert_eq!(taps_to_gather::<Exact>(&w, 2), None);
        assert_eq!(
            taps_to_gather::<crate::kernels::layer::FloatLayer<'_>>(&w, 1),
            None
        );
        assert_eq!(
            taps_to_gather::<Exact>(&Window2d { in_c: 16, ..w }, 1),
            None
        );
        assert_eq!(
            taps_to_gather::<Exact>(&Window2d { out_c: 3, ..w }, 1),
            None
        );
    }
}
