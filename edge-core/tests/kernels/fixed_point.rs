//! The digests are of the answers of gemmlowp's own `fixedpoint.h` (and the formulas that `TFLite` builds
//! on it) to the numbers of [`Lcg`]: every bit counts. The other tests compare with real functions.

use crate::scale::numbers;
use edge_core::quant::fixed_point::*;
use proptest::prelude::*;

struct Lcg(u32);

impl Lcg {
    fn next(&mut self) -> i32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 as i32
    }

    /// A number of any width.
    fn any(&mut self) -> i32 {
        let value = self.next();
        value >> self.bits()
    }

    /// 0..32.
    fn bits(&mut self) -> u32 {
        self.next() as u32 >> 27
    }

    fn not_positive(&mut self) -> i32 {
        let value = self.any();
        if value > 0 { -value } else { value }
    }

    fn not_negative(&mut self) -> i32 {
        let value = self.any();
        if value < 0 { !value } else { value }
    }
}

/// FNV-1a of 4096 answers.
fn digest<const N: usize>(answer: impl Fn(&mut Lcg) -> [i32; N]) -> u64 {
    let mut numbers = Lcg(1);
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for _ in 0..4096 {
        for byte in answer(&mut numbers)
            .iter()
            .flat_map(|word| word.to_le_bytes())
        {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
}

#[test]
fn products_and_quotients_are_those_of_gemmlowp() {
    let high = digest(|n| [high_mul(n.any(), n.any())]);
    assert_eq!(high, 0x5b41_5abe_2057_09a1);
    let narrow = digest(|n| [high_mul_i16(n.any() as i16, n.any() as i16).into()]);
    assert_eq!(narrow, 0xe414_7355_1182_1c28);
    let quotient = digest(|n| [rounding_divide_by_pot(n.any(), n.bits())]);
    assert_eq!(quotient, 0xa3ff_b648_b5a2_897a);
    let half = digest(|n| [rounding_half_sum(n.any(), n.any())]);
    assert_eq!(half, 0x0f32_9cb4_e829_3018);
}

#[test]
fn exponentials_are_those_of_gemmlowp() {
    let exp = |bits| digest(|n| [exp_on_negative_values(n.not_positive(), bits)]);
    assert_eq!(exp(1), 0x4b2a_659b_727c_7565);
    assert_eq!(exp(5), 0x8a8f_d84e_24da_3102);
    assert_eq!(exp(8), 0x7200_21a7_7b94_fbce);
    assert_eq!(digest(|n| [logistic(n.any(), 4)]), 0x4217_8252_186a_bb22);
    assert_eq!(digest(|n| [tanh(n.any(), 4)]), 0x4abb_cfc6_fb00_07f8);
}

#[test]
fn inverses_and_logarithms_are_those_of_the_reference() {
    let over = digest(|n| [one_over_one_plus_x(n.not_negative())]);
    assert_eq!(over, 0x955e_fa44_010b_b2f6);
    let minus = digest(|n| [one_minus_x_over_one_plus_x(n.not_negative())]);
    assert_eq!(minus, 0x1e26_101e_9638_7753);
    assert_eq!(
        digest(|n| [ln(n.not_negative() | 1, 5, 12)]),
        0xc90e_78ae_42b3_3b8e
    );
    let root = digest(|n| {
        let scale = inverse_sqrt(n.not_negative());
        [scale.multiplier, scale.shift]
    });
    assert_eq!(root, 0x26c7_1f37_6e5e_5a56);
}

/// `raw` in Q`bits` as a real number.
fn real(raw: i32, bits: i32) -> f64 {
    f64::from(raw) * f64::from(bits - 31).exp2()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn exponentials_are_near_the_real_ones(a in i32::MIN..=0, bits in 1u32..9) {
        let wanted = real(a, bits as i32).exp();
        prop_assert!((real(exp_on_negative_values(a, bits), 0) - wanted).abs() < 5e-7);
    }

    #[test]
    fn sigmoids_are_near_the_real_ones(a: i32, bits in 1u32..8) {
        let x = real(a, bits as i32);
        prop_assert!((real(logistic(a, bits), 0) - 1.0 / (1.0 + (-x).exp())).abs() < 1e-6);
        prop_assert!((real(tanh(a, bits), 0) - x.tanh()).abs() < 1e-6);
    }

    #[test]
    fn inverses_are_near_the_real_ones(x in 1i32..) {
        let (raw, bits) = reciprocal(x, 12);
        let product = real(raw, 0) * f64::from(-bits).exp2() * real(x, 12);
        prop_assert!((product - 1.0).abs() < 1e-7, "{product}");
        let scale = inverse_sqrt(x.max(2));
        let root = real(scale.multiplier, 0) * f64::from(scale.shift).exp2();
        prop_assert!((root * f64::from(x.max(2)).sqrt() - 1.0).abs() < 1e-3, "{root}");
    }

    #[test]
    fn logarithms_are_near_the_real_ones(x in 1i32 << 19..) {
        prop_assert!((real(ln(x, 5, 12), 5) - real(x, 12).ln()).abs() < 1e-5);
    }

    #[test]
    fn shifts_saturate_and_round(value in numbers(), exponent in -31i32..32) {
        let exact = f64::from(value) * f64::from(exponent).exp2();
        let wanted = exact.round().clamp(i32::MIN.into(), i32::MAX.into());
        prop_assert_eq!(f64::from(multiply_by_pot(value, exponent)), wanted);
    }

    #[test]
    fn truncating_products_go_towards_zero(a: i16, b: i16) {
        let wanted = (f64::from(a) * f64::from(b) / 32768.0).trunc().min(32767.0);
        prop_assert_eq!(f64::from(high_mul_towards_zero_i16(a, b)), wanted);
    }

    #[test]
    fn nothing_panics(a in numbers(), b in numbers(), bits in 0u32..12) {
        let _ = (high_mul(a, b), rounding_half_sum(a, b), rounding_divide_by_pot(a, b as u32));
        let _ = (multiply_by_pot(a, b), exp_on_negative_values(a, bits), logistic(a, bits));
        let _ = (tanh(a, bits), one_over_one_plus_x(a), one_minus_x_over_one_plus_x(a));
        let _ = (reciprocal(a, bits), inverse_sqrt(a), ln(a, 5, bits));
    }
}
