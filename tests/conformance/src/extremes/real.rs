//! Real numbers without rounding: integers times powers of two.

use std::ops::{Add, Mul, Neg};

/// Bits of the greater operand of a sum: enough for all that two products of floats have.
const SUM_BITS: u32 = 110;
/// What is greater than any number of an output.
const HUGE: i64 = 1 << 40;

/// `mantissa · 2^exponent`.
#[derive(Clone, Copy, Debug)]
pub struct Real {
    mantissa: i128,
    exponent: i32,
}

impl Real {
    /// An integer.
    #[must_use]
    pub fn of(mantissa: i128) -> Self {
        Self {
            mantissa,
            exponent: 0,
        }
    }

    /// A finite float.
    #[must_use]
    pub fn float(value: f32) -> Self {
        let bits = value.to_bits();
        let exponent = (bits >> 23 & 0xff) as i32;
        let hidden = i128::from(exponent != 0) << 23;
        let size = i128::from(bits & 0x7f_ffff) | hidden;
        Self {
            mantissa: if value < 0.0 { -size } else { size },
            exponent: exponent.max(1) - 150,
        }
    }

    /// The same with at most so many bits, the rest cut off.
    #[must_use]
    pub fn cut(self, most: u32) -> Self {
        let right = bits(self.mantissa).saturating_sub(most);
        Self {
            mantissa: self.mantissa >> right,
            exponent: self.exponent + right as i32,
        }
    }

    /// How many bits stand before the point.
    fn top(self) -> i32 {
        bits(self.mantissa) as i32 + self.exponent
    }

    /// The integer nearest to `self / divisor`, halves to even; what is huge stays huge. The divisor is
    /// positive.
    #[must_use]
    pub fn over(self, divisor: Self) -> i64 {
        let (mut n, mut d) = (
            self.mantissa.unsigned_abs(),
            divisor.mantissa.unsigned_abs(),
        );
        let sign = self.mantissa.signum() as i64;
        let top = self.top() - divisor.top();
        if n == 0 || top < -2 {
            return 0;
        }
        if top > 45 {
            return sign * HUGE;
        }
        let exponent = self.exponent - divisor.exponent;
        if exponent > 0 {
            n <<= exponent;
        } else {
            d <<= -exponent;
        }
        let (whole, rest) = (n / d, n % d);
        let up = 2 * rest > d || (2 * rest == d && whole & 1 == 1);
        sign * (whole + u128::from(up)).min(HUGE as u128) as i64
    }
}

fn bits(mantissa: i128) -> u32 {
    128 - mantissa.unsigned_abs().leading_zeros()
}

impl Mul for Real {
    type Output = Self;

    #[allow(
        clippy::suspicious_arithmetic_impl,
        reason = "exponents of a product are added"
    )]
    fn mul(self, other: Self) -> Self {
        Self {
            mantissa: self.mantissa.checked_mul(other.mantissa).expect("128 bits"),
            exponent: self.exponent + other.exponent,
        }
    }
}

impl Neg for Real {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            ..self
        }
    }
}

impl Add for Real {
    type Output = Self;

    /// What is too small to be counted leaves its sign behind.
    fn add(self, other: Self) -> Self {
        let (this, other) = (self.cut(SUM_BITS), other.cut(SUM_BITS));
        let (great, small) = if other.mantissa == 0 || this.top() >= other.top() {
            (this, other)
        } else {
            (other, this)
        };
        if great.mantissa == 0 || small.mantissa == 0 {
            return if great.mantissa == 0 { small } else { great };
        }
        let up = SUM_BITS - bits(great.mantissa);
        let exponent = great.exponent - up as i32;
        let shift = small.exponent - exponent;
        let aligned = if shift >= 0 {
            small.mantissa << shift
        } else {
            let right = shift.unsigned_abs().min(126);
            let lost = small.mantissa & ((1i128 << right) - 1) != 0;
            (small.mantissa >> right) | i128::from(lost)
        };
        Self {
            mantissa: (great.mantissa << up) + aligned,
            exponent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Real;

    #[test]
    fn halves_go_to_even() {
        let halves = [1, 3, 5, -1, -3].map(|n| Real::of(n).over(Real::of(2)));
        assert_eq!(halves, [0, 2, 2, 0, -2]);
        assert_eq!((Real::of(5) * Real::float(0.5)).over(Real::float(0.25)), 10);
    }

    #[test]
    fn the_smallest_addend_decides_about_a_half() {
        let half = Real::of(5) * Real::float(0.5);
        let tiny = Real::float(f32::MIN_POSITIVE);
        assert_eq!((half + tiny).over(Real::of(1)), 3);
        assert_eq!((half + -tiny).over(Real::of(1)), 2);
        assert_eq!((tiny + -half).over(Real::of(1)), -2);
    }

    #[test]
    fn extremes_are_huge_or_nothing() {
        let (tiny, great) = (Real::float(f32::MIN_POSITIVE), Real::float(1e30));
        assert_eq!((great * Real::of(-1)).over(tiny), -(1 << 40));
        assert_eq!(tiny.over(great), 0);
    }
}
