use super::*;
use edge_core::quant::lut::{interpolate, logistic_i16};

fn grid(scale: f32, zero_point: i32) -> QuantParams {
    QuantParams { scale, zero_point }
}

#[test]
fn a_table_of_bytes_quantizes_the_function() {
    let table = lut_i8(grid(0.1, 3), grid(1.0 / 256.0, -128), |x| {
        1.0 / (1.0 + (-x).exp())
    });
    let table = table.unwrap();
    assert_eq!(table.len(), 256);
    for (index, &value) in table.iter().enumerate() {
        let x = (index as f64 - 131.0) * 0.1;
        let wanted = (256.0 / (1.0 + (-x).exp()) - 128.0).min(127.0);
        assert!((f64::from(value) - wanted).abs() <= 0.51, "{index}");
    }
}

#[test]
fn what_is_no_number_or_too_little_is_the_least_number() {
    let table = lut_i8(grid(1.0, 0), grid(1.0, 0), |x| {
        if x < 0.0 { f32::NAN } else { -1e30 }
    });
    assert!(table.unwrap().iter().all(|&value| value == -128));
}

#[test]
fn what_is_too_great_for_32_bits_is_refused() {
    assert!(lut_i8(grid(1.0, 0), grid(1.0, 0), f32::exp).is_err());
    assert!(lut_i8(grid(0.1, 0), grid(1.0, 0), f32::exp).is_ok());
}

/// The tables of the 16-bit softmax, whose outputs agree with the reference for all inputs tried.
#[test]
fn tables_of_the_16_bit_softmax() {
    let range = 65535.0;
    let output = grid(2.0 / range, 0);
    let exp = lut_i16(grid(10.0 / range, 32767), output, f32::exp);
    assert_eq!(exp.len(), 513);
    assert_eq!(exp[508..], [30304, 30902, 31512, 32133, 32767]);
    let inverse = lut_i16(grid(1.0 / range, -32768), output, |x| 1.0 / (1.0 + x));
    assert_eq!(inverse[..3], [32767, 32704, 32640]);
}

#[test]
fn interpolation_is_near_the_function() {
    let (input, output) = (grid(8.0 / 32768.0, 0), grid(1.0 / 32768.0, 0));
    let table: [i16; TABLE_LEN] = lut_i16(input, output, f32::tanh).try_into().unwrap();
    for x in i16::MIN..=i16::MAX {
        let wanted = (f64::from(x) * 8.0 / 32768.0).tanh();
        let found = f64::from(interpolate(x, &table)) / 32768.0;
        assert!((found - wanted).abs() < 2e-4, "{x}");
    }
}

#[test]
fn scales_reach_the_sigmoid_table() {
    let of = |scale, tanh| table_scale(scale, tanh).map(|t| (t.multiplier, t.shift));
    assert_eq!(of(f32::exp2(-12.0), false), Ok((3, 0)));
    assert_eq!(of(f32::exp2(-11.0), true), Ok((6, 0)));
    // Without tanh no case of its own: 6 in 15 bits.
    assert_eq!(of(f32::exp2(-11.0), false), Ok((24576, 12)));
    assert!(of(6.0, false).is_err());
    assert!(of(f32::NAN, false).is_err());
    assert!(of(-1.0, true).is_err());
}

#[test]
fn scaled_inputs_give_the_sigmoid() {
    for scale in [1e-4f32, 3e-4, 0.002, 0.5] {
        let table = table_scale(scale, false).unwrap();
        for x in (i16::MIN..=i16::MAX).step_by(97) {
            let wanted = 1.0 / (1.0 + (-f64::from(x) * f64::from(scale)).exp());
            let found = f64::from(logistic_i16(x, table)) / 32768.0;
            assert!((found - wanted).abs() < 3e-4, "{x} at {scale}");
        }
    }
}
