use crate::numbers::requantize_wide;
use edge_core::quant::{Requant, requantize, requantize_reference, saturate};
use proptest::prelude::*;

fn requants() -> impl Strategy<Value = Requant> {
    (0u32..23, 0u32..8, -128i32..128).prop_map(|(shift, pre_shift, zero_point)| Requant {
        offset: (zero_point << shift) + ((1 << shift) >> 1),
        shift,
        pre_shift,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn requantize_is_its_definition(acc in -(1i32 << 23)..1 << 23, multiplier: i32, r in requants()) {
        let wanted = requantize_wide(i64::from(acc), multiplier, r);
        prop_assert_eq!(requantize_reference(acc, multiplier, r), wanted);
        prop_assert_eq!(requantize(acc, multiplier, r), wanted);
    }

    // Two roundings: half a step of the last, and half of a 2^-shift step before it.
    #[test]
    fn requantize_is_within_rounding_of_the_real_product(acc in -(1i32 << 23)..1 << 23, multiplier in 1 << 29..i32::MAX, r in requants()) {
        let step = f64::from(r.shift).exp2();
        let zero_point = f64::from(r.offset >> r.shift);
        let real = f64::from(acc) * f64::from(r.pre_shift).exp2() * f64::from(multiplier) / 2f64.powi(32) / step + zero_point;
        let found = f64::from(requantize(acc, multiplier, r));
        let allowed = 0.5 + 0.5 / step + 1e-9;
        prop_assert!((found - real.clamp(-128.0, 127.0)).abs() <= allowed, "{found} for {real}");
    }

    #[test]
    fn saturate_is_shift_and_clamp(value: i32, shift in 0u32..23) {
        let wanted = i64::from(value).div_euclid(1 << shift).clamp(-128, 127);
        prop_assert_eq!(i64::from(saturate(value, shift)), wanted);
    }
}
