//! What layers with weights do with their numbers: one trait, a float, the native int8 and the exact arithmetic.

use super::dot::{FILTERS, dot_f32, dots_f32, multiply_add_f32};
use super::lanes::each_lane;
use super::products::Products;
use super::slices::chunk;
use crate::quant::{Requant, requantize};

/// Arithmetic of a layer that sums products with constant weights, per output channel.
pub(super) trait Layer {
    /// Inputs.
    type Input: Copy;
    /// Weights.
    type Weight: Copy;
    /// Outputs.
    type Output: Copy;
    /// Accumulator.
    type Sum: Copy;

    /// Whether sums are the same in any order.
    const ANY_ORDER: bool;

    /// What stands in the padding.
    fn padding(&self) -> Self::Input;
    /// Whether what stands in the padding changes a sum.
    fn padding_counts(&self) -> bool;
    /// The accumulators that `N` channels from `channel` on start from.
    fn biases<const N: usize>(&self, channel: usize) -> [Self::Sum; N];
    /// `sum += x·w` for each of `N` channels.
    fn multiply_add<const N: usize>(
        sums: &mut [Self::Sum; N],
        x: &[Self::Input; N],
        w: &[Self::Weight; N],
    );
    /// `sum + Σ x·w`.
    fn dot(sum: Self::Sum, x: &[Self::Input], w: &[Self::Weight]) -> Self::Sum;
    /// [`Self::dot`] with several filters as long as the input.
    fn dots(
        sums: [Self::Sum; FILTERS],
        x: &[Self::Input],
        filters: [&[Self::Weight]; FILTERS],
    ) -> [Self::Sum; FILTERS];
    /// `sum + Σ padding·w`: what taps outside the image add.
    fn dot_padding(&self, sum: Self::Sum, w: &[Self::Weight]) -> Self::Sum;
    /// The outputs of `N` channels from `channel` on.
    fn outputs<const N: usize>(&self, sums: [Self::Sum; N], channel: usize) -> [Self::Output; N];
}

/// Float: zeros in the padding, results clamped.
pub(super) struct FloatLayer<'a> {
    pub(super) bias: &'a [f32],
    pub(super) clamp: [f32; 2],
}

impl Layer for FloatLayer<'_> {
    type Input = f32;
    type Weight = f32;
    type Output = f32;
    type Sum = f32;

    const ANY_ORDER: bool = false;

    #[inline(always)]
    fn padding(&self) -> f32 {
        0.0
    }

    #[inline(always)]
    fn padding_counts(&self) -> bool {
        false
    }

    #[inline(always)]
    fn biases<const N: usize>(&self, channel: usize) -> [f32; N] {
        chunk(self.bias, channel).copied().unwrap_or([0.0; N])
    }

    #[inline(always)]
    fn multiply_add<const N: usize>(sums: &mut [f32; N], x: &[f32; N], w: &[f32; N]) {
        multiply_add_f32(sums, x, w);
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
    fn outputs<const N: usize>(&self, mut sums: [f32; N], _channel: usize) -> [f32; N] {
        each_lane(&mut sums, |_, sum| *sum = clamp(*sum, self.clamp));
        sums
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
    type Input = i8;
    type Weight = i8;
    type Output = i8;
    type Sum = i32;

    const ANY_ORDER: bool = true;

    #[inline(always)]
    fn padding(&self) -> i8 {
        self.pad_value
    }

    #[inline(always)]
    fn padding_counts(&self) -> bool {
        self.pad_value != 0
    }

    #[inline(always)]
    fn biases<const N: usize>(&self, channel: usize) -> [i32; N] {
        chunk(self.bias, channel).copied().unwrap_or([0; N])
    }

    #[inline(always)]
    fn multiply_add<const N: usize>(sums: &mut [i32; N], x: &[i8; N], w: &[i8; N]) {
        <i32 as Products<i8, i8>>::multiply_add(sums, x, w);
    }

    #[inline(always)]
    fn dot(sum: i32, x: &[i8], w: &[i8]) -> i32 {
        sum.dot(x, w)
    }

    #[inline(always)]
    fn dots(sums: [i32; FILTERS], x: &[i8], filters: [&[i8]; FILTERS]) -> [i32; FILTERS] {
        <i32 as Products<i8, i8>>::dots(sums, x, filters)
    }

    #[inline(always)]
    fn dot_padding(&self, sum: i32, w: &[i8]) -> i32 {
        sum.dot_same(self.pad_value, w)
    }

    #[inline(always)]
    fn outputs<const N: usize>(&self, sums: [i32; N], channel: usize) -> [i8; N] {
        let multipliers = chunk(self.multipliers, channel).copied().unwrap_or([0; N]);
        let mut outputs = [0; N];
        each_lane(&mut outputs, |i, output| {
            *output = requantize(sums[i], multipliers[i], self.requant);
        });
        outputs
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
