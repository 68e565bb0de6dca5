use edge_core::params::Quantize;
use edge_core::rt;
use proptest::prelude::*;

fn quantized(x: f32, scale: f32, zero_point: i32) -> i8 {
    let mut y = [0];
    rt::quantize_s8(&Quantize { scale, zero_point }, &[x], &mut y);
    y[0]
}

proptest! {
    #[test]
    fn quantize_rounds_to_even_and_saturates(x in -1e3f32..1e3, scale in 1e-3f32..10.0, zero_point in -128i32..128) {
        let steps = f64::from((x / scale).round_ties_even()) + f64::from(zero_point);
        prop_assert_eq!(quantized(x, scale, zero_point), steps.clamp(-128.0, 127.0) as i8);
    }

    #[test]
    fn what_was_quantized_comes_back(q: i8, exponent in -20i32..20, zero_point in -128i32..128) {
        let p = Quantize { scale: 1.25 * (exponent as f32).exp2(), zero_point };
        let (mut x, mut y) = ([0.0], [0]);
        rt::dequantize_f32(&p, &[q], &mut x);
        prop_assert_eq!(f64::from(x[0]), f64::from(i32::from(q) - zero_point) * f64::from(p.scale));
        rt::quantize_s8(&p, &x, &mut y);
        prop_assert_eq!(y[0], q);
    }
}

#[test]
fn halves_go_to_even() {
    let found = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5].map(|x| quantized(x, 1.0, 0));
    assert_eq!(found, [0, 2, 2, 0, -2, -2]);
}

#[test]
fn extremes_saturate_and_not_a_number_is_the_zero_point() {
    assert_eq!(quantized(f32::INFINITY, 0.1, -5), 127);
    assert_eq!(quantized(f32::NEG_INFINITY, 0.1, 100), -128);
    assert_eq!(quantized(f32::MAX, 1e-30, -128), 127);
    assert_eq!(quantized(f32::NAN, 0.1, -17), -17);
}
