use super::*;

#[test]
fn a_factor_of_one_is_half_times_two() {
    let one = Scale {
        multiplier: 1 << 30,
        shift: 1,
    };
    assert_eq!(quantize_multiplier(1.0), Ok(one));
}
