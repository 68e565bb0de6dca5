//! Layers of graphs that arrive quantized: sums by definition in wide integers, scaled by the functions that
//! `scale.rs` checks.

use crate::conv::{grouped, terms};
use crate::conv_transpose::{scattered, windows};
use crate::depthwise::{self, depthwise};
use crate::numbers::Numbers;
use crate::windows::{input_len, output_len, outputs};
use edge_core::params::{
    Conv2dExact, ConvTranspose2dExact, DepthwiseConv2dExact, ExactOutput, FullyConnectedExact,
    MatMul, MatMulExact,
};
use edge_core::quant::exact::{scale_i32, scale_i64};
use edge_core::quant::{Rounding, Scale};
use edge_core::rt;
use proptest::prelude::*;

/// Integers of a type; the extremes are frequent.
trait Drawn: Copy + Into<i64> {
    const ENDS: [i64; 2];

    fn of(number: i64) -> Self;

    fn draw(numbers: &mut Numbers, len: usize) -> Vec<Self> {
        let one = |n: u64| match n % 8 {
            0 => Self::of(Self::ENDS[0]),
            1 => Self::of(Self::ENDS[1]),
            _ => Self::of((n >> 8) as i64),
        };
        (0..len).map(|_| one(numbers.next())).collect()
    }
}

/// An accumulator.
trait Scaled: Copy {
    fn of(sum: i64) -> Self;
    fn scaled(self, scale: Scale, rounding: Rounding) -> i32;
}

impl Drawn for i8 {
    const ENDS: [i64; 2] = [-128, 127];

    fn of(number: i64) -> Self {
        number as i8
    }
}

impl Drawn for i16 {
    const ENDS: [i64; 2] = [-32768, 32767];

    fn of(number: i64) -> Self {
        number as i16
    }
}

impl Scaled for i32 {
    fn of(sum: i64) -> Self {
        sum as i32
    }

    fn scaled(self, scale: Scale, rounding: Rounding) -> i32 {
        scale_i32(self, scale, rounding)
    }
}

impl Scaled for i64 {
    fn of(sum: i64) -> Self {
        sum
    }

    fn scaled(self, scale: Scale, rounding: Rounding) -> i32 {
        scale_i64(self, scale, rounding)
    }
}

/// What the layers have in common: everything but the sums.
struct Common {
    zero: i32,
    output: ExactOutput,
    multipliers: Vec<i32>,
    shifts: Vec<i8>,
    bias: Vec<i64>,
}

impl Common {
    /// Numbers that bring sums of a number of bits near the range of the output, for each channel.
    fn draw<X: Drawn>(numbers: &mut Numbers, channels: usize, bits: i32) -> Self {
        let [least, greatest] = X::ENDS.map(|end| end as i32);
        let span = (greatest - least) as u64;
        let mut within = || least + numbers.below(span + 1) as i32;
        let (zero, zero_point, a, b) = (within(), within(), within(), within());
        let range = match numbers.below(3) {
            0 => [a.min(b), a.max(b)],
            _ => [least, greatest],
        };
        let wanted = 8 * size_of::<X>() as i32 - bits;
        let shifts =
            (0..channels).map(|_| (wanted - 3 + numbers.below(6) as i32).clamp(-31, 0) as i8);
        let shifts = shifts.collect();
        let multipliers = (0..channels).map(|_| (1 << 30) + numbers.below(1 << 30) as i32);
        let multipliers = multipliers.collect();
        Self {
            zero,
            output: ExactOutput {
                rounding: [Rounding::TfLite, Rounding::Onnx][numbers.below(2) as usize],
                range: range.map(|bound| bound - zero_point),
                zero_point,
            },
            multipliers,
            shifts,
            bias: numbers
                .words(channels, 1 << 20)
                .into_iter()
                .map(i64::from)
                .collect(),
        }
    }

    fn scale(&self, channel: usize) -> Scale {
        Scale {
            multiplier: self.multipliers[channel],
            shift: self.shifts[channel].into(),
        }
    }

    /// The output for a sum without its bias.
    fn wanted<S: Scaled>(&self, sum: i64, channel: usize) -> i64 {
        self.finish(S::of(sum + self.bias[channel]), self.scale(channel))
    }

    fn finish<S: Scaled>(&self, sum: S, scale: Scale) -> i64 {
        let [low, high] = self.output.range.map(i64::from);
        let scaled = i64::from(sum.scaled(scale, self.output.rounding));
        scaled.clamp(low, high) + i64::from(self.output.zero_point)
    }

    fn bias<S: Scaled>(&self) -> Vec<S> {
        self.bias.iter().map(|&bias| S::of(bias)).collect()
    }
}

fn product<X: Drawn, W: Drawn>(x: X, w: W) -> i64 {
    x.into() * w.into()
}

macro_rules! layers {
    ($name:ident: $x:ident * $w:ident => $sum:ident, $bits:literal) => {
        mod $name {
            use super::*;

            proptest! {
                #[test]
                fn convolution((case, groups) in grouped(), seed: u64) {
                    let window = case.window;
                    let mut numbers = Numbers::new(seed);
                    let x = $x::draw(&mut numbers, input_len(&window));
                    let count = window.out_c * window.kernel_h * window.kernel_w * window.in_c / groups;
                    let weights = $w::draw(&mut numbers, count);
                    let c = Common::draw::<$x>(&mut numbers, window.out_c, $bits);
                    let p = Conv2dExact { window, groups, pad_value: c.zero, output: c.output };
                    let mut y = vec![0; output_len(&window)];
                    rt::conv2d_exact(&p, &x, &weights, &c.bias::<$sum>(), &c.multipliers, &c.shifts, &mut y);
                    for (index, place) in outputs(&window).enumerate() {
                        let sum = terms(&window, groups, &x, &weights, place)
                            .into_iter()
                            .map(|(x, w)| product(x.unwrap_or(c.zero as $x), w))
                            .sum();
                        prop_assert_eq!(i64::from(y[index]), c.wanted::<$sum>(sum, place[3]), "at {:?}", place);
                    }
                }

                #[test]
                fn depthwise_convolution(case in depthwise(), seed: u64) {
                    let window = case.window;
                    let mut numbers = Numbers::new(seed);
                    let x = $x::draw(&mut numbers, input_len(&window));
                    let weights = $w::draw(&mut numbers, window.kernel_h * window.kernel_w * window.out_c);
                    let c = Common::draw::<$x>(&mut numbers, window.out_c, $bits);
                    let p = DepthwiseConv2dExact { window, pad_value: c.zero, output: c.output };
                    let mut y = vec![0; output_len(&window)];
                    rt::depthwise_conv2d_exact(&p, &x, &weights, &c.bias::<$sum>(), &c.multipliers, &c.shifts, &mut y);
                    for (index, place) in outputs(&window).enumerate() {
                        let sum = depthwise::terms(&window, &x, &weights, place)
                            .into_iter()
                            .map(|(x, w)| product(x.unwrap_or(c.zero as $x), w))
                            .sum();
                        prop_assert_eq!(i64::from(y[index]), c.wanted::<$sum>(sum, place[3]), "at {:?}", place);
                    }
                }

                #[test]
                fn transposed_convolution((window, groups) in windows(), seed: u64) {
                    let mut numbers = Numbers::new(seed);
                    let x = $x::draw(&mut numbers, input_len(&window));
                    let count = window.in_c * window.kernel_h * window.kernel_w * window.out_c / groups;
                    let weights = $w::draw(&mut numbers, count);
                    let c = Common::draw::<$x>(&mut numbers, window.out_c, $bits);
                    let p = ConvTranspose2dExact { window, groups, input_zero: c.zero, output: c.output };
                    let mut y = vec![0; output_len(&window)];
                    rt::conv_transpose2d_exact(&p, &x, &weights, &c.bias::<$sum>(), &c.multipliers, &c.shifts, &mut y);
                    // All these numbers and their sums are exact in floats.
                    let distances: Vec<f32> = x.iter().map(|&x| (i32::from(x) - c.zero) as f32).collect();
                    let weights: Vec<f32> = weights.iter().map(|&w| f32::from(w)).collect();
                    let sums = scattered(&window, groups, &distances, &weights, &vec![0.0; window.out_c]);
                    for (index, [sum, _]) in sums.into_iter().enumerate() {
                        let wanted = c.wanted::<$sum>(sum as i64, index % window.out_c);
                        prop_assert_eq!(i64::from(y[index]), wanted, "at {}", index);
                    }
                }

                #[test]
                fn rows_times_a_matrix(batch in 1usize..4, inputs in 1usize..70, outputs in 1usize..9, seed: u64) {
                    let mut numbers = Numbers::new(seed);
                    let x = $x::draw(&mut numbers, batch * inputs);
                    let weights = $w::draw(&mut numbers, outputs * inputs);
                    let c = Common::draw::<$x>(&mut numbers, outputs, $bits + 2);
                    let p = FullyConnectedExact { batch, inputs, outputs, output: c.output };
                    let mut y = vec![0; batch * outputs];
                    rt::fully_connected_exact(&p, &x, &weights, &c.bias::<$sum>(), &c.multipliers, &c.shifts, &mut y);
                    for (index, &found) in y.iter().enumerate() {
                        let (row, o) = (index / outputs, index % outputs);
                        let sum = (0..inputs).map(|i| product(x[row * inputs + i], weights[o * inputs + i])).sum();
                        prop_assert_eq!(i64::from(found), c.wanted::<$sum>(sum, o));
                    }
                }
            }
        }
    };
}

layers!(bytes: i8 * i8 => i32, 18);
layers!(bytes_by_half_words: i8 * i16 => i32, 26);
layers!(half_words_by_bytes: i16 * i8 => i64, 26);
layers!(half_words_by_bytes_in_32_bits: i16 * i8 => i32, 26);

macro_rules! matrices {
    ($name:ident: $x:ident => $sum:ident, $bits:literal) => {
        proptest! {
            #[test]
            fn $name(
                (batch, rows, inner, columns) in (1usize..4, 1usize..5, 1usize..20, 1usize..19),
                shared: bool,
                plain: bool,
                seed: u64,
            ) {
                let second_stride = if shared { 0 } else { inner * columns };
                let mut numbers = Numbers::new(seed);
                let a = $x::draw(&mut numbers, batch * rows * inner);
                let b = $x::draw(&mut numbers, if shared { 1 } else { batch } * inner * columns);
                let c = Common::draw::<$x>(&mut numbers, 1, $bits);
                let second_zero = if plain { 0 } else { i32::from($x::draw(&mut numbers, 1)[0]) };
                let product = MatMul { batch, rows, inner, columns, second_stride };
                let p = MatMulExact { product, first_zero: c.zero, second_zero, scale: c.scale(0), output: c.output };
                let mut y = vec![0; batch * rows * columns];
                rt::matmul_exact(&p, &a, &b, &mut y);
                for (index, &found) in y.iter().enumerate() {
                    let (n, row, column) = (index / (rows * columns), index / columns % rows, index % columns);
                    let sum: i64 = (0..inner)
                        .map(|k| {
                            let first = i64::from(a[(n * rows + row) * inner + k]) - i64::from(c.zero);
                            first * (i64::from(b[n * second_stride + k * columns + column]) - i64::from(second_zero))
                        })
                        .sum();
                    prop_assert_eq!(i64::from(found), c.finish(<$sum>::of(sum), c.scale(0)));
                }
            }
        }
    };
}

matrices!(matrices_of_bytes: i8 => i32, 19);
matrices!(matrices_of_half_words: i16 => i64, 35);

#[test]
fn the_greatest_sums_of_matrices_of_half_words_are_exact() {
    let inner = 1000;
    let p = MatMulExact {
        product: MatMul {
            batch: 1,
            rows: 1,
            inner,
            columns: 5,
            second_stride: 0,
        },
        first_zero: 32767,
        second_zero: 32767,
        scale: Scale {
            multiplier: 1 << 30,
            shift: -29,
        },
        output: ExactOutput {
            rounding: Rounding::Onnx,
            range: [-32768, 32767],
            zero_point: 0,
        },
    };
    let (a, b) = (vec![-32768i16; inner], vec![-32768i16; 5 * inner]);
    let mut y = [0i16; 5];
    rt::matmul_exact(&p, &a, &b, &mut y);
    // 1000 · 65535² / 2³⁰
    assert_eq!(y, [4000; 5]);
}
