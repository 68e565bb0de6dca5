use edge_core::quant::exact::{clamp, reduced, saturate_i8, saturate_i16, saturate_i32};
use edge_core::quant::exact::{scale_i32, scale_i64};
use edge_core::quant::{Rounding, Scale};
use proptest::prelude::*;

/// Numbers of every width, extremes among them.
pub fn numbers() -> impl Strategy<Value = i32> {
    prop_oneof![
        any::<i32>(),
        (any::<i32>(), 0u32..32).prop_map(|(value, shift)| value >> shift),
        proptest::sample::select(vec![
            i32::MIN,
            i32::MIN + 1,
            -1,
            0,
            1,
            i32::MAX - 1,
            i32::MAX
        ]),
    ]
}

fn sums() -> impl Strategy<Value = i64> {
    prop_oneof![
        (any::<i64>(), 0u32..64).prop_map(|(value, shift)| value >> shift),
        proptest::sample::select(vec![i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX]),
    ]
}

fn multipliers() -> impl Strategy<Value = i32> {
    prop_oneof![
        4 => 1i32 << 30..=i32::MAX,
        1 => Just(0),
        1 => i32::MIN..=-(1 << 30),
        1 => 0x7ffe_0000..=i32::MAX,
    ]
}

fn scales(shifts: std::ops::Range<i32>) -> impl Strategy<Value = Scale> {
    (multipliers(), shifts).prop_map(|(multiplier, shift)| Scale { multiplier, shift })
}

/// `numerator / 2^shift`, halves up.
pub fn half_up(numerator: i128, shift: i32) -> i128 {
    (numerator + (1i128 << shift >> 1)).div_euclid(1 << shift)
}

/// `numerator / 2^shift`, halves away from zero.
pub fn half_away(numerator: i128, shift: i32) -> i128 {
    numerator.signum() * half_up(numerator.abs(), shift)
}

/// `numerator / 2^shift`, halves to even.
pub fn half_even(numerator: i128, shift: i32) -> i128 {
    let divisor = 1i128 << shift;
    let (floor, rest) = (numerator.div_euclid(divisor), numerator.rem_euclid(divisor));
    match (2 * rest).cmp(&divisor) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Greater => floor + 1,
        std::cmp::Ordering::Equal => floor + floor.rem_euclid(2),
    }
}

fn fit(value: i128) -> i32 {
    value.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8192))]

    #[test]
    fn tflite_rounds_the_high_half_and_then_the_shift(acc in numbers(), scale in scales(-31..32)) {
        let shifted = if scale.shift > 0 { acc.wrapping_mul(1i32.wrapping_shl(scale.shift as u32)) } else { acc };
        let high = half_up(i128::from(shifted) * i128::from(scale.multiplier), 31).min(i32::MAX.into());
        let wanted = half_away(high, (-scale.shift).max(0));
        prop_assert_eq!(i128::from(scale_i32(acc, scale, Rounding::TfLite)), wanted);
    }

    #[test]
    fn onnx_rounds_the_real_product_once(acc in numbers(), scale in scales(-31..32)) {
        let wanted = fit(half_even(i128::from(acc) * i128::from(scale.multiplier), 31 - scale.shift));
        prop_assert_eq!(scale_i32(acc, scale, Rounding::Onnx), wanted);
    }

    #[test]
    fn tflite_sums_of_64_bits_round_once_with_15_bits(acc in -(1i64 << 47)..1 << 47, narrow in 0u32..47, scale in scales(-31..8)) {
        let acc = acc >> narrow;
        let multiplier = half_up(scale.multiplier.into(), 16).min(0x7fff);
        let wanted = half_up(i128::from(acc) * multiplier, 15 - scale.shift) as i32;
        prop_assert_eq!(scale_i64(acc, scale, Rounding::TfLite), wanted);
        prop_assert_eq!(i128::from(reduced(scale.multiplier)), multiplier);
    }

    #[test]
    fn onnx_sums_of_64_bits_round_once(acc in sums(), scale in scales(-31..32)) {
        // A sum of −2⁶³ has no opposite of 64 bits.
        let acc = acc.max(-i64::MAX);
        let wanted = fit(half_even(i128::from(acc) * i128::from(scale.multiplier), 31 - scale.shift));
        prop_assert_eq!(scale_i64(acc, scale, Rounding::Onnx), wanted);
    }

    #[test]
    fn nothing_panics(acc in numbers(), sum in sums(), multiplier in numbers(), shift in numbers()) {
        let scale = Scale { multiplier, shift };
        for rounding in [Rounding::TfLite, Rounding::Onnx] {
            let _ = scale_i32(acc, scale, rounding);
            let _ = scale_i64(sum, scale, rounding);
        }
    }

    #[test]
    fn numbers_saturate(value in numbers(), wide in sums()) {
        prop_assert_eq!(i32::from(saturate_i8(value)), value.clamp(-128, 127));
        prop_assert_eq!(i32::from(saturate_i16(value)), value.clamp(-32768, 32767));
        prop_assert_eq!(i64::from(saturate_i32(wide)), wide.clamp(i32::MIN.into(), i32::MAX.into()));
    }

    #[test]
    fn the_upper_bound_wins_where_bounds_cross(value in numbers(), low in numbers(), high in numbers()) {
        prop_assert_eq!(clamp(value, [low, high]), value.max(low).min(high));
    }
}

#[test]
fn halves_go_where_each_format_says() {
    let half = Scale {
        multiplier: 1 << 30,
        shift: 0,
    };
    let quarter = Scale {
        multiplier: 1 << 30,
        shift: -1,
    };
    let of =
        |scale, rounding| [-6, -3, -2, -1, 1, 2, 3, 6].map(|acc| scale_i32(acc, scale, rounding));
    assert_eq!(of(half, Rounding::Onnx), [-3, -2, -1, 0, 0, 1, 2, 3]);
    assert_eq!(of(half, Rounding::TfLite), [-3, -1, -1, 0, 1, 1, 2, 3]);
    assert_eq!(of(quarter, Rounding::Onnx), [-2, -1, 0, 0, 0, 0, 1, 2]);
    // −3/4: −1.5 becomes −1, and −½ becomes −1.
    assert_eq!(of(quarter, Rounding::TfLite), [-2, -1, -1, 0, 1, 1, 1, 2]);
}
