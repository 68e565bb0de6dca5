use crate::numbers::Numbers;
use edge_core::params::{CurveS16, LinesS16, NormalizeS8, RsqrtS16, TableS16};
use edge_core::quant::{Scale, TableScale};
use edge_core::rt;
use proptest::prelude::*;

const ONE: Scale = Scale {
    multiplier: 1 << 30,
    shift: 1,
};

/// `value · scale` of the reference in wide integers: the high half with halves up, then halves away from zero.
fn twice_rounded(value: i64, scale: Scale) -> i64 {
    let (left, right) = (scale.shift.max(0), (-scale.shift).max(0));
    let product = i128::from(value) * i128::from(scale.multiplier) * (1 << left);
    let high = (product + (1 << 30)).div_euclid(1 << 31);
    let half = (1i128 << right) / 2;
    (high.signum() * ((high.abs() + half) >> right)) as i64
}

fn scales() -> impl Strategy<Value = Scale> {
    (1i32 << 30..=i32::MAX, -31i32..15).prop_map(|(multiplier, shift)| Scale { multiplier, shift })
}

fn run(p: &LinesS16, x: &[i16]) -> Vec<i16> {
    let (mut y, mut twin) = (vec![0; x.len()], x.to_vec());
    rt::lines_s16(p, x, &mut y);
    rt::lines_s16_in_place(p, &mut twin);
    assert_eq!(y, twin);
    y
}

#[test]
fn a_leaky_relu_of_the_reference() {
    let p = LinesS16 {
        input_zero: 0,
        positive: Scale {
            multiplier: 1_952_257_862,
            shift: 0,
        },
        negative: Scale {
            multiplier: 1_171_354_764,
            shift: -1,
        },
        output_zero: 0,
        clamp: [-32768, 32767],
    };
    let x = [-32768, -1, 0, 1, 32767, 30000, 300, 400, 500];
    assert_eq!(run(&p, &x), [-8937, -1, 0, 1, 29788, 27273, 273, 364, 455]);
}

#[test]
fn the_upper_limit_wins_where_limits_cross() {
    let p = LinesS16 {
        input_zero: 0,
        positive: ONE,
        negative: ONE,
        output_zero: 0,
        clamp: [5, -7],
    };
    assert_eq!(run(&p, &[-8, -7, -6, 0, 6]), [5, 5, -7, -7, -7]);
}

#[test]
fn inverse_roots_of_the_reference() {
    // 1 / √0.001 / 0.01 / 2²⁰.
    let real = 0.001f64.sqrt().recip() * 100.0 / 20f64.exp2();
    let shift = real.log2().floor() as i32 + 1;
    let p = RsqrtS16 {
        input_zero: 0,
        scale: Scale {
            multiplier: (real * f64::from(31 - shift).exp2()) as i32,
            shift,
        },
        output_zero: 0,
    };
    let x = [0, 1, 2, 100, 5000, 32767, -3];
    let (mut y, mut twin) = ([0; 7], x);
    rt::rsqrt_s16(&p, &x, &mut y);
    rt::rsqrt_s16_in_place(&p, &mut twin);
    assert_eq!(y, [32767, 3162, 2236, 316, 45, 17, 32767]);
    assert_eq!(y, twin);
}

#[test]
fn curves_and_tables_are_those_of_their_functions() {
    let x: Vec<i16> = (-300..300).map(|i| i * 100).collect();
    for tanh in [false, true] {
        let p = CurveS16 {
            tanh,
            scale: TableScale {
                multiplier: 3,
                shift: 0,
            },
        };
        let (mut y, mut twin) = (vec![0; x.len()], x.clone());
        rt::curve_s16(&p, &x, &mut y);
        rt::curve_s16_in_place(&p, &mut twin);
        assert_eq!(y, twin);
        for (&x, &y) in x.iter().zip(&y) {
            let x = f64::from(x) / 4096.0;
            let wanted = if tanh {
                x.tanh()
            } else {
                1.0 / (1.0 + (-x).exp())
            };
            assert!((f64::from(y) / 32768.0 - wanted).abs() < 1e-4, "{x}");
        }
    }
    let table: Vec<i16> = (0..513).map(|i| 64 * (256 - i)).collect();
    let (mut y, mut twin) = (vec![0; x.len()], x.clone());
    rt::table_s16(&TableS16 { len: x.len() }, &x, &table, &mut y);
    rt::table_s16_in_place(&TableS16 { len: x.len() }, &mut twin, &table);
    assert_eq!(y, twin);
    for (&x, &y) in x.iter().zip(&y) {
        assert!((f64::from(x) / -2.0 - f64::from(y)).abs() <= 0.5);
    }
}

#[test]
fn rows_of_the_reference_have_length_one() {
    let x = [-128, -1, 0, 1, 127, 60, 3, 4, 5, 6, 7, 8];
    let p = NormalizeS8 {
        rows: 2,
        len: 6,
        input_zero: 3,
    };
    let mut y = [0; 12];
    rt::normalize_s8(&p, &x, &mut y);
    assert_eq!(y, [-89, -3, -2, -1, 84, 39, 0, 17, 35, 52, 69, 86]);
}

proptest! {
    #[test]
    fn lines_are_exact(
        positive in scales(), negative in scales(), input_zero in -128i32..128, output_zero in -128i32..128,
        limits in (-32768i32..0, 0i32..32768), seed: u64,
    ) {
        let clamp = [limits.0, limits.1];
        let p = LinesS16 { input_zero, positive, negative, output_zero, clamp };
        let mut numbers = Numbers::new(seed);
        let mut x: Vec<i16> = (0..50).map(|_| numbers.next() as i16).collect();
        x.extend([i16::MIN, -1, 0, 1, i16::MAX]);
        for (&x, &y) in x.iter().zip(&run(&p, &x)) {
            let x = i64::from(x) - i64::from(input_zero);
            let value = twice_rounded(x, if x < 0 { negative } else { positive });
            let wanted = (value + i64::from(output_zero)).clamp(clamp[0].into(), clamp[1].into());
            prop_assert_eq!(i64::from(y), wanted);
        }
    }

    #[test]
    fn rows_have_length_one(rows in 1usize..4, len in 1usize..40, input_zero in -128i32..128, seed: u64) {
        let x = Numbers::new(seed).bytes(rows * len);
        let mut y = vec![0; x.len()];
        rt::normalize_s8(&NormalizeS8 { rows, len, input_zero }, &x, &mut y);
        for (x, y) in x.chunks(len).zip(y.chunks(len)) {
            let of = |x: i8| f64::from(x) - f64::from(input_zero);
            let length = x.iter().map(|&x| of(x) * of(x)).sum::<f64>().sqrt().max(1.0);
            for (&x, &y) in x.iter().zip(y) {
                let wanted = (128.0 * of(x) / length).clamp(-128.0, 127.0);
                prop_assert!((f64::from(y) - wanted).abs() <= 0.51, "{} for {}", y, wanted);
            }
        }
    }

    #[test]
    fn inverse_roots_are_near_the_real_ones(x in 1i16..=i16::MAX, unit in 1e-4f64..0.1) {
        let real = unit.recip() / 20f64.exp2();
        let shift = real.log2().floor() as i32 + 1;
        let scale = Scale { multiplier: (real * f64::from(31 - shift).exp2()) as i32, shift };
        let mut y = [x];
        rt::rsqrt_s16_in_place(&RsqrtS16 { input_zero: 0, scale, output_zero: 0 }, &mut y);
        let wanted = (f64::from(x).sqrt().recip() / unit).min(32767.0);
        prop_assert!((f64::from(y[0]) - wanted).abs() <= 0.51 + wanted * 2e-4, "{} for {wanted}", y[0]);
    }
}
