use super::*;
use edge_core::quant::Rounding;
use edge_core::quant::exact::{scale_i32, scale_i64};

fn scale(multiplier: i32, shift: i32) -> Scale {
    Scale { multiplier, shift }
}

fn grid(scale: f32, zero_point: i32) -> QuantParams {
    QuantParams { scale, zero_point }
}

#[test]
fn factors_have_31_bits_from_one_half_on() {
    assert_eq!(quantize_multiplier(0.0), Ok(scale(0, 0)));
    assert_eq!(quantize_multiplier(1.0), Ok(scale(1 << 30, 1)));
    assert_eq!(quantize_multiplier(0.25), Ok(scale(1 << 30, -1)));
    assert_eq!(quantize_multiplier(1.25), Ok(scale(1_342_177_280, 1)));
    assert_eq!(quantize_multiplier(-0.75), Ok(scale(-1_610_612_736, 0)));
    // What rounds up to a power of two takes the next shift.
    assert_eq!(quantize_multiplier(1.0 - 1e-12), Ok(scale(1 << 30, 1)));
    assert_eq!(
        quantize_multiplier(f64::from(i32::MAX)),
        Ok(scale(i32::MAX, 31))
    );
}

#[test]
fn tiny_factors_are_zero_and_great_ones_an_error() {
    assert_eq!(
        quantize_multiplier(f64::exp2(-32.0)),
        Ok(scale(1 << 30, -31))
    );
    assert_eq!(quantize_multiplier(f64::exp2(-32.1)), Ok(scale(0, 0)));
    assert_eq!(
        quantize_multiplier(f64::MIN_POSITIVE / 4.0),
        Ok(scale(0, 0))
    );
    for real in [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        2_147_483_648.0,
        f64::MAX,
    ] {
        assert!(quantize_multiplier(real).is_err(), "{real}");
    }
}

#[test]
fn every_factor_is_the_nearest() {
    let mut real = 4.7e-10;
    while real < 2e9 {
        let Scale { multiplier, shift } = quantize_multiplier(real).unwrap();
        assert!(multiplier >= 1 << 30, "{real}");
        let unit = f64::from(shift - 31).exp2();
        assert!(
            (f64::from(multiplier) * unit - real).abs() <= unit / 2.0,
            "{real}"
        );
        real *= 1.003_7;
    }
}

#[test]
fn activations_are_rounded_to_the_grid() {
    let relu6 = [0.0, 6.0];
    let range = |clamp, quant| activation_range(DType::I8, clamp, quant);
    assert_eq!(range(relu6, grid(0.05, -100)), Ok([-100, 20]));
    assert_eq!(range(relu6, grid(0.01, -128)), Ok([-128, 127]));
    assert_eq!(
        range([f32::NEG_INFINITY, f32::INFINITY], grid(1e-30, 5)),
        Ok([-128, 127])
    );
    assert_eq!(range([0.0, f32::INFINITY], grid(1e-30, 5)), Ok([5, 127]));
    // Halves go away from zero.
    assert_eq!(range([-1.0, 1.0], grid(2.0, 0)), Ok([-1, 1]));
    // All of 0..=6 lies below the least number: the bounds cross.
    assert_eq!(range(relu6, grid(1.0, -200)), Ok([-128, -194]));
    let wide = activation_range(DType::I16, [-1.0, 1.0], grid(1e-4, 0));
    assert_eq!(wide, Ok([-10_000, 10_000]));
}

#[test]
fn bounds_without_an_integer_are_an_error() {
    let range = |scale| activation_range(DType::I8, [0.0, 6.0], grid(scale, 0));
    assert!(range(1e-9).is_err());
    assert!(range(0.0).is_err());
    assert!(range(f32::NAN).is_err());
    assert!(activation_range(DType::F32, [0.0, 6.0], grid(1.0, 0)).is_err());
}

#[test]
fn softmax_factors_and_radii() {
    let scale = softmax_scale(1.0, 1.0 / 16.0, SOFTMAX_BITS).unwrap();
    assert_eq!(
        scale,
        Scale {
            multiplier: 1 << 30,
            shift: 23
        }
    );
    // 31 units of 16 steps.
    assert_eq!(input_radius(SOFTMAX_BITS, scale.shift), 31 * 8);
    let capped = softmax_scale(1.0, 1e9, SOFTMAX_BITS).unwrap();
    assert_eq!(
        capped,
        Scale {
            multiplier: i32::MAX,
            shift: 31
        }
    );
    assert_eq!(input_radius(SOFTMAX_BITS, capped.shift), 0);
    assert!(softmax_scale(1.0, 1e-9, SOFTMAX_BITS).is_err());
    assert!(softmax_scale(1.0, f32::NAN, SOFTMAX_BITS).is_err());
}

#[test]
fn the_reverse_factor_undoes_the_forward_one() {
    let forward = softmax_scale(1.0, 0.1, SOFTMAX_BITS).unwrap();
    let back = reverse_softmax_scale(forward).unwrap();
    for steps in -128..=0 {
        let there = scale_i32(steps, forward, Rounding::TfLite);
        assert_eq!(scale_i32(there, back, Rounding::TfLite), steps);
    }
    assert!(reverse_softmax_scale(scale(0, 0)).is_err());
    assert!(reverse_softmax_scale(scale(1 << 30, 1)).is_err());
}

#[test]
fn bounded_functions_know_where_they_end() {
    let (scale, radius) = bounded_scale(1.0 / 16.0, 4).unwrap();
    assert_eq!((scale.multiplier, scale.shift, radius), (1 << 30, 24, 120));
    assert_eq!(bounded_scale(100.0, 4).unwrap().1, 0);
    assert!(bounded_scale(1e-12, 4).is_err());
    assert!(bounded_scale(f32::INFINITY, 4).is_err());
}

#[test]
fn accepted_sums_do_not_wrap() {
    let real_of = |s: Scale| f64::from(s.multiplier) * f64::from(s.shift - 31).exp2();
    for shift in -31..32 {
        let scale = scale(i32::MAX, shift);
        for bits in 0..63 {
            let bound = (1i64 << bits) + 1;
            let wanted = bound as f64 * real_of(scale);
            if check_i32(scale, bound).is_ok() {
                let found = scale_i32(bound as i32, scale, Rounding::TfLite).checked_add(32767);
                assert!((f64::from(found.unwrap() - 32767) - wanted).abs() <= 2.0);
            }
            if check_i64(scale, bound).is_ok() {
                let found = scale_i64(bound, scale, Rounding::TfLite).checked_add(32767);
                // The multiplier has 15 bits.
                let allowed = 1.0 + wanted * f64::exp2(-14.0);
                assert!((f64::from(found.unwrap() - 32767) - wanted).abs() <= allowed);
            }
        }
    }
}

#[test]
fn ordinary_sums_are_accepted_and_wild_ones_refused() {
    let layer = quantize_multiplier(0.004_3).unwrap();
    assert!(check_i32(layer, 1 << 30).is_ok());
    assert!(check_i64(layer, 1 << 37).is_ok());
    assert!(check_i32(scale(1 << 30, 20), 1 << 12).is_err());
    assert!(check_i64(scale(1 << 30, 8), 1).is_err());
    assert!(check_i64(layer, 1 << 47).is_err());
}
