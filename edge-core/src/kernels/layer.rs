//! What layers with weights do with their numbers: one trait, a float and an int8 arithmetic.

use super::dot::{dot_f32, dot_s8, sum_s8};
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
    /// `sum + x·w`.
    fn multiply_add(sum: Self::Sum, x: Self::Element, w: Self::Element) -> Self::Sum;
    /// `sum + Σ x·w`.
    fn dot(sum: Self::Sum, x: &[Self::Element], w: &[Self::Element]) -> Self::Sum;
    /// `sum + Σ padding·w`: what taps outside the image add.
    fn dot_padding(&self, sum: Self::Sum, w: &[Self::Element]) -> Self::Sum;
    /// The output of a channel.
    fn output(&self, sum: Self::Sum, channel: usize) -> Self::Element;
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
    fn multiply_add(sum: f32, x: f32, w: f32) -> f32 {
        sum + x * w
    }

    #[inline(always)]
    fn dot(sum: f32, x: &[f32], w: &[f32]) -> f32 {
        dot_f32(sum, x, w)
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
    fn multiply_add(sum: i32, x: i8, w: i8) -> i32 {
        sum.wrapping_add(x as i32 * w as i32)
    }

    #[inline(always)]
    fn dot(sum: i32, x: &[i8], w: &[i8]) -> i32 {
        dot_s8(sum, x, w)
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
