//! What layers with weights do with their numbers: one trait, a float and an int8 arithmetic.

use super::dot::{FILTERS, dot_f32, dot_s8, dots_f32, dots_s8, sum_s8};
use crate::quant::{Requant, requantize};

/// Arithmetic of a layer that sums products with constant weights, per output channel.
pub(super) trait Layer {
    /// Inputs, weights and outputs.
    type Element: Copy;
    /// Accumulator.
    type Sum: Copy;

    /// What stands in the padding.
    fn padding(&self) -> Self::Element;
    /// The accumulator that a channel starts from.
    fn bias(&self, channel: usize) -> Self::Sum;
    /// `sum += x·w` for each of `N` channels.
    fn multiply_add<const N: usize>(
        sums: &mut [Self::Sum; N],
        x: &[Self::Element; N],
        w: &[Self::Element; N],
    );
    /// `sum + Σ x·w`.
    fn dot(sum: Self::Sum, x: &[Self::Element], w: &[Self::Element]) -> Self::Sum;
    /// [`Self::dot`] with several filters as long as the input.
    fn dots(
        sums: [Self::Sum; FILTERS],
        x: &[Self::Element],
        filters: [&[Self::Element]; FILTERS],
    ) -> [Self::Sum; FILTERS];
    /// `sum + Σ padding·w`: what taps outside the image add.
    fn dot_padding(&self, sum: Self::Sum, w: &[Self::Element]) -> Self::Sum;
    /// The output of a channel.
    fn output(&self, sum: Self::Sum, channel: usize) -> Self::Element;

    /// [`Self::bias`] of `N` channels from `channel` on.
    #[inline(always)]
    fn biases<const N: usize>(&self, channel: usize) -> [Self::Sum; N] {
        let mut biases = [self.bias(channel); N];
        let mut i = 1;
        while i < N {
            biases[i] = self.bias(channel.wrapping_add(i));
            i += 1;
        }
        biases
    }

    /// [`Self::output`] of `N` channels from `channel` on.
    #[inline(always)]
    fn outputs<const N: usize>(&self, sums: [Self::Sum; N], channel: usize) -> [Self::Element; N] {
        let mut outputs = [self.padding(); N];
        let mut i = 0;
        while i < N {
            outputs[i] = self.output(sums[i], channel.wrapping_add(i));
            i += 1;
        }
        outputs
    }
}

/// Float: zeros in the padding, results clamped.
pub(super) struct FloatLayer<'a> {
    pub(super) bias: &'a [f32],
    pub(super) clamp: [f32; 2],
}

impl Layer for FloatLayer<'_> {
    type Element = f32;
    type Sum = f32;

    #[inline(always)]
    fn padding(&self) -> f32 {
        0.0
    }

    #[inline(always)]
    fn bias(&self, channel: usize) -> f32 {
        self.bias.get(channel).copied().unwrap_or(0.0)
    }

    #[inline(always)]
    fn multiply_add<const N: usize>(sums: &mut [f32; N], x: &[f32; N], w: &[f32; N]) {
        let mut i = 0;
        while i < N {
            sums[i] += x[i] * w[i];
            i += 1;
        }
    }

    #[inline(always)]
    fn dot(sum: f32, x: &[f32], w: &[f32]) -> f32 {
        dot_f32(sum, x, w)
    }

    #[inline(always)]
    fn dots(sums: [f32; FILTERS], x: &[f32], filters: [&[f32]; FILTERS]) -> [f32; FILTERS] {
        dots_f32(sums, x, filters)
    }

    #[inline(always)]
    fn dot_padding(&self, sum: f32, _w: &[f32]) -> f32 {
        sum
    }

    #[inline(always)]
    fn output(&self, sum: f32, _channel: usize) -> f32 {
        clamp(sum, self.clamp)
    }
}

/// int8: raw products (the zero point of the input is folded into the bias), requantized per channel.
pub(super) struct Int8Layer<'a> {
    pub(super) bias: &'a [i32],
    pub(super) multipliers: &'a [i32],
    pub(super) pad_value: i8,
    pub(super) requant: Requant,
}

impl Layer for Int8Layer<'_> {
    type Element = i8;
    type Sum = i32;

    #[inline(always)]
    fn padding(&self) -> i8 {
        self.pad_value
    }

    #[inline(always)]
    fn bias(&self, channel: usize) -> i32 {
        self.bias.get(channel).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn multiply_add<const N: usize>(sums: &mut [i32; N], x: &[i8; N], w: &[i8; N]) {
        let mut i = 0;
        while i < N {
            sums[i] = sums[i].wrapping_add(x[i] as i32 * w[i] as i32);
            i += 1;
        }
    }

    #[inline(always)]
    fn dot(sum: i32, x: &[i8], w: &[i8]) -> i32 {
        dot_s8(sum, x, w)
    }

    #[inline(always)]
    fn dots(sums: [i32; FILTERS], x: &[i8], filters: [&[i8]; FILTERS]) -> [i32; FILTERS] {
        dots_s8(sums, x, filters)
    }

    #[inline(always)]
    fn dot_padding(&self, sum: i32, w: &[i8]) -> i32 {
        if self.pad_value == 0 {
            return sum;
        }
        sum.wrapping_add((self.pad_value as i32).wrapping_mul(sum_s8(w)))
    }

    #[inline(always)]
    fn output(&self, sum: i32, channel: usize) -> i8 {
        let multiplier = self.multipliers.get(channel).copied().unwrap_or(0);
        requantize(sum, multiplier, self.requant)
    }
}

/// A result within its limits; what is not a number stays so.
#[inline(always)]
pub(super) fn clamp(value: f32, [least, greatest]: [f32; 2]) -> f32 {
    if value < least {
        least
    } else if value > greatest {
        greatest
    } else {
        value
    }
}
