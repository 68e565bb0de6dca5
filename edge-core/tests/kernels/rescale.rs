use crate::numbers::Numbers;
use crate::scale::{half_away, half_even, half_up};
use edge_core::params::{Each, Quantize, Requantize};
use edge_core::quant::Rounding;
use edge_core::rt;
use proptest::prelude::*;

proptest! {
    #[test]
    fn requantization_rounds_as_asked(seed: u64, onnx: bool) {
        let mut numbers = Numbers::new(seed);
        let p = Requantize {
            input_zero: numbers.below(256) as i32 - 128,
            scale: numbers.scale(-14, 8),
            rounding: if onnx { Rounding::Onnx } else { Rounding::TfLite },
            zero_point: numbers.below(256) as i32 - 128,
        };
        let wide = |x: i32| {
            let (x, m) = (i128::from(x - p.input_zero), i128::from(p.scale.multiplier));
            let left = p.scale.shift.max(0);
            let value = if onnx {
                half_even(x * m, 31 - p.scale.shift)
            } else {
                half_away(half_up((x << left) * m, 31), left - p.scale.shift)
            };
            value + i128::from(p.zero_point)
        };
        let (bytes, halves) = (numbers.bytes(64), numbers.halves(64));
        let mut y = [0i8; 64];
        rt::requantize_each(&p, &halves, &mut y);
        for (&x, &y) in halves.iter().zip(&y) {
            prop_assert_eq!(i128::from(y), wide(x.into()).clamp(-128, 127), "{} by {:?}", x, p);
        }
        let mut y = [0i16; 64];
        rt::requantize_each(&p, &bytes, &mut y);
        for (&x, &y) in bytes.iter().zip(&y) {
            prop_assert_eq!(i128::from(y), wide(x.into()).clamp(-32768, 32767), "{} by {:?}", x, p);
        }
        let mut y = [0i32; 64];
        rt::requantize_each(&p, &bytes, &mut y);
        for (&x, &y) in bytes.iter().zip(&y) {
            prop_assert_eq!(i128::from(y), wide(x.into()), "{} by {:?}", x, p);
        }
    }

    #[test]
    fn floats_round_away_from_zero(halves in -70_000i32..70_000, exponent in -9i32..9, zero_point in -128i32..128) {
        let scale = (exponent as f32).exp2();
        let x = halves as f32 / 2.0 * scale;
        let steps = half_away(halves.into(), 1) + i128::from(zero_point);
        let p = Quantize { scale, zero_point };
        let (mut y, mut z) = ([0i8], [0i16]);
        rt::quantize_away(&p, &[x], &mut y);
        rt::quantize_away(&p, &[x], &mut z);
        prop_assert_eq!(i128::from(y[0]), steps.clamp(-128, 127));
        prop_assert_eq!(i128::from(z[0]), steps.clamp(-32768, 32767));
    }

    #[test]
    fn casts_of_integers_keep_low_bits(x: i64) {
        let each = Each { len: 1 };
        let (mut byte, mut word, mut float) = ([0i8], [0i32], [0f32]);
        rt::cast(&each, &[x], &mut byte);
        rt::cast(&each, &[x], &mut word);
        rt::cast(&each, &[x], &mut float);
        prop_assert_eq!((i128::from(x) - i128::from(byte[0])).rem_euclid(1 << 8), 0);
        prop_assert_eq!((i128::from(x) - i128::from(word[0])).rem_euclid(1 << 32), 0);
        prop_assert!((f64::from(float[0]) - x as f64).abs() <= (x as f64).abs() / f64::from(1 << 24));
        let mut truth = [9];
        rt::truth(&each, &[x], &mut truth);
        prop_assert_eq!(truth[0], u8::from(x != 0));
    }
}

#[test]
fn casts_of_floats_go_towards_zero_and_saturate() {
    let x = [2.9, -2.9, 1e9, -1e9, f32::NAN];
    let each = Each { len: x.len() };
    let (mut bytes, mut words, mut truths) = ([9i8; 5], [9i32; 5], [9u8; 5]);
    rt::cast(&each, &x, &mut bytes);
    rt::cast(&each, &x, &mut words);
    rt::truth(&each, &x, &mut truths);
    assert_eq!(bytes, [2, -2, 127, -128, 0]);
    assert_eq!(words, [2, -2, 1_000_000_000, -1_000_000_000, 0]);
    assert_eq!(truths, [1; 5]);
    rt::truth(&each, &[0.25f32, 0.0, -0.0, 1.0, 0.0], &mut truths);
    assert_eq!(truths, [1, 0, 0, 1, 0]);
}

#[test]
fn floats_beyond_the_range_saturate() {
    let p = Quantize {
        scale: 0.1,
        zero_point: -5,
    };
    let mut y = [0i8; 4];
    let x = [f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::NAN];
    rt::quantize_away(&p, &x, &mut y);
    assert_eq!(y, [127, -128, 127, -5]);
}
