//! The factors of `TFLite`: what leaves the type that the reference holds it in is an error.

/// What would have overflowed.
pub type Checked = Result<i128, String>;

/// A number that the reference holds in 32 bits.
///
/// # Errors
/// If it has more.
pub fn int(value: i128, what: &str) -> Checked {
    within(value, 31, what)
}

/// A number that the reference holds in 64 bits.
///
/// # Errors
/// If it has more.
pub fn long(value: i128, what: &str) -> Checked {
    within(value, 63, what)
}

fn within(value: i128, bits: u32, what: &str) -> Checked {
    let end = 1i128 << bits;
    if (-end..end).contains(&value) {
        return Ok(value);
    }
    Err(format!("{what} is {value}: more than {} bits", bits + 1))
}

/// A multiplier of 31 bits and a shift.
#[derive(Clone, Copy, Debug)]
pub struct Factor {
    multiplier: i128,
    /// To the left.
    pub shift: i32,
}

impl Factor {
    /// The nearest factor.
    ///
    /// # Errors
    /// If it is not below 2³¹.
    pub fn of(real: f64) -> Result<Self, String> {
        if !real.is_finite() {
            return Err(format!("a factor of {real}"));
        }
        let (mut fraction, mut shift) = (real, 0);
        while fraction.abs() >= 1.0 {
            fraction /= 2.0;
            shift += 1;
        }
        while fraction != 0.0 && fraction.abs() < 0.5 {
            fraction *= 2.0;
            shift -= 1;
        }
        let mut multiplier = (fraction * 2_147_483_648.0).round() as i128;
        if multiplier == 1 << 31 {
            multiplier >>= 1;
            shift += 1;
        }
        if shift < -31 {
            (multiplier, shift) = (0, 0);
        }
        if shift > 31 {
            return Err(format!("a factor of {real}"));
        }
        Ok(Self { multiplier, shift })
    }

    /// The same, where the reference asks for a factor between 0 and 1.
    ///
    /// # Errors
    /// If it is another.
    pub fn below_one(real: f64) -> Result<Self, String> {
        let factor = Self::of(real)?;
        if real > 0.0 && real < 1.0 && factor.shift <= 0 {
            return Ok(factor);
        }
        Err(format!("a factor of {real} is not below one"))
    }

    /// Divided by a count as means are.
    #[must_use]
    pub fn divided(self, count: i128) -> Self {
        let log2 = 127 - count.leading_zeros() as i32;
        let bits = log2.min(31 + self.shift);
        Self {
            multiplier: (self.multiplier << bits) / count,
            shift: self.shift - bits,
        }
    }

    /// `value` times the factor, rounded twice.
    ///
    /// # Errors
    /// If a shift to the left overflows.
    pub fn scale(self, value: i128) -> Checked {
        let left = int(value << self.shift.max(0), "a number shifted to the left")?;
        let product = (left * self.multiplier + (1 << 30)).div_euclid(1 << 31);
        Ok(divide(
            product.min((1 << 31) - 1),
            (-self.shift).max(0) as u32,
        ))
    }

    /// A sum of 64 bits times the factor, rounded once.
    ///
    /// # Errors
    /// If the product or the result overflows.
    pub fn scale_long(self, value: i128) -> Checked {
        let short = ((self.multiplier + (1 << 15)) >> 16).min((1 << 15) - 1);
        if self.shift >= 15 {
            return Err(format!("a shift by {}", self.shift));
        }
        if !(-(1 << 47)..1 << 47).contains(&value) {
            return Err(format!("a sum of {value}"));
        }
        let product = value * short + (1 << (14 - self.shift));
        let product = long(product, "a product")?;
        int(product >> (15 - self.shift), "a scaled sum")
    }
}

/// `value / 2^bits`, halves away from zero.
#[must_use]
pub fn divide(value: i128, bits: u32) -> i128 {
    let half = (1i128 << bits) >> 1;
    value.signum() * ((value.abs() + half) >> bits)
}
