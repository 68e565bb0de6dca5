//! Test data from a seed, and comparison.

use edge_core::quant::{Requant, Scale};

/// A small generator of numbers: the data of a test follows from its seed.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// The next number (splitmix64).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// Any bytes; the extremes are frequent.
    pub fn bytes(&mut self, len: usize) -> Vec<i8> {
        let byte = |n: u64| match n % 8 {
            0 => i8::MIN,
            1 => i8::MAX,
            _ => (n >> 8) as i8,
        };
        (0..len).map(|_| byte(self.next())).collect()
    }

    /// Any half words; the extremes are frequent.
    pub fn halves(&mut self, len: usize) -> Vec<i16> {
        let half = |n: u64| match n % 8 {
            0 => i16::MIN,
            1 => i16::MAX,
            _ => (n >> 8) as i16,
        };
        (0..len).map(|_| half(self.next())).collect()
    }

    /// A normal factor of `2^least..2^greatest`.
    pub fn scale(&mut self, least: i32, greatest: i32) -> Scale {
        Scale {
            multiplier: (1 << 30) + self.below(1 << 30) as i32,
            shift: least + 1 + self.below((greatest - least) as u64) as i32,
        }
    }

    pub fn words(&mut self, len: usize, bound: i32) -> Vec<i32> {
        let span = 2 * bound as u64 + 1;
        (0..len)
            .map(|_| (self.below(span) as i64 - i64::from(bound)) as i32)
            .collect()
    }

    /// Floats in −4..4.
    pub fn floats(&mut self, len: usize) -> Vec<f32> {
        (0..len)
            .map(|_| (self.below(1 << 20) as f32 / (1 << 17) as f32) - 4.0)
            .collect()
    }

    /// Any requantization of accumulators below `2^bits`.
    pub fn requant(&mut self, bits: u32) -> Requant {
        let shift = self.below(23) as u32;
        let zero_point = self.below(256) as i32 - 128;
        Requant {
            offset: (zero_point << shift) + ((1 << shift) >> 1),
            shift,
            pre_shift: self.below(u64::from(32 - bits)) as u32,
        }
    }

    /// Multipliers that bring accumulators below `2^bits` near the range of an output.
    pub fn multipliers(&mut self, len: usize, bits: u32, r: Requant) -> Vec<i32> {
        let wanted = 40 + r.shift as i32 - r.pre_shift as i32 - bits as i32;
        let greatest = (1i64 << wanted.clamp(4, 31)) - 1;
        self.words(len, greatest as i32)
    }
}

/// The definition of requantization in wide integers.
pub fn requantize_wide(acc: i64, multiplier: i32, r: Requant) -> i8 {
    let product = (i128::from(acc) << r.pre_shift) * i128::from(multiplier);
    let rounded = (product + (1 << 31)).div_euclid(1 << 32);
    let value = (i128::from(r.offset) + rounded).div_euclid(1 << r.shift);
    value.clamp(-128, 127) as i8
}

/// Floats agree with a result in double precision, relative to the sum of absolute terms `scale`.
pub fn assert_close(found: f32, wanted: f64, scale: f64) {
    let difference = (f64::from(found) - wanted).abs();
    assert!(
        difference <= 4e-6 * (scale.abs() + wanted.abs()) + 1e-30,
        "{found} instead of {wanted}, terms of {scale}"
    );
}
