use crate::numbers::Numbers;
use edge_core::params::{LogSoftmaxS8, Softmax, SoftmaxReal, SoftmaxS16};
use edge_core::quant::exact::{Rounding, Scale, scale_i32};
use edge_core::quant::fixed_point::{exp_on_negative_values, rounding_divide_by_pot};
use edge_core::rt;
use proptest::prelude::*;

fn rows(outer: usize, axis: usize, inner: usize) -> Softmax {
    Softmax {
        outer,
        axis,
        inner,
        log: false,
    }
}

/// A factor of 0 and more as the compiler writes it.
fn scale(real: f64) -> Scale {
    let shift = real.log2().floor() as i32 + 1;
    let multiplier = (real / f64::from(shift - 31).exp2()) as i32;
    Scale { multiplier, shift }
}

/// Exponentials of steps of a size in Q0.
fn exponentials(step: f64) -> Vec<i32> {
    let forward = scale(step * 26f64.exp2());
    let exp = |d: i32| exp_on_negative_values(scale_i32(-d, forward, Rounding::TfLite), 5);
    (0..256)
        .take_while(|&d| i64::from(d) <= 31i64 << 26 >> forward.shift)
        .map(exp)
        .collect()
}

/// The elements that sum to one with element `index`.
fn lane(p: &Softmax, index: usize) -> Vec<usize> {
    let start = index / (p.axis * p.inner) * p.axis * p.inner + index % p.inner;
    (0..p.axis).map(|a| start + a * p.inner).collect()
}

/// Real softmax of integers with a step.
fn softmax(p: &Softmax, x: &[i32], step: f64) -> Vec<f64> {
    let of = |index: usize| {
        let weight = |i: usize| (f64::from(x[i] - x[index]) * step).exp();
        lane(p, index).into_iter().map(weight).sum::<f64>().recip()
    };
    (0..x.len()).map(of).collect()
}

fn wide<T: Copy + Into<i32>>(x: &[T]) -> Vec<i32> {
    x.iter().map(|&x| x.into()).collect()
}

const SCORES: [i8; 12] = [-128, -1, 0, 1, 127, 60, 3, 4, 5, 6, 7, 8];

#[test]
fn int8_rows_of_the_reference() {
    let p = rows(2, 6, 1);
    let mut y = [0; 12];
    rt::softmax_exact_s8(&p, &SCORES, &exponentials(0.05f32.into()), &mut y);
    let wanted = [
        -128, -128, -128, -128, 118, -119, -90, -89, -87, -84, -82, -80,
    ];
    assert_eq!(y, wanted);
    let mut y = [0; 12];
    rt::softmax_exact_s8_s16(&p, &SCORES, &exponentials(0.05f32.into()), &mut y);
    let wanted = [
        -32768, -32663, -32658, -32652, 30227, -30558, -23164, -22671, -22154, -21610, -21037,
        -20436,
    ];
    assert_eq!(y, wanted);
}

#[test]
fn log_rows_of_the_reference() {
    let forward = scale(f64::from(0.05f32) * 26f64.exp2());
    let p = LogSoftmaxS8 {
        softmax: rows(2, 6, 1),
        forward,
        reverse: scale(1.0 / (f64::from(0.05f32) * 26f64.exp2())),
        least: -620,
    };
    let table: Vec<i32> = exponentials(0.05f32.into())
        .iter()
        .map(|&exp| rounding_divide_by_pot(exp, 12))
        .collect();
    let (mut y, mut twin) = ([0; 12], SCORES);
    rt::log_softmax_exact_s8(&p, &SCORES, &table, &mut y);
    rt::log_softmax_exact_s8_in_place(&p, &mut twin, &table);
    assert_eq!(y, [-78, 24, 25, 26, 126, 73, 96, 97, 98, 99, 99, 100]);
    assert_eq!(y, twin);
}

/// Samples of a function between two ends, without the correction of the compiler.
fn samples(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Vec<i16> {
    let sample = |i: i32| 32768.0 * f(low + (high - low) * f64::from(i) / 512.0);
    (0..=512)
        .map(|i| sample(i).round().min(32767.0) as i16)
        .collect()
}

proptest! {
    #[test]
    fn int8_is_near_the_real_one(
        outer in 1usize..3, axis in 1usize..40, inner in 1usize..4, step in 0.001f64..2.0, seed: u64,
    ) {
        let p = rows(outer, axis, inner);
        let x = Numbers::new(seed).bytes(outer * axis * inner);
        let table = exponentials(step);
        let (mut y, mut twin, mut y16) = (vec![0; x.len()], x.clone(), vec![0; x.len()]);
        rt::softmax_exact_s8(&p, &x, &table, &mut y);
        rt::softmax_exact_s8_in_place(&p, &mut twin, &table);
        rt::softmax_exact_s8_s16(&p, &x, &table, &mut y16);
        prop_assert_eq!(&y, &twin);
        for (index, &real) in softmax(&p, &wide(&x), step).iter().enumerate() {
            let steps = (256.0 * real).min(255.0) - 128.0;
            prop_assert!((f64::from(y[index]) - steps).abs() <= 0.6, "{} for {}", y[index], steps);
            let steps = (65536.0 * real).min(65535.0) - 32768.0;
            prop_assert!((f64::from(y16[index]) - steps).abs() <= 2.0, "{} for {}", y16[index], steps);
        }
    }

    #[test]
    fn any_output_scale_is_within_one_step(
        outer in 1usize..3, axis in 1usize..40, inner in 1usize..4, step in 0.0001f64..3.0,
        unit in 0.0005f64..1.0, zero_point in -128i32..128, seed: u64,
    ) {
        let p = SoftmaxReal {
            softmax: rows(outer, axis, inner),
            scale: scale((-30f64).exp2() / unit),
            zero_point,
        };
        let x = Numbers::new(seed).bytes(outer * axis * inner);
        let table: Vec<u32> = (0..256)
            .map(|d| (31f64.exp2() * (-f64::from(d) * step).exp()).round() as u32)
            .collect();
        let (mut y, mut twin) = (vec![0; x.len()], x.clone());
        rt::softmax_real_s8(&p, &x, &table, &mut y);
        rt::softmax_real_s8_in_place(&p, &mut twin, &table);
        prop_assert_eq!(&y, &twin);
        for (index, &real) in softmax(&p.softmax, &wide(&x), step).iter().enumerate() {
            let steps = (real / unit + f64::from(zero_point)).clamp(-128.0, 127.0);
            prop_assert!((f64::from(y[index]) - steps).abs() <= 0.5001, "{} for {}", y[index], steps);
        }
    }

    #[test]
    fn int16_is_near_the_real_one(
        outer in 1usize..3, axis in 1usize..40, inner in 1usize..4, step in 0.0001f64..0.01, seed: u64,
    ) {
        let softmax_16 = rows(outer, axis, inner);
        let p = SoftmaxS16 { softmax: softmax_16, scale: scale(step * 6553.5) };
        let mut numbers = Numbers::new(seed);
        let x: Vec<i16> = (0..outer * axis * inner).map(|_| numbers.next() as i16).collect();
        let tables = [samples(-10.0, 0.0, f64::exp), samples(0.0, 1.0, |x| 1.0 / (1.0 + x))];
        let (mut y, mut twin) = (vec![0; x.len()], x.clone());
        rt::softmax_exact_s16(&p, &x, &tables[0], &tables[1], &mut y);
        rt::softmax_exact_s16_in_place(&p, &mut twin, &tables[0], &tables[1]);
        prop_assert_eq!(&y, &twin);
        for (index, &real) in softmax(&softmax_16, &wide(&x), step).iter().enumerate() {
            let steps = (32768.0 * real).min(32767.0);
            prop_assert!((f64::from(y[index]) - steps).abs() <= 100.0, "{} for {}", y[index], steps);
        }
    }

    // Whatever the tables and factors: no overflow and no panic.
    #[test]
    fn nothing_panics(seed: u64, multiplier: i32, shift: i32, least: i32, entry: i32, len in 0usize..300) {
        let factor = Scale { multiplier, shift };
        let softmax = rows(2, 3, 2);
        let mut numbers = Numbers::new(seed);
        let mut y = numbers.bytes(12);
        rt::softmax_exact_s8_in_place(&softmax, &mut y, &vec![entry; len]);
        let p = LogSoftmaxS8 { softmax, forward: factor, reverse: factor, least };
        rt::log_softmax_exact_s8_in_place(&p, &mut y, &vec![entry; len]);
        let p = SoftmaxReal { softmax, scale: factor, zero_point: least };
        rt::softmax_real_s8_in_place(&p, &mut y, &vec![entry as u32; len]);
        let mut y: Vec<i16> = (0..12).map(|_| numbers.next() as i16).collect();
        let table = vec![entry as i16; 513];
        rt::softmax_exact_s16_in_place(&SoftmaxS16 { softmax, scale: factor }, &mut y, &table, &table);
    }
}

#[test]
fn long_axes_saturate() {
    let p = rows(1, 70_000, 1);
    let mut y = vec![7i8; 70_000];
    rt::softmax_exact_s8_in_place(&p, &mut y, &[i32::MAX]);
    assert!(y.iter().all(|&y| y == -128));
    let mut y = vec![7i16; 70_000];
    let p = SoftmaxS16 {
        softmax: p,
        scale: scale(1.0),
    };
    let table = [i16::MAX; 513];
    rt::softmax_exact_s16_in_place(&p, &mut y, &table, &table);
    assert!(y.iter().all(|&y| (0..=1).contains(&y)));
}
