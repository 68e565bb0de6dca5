#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    reason = "a test may panic, and whole numbers are exact"
)]

use super::*;
use edge_core::params::MAX_RANK;
use edge_core::rt;

/// A function of real numbers.
type Function = fn(f64, f64) -> f64;

const OPEN: [f32; 2] = [f32::NEG_INFINITY, f32::INFINITY];

/// Every byte with every byte.
fn all_pairs() -> (Vec<i8>, Vec<i8>, Broadcast) {
    let a = (0..1 << 16).map(|i| (i >> 8) as u8 as i8).collect();
    let b = (0..1 << 16).map(|i| i as u8 as i8).collect();
    let ends = |last| {
        let mut walk = [1; MAX_RANK];
        walk[MAX_RANK - 1] = last;
        walk
    };
    let step = {
        let mut strides = [0; MAX_RANK];
        strides[MAX_RANK - 1] = 1;
        strides
    };
    let walk = Broadcast {
        shape: ends(1 << 16),
        first: step,
        second: step,
    };
    (a, b, walk)
}

fn quant(scale: f32, zero_point: i32) -> QuantParams {
    QuantParams { scale, zero_point }
}

fn triple(a: QuantParams, b: QuantParams, y: QuantParams) -> Triple {
    let dtype = DType::I8;
    Triple { dtype, a, b, y }
}

/// Scales of all sizes, among them powers of two, whose halves are exact.
const TRIPLES: [[(f32, i32); 3]; 6] = [
    [(0.5, 0), (0.25, 0), (1.0, 0)],
    [(1.0, -128), (2.0, 127), (4.0, 5)],
    [(0.013, -7), (0.0071, 99), (0.0203, -128)],
    [(3.1e-7, 127), (2.9e-3, -128), (1.1e-3, 0)],
    [(1e-10, 1), (1e-9, 2), (1e10, 3)],
    [(77.0, -128), (0.3, 127), (0.5, -1)],
];

fn check(t: Triple, found: &[i8], real: impl Fn(f64, f64) -> f64) {
    let (a, b, _) = all_pairs();
    for ((&a, &b), &y) in a.iter().zip(&b).zip(found) {
        let value =
            |q: i8, p: QuantParams| f64::from(i32::from(q) - p.zero_point) * f64::from(p.scale);
        let steps = real(value(a, t.a), value(b, t.b)) / f64::from(t.y.scale);
        // Nothing by nothing.
        if steps.is_nan() {
            continue;
        }
        let zero_point = f64::from(t.y.zero_point);
        let wanted = (steps.round_ties_even() + zero_point).clamp(-128.0, 127.0);
        // Beside a half, the last bit of the factor decides.
        let from_half = (steps - steps.floor() - 0.5).abs();
        let near = from_half > 0.0 && from_half < 1e-6 * steps.abs().max(1.0);
        assert!(
            f64::from(y) == wanted || (near && (f64::from(y) - wanted).abs() <= 1.0),
            "{t:?}: {a} and {b} give {y}, not {wanted} ({steps})"
        );
    }
}

fn triples() -> impl Iterator<Item = Triple> {
    TRIPLES
        .into_iter()
        .map(|row| row.map(|(scale, zero)| quant(scale, zero)))
        .map(|[a, b, y]| triple(a, b, y))
}

#[test]
fn onnx_sums_are_real_numbers_rounded_once() {
    let (a, b, walk) = all_pairs();
    let mut y = vec![0i8; a.len()];
    for t in triples() {
        let functions: [(OnceKind, Function); 4] = [
            (OnceKind::Add, |a, b| a + b),
            (OnceKind::Sub, |a, b| a - b),
            (OnceKind::Min, f64::min),
            (OnceKind::Max, f64::max),
        ];
        for (kind, real) in functions {
            rt::add_once(&add_once(kind, t, OPEN, walk).unwrap(), &a, &b, &mut y);
            check(t, &y, real);
        }
    }
}

#[test]
fn onnx_products_and_quotients_are_real_numbers_rounded_once() {
    let (a, b, walk) = all_pairs();
    let mut y = vec![0i8; a.len()];
    for t in triples() {
        let p = mul_exact(Rounding::Onnx, t, OPEN, walk).unwrap();
        rt::mul_exact(&p, &a, &b, &mut y);
        check(t, &y, |a, b| a * b);
        let p = div_exact(Rounding::Onnx, t, OPEN, walk).unwrap();
        rt::div_exact(&p, &a, &b, &mut y);
        check(t, &y, |a, b| a / b);
    }
}

#[test]
fn onnx_activations_limit_the_real_number() {
    let y = quant(4.0, -100);
    let limits = |clamp| range(Rounding::Onnx, DType::I8, clamp, y).unwrap();
    assert_eq!(limits(OPEN), [-128, 127]);
    assert_eq!(limits([0.0, 6.0]), [-100, -98]);
    assert_eq!(limits([0.0, f32::INFINITY]), [-100, 127]);
}

#[test]
fn factors_that_the_reference_refuses_are_errors() {
    let (_, _, walk) = all_pairs();
    let one = quant(1.0, 0);
    // 2 / 2²⁰ of an output step that is as small.
    let tiny = quant(1e-6, 0);
    for kind in [SumKind::Add, SumKind::Sub] {
        assert!(add_exact(kind, triple(one, one, tiny), OPEN, walk).is_err());
    }
    assert!(
        add_exact(
            SumKind::SquaredDifference,
            triple(one, one, tiny),
            OPEN,
            walk
        )
        .is_err()
    );
    assert!(
        mul_exact(
            Rounding::TfLite,
            triple(one, one, quant(1e-5, 0)),
            OPEN,
            walk
        )
        .is_err()
    );
    assert!(
        div_exact(
            Rounding::TfLite,
            triple(quant(1e9, 0), one, one),
            OPEN,
            walk
        )
        .is_err()
    );
    let compare = Compare {
        relation: edge_core::params::Relation::Less,
        walk,
    };
    let ty = |scale| TensorType::i8(vec![1], quant(scale, 0));
    assert!(compare_scaled(compare, &ty(1.0), &ty(0.5)).is_err());
    assert!(compare_scaled(compare, &ty(0.9), &ty(1e-30)).is_ok());
}

#[test]
fn extreme_scales_give_an_error_or_a_number() {
    let (a, b, walk) = all_pairs();
    let mut y = vec![0i8; a.len()];
    let scales = [1e-38, 1e-20, 1e-4, 1.0, 1e4, 1e20, 3e38];
    for first in scales {
        for second in scales {
            for third in scales {
                let t = triple(quant(first, -128), quant(second, 127), quant(third, 127));
                for rounding in [Rounding::TfLite, Rounding::Onnx] {
                    if let Ok(p) = mul_exact(rounding, t, OPEN, walk) {
                        rt::mul_exact(&p, &a[..512], &b[..512], &mut y[..512]);
                    }
                    if let Ok(p) = div_exact(rounding, t, OPEN, walk) {
                        rt::div_exact(&p, &a[..512], &b[..512], &mut y[..512]);
                    }
                }
                for kind in [SumKind::Add, SumKind::Sub, SumKind::SquaredDifference] {
                    if let Ok(p) = add_exact(kind, t, OPEN, walk) {
                        rt::add_exact(&p, &a[..512], &b[..512], &mut y[..512]);
                    }
                }
                if let Ok(p) = add_once(OnceKind::Sub, t, OPEN, walk) {
                    rt::add_once(&p, &a[..512], &b[..512], &mut y[..512]);
                }
            }
        }
    }
}

#[test]
fn the_lesser_factor_of_a_sum_needs_bits() {
    let (_, _, walk) = all_pairs();
    let sum = |dtype, least| {
        let t = Triple {
            dtype,
            a: quant(1.0, 0),
            b: quant(least, 0),
            y: quant(least, 0),
        };
        add_once(OnceKind::Add, t, OPEN, walk)
    };
    assert!(sum(DType::I8, 1e-6).is_ok());
    assert!(sum(DType::I8, 1e-9).is_err());
    assert!(sum(DType::I16, 1e-6).is_err());
}

#[test]
fn slopes_are_bytes() {
    let (_, _, walk) = all_pairs();
    let ty = |dtype| TensorType {
        dtype,
        shape: vec![4],
        quant: Some(crate::ir::Quant::PerTensor(quant(1.0, 0))),
    };
    let (narrow, wide) = (ty(DType::I8), ty(DType::I16));
    for rounding in [Rounding::TfLite, Rounding::Onnx] {
        assert!(prelu_exact(rounding, &wide, &narrow, &wide, walk).is_ok());
        assert!(prelu_exact(rounding, &wide, &wide, &wide, walk).is_err());
    }
}
