//! Random numbers, extreme ones above all.

use edge_build::ir::{DType, QuantParams};
use edge_test_support::random::Random;

/// Scales from one end of the floats to the other.
const SCALES: [f32; 16] = [
    f32::MIN_POSITIVE,
    1e-30,
    1e-20,
    1e-12,
    1e-6,
    1.0 / 4096.0,
    1.0 / 256.0,
    0.02,
    0.5,
    1.0,
    3.7,
    128.0,
    1e5,
    1e10,
    1e20,
    1e30,
];

/// One of several.
pub fn one_of<T: Copy>(random: &mut Random, choices: &[T]) -> T {
    choices[random.below(choices.len())]
}

/// An integer of a range, ends included.
pub fn between(random: &mut Random, low: i64, high: i64) -> i64 {
    low + (random.draw() >> 11) as i64 % (high - low + 1)
}

/// Any scale.
pub fn scale(random: &mut Random) -> f32 {
    if random.below(3) == 0 {
        let fraction = 1.0 + random.below(1 << 20) as f32 / (1 << 20) as f32;
        return fraction * 2f32.powi(between(random, -14, 3) as i32);
    }
    one_of(random, &SCALES)
}

/// A scale that makes a factor `real / scale` of some power of two, or any one.
pub fn scale_for(random: &mut Random, real: f64) -> f32 {
    let fraction = 1.0 + random.below(1 << 20) as f64 / f64::from(1 << 20);
    let exponent = between(random, -6, 34) as i32;
    let near = (real * fraction * f64::from(exponent).exp2()) as f32;
    if random.below(4) != 0 && near.is_normal() && near < 1e30 {
        return near;
    }
    scale(random)
}

/// Least and greatest number of a type.
#[must_use]
pub fn ends(dtype: DType) -> [i64; 2] {
    let high = i64::MAX >> (64 - 8 * dtype.size());
    [-high - 1, high]
}

/// A zero point, mostly at a limit or 0.
pub fn zero_point(random: &mut Random, dtype: DType) -> i32 {
    let [low, high] = ends(dtype);
    let any = between(random, low, high);
    one_of(random, &[low, high, 0, 0, any]) as i32
}

/// Scale and zero point of an activation.
pub fn quant(random: &mut Random, dtype: DType) -> QuantParams {
    QuantParams {
        scale: scale(random),
        zero_point: zero_point(random, dtype),
    }
}

/// The same with a scale as [`scale_for`].
pub fn quant_for(random: &mut Random, dtype: DType, real: f64) -> QuantParams {
    QuantParams {
        scale: scale_for(random, real),
        zero_point: zero_point(random, dtype),
    }
}

/// Elements of a type: at one limit, at both, or any.
pub fn elements(random: &mut Random, dtype: DType, len: usize) -> Vec<i64> {
    let [low, high] = ends(dtype);
    match random.below(5) {
        0 => vec![low; len],
        1 => vec![high; len],
        2 => (0..len).map(|_| one_of(random, &[low, high])).collect(),
        3 => (0..len).map(|_| between(random, -3, 3)).collect(),
        _ => (0..len)
            .map(|_| match dtype {
                DType::I64 => random.draw() as i64,
                DType::I32 => random.draw() as i32 as i64,
                _ => between(random, low, high),
            })
            .collect(),
    }
}

/// A fused activation.
pub fn clamp(random: &mut Random) -> [f32; 2] {
    let (low, high) = (f32::NEG_INFINITY, f32::INFINITY);
    one_of(
        random,
        &[
            [low, high],
            [low, high],
            [0.0, high],
            [0.0, 6.0],
            [-1.0, 1.0],
        ],
    )
}
