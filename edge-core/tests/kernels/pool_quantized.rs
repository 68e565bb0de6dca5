use crate::numbers::Numbers;
use crate::pool::{pools, window};
use crate::windows::{Case, at, input_len, output_len, outputs, tap};
use edge_core::params::{
    AveragePool2dExact, AveragePool2dFloat, AveragePool2dReal, MaxPool2dQuantized, Quantize,
    Window2d,
};
use edge_core::quant::Scale;
use edge_core::rt;
use proptest::prelude::*;

/// `sum / count`, halves away from zero; 0 of nothing.
fn mean(sum: i64, count: i64) -> i64 {
    if count == 0 {
        return 0;
    }
    sum.signum() * ((2 * sum.abs() + count) / (2 * count))
}

/// `value · scale`, halves to even.
fn scaled(value: i64, scale: Scale) -> i64 {
    let product = i128::from(value) * i128::from(scale.multiplier);
    let divisor = 1i128 << (31 - scale.shift);
    let (floor, rest) = (product.div_euclid(divisor), product.rem_euclid(divisor));
    let up = 2 * rest > divisor || (2 * rest == divisor && floor % 2 != 0);
    (floor + i128::from(up)) as i64
}

proptest! {
    #[test]
    fn limits_hold(case in pools(), low in -128i32..100, span in 0i32..200, seed: u64) {
        let w = case.window;
        let clamp = [low, (low + span).min(127)];
        let x = Numbers::new(seed).bytes(input_len(&w));
        let x16: Vec<i16> = x.iter().map(|&x| i16::from(x) * 256).collect();
        let wide = clamp.map(|limit| limit * 256);
        let (mut y, mut y16) = (vec![0; output_len(&w)], vec![0; output_len(&w)]);
        rt::max_pool2d_quantized_s8(&MaxPool2dQuantized { window: w, clamp }, &x, &mut y);
        rt::max_pool2d_quantized_s16(&MaxPool2dQuantized { window: w, clamp: wide }, &x16, &mut y16);
        for (index, place) in outputs(&w).enumerate() {
            let greatest = window(&case, false, &x, place).0.into_iter().max().map_or(-128, i32::from);
            let wanted = greatest.clamp(clamp[0], clamp[1]);
            prop_assert_eq!(i32::from(y[index]), wanted);
            prop_assert_eq!(i32::from(y16[index]), 256 * wanted);
        }
    }

    #[test]
    fn means_are_rounded_away_from_zero(case in pools(), low in -128i32..0, high in 0i32..128, seed: u64) {
        let w = case.window;
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(input_len(&w));
        let x16: Vec<i16> = x.iter().map(|_| numbers.next() as i16).collect();
        let (mut y, mut y16) = (vec![0; output_len(&w)], vec![0; output_len(&w)]);
        let p = AveragePool2dExact { window: w, clamp: [low, high] };
        rt::average_pool2d_exact_s8(&p, &x, &mut y);
        let p16 = AveragePool2dExact { window: w, clamp: [100 * low, 100 * high] };
        rt::average_pool2d_exact_s16(&p16, &x16, &mut y16);
        for (index, place) in outputs(&w).enumerate() {
            let (elements, count) = window(&case, false, &x, place);
            let sum: i64 = elements.iter().map(|&x| i64::from(x)).sum();
            let wanted = mean(sum, count as i64).clamp(low.into(), high.into());
            prop_assert_eq!(i64::from(y[index]), wanted);
            let sum: i64 = window(&case, false, &x16, place).0.iter().map(|&x| i64::from(x)).sum();
            let wanted = mean(sum, count as i64).clamp((100 * low).into(), (100 * high).into());
            prop_assert_eq!(i64::from(y16[index]), wanted);
        }
    }

    #[test]
    fn rescaled_means_are_rounded_once(
        case in pools(), count_pad: bool, zeros in (-128i32..128, -128i32..128), shift in -8i32..4, seed: u64,
    ) {
        let w = case.window;
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(input_len(&w));
        let area = w.kernel_h * w.kernel_w;
        let factors: Vec<i32> = (0..area)
            .flat_map(|_| [1 << 30 | numbers.below(1 << 30) as i32, shift])
            .collect();
        let p = AveragePool2dReal {
            window: w,
            input_zero: zeros.0,
            output_zero: zeros.1,
            count_pad,
            pad_bottom: case.pad_bottom,
            pad_right: case.pad_right,
            fewest: 1,
            clamp: [-128, 127],
        };
        let mut y = vec![0; output_len(&w)];
        rt::average_pool2d_real_s8(&p, &x, &factors, &mut y);
        for (index, place) in outputs(&w).enumerate() {
            let (elements, count) = window(&case, count_pad, &x, place);
            let sum = elements.iter().map(|&x| i64::from(x) - i64::from(zeros.0)).sum();
            let factor = count.checked_sub(1).map_or(
                Scale { multiplier: 0, shift: 0 },
                |n| Scale { multiplier: factors[2 * n], shift: factors[2 * n + 1] },
            );
            let wanted = (scaled(sum, factor) + i64::from(zeros.1)).clamp(-128, 127);
            prop_assert_eq!(i64::from(y[index]), wanted);
        }
    }

    // Equal scales and even windows: the means that lie in the middle between two integers.
    #[test]
    fn means_of_floats_are_those_of_single_steps(
        case in pools(), count_pad: bool, by_columns: bool, scale in 0.01f32..0.2, zeros in (-128i32..128, -128i32..128), seed: u64,
    ) {
        let w = case.window;
        let x = Numbers::new(seed).bytes(input_len(&w));
        let p = AveragePool2dFloat {
            window: w,
            input: Quantize { scale, zero_point: zeros.0 },
            output: Quantize { scale, zero_point: zeros.1 },
            count_pad,
            pad_bottom: case.pad_bottom,
            pad_right: case.pad_right,
            by_columns,
            clamp: [-128, 127],
        };
        let mut y = vec![0; output_len(&w)];
        rt::average_pool2d_float_s8(&p, &x, &mut y);
        let mut floats = vec![0.0; x.len()];
        rt::dequantize_f32(&p.input, &x, &mut floats);
        let sums = |place| if by_columns { sum_of_columns(&case, &floats, place) } else { sum_of_rows(&case, &floats, place) };
        let means: Vec<f32> = outputs(&w)
            .map(|place| sums(place) / window(&case, count_pad, &x, place).1.max(1) as f32)
            .collect();
        let mut wanted = vec![0; y.len()];
        rt::quantize_s8(&p.output, &means, &mut wanted);
        prop_assert_eq!(y, wanted);
    }
}

fn sum_of_rows(case: &Case, x: &[f32], place: [usize; 4]) -> f32 {
    window(case, false, x, place)
        .0
        .into_iter()
        .fold(0.0, |sum, x| sum + x)
}

fn sum_of_columns(case: &Case, x: &[f32], [n, row, column, c]: [usize; 4]) -> f32 {
    let w = &case.window;
    let element = |ky, kx| at(w, x, n, tap(w, [row, column], [ky, kx]), c).unwrap_or(0.0);
    let column = |kx| (0..w.kernel_h).fold(0.0, |sum, ky| sum + element(ky, kx));
    (0..w.kernel_w).fold(0.0, |sum, kx| sum + column(kx))
}

// Means in the middle between two integers; the results are onnxruntime's, in operator sets 19 and 13.
#[test]
fn the_order_of_a_sum_decides_about_a_half() {
    let mean = |x: [i8; 4], by_columns| {
        let p = AveragePool2dFloat {
            window: Window2d {
                batch: 1,
                in_h: 2,
                in_w: 2,
                in_c: 1,
                out_h: 1,
                out_w: 1,
                out_c: 1,
                kernel_h: 2,
                kernel_w: 2,
                stride_h: 2,
                stride_w: 2,
                dilation_h: 1,
                dilation_w: 1,
                pad_top: 0,
                pad_left: 0,
            },
            input: Quantize {
                scale: 0.1,
                zero_point: 0,
            },
            output: Quantize {
                scale: 0.1,
                zero_point: 0,
            },
            count_pad: false,
            pad_bottom: 0,
            pad_right: 0,
            by_columns,
            clamp: [-128, 127],
        };
        let mut y = [0];
        rt::average_pool2d_float_s8(&p, &x, &mut y);
        y[0]
    };
    let both = |x| [false, true].map(|by_columns| mean(x, by_columns));
    assert_eq!(both([86, 96, 78, 46]), [76, 77]);
    assert_eq!(both([20, -17, 4, 15]), [5, 6]);
    assert_eq!(both([36, -22, 14, 54]), [21, 20]);
    assert_eq!(both([-64, 89, 22, -85]), [-9, -9]);
}
