//! Sums of products of integers, the innermost loops of all quantized layers.
//!
//! They are shaped as those of [`super::dot`]. Sums are taken modulo two to the number of their bits.

use super::dot::FILTERS;
use super::slices::windows;
use crate::quant::exact::{scale_i32, scale_i64};
use crate::quant::{Rounding, Scale};

/// An accumulator.
pub trait Sum: Copy {
    /// The empty sum.
    const ZERO: Self;

    /// The sum times a factor.
    fn scaled(self, scale: Scale, rounding: Rounding) -> i32;
}

impl Sum for i32 {
    const ZERO: Self = 0;

    #[inline(always)]
    fn scaled(self, scale: Scale, rounding: Rounding) -> i32 {
        scale_i32(self, scale, rounding)
    }
}

impl Sum for i64 {
    const ZERO: Self = 0;

    #[inline(always)]
    fn scaled(self, scale: Scale, rounding: Rounding) -> i32 {
        scale_i64(self, scale, rounding)
    }
}

/// An accumulator of products of inputs `X` and weights `W`.
pub trait Products<X, W>: Sum {
    /// `sum + Σ x·w` over the shorter of both slices.
    fn dot(self, x: &[X], w: &[W]) -> Self;
    /// [`Self::dot`] of one input and four filters as long as it.
    fn dots(sums: [Self; FILTERS], x: &[X], filters: [&[W]; FILTERS]) -> [Self; FILTERS];
    /// `sum + Σ x·w` with the same `x` for all weights.
    fn dot_same(self, x: X, w: &[W]) -> Self;
    /// `sum += x·w` in each lane; four are written out as in [`super::lanes::each_lane`].
    fn multiply_add<const N: usize>(sums: &mut [Self; N], x: &[X; N], w: &[W; N]);
    /// `sum += factor·w` in each lane.
    fn add_scaled<const N: usize>(sums: &mut [Self; N], factor: i32, w: &[W; N]);
}

/// Products of two types in a sum; four products fit the type of a turn, unless it is the sum's.
macro_rules! products {
    ($($x:ident * $w:ident, $turn:ident => $sum:ident $(, by $quick:ident)?;)*) => { $(
        impl Products<$x, $w> for $sum {
            #[inline(always)]
            fn dot(self, mut x: &[$x], mut w: &[$w]) -> Self {
                let mut sum = self;
                while let (&[x0, x1, x2, x3, ref x_rest @ ..], &[w0, w1, w2, w3, ref w_rest @ ..]) = (x, w) {
                    let [x0, x1, x2, x3] = [x0 as $turn, x1 as $turn, x2 as $turn, x3 as $turn];
                    let turn = x0 * w0 as $turn + x1 * w1 as $turn + x2 * w2 as $turn + x3 * w3 as $turn;
                    sum = sum.wrapping_add(turn as $sum);
                    (x, w) = (x_rest, w_rest);
                }
                while let (&[x0, ref x_rest @ ..], &[w0, ref w_rest @ ..]) = (x, w) {
                    sum = sum.wrapping_add((x0 as $turn * w0 as $turn) as $sum);
                    (x, w) = (x_rest, w_rest);
                }
                sum
            }

            #[inline(always)]
            fn dots(sums: [Self; FILTERS], x: &[$x], filters: [&[$w]; FILTERS]) -> [Self; FILTERS] {
                $(if let Some(sums) = crate::arch::$quick(sums, x, filters) {
                    return sums;
                })?
                let ([mut s, mut t, mut u, mut v], mut x) = (sums, x);
                let [mut a, mut b, mut c, mut d] = windows(filters, 0, x.len());
                while let (
                    &[x0, x1, x2, x3, ref x_rest @ ..],
                    &[a0, a1, a2, a3, ref a_rest @ ..],
                    &[b0, b1, b2, b3, ref b_rest @ ..],
                    &[c0, c1, c2, c3, ref c_rest @ ..],
                    &[d0, d1, d2, d3, ref d_rest @ ..],
                ) = (x, a, b, c, d)
                {
                    let [x0, x1, x2, x3] = [x0 as $turn, x1 as $turn, x2 as $turn, x3 as $turn];
                    let turn = x0 * a0 as $turn + x1 * a1 as $turn + x2 * a2 as $turn + x3 * a3 as $turn;
                    s = s.wrapping_add(turn as $sum);
                    let turn = x0 * b0 as $turn + x1 * b1 as $turn + x2 * b2 as $turn + x3 * b3 as $turn;
                    t = t.wrapping_add(turn as $sum);
                    let turn = x0 * c0 as $turn + x1 * c1 as $turn + x2 * c2 as $turn + x3 * c3 as $turn;
                    u = u.wrapping_add(turn as $sum);
                    let turn = x0 * d0 as $turn + x1 * d1 as $turn + x2 * d2 as $turn + x3 * d3 as $turn;
                    v = v.wrapping_add(turn as $sum);
                    (x, a, b, c, d) = (x_rest, a_rest, b_rest, c_rest, d_rest);
                }
                while let (
                    &[x0, ref x_rest @ ..],
                    &[a0, ref a_rest @ ..],
                    &[b0, ref b_rest @ ..],
                    &[c0, ref c_rest @ ..],
                    &[d0, ref d_rest @ ..],
                ) = (x, a, b, c, d)
                {
                    s = s.wrapping_add((x0 as $turn * a0 as $turn) as $sum);
                    t = t.wrapping_add((x0 as $turn * b0 as $turn) as $sum);
                    u = u.wrapping_add((x0 as $turn * c0 as $turn) as $sum);
                    v = v.wrapping_add((x0 as $turn * d0 as $turn) as $sum);
                    (x, a, b, c, d) = (x_rest, a_rest, b_rest, c_rest, d_rest);
                }
                [s, t, u, v]
            }

            #[inline(always)]
            fn dot_same(self, x: $x, mut w: &[$w]) -> Self {
                let mut total: $sum = 0;
                while let &[w0, ref rest @ ..] = w {
                    total = total.wrapping_add(w0 as $sum);
                    w = rest;
                }
                self.wrapping_add((x as $sum).wrapping_mul(total))
            }

            #[inline(always)]
            fn multiply_add<const N: usize>(sums: &mut [Self; N], x: &[$x; N], w: &[$w; N]) {
                if let ([s, t, u, v], &[x0, x1, x2, x3], &[w0, w1, w2, w3]) =
                    (sums.as_mut_slice(), x.as_slice(), w.as_slice())
                {
                    *s = s.wrapping_add((x0 as $turn * w0 as $turn) as $sum);
                    *t = t.wrapping_add((x1 as $turn * w1 as $turn) as $sum);
                    *u = u.wrapping_add((x2 as $turn * w2 as $turn) as $sum);
                    *v = v.wrapping_add((x3 as $turn * w3 as $turn) as $sum);
                    return;
                }
                let mut i = 0;
                while i < N {
                    sums[i] = sums[i].wrapping_add((x[i] as $turn * w[i] as $turn) as $sum);
                    i += 1;
                }
            }

            #[inline(always)]
            fn add_scaled<const N: usize>(sums: &mut [Self; N], factor: i32, w: &[$w; N]) {
                let factor = factor as $sum;
                if let ([s, t, u, v], &[w0, w1, w2, w3]) = (sums.as_mut_slice(), w.as_slice()) {
                    *s = s.wrapping_add(factor.wrapping_mul(w0 as $sum));
                    *t = t.wrapping_add(factor.wrapping_mul(w1 as $sum));
                    *u = u.wrapping_add(factor.wrapping_mul(w2 as $sum));
                    *v = v.wrapping_add(factor.wrapping_mul(w3 as $sum));
                    return;
                }
                let mut i = 0;
                while i < N {
                    sums[i] = sums[i].wrapping_add(factor.wrapping_mul(w[i] as $sum));
                    i += 1;
                }
            }
        }
    )* };
}

products! {
    i8 * i8, i32 => i32, by dots_s8;
    i8 * i16, i32 => i32;
    i16 * i8, i32 => i32;
    i16 * i8, i32 => i64;
    i16 * i16, i64 => i64;
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTREMES: [i64; 7] = [i64::MIN, i64::MAX, -1, 0, 1, 77, -90];

    /// Numbers in `low..=high`, the ends among them.
    fn numbers(low: i64, high: i64, seed: usize) -> [i64; 41] {
        core::array::from_fn(|i| match EXTREMES.get((i * 5 + seed) % 9) {
            Some(&number) => number.clamp(low, high),
            None => low + (i as i64 * 7919 + seed as i64 * 104_729) % (high - low + 1),
        })
    }

    macro_rules! agree {
        ($name:ident: $x:ident * $w:ident => $sum:ident) => {
            mod $name {
                use super::*;

                fn x() -> [$x; 41] {
                    numbers($x::MIN.into(), $x::MAX.into(), 0).map(|x| x as $x)
                }

                fn w(seed: usize) -> [$w; 41] {
                    numbers($w::MIN.into(), $w::MAX.into(), seed).map(|w| w as $w)
                }

                fn wide(start: $sum, x: &[$x], w: &[$w]) -> $sum {
                    let terms = x
                        .iter()
                        .zip(w)
                        .map(|(&x, &w)| i128::from(x) * i128::from(w));
                    (i128::from(start) + terms.sum::<i128>()) as $sum
                }

                #[test]
                fn sums_are_exact() {
                    let (x, filters) = (x(), [w(1), w(2), w(3), w(5)]);
                    let starts: [$sum; 4] = [5, -1, $sum::MAX, $sum::MIN];
                    for len in 0..=x.len() {
                        let x = &x[..len];
                        let parts = [&filters[0][..], &filters[1], &filters[2], &filters[3]];
                        let sums = <$sum as Products<$x, $w>>::dots(starts, x, parts);
                        for i in 0..4 {
                            let wanted = wide(starts[i], x, &filters[i]);
                            assert_eq!(sums[i], wanted);
                            assert_eq!(starts[i].dot(x, &filters[i]), wanted);
                            let w = &filters[i][..len];
                            for same in [$x::MIN, 3, $x::MAX] {
                                let wanted = wide(starts[i], &[same; 41], w);
                                assert_eq!(starts[i].dot_same(same, w), wanted);
                            }
                        }
                    }
                }

                fn lanes<const N: usize>(x: &[$x], w: &[$w]) {
                    for at in 0..x.len() - N {
                        let x: &[$x; N] = x[at..].first_chunk().unwrap();
                        let w: &[$w; N] = w[at..].first_chunk().unwrap();
                        let mut sums = [$sum::MAX - 3; N];
                        <$sum as Products<$x, $w>>::multiply_add(&mut sums, x, w);
                        for i in 0..N {
                            assert_eq!(sums[i], wide($sum::MAX - 3, &x[i..=i], &w[i..=i]));
                        }
                        for factor in [-65535, 65535, -1] {
                            let mut sums = [-7; N];
                            <$sum as Products<$x, $w>>::add_scaled(&mut sums, factor, w);
                            for i in 0..N {
                                let product = i64::from(factor) * i64::from(w[i]);
                                assert_eq!(sums[i], (product - 7) as $sum);
                            }
                        }
                    }
                }

                #[test]
                fn lanes_multiply_and_add() {
                    lanes::<1>(&x(), &w(1));
                    lanes::<4>(&x(), &w(2));
                    lanes::<8>(&x(), &w(3));
                }
            }
        };
    }

    agree!(bytes: i8 * i8 => i32);
    agree!(bytes_and_half_words: i8 * i16 => i32);
    agree!(half_words_and_bytes: i16 * i8 => i32);
    agree!(half_words_and_bytes_in_wide_sums: i16 * i8 => i64);
    agree!(half_words: i16 * i16 => i64);
}
