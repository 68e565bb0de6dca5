//! The arithmetic of layers in graphs that arrive quantized.

use super::dot::FILTERS;
use super::lanes::each_lane;
use super::layer::Layer;
use super::products::{Products, Sum};
use super::slices::chunk;
use crate::params::ExactOutput;
use crate::quant::Scale;
use crate::quant::exact::clamp;
use core::marker::PhantomData;

/// Elements of activations that arrive quantized.
pub trait Activation: Copy {
    /// Accumulator of products of two such elements.
    type Wide: Products<Self, Self>;

    /// The element that stands for 0.0 if the zero point is 0.
    const ZERO: Self;

    /// A number that fits, as an element.
    fn narrow(value: i32) -> Self;
    /// The number.
    fn widen(self) -> i32;
}

macro_rules! activations {
    ($($element:ident in $wide:ident),*) => { $(
        impl Activation for $element {
            type Wide = $wide;

            const ZERO: Self = 0;

            #[inline(always)]
            fn narrow(value: i32) -> Self {
                value as $element
            }

            #[inline(always)]
            fn widen(self) -> i32 {
                self as i32
            }
        }
    )* };
}

activations!(i8 in i32, i16 in i64);

/// An output from a sum that has been scaled.
#[inline(always)]
pub(super) fn finish<X: Activation>(scaled: i32, p: ExactOutput) -> X {
    X::narrow(clamp(scaled, p.range).wrapping_add(p.zero_point))
}

/// What brings the sums of each channel to the scale of the output.
#[derive(Clone, Copy)]
pub(super) struct Scales<'a> {
    pub(super) multipliers: &'a [i32],
    pub(super) shifts: &'a [i8],
    pub(super) output: ExactOutput,
}

impl Scales<'_> {
    /// The outputs of `N` channels from `channel` on.
    #[inline(always)]
    pub(super) fn outputs<X: Activation, S: Sum, const N: usize>(
        self,
        sums: [S; N],
        channel: usize,
    ) -> [X; N] {
        let multipliers = chunk(self.multipliers, channel).copied().unwrap_or([0; N]);
        let shifts = chunk(self.shifts, channel).copied().unwrap_or([0; N]);
        let mut outputs = [X::ZERO; N];
        each_lane(&mut outputs, |i, output| {
            let scale = Scale {
                multiplier: multipliers[i],
                shift: shifts[i] as i32,
            };
            *output = finish(sums[i].scaled(scale, self.output.rounding), self.output);
        });
        outputs
    }
}

/// Raw products (the zero point of the input is folded into the bias), scaled per channel.
pub(super) struct ExactLayer<'a, X, W, S> {
    pub(super) bias: &'a [S],
    pub(super) scales: Scales<'a>,
    pub(super) pad_value: X,
    pub(super) weights: PhantomData<W>,
}

impl<'a, X: Activation, W: Copy, S: Products<X, W>> ExactLayer<'a, X, W, S> {
    #[inline(always)]
    pub(super) fn new(
        bias: &'a [S],
        multipliers: &'a [i32],
        shifts: &'a [i8],
        pad_value: i32,
        output: ExactOutput,
    ) -> Self {
        Self {
            bias,
            scales: Scales {
                multipliers,
                shifts,
                output,
            },
            pad_value: X::narrow(pad_value),
            weights: PhantomData,
        }
    }
}

impl<X: Activation, W: Copy, S: Products<X, W>> Layer for ExactLayer<'_, X, W, S> {
    type Input = X;
    type Weight = W;
    type Output = X;
    type Sum = S;

    const ANY_ORDER: bool = true;

    #[inline(always)]
    fn padding(&self) -> X {
        self.pad_value
    }

    #[inline(always)]
    fn padding_counts(&self) -> bool {
        self.pad_value.widen() != 0
    }

    #[inline(always)]
    fn biases<const N: usize>(&self, channel: usize) -> [S; N] {
        chunk(self.bias, channel).copied().unwrap_or([S::ZERO; N])
    }

    #[inline(always)]
    fn multiply_add<const N: usize>(sums: &mut [S; N], x: &[X; N], w: &[W; N]) {
        S::multiply_add(sums, x, w);
    }

    #[inline(always)]
    fn dot(sum: S, x: &[X], w: &[W]) -> S {
        sum.dot(x, w)
    }

    #[inline(always)]
    fn dots(sums: [S; FILTERS], x: &[X], filters: [&[W]; FILTERS]) -> [S; FILTERS] {
        S::dots(sums, x, filters)
    }

    #[inline(always)]
    fn dot_padding(&self, sum: S, w: &[W]) -> S {
        sum.dot_same(self.pad_value, w)
    }

    #[inline(always)]
    fn outputs<const N: usize>(&self, sums: [S; N], channel: usize) -> [X; N] {
        self.scales.outputs(sums, channel)
    }
}
