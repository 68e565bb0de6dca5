use edge_core::quant::lut::{SIGMOID, TableScale, interpolate, logistic_i16, tanh_i16};
use proptest::prelude::*;

/// Steps of 2⁻¹², the scale of inputs from −8 to 8.
const EIGHTS: TableScale = TableScale {
    multiplier: 3,
    shift: 0,
};

#[test]
fn the_table_is_that_of_the_reference() {
    assert_eq!(SIGMOID[..6], [32768, 33451, 34133, 34813, 35493, 36169]);
    assert_eq!(SIGMOID[250..], [65534, 65534, 65534, 65534, 65534, 65535]);
    // A polynomial of all entries, of the reference's own constants.
    let digest = SIGMOID.iter().fold(0u32, |sum, &entry| {
        sum.wrapping_mul(31).wrapping_add(entry.into())
    });
    assert_eq!(digest, 1_684_986_857);
}

#[test]
fn sigmoid_and_tanh_are_near_the_real_ones_everywhere() {
    for x in i16::MIN..=i16::MAX {
        let real = f64::from(x) / 4096.0;
        let sigmoid = f64::from(logistic_i16(x, EIGHTS)) / 32768.0;
        assert!(
            (sigmoid - 1.0 / (1.0 + (-real).exp())).abs() < 1e-4,
            "sigmoid of {real}"
        );
        let tanh = f64::from(tanh_i16(x, EIGHTS)) / 32768.0;
        assert!((tanh - real.tanh()).abs() < 1e-4, "tanh of {real}");
    }
}

#[test]
fn samples_are_hit_and_lines_run_between() {
    let table: [i16; 513] = std::array::from_fn(|i| (i as i16 - 256) * 127);
    for x in i16::MIN..=i16::MAX {
        let wanted = (f64::from(x) * 127.0 / 128.0 + 0.5).floor();
        assert_eq!(f64::from(interpolate(x, &table)), wanted, "{x}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(x: i16, multiplier: i32, shift: u32, low: i16, high: i16) {
        let scale = TableScale { multiplier, shift };
        let _ = (logistic_i16(x, scale), tanh_i16(x, scale));
        let table: [i16; 513] = std::array::from_fn(|i| if i % 2 == 0 { low } else { high });
        let _ = interpolate(x, &table);
    }
}
