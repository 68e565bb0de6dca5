//! Functions on fixed-point numbers of 32 bits.
//!
//! A number in Q`b` has `b` integer bits: the integer `raw` stands for `raw / 2^(31 − b)`, in −2^b..2^b. The
//! product of Qa and Qb, [`high_mul`] of the integers, is in Q(a + b).
//!
//! Source: gemmlowp `fixedpoint.h` and the functions that `TFLite` builds on it, bit for bit. Sums wrap
//! where the reference leaves 32 bits; the ranges in the comments exclude it.

/// 1.0 in Q2.
const ONE_Q2: i32 = 1 << 29;
/// √½ in Q0.
const SQRT_HALF: i32 = 1_518_500_250;

/// `a·b / 2³¹`, halves up; −1·−1 saturates.
///
/// Source: gemmlowp `SaturatingRoundingDoublingHighMul`, whose truncating division rounds the same way.
#[inline(always)]
#[must_use]
pub const fn high_mul(a: i32, b: i32) -> i32 {
    if cfg!(edge_thumb1) {
        return high_mul_in_halves(a, b);
    }
    let high = (a as i64 * b as i64 + (1 << 30)) >> 31;
    // Only −2³¹ · −2³¹ leaves the range.
    if high > i32::MAX as i64 {
        i32::MAX
    } else {
        high as i32
    }
}

/// [`high_mul`] by products of 16 bits, for cores whose multiplication gives 32: a call of the compiler's routine
/// for 64 by 64 bits takes thrice as long.
#[inline(always)]
#[must_use]
const fn high_mul_in_halves(a: i32, b: i32) -> i32 {
    let (a_low, b_low) = (a as u16 as u32, b as u16 as u32);
    let (a_high, b_high) = (a >> 16, b >> 16);
    // 16 bits without sign by 15 and a sign: no more than 31 and a sign.
    let cross = [a_low as i32 * b_high, b_low as i32 * a_high];
    // In units of 2¹⁶. What the half of 2³¹ is added to has no carry from below.
    let rest = (a_low * b_low) >> 16;
    let middle = rest + (cross[0] as u16 as u32) + (cross[1] as u16 as u32) + (1 << 14);
    let high = a_high * b_high + (cross[0] >> 16) + (cross[1] >> 16);
    let doubled = high.wrapping_add(high).wrapping_add((middle >> 15) as i32);
    // Only −2³¹ · −2³¹ comes here, from 2³¹; no product rounds to −2³¹.
    if doubled == i32::MIN {
        i32::MAX
    } else {
        doubled
    }
}

/// [`high_mul`] of 16 bits: `a·b / 2¹⁵`, halves up.
#[inline(always)]
#[must_use]
pub const fn high_mul_i16(a: i16, b: i16) -> i16 {
    let high = (a as i32 * b as i32 + (1 << 14)) >> 15;
    super::exact::saturate_i16(high)
}

/// `a·b / 2¹⁵` towards zero; −1·−1 saturates.
///
/// Source: `TFLite` `SaturatingDoublingHighMul` of `HARD_SWISH`.
#[inline(always)]
#[must_use]
pub const fn high_mul_towards_zero_i16(a: i16, b: i16) -> i16 {
    super::exact::saturate_i16(a as i32 * b as i32 / (1 << 15))
}

/// `value / 2^exponent`, halves away from zero; `exponent` in 0..=31.
///
/// Source: gemmlowp `RoundingDivideByPOT`.
#[inline(always)]
#[must_use]
pub const fn rounding_divide_by_pot(value: i32, exponent: u32) -> i32 {
    let exponent = exponent & 31;
    let mask = (1u32 << exponent).wrapping_sub(1) as i32;
    let threshold = (mask >> 1) + (value < 0) as i32;
    (value >> exponent) + ((value & mask) > threshold) as i32
}

/// `value · 2^exponent`: to the left saturating, to the right rounding.
///
/// Source: gemmlowp `SaturatingRoundingMultiplyByPOT`; with `from − to` as exponent its `Rescale`.
#[inline(always)]
#[must_use]
pub const fn multiply_by_pot(value: i32, exponent: i32) -> i32 {
    if exponent > 0 {
        let exponent = if exponent > 31 { 31 } else { exponent };
        super::exact::saturate_i32((value as i64) << exponent)
    } else {
        let right = exponent.unsigned_abs();
        rounding_divide_by_pot(value, if right > 31 { 31 } else { right })
    }
}

/// `(a + b) / 2`, halves away from zero.
#[inline(always)]
#[must_use]
pub const fn rounding_half_sum(a: i32, b: i32) -> i32 {
    let sum = a as i64 + b as i64;
    let sign = if sum >= 0 { 1 } else { -1 };
    ((sum + sign) / 2) as i32
}

/// `e^a` in Q0 for `a` ≤ 0 in Q`integer_bits`, 1..=8.
///
/// Source: gemmlowp `exp_on_negative_values`.
#[inline(always)]
#[must_use]
pub const fn exp_on_negative_values(a: i32, integer_bits: u32) -> i32 {
    // e^(−2^k) in Q0 for k = −2..=4.
    const POWERS: [i32; 7] = [
        1_672_461_947,
        1_302_514_674,
        790_015_084,
        290_630_308,
        39_332_535,
        720_401,
        242,
    ];
    let quarter_bit = 29u32.wrapping_sub(integer_bits) & 31;
    let quarter = 1i32 << quarter_bit;
    let rest = (a & quarter.wrapping_sub(1)).wrapping_sub(quarter);
    let mut result = exp_near_zero(multiply_by_pot(rest, integer_bits as i32));
    // Whole quarters, bit by bit.
    let quarters = rest.wrapping_sub(a);
    let mut k = 0;
    while k < POWERS.len() && (k as u32) < integer_bits.wrapping_add(2) {
        if quarters & quarter.wrapping_shl(k as u32) != 0 {
            result = high_mul(result, POWERS[k]);
        }
        k += 1;
    }
    if integer_bits > 5 && a < (-1i32).wrapping_shl(36u32.wrapping_sub(integer_bits)) {
        result = 0;
    }
    if a == 0 { i32::MAX } else { result }
}

/// `e^a` for `a` in −¼..0, both in Q0: the Taylor series around −⅛.
#[inline(always)]
const fn exp_near_zero(a: i32) -> i32 {
    const EXP_MINUS_EIGHTH: i32 = 1_895_147_668;
    const THIRD: i32 = 715_827_883;
    let x = a.wrapping_add(1 << 28);
    let x2 = high_mul(x, x);
    let x3 = high_mul(x2, x);
    let x4 = high_mul(x2, x2);
    let high_terms = high_mul(rounding_divide_by_pot(x4, 2).wrapping_add(x3), THIRD);
    let terms = rounding_divide_by_pot(high_terms.wrapping_add(x2), 1);
    EXP_MINUS_EIGHTH.wrapping_add(high_mul(EXP_MINUS_EIGHTH, x.wrapping_add(terms)))
}

/// `2 / (1 + x)` in Q2 for `x` in 0..1 in Q0: three steps of Newton's division.
#[inline(always)]
const fn two_over_one_plus(x: i32) -> i32 {
    const FORTY_EIGHT_SEVENTEENTHS: i32 = 1_515_870_810;
    const MINUS_THIRTY_TWO_SEVENTEENTHS: i32 = -1_010_580_540;
    let half_denominator = rounding_half_sum(x, i32::MAX);
    let first = high_mul(half_denominator, MINUS_THIRTY_TWO_SEVENTEENTHS);
    let mut y = FORTY_EIGHT_SEVENTEENTHS.wrapping_add(first);
    let mut step = 0;
    while step < 3 {
        let error = ONE_Q2.wrapping_sub(high_mul(half_denominator, y));
        y = y.wrapping_add(multiply_by_pot(high_mul(y, error), 2));
        step += 1;
    }
    y
}

/// `1 / (1 + x)` for `x` in 0..1, both in Q0.
///
/// Source: gemmlowp `one_over_one_plus_x_for_x_in_0_1`.
#[inline(always)]
#[must_use]
pub const fn one_over_one_plus_x(x: i32) -> i32 {
    multiply_by_pot(two_over_one_plus(x), 1)
}

/// `(1 − x) / (1 + x)` for `x` in 0..1, both in Q0.
///
/// Source: gemmlowp `one_minus_x_over_one_plus_x_for_x_in_0_1`.
#[inline(always)]
#[must_use]
pub const fn one_minus_x_over_one_plus_x(x: i32) -> i32 {
    multiply_by_pot(two_over_one_plus(x).wrapping_sub(ONE_Q2), 2)
}

/// `tanh(a)` in Q0 for `a` in Q`integer_bits`, 0..=7.
///
/// Source: gemmlowp `tanh`.
#[inline(always)]
#[must_use]
pub const fn tanh(a: i32, integer_bits: u32) -> i32 {
    if a == 0 {
        return 0;
    }
    let negative = if a < 0 { a } else { a.wrapping_neg() };
    // One more integer bit doubles the number.
    let exp = exp_on_negative_values(negative, integer_bits.wrapping_add(1));
    let t = one_minus_x_over_one_plus_x(exp);
    if a < 0 { t.wrapping_neg() } else { t }
}

/// `1 / (1 + e^−a)` in Q0 for `a` in Q`integer_bits`, 1..=8.
///
/// Source: gemmlowp `logistic`.
#[inline(always)]
#[must_use]
pub const fn logistic(a: i32, integer_bits: u32) -> i32 {
    if a == 0 {
        return 1 << 30;
    }
    let negative = if a > 0 { a.wrapping_neg() } else { a };
    let positive = one_over_one_plus_x(exp_on_negative_values(negative, integer_bits));
    if a > 0 {
        positive
    } else {
        i32::MAX.wrapping_sub(positive)
    }
}

/// `1 / x` for `x` > 0 in Q`integer_bits`: a number in Q0 and how many bits to shift it right.
///
/// Source: `TFLite` `GetReciprocal`.
#[inline(always)]
#[must_use]
pub const fn reciprocal(x: i32, integer_bits: u32) -> (i32, i32) {
    let headroom = x.leading_zeros();
    let fraction = (x as u32).wrapping_shl(headroom).wrapping_sub(1 << 31);
    let bits_over_one = (integer_bits as i32).wrapping_sub(headroom as i32);
    (one_over_one_plus_x(fraction as i32), bits_over_one)
}

/// `1 / √x` for an integer `x` ≥ 0 as a factor; 0 counts as 1.
///
/// The shift is 0 or negative.
///
/// Source: `TFLite` `GetInvSqrtQuantizedMultiplierExp` with its shift to the left.
#[inline(always)]
#[must_use]
pub const fn inverse_sqrt(x: i32) -> super::Scale {
    if x <= 1 {
        return super::Scale {
            multiplier: i32::MAX,
            shift: 0,
        };
    }
    let (mut x, mut right) = (x, 11i32);
    while x >= 1 << 29 {
        x /= 4;
        right += 1;
    }
    // Pairs of bits that bring x to 2²⁷..2²⁹; x < 2²⁹ has at least one pair and a half of room.
    let pairs = (x.leading_zeros() - 1) / 2 - 1;
    right -= pairs as i32;
    let multiplier = high_mul(newton_inverse_sqrt((x << (2 * pairs)) >> 1), SQRT_HALF);
    if right < 0 {
        return super::Scale {
            multiplier: multiplier.wrapping_shl(right.unsigned_abs()),
            shift: 0,
        };
    }
    super::Scale {
        multiplier,
        shift: -right,
    }
}

/// `1 / √x` for `x` in ¼..1, both in Q3: five steps of Newton's iteration from 1.
#[inline(always)]
const fn newton_inverse_sqrt(x: i32) -> i32 {
    const THREE_HALVES: i32 = (1 << 28) + (1 << 27);
    let half = rounding_divide_by_pot(x, 1);
    let mut y = 1i32 << 28;
    let mut step = 0;
    while step < 5 {
        let cube = multiply_by_pot(high_mul(high_mul(y, y), y), 6);
        let next = high_mul(THREE_HALVES, y).wrapping_sub(high_mul(half, cube));
        y = multiply_by_pot(next, 3);
        step += 1;
    }
    y
}

/// `ln(x)` in Q`out_bits` for `x` ≥ 1 in Q`in_bits`.
///
/// `out_bits` must hold the greatest logarithm: 5 for 12 input bits. Below 1 it works down to the inverse
/// of the greatest number.
///
/// Source: `TFLite` `log_x_for_x_greater_than_or_equal_to_1`.
#[inline(always)]
#[must_use]
pub const fn ln(x: i32, out_bits: u32, in_bits: u32) -> i32 {
    const LN_2: i32 = 1_488_522_236;
    const SQRT_SQRT_HALF: i32 = 1_805_811_301;
    const QUARTER: i32 = 1 << 29;
    // One more bit than the result: the product with ln 2 may come near the end of the range.
    let sum_bits = out_bits as i32 + 1;
    let quarter = multiply_by_pot(QUARTER, -sum_bits);
    let in_bits = in_bits as i32;

    // Two ways to a number near 1 times a power of two; the greater power wins.
    let headroom = x.leading_zeros() as i32;
    let normal = multiply_by_pot(x, headroom - 1);
    let r_a = multiply_by_pot(high_mul(normal, SQRT_HALF), 1);
    let power_a = multiply_by_pot(in_bits - headroom, 31 - sum_bits).saturating_add(quarter);

    let headroom = high_mul(x, SQRT_HALF).leading_zeros() as i32 - 1;
    let r_b = multiply_by_pot(x, headroom);
    let power_b = multiply_by_pot(in_bits - headroom, 31 - sum_bits).saturating_sub(quarter);

    let r = if r_a < r_b { r_a } else { r_b };
    let power = if power_a > power_b { power_a } else { power_b };

    let p = rounding_half_sum(r, SQRT_SQRT_HALF);
    let q = r.wrapping_sub(SQRT_SQRT_HALF);
    let (numerator, denominator) = ln_fraction(r, p, q.wrapping_add(q));
    let rest = high_mul(multiply_by_pot(numerator, -sum_bits), denominator);
    multiply_by_pot(high_mul(power, LN_2).wrapping_add(rest), 1)
}

/// The rational approximation of the logarithm near one: numerator and inverse of the denominator in Q0.
#[inline(always)]
const fn ln_fraction(r: i32, p: i32, q: i32) -> (i32, i32) {
    // 11/240·⁴√2, 1/20·⁴√2, 2/⁴√2 − ⁴√2, ¼·⁴√2.
    const NUMERATOR: i32 = 117_049_297;
    const DENOMINATOR: i32 = 127_690_142;
    const CONSTANT: i32 = 1_057_819_769;
    const LINEAR: i32 = 638_450_708;
    let square = high_mul(q, q);
    let cubic = high_mul(high_mul(q, square), NUMERATOR);
    let numerator = high_mul(q, r).wrapping_add(cubic);
    let inner = CONSTANT
        .wrapping_add(q)
        .wrapping_add(high_mul(DENOMINATOR, square));
    let minus_one = high_mul(p, inner).wrapping_add(high_mul(LINEAR, q));
    (numerator, one_over_one_plus_x(minus_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_halves_of_products_in_halves() {
        let numbers = [
            0,
            1,
            -1,
            2,
            0x7fff,
            0x8000,
            -0x8000,
            0xffff,
            0x1_0000,
            -0x1_0001,
            0x1234_5678,
            -0x7654_3210,
            i32::MAX,
            i32::MIN,
            i32::MIN + 1,
        ];
        for (a, b) in numbers.iter().flat_map(|&a| numbers.map(|b| (a, b))) {
            let wanted = (i64::from(a) * i64::from(b) + (1 << 30)) >> 31;
            let wanted = wanted.min(i32::MAX.into());
            assert_eq!(i64::from(high_mul_in_halves(a, b)), wanted, "{a} {b}");
        }
        let mut draw = 1u64;
        for _ in 0..20_000 {
            draw = draw.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            let (a, b) = ((draw >> 32) as i32, draw as i32);
            let wanted = ((i64::from(a) * i64::from(b) + (1 << 30)) >> 31) as i32;
            assert_eq!(high_mul_in_halves(a, b), wanted, "{a} {b}");
        }
    }
}
