//! Maximum and mean over windows of NHWC images.
//!
//! Image `[batch, in_h, in_w, channels]`, result `[batch, out_h, out_w, channels]`.

use super::lanes::each_lane;
use super::window::{BLOCK, ChannelBlocks, Pixel, Taps, fill_pixels};
use crate::params::{AveragePool2dF32, AveragePool2dS8, MaxPool2d, Window2d};
use crate::quant::requantize;

/// Float maximum over windows. Padding never wins; a window of padding alone gives −∞.
///
/// Source: ONNX `MaxPool`, `TFLite` `MAX_POOL_2D`.
#[inline(always)]
pub fn max_pool2d_f32(p: &MaxPool2d, x: &[f32], y: &mut [f32]) {
    max_pool(&p.window, f32::NEG_INFINITY, x, y);
}

/// int8 maximum over windows. Padding never wins; a window of padding alone gives −128.
///
/// Source: ONNX `MaxPool`, `TFLite` `MAX_POOL_2D`.
#[inline(always)]
pub fn max_pool2d_s8(p: &MaxPool2d, x: &[i8], y: &mut [i8]) {
    max_pool(&p.window, i8::MIN, x, y);
}

#[inline(always)]
fn max_pool<T: Copy + PartialOrd>(window: &Window2d, least: T, x: &[T], y: &mut [T]) {
    fill_pixels::<_, BLOCK>(&MaxPool { window, least, x }, window, true, y);
}

struct MaxPool<'a, T> {
    window: &'a Window2d,
    least: T,
    x: &'a [T],
}

impl<T: Copy + PartialOrd> ChannelBlocks for MaxPool<'_, T> {
    type Element = T;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [T; N] {
        let mut greatest = [self.least; N];
        pixel.each_inside(self.window, self.x, channel, |taps: &[T; N]| {
            each_lane(&mut greatest, |i, greatest| {
                if taps[i] > *greatest {
                    *greatest = taps[i];
                }
            });
        });
        greatest
    }
}

/// Float mean over windows: of the elements inside the image, or with `count_pad` of these and the zeros in
/// the padding. A window without any element gives 0.
///
/// Source: ONNX `AveragePool`, `TFLite` `AVERAGE_POOL_2D`.
#[inline(always)]
pub fn average_pool2d_f32(p: &AveragePool2dF32, x: &[f32], y: &mut [f32]) {
    let count = Count {
        window: &p.window,
        with_pad: p.count_pad,
        pads: [p.pad_bottom, p.pad_right],
    };
    fill_pixels::<_, BLOCK>(&AveragePoolF32 { count, x }, &p.window, true, y);
}

/// int8 mean over windows; counts elements as [`average_pool2d_f32`] does.
///
/// The sum of `x − input_zero` over `n` elements becomes an output by [`crate::quant::requantize`] with
/// `multipliers[n − 1]`, which holds the division.
///
/// Source: ONNX `AveragePool`, `TFLite` `AVERAGE_POOL_2D`.
#[inline(always)]
pub fn average_pool2d_s8(p: &AveragePool2dS8, x: &[i8], multipliers: &[i32], y: &mut [i8]) {
    let count = Count {
        window: &p.window,
        with_pad: p.count_pad,
        pads: [p.pad_bottom, p.pad_right],
    };
    let pool = AveragePoolS8 {
        count,
        p,
        multipliers,
        x,
    };
    fill_pixels::<_, BLOCK>(&pool, &p.window, true, y);
}

/// How many elements a mean divides by.
pub(super) struct Count<'a> {
    pub(super) window: &'a Window2d,
    pub(super) with_pad: bool,
    /// Padding below and to the right that counts.
    pub(super) pads: [usize; 2],
}

impl Count<'_> {
    #[inline(always)]
    pub(super) fn of(&self, pixel: Pixel) -> usize {
        let w = self.window;
        if !self.with_pad {
            return pixel.rows.inside().wrapping_mul(pixel.columns.inside());
        }
        let [bottom, right] = self.pads;
        let rows = counted(pixel.rows, w.kernel_h, w.pad_top, w.in_h, bottom);
        rows.wrapping_mul(counted(
            pixel.columns,
            w.kernel_w,
            w.pad_left,
            w.in_w,
            right,
        ))
    }
}

/// Taps that lie in the image or in the padding around it.
#[inline(always)]
fn counted(taps: Taps, kernel: usize, before: usize, len: usize, behind: usize) -> usize {
    let padded = before.wrapping_add(len).wrapping_add(behind);
    let mut count = 0;
    while count < kernel && taps.position(count).wrapping_add(before) < padded {
        count += 1;
    }
    count
}

struct AveragePoolF32<'a> {
    count: Count<'a>,
    x: &'a [f32],
}

impl ChannelBlocks for AveragePoolF32<'_> {
    type Element = f32;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [f32; N] {
        let mut sums = [0.0; N];
        pixel.each_inside(self.count.window, self.x, channel, |taps: &[f32; N]| {
            each_lane(&mut sums, |i, sum| *sum += taps[i]);
        });
        let divisor = self.count.of(pixel).max(1) as f32;
        each_lane(&mut sums, |_, sum| *sum /= divisor);
        sums
    }
}

struct AveragePoolS8<'a> {
    count: Count<'a>,
    p: &'a AveragePool2dS8,
    multipliers: &'a [i32],
    x: &'a [i8],
}

impl ChannelBlocks for AveragePoolS8<'_> {
    type Element = i8;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [i8; N] {
        let mut sums = [0i32; N];
        pixel.each_inside(self.count.window, self.x, channel, |taps: &[i8; N]| {
            each_lane(&mut sums, |i, sum| {
                let value = (taps[i] as i32).wrapping_sub(self.p.input_zero);
                *sum = sum.wrapping_add(value);
            });
        });
        let index = self.count.of(pixel).wrapping_sub(1);
        let multiplier = self.multipliers.get(index).copied().unwrap_or(0);
        let mut outputs = [0; N];
        each_lane(&mut outputs, |i, output| {
            *output = requantize(sums[i], multiplier, self.p.requant);
        });
        outputs
    }
}
