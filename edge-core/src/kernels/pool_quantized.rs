//! Maximum and mean over windows of NHWC images of graphs that arrive quantized.
//!
//! Image `[batch, in_h, in_w, channels]`, result `[batch, out_h, out_w, channels]`. Padding counts in no maximum.

use super::lanes::each_lane;
use super::pool::Count;
use super::window::{BLOCK, ChannelBlocks, Pixel, fill_pixels};
use crate::params::{
    AveragePool2dExact, AveragePool2dFloat, AveragePool2dReal, MaxPool2dQuantized,
};
use crate::quant::exact::{clamp, saturate_i8, saturate_i16, scale_i32};
use crate::quant::{Rounding, Scale};

/// int8 maximum over windows, within limits.
///
/// Source: `TFLite` `MAX_POOL_2D`.
#[inline(always)]
pub fn max_pool2d_quantized_s8(p: &MaxPool2dQuantized, x: &[i8], y: &mut [i8]) {
    let narrow = saturate_i8;
    fill_pixels::<_, BLOCK>(&Greatest { p, x, narrow }, &p.window, true, y);
}

/// 16-bit maximum over windows, within limits.
///
/// Source: `TFLite` `MAX_POOL_2D`.
#[inline(always)]
pub fn max_pool2d_quantized_s16(p: &MaxPool2dQuantized, x: &[i16], y: &mut [i16]) {
    let narrow = saturate_i16;
    fill_pixels::<_, BLOCK>(&Greatest { p, x, narrow }, &p.window, true, y);
}

struct Greatest<'a, T, F> {
    p: &'a MaxPool2dQuantized,
    x: &'a [T],
    narrow: F,
}

impl<T: Copy + Into<i32>, F: Fn(i32) -> T> ChannelBlocks for Greatest<'_, T, F> {
    type Element = T;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [T; N] {
        let mut greatest = [i32::MIN; N];
        pixel.each_inside(&self.p.window, self.x, channel, |taps: &[T; N]| {
            each_lane(&mut greatest, |i, greatest| {
                let tap = taps[i].into();
                if tap > *greatest {
                    *greatest = tap;
                }
            });
        });
        narrowed(greatest, self.p.clamp, &self.narrow)
    }
}

/// int8 mean of the elements inside the image, halves away from zero, within limits.
///
/// Source: `TFLite` `AVERAGE_POOL_2D`, bit for bit. A window without any element gives 0.
#[inline(always)]
pub fn average_pool2d_exact_s8(p: &AveragePool2dExact, x: &[i8], y: &mut [i8]) {
    let narrow = saturate_i8;
    fill_pixels::<_, BLOCK>(&Mean { p, x, narrow }, &p.window, true, y);
}

/// 16-bit mean of the elements inside the image, halves away from zero, within limits.
///
/// Source: `TFLite` `AVERAGE_POOL_2D`, bit for bit. A window without any element gives 0.
#[inline(always)]
pub fn average_pool2d_exact_s16(p: &AveragePool2dExact, x: &[i16], y: &mut [i16]) {
    let narrow = saturate_i16;
    fill_pixels::<_, BLOCK>(&Mean { p, x, narrow }, &p.window, true, y);
}

struct Mean<'a, T, F> {
    p: &'a AveragePool2dExact,
    x: &'a [T],
    narrow: F,
}

impl<T: Copy + Into<i32>, F: Fn(i32) -> T> ChannelBlocks for Mean<'_, T, F> {
    type Element = T;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [T; N] {
        let mut means = [0i32; N];
        pixel.each_inside(&self.p.window, self.x, channel, |taps: &[T; N]| {
            each_lane(&mut means, |i, sum| *sum = sum.wrapping_add(taps[i].into()));
        });
        let count = pixel.rows.inside().wrapping_mul(pixel.columns.inside()) as i32;
        each_lane(&mut means, |_, sum| {
            let half = if *sum > 0 { count / 2 } else { -(count / 2) };
            *sum = sum.wrapping_add(half).checked_div(count).unwrap_or(0);
        });
        narrowed(means, self.p.clamp, &self.narrow)
    }
}

/// int8 mean over windows to any scale and zero point, rounded once, within limits; counts elements as
/// [`super::pool::average_pool2d_f32`] does.
///
/// Source: ONNX `DequantizeLinear`, `AveragePool`, `QuantizeLinear`.
#[inline(always)]
pub fn average_pool2d_real_s8(p: &AveragePool2dReal, x: &[i8], factors: &[i32], y: &mut [i8]) {
    let count = Count {
        window: &p.window,
        with_pad: p.count_pad,
        pads: [p.pad_bottom, p.pad_right],
    };
    let mean = RealMean {
        count,
        p,
        factors,
        x,
    };
    fill_pixels::<_, BLOCK>(&mean, &p.window, true, y);
}

struct RealMean<'a> {
    count: Count<'a>,
    p: &'a AveragePool2dReal,
    factors: &'a [i32],
    x: &'a [i8],
}

impl RealMean<'_> {
    /// What makes a sum of so many elements an output; 0 if there is none.
    #[inline(always)]
    fn factor(&self, count: usize) -> Scale {
        let at = count.wrapping_sub(self.p.fewest).wrapping_mul(2);
        let pair = self.factors.get(at..at.wrapping_add(2));
        match pair {
            Some(&[multiplier, shift]) => Scale { multiplier, shift },
            Some(_) | None => Scale {
                multiplier: 0,
                shift: 0,
            },
        }
    }
}

impl ChannelBlocks for RealMean<'_> {
    type Element = i8;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [i8; N] {
        let mut means = [0i32; N];
        pixel.each_inside(self.count.window, self.x, channel, |taps: &[i8; N]| {
            each_lane(&mut means, |i, sum| {
                let value = i32::from(taps[i]).wrapping_sub(self.p.input_zero);
                *sum = sum.wrapping_add(value);
            });
        });
        let factor = self.factor(self.count.of(pixel));
        each_lane(&mut means, |_, sum| {
            let steps = scale_i32(*sum, factor, Rounding::Onnx);
            *sum = steps.saturating_add(self.p.output_zero);
        });
        narrowed(means, self.p.clamp, &saturate_i8)
    }
}

/// int8 mean over windows, rounded as floats are: every element is dequantized, and each sum, the mean and the
/// quotient by the scale of the output are rounded to f32. Counts elements as
/// [`super::pool::average_pool2d_f32`] does.
///
/// Source: ONNX `DequantizeLinear`, `AveragePool`, `QuantizeLinear`; onnxruntime, bit for bit.
#[inline(always)]
pub fn average_pool2d_float_s8(p: &AveragePool2dFloat, x: &[i8], y: &mut [i8]) {
    let count = Count {
        window: &p.window,
        with_pad: p.count_pad,
        pads: [p.pad_bottom, p.pad_right],
    };
    fill_pixels::<_, BLOCK>(&FloatMean { count, p, x }, &p.window, true, y);
}

struct FloatMean<'a> {
    count: Count<'a>,
    p: &'a AveragePool2dFloat,
    x: &'a [i8],
}

impl FloatMean<'_> {
    /// Adds the elements under the taps of a pixel, row by row.
    #[inline(always)]
    fn add<const N: usize>(&self, sums: &mut [f32; N], pixel: Pixel, channel: usize) {
        let input = self.p.input;
        pixel.each_inside(self.count.window, self.x, channel, |taps: &[i8; N]| {
            each_lane(sums, |i, sum| {
                let steps = i32::from(taps[i]).wrapping_sub(input.zero_point);
                *sum += steps as f32 * input.scale;
            });
        });
    }
}

impl ChannelBlocks for FloatMean<'_> {
    type Element = i8;

    #[inline(always)]
    fn block<const N: usize>(&self, pixel: Pixel, channel: usize) -> [i8; N] {
        let mut sums = [0.0; N];
        if self.p.by_columns {
            for tap in pixel.columns.first..pixel.columns.end {
                let mut column = [0.0; N];
                self.add(&mut column, pixel.column(tap), channel);
                each_lane(&mut sums, |i, sum| *sum += column[i]);
            }
        } else {
            self.add(&mut sums, pixel, channel);
        }
        let divisor = self.count.of(pixel).max(1) as f32;
        let output = self.p.output;
        let mut means = [0; N];
        each_lane(&mut means, |i, mean| {
            let steps = libm::rintf(sums[i] / divisor / output.scale) as i32;
            *mean = steps.saturating_add(output.zero_point);
        });
        narrowed(means, self.p.clamp, &saturate_i8)
    }
}

/// Numbers within limits as elements.
#[inline(always)]
fn narrowed<T: Copy, const N: usize>(
    numbers: [i32; N],
    limits: [i32; 2],
    narrow: &impl Fn(i32) -> T,
) -> [T; N] {
    let mut outputs = [narrow(0); N];
    each_lane(&mut outputs, |i, output| {
        *output = narrow(clamp(numbers[i], limits));
    });
    outputs
}
