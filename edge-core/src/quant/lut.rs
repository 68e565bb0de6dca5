//! Functions of 16-bit integers by tables.
//!
//! Source: `TFLite` `LUTLookup` and the 16-bit `LOGISTIC` and `TANH`, bit for bit.

/// Entries of a table for [`interpolate`].
pub const TABLE_LEN: usize = 513;

/// What brings a 16-bit input to steps of 1/(3·4096): the input of [`SIGMOID`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableScale {
    /// Factor, 0..=65535.
    pub multiplier: i32,
    /// Rounding right shift of the product, 0..=31.
    pub shift: u32,
}

/// The function of which `table` has samples: the upper 9 bits of `x` choose two of them, the lower 7 go
/// between.
///
/// Differences of neighbours beyond 16 bits wrap.
#[inline(always)]
#[must_use]
pub const fn interpolate(x: i16, table: &[i16; TABLE_LEN]) -> i16 {
    let index = (256 + (x >> 7)) as usize & 511;
    let base = table[index];
    let slope = table[index + 1].wrapping_sub(base);
    let delta = (slope as i32 * (x & 0x7f) as i32 + 64) >> 7;
    (base as i32 + delta) as i16
}

/// `2¹⁵ · sigmoid(x)` for an input that `scale` brings to the table.
#[inline(always)]
#[must_use]
pub const fn logistic_i16(x: i16, scale: TableScale) -> i16 {
    let (negative, distance) = to_table(x, scale);
    let result = sigmoid(distance, 9);
    let half = 1 << 9;
    let result = if negative {
        (1 << 25) - result + half - 1
    } else {
        result + half
    };
    (result >> 10) as i16
}

/// `2¹⁵ · tanh(x)`, by `tanh(x) = 2 sigmoid(2x) − 1`.
#[inline(always)]
#[must_use]
pub const fn tanh_i16(x: i16, scale: TableScale) -> i16 {
    let (negative, distance) = to_table(x, scale);
    let result = sigmoid(distance, 8) - (1 << 23);
    let half = 1 << 7;
    let result = if negative {
        half - result - 1
    } else {
        result + half
    };
    (result >> 8) as i16
}

/// Sign and distance from zero of the scaled input.
#[inline(always)]
const fn to_table(x: i16, scale: TableScale) -> (bool, u32) {
    let shift = scale.shift & 31;
    let half = (1u32 << shift >> 1) as i32;
    // 16 by 16 bits; the compiler keeps the sum in range.
    let scaled = (x as i32).wrapping_mul(scale.multiplier).wrapping_add(half) >> shift;
    (scaled < 0, scaled.unsigned_abs())
}

/// `2^(16 + bits) · sigmoid(x / 24)`, `x` with `bits` fractional bits.
#[inline(always)]
const fn sigmoid(x: u32, bits: u32) -> i32 {
    let index = x >> bits;
    if index >= 255 {
        // Both kernels saturate here, each with a constant of its own.
        return if bits == 9 { 0x7fff << 10 } else { 0xffff << 8 };
    }
    let low = SIGMOID[index as usize] as u32;
    let high = SIGMOID[index as usize + 1] as u32;
    let rest = x & ((1 << bits) - 1);
    ((low << bits) + rest * (high - low)) as i32
}

/// `2¹⁶ · sigmoid(i / 24)`, lifted by half of what linear interpolation lacks in the middle of a step; the
/// last entry is the limit.
pub static SIGMOID: [u16; 256] = sigmoid_table();

const fn sigmoid_table() -> [u16; 256] {
    let step = exp_small(-1.0 / 48.0);
    let mut table = [u16::MAX; 256];
    let mut exp = 1.0;
    let mut i = 0;
    while i < 255 {
        let here = 1.0 / (1.0 + exp);
        let middle = 1.0 / (1.0 + exp * step);
        exp *= step * step;
        let next = 1.0 / (1.0 + exp);
        // here + (middle − (here + next) / 2) / 2
        let lifted = 0.75 * here + 0.5 * middle - 0.25 * next;
        table[i] = (lifted * 65536.0 + 0.5) as u16;
        i += 1;
    }
    table
}

/// `e^x` near zero in double precision.
const fn exp_small(x: f64) -> f64 {
    let mut sum = 1.0;
    let mut n = 20;
    while n > 0 {
        sum = 1.0 + sum * x / n as f64;
        n -= 1;
    }
    sum
}
