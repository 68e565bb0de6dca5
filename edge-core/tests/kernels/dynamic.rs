use crate::numbers::Numbers;
use edge_core::params::{DynamicRange, IntegerConv2d, IntegerMatMul, MatMul, Window2d};
use edge_core::rt;
use proptest::prelude::*;

/// `(scale, zero point, bytes)` of numbers, with the bytes as unsigned ones.
fn quantized(x: &[f32]) -> (f32, u8, Vec<u8>) {
    let p = DynamicRange { len: x.len() };
    let (mut scale, mut zero, mut y) = ([0.0], [0], vec![0; x.len()]);
    rt::dynamic_scale(&p, x, &mut scale);
    rt::dynamic_zero(&p, x, &scale, &mut zero);
    rt::quantize_dynamic(&p, x, &scale, &zero, &mut y);
    let unsigned = |q: i8| (q as u8) ^ 0x80;
    let bytes = y.into_iter().map(unsigned).collect();
    (scale[0], unsigned(zero[0]), bytes)
}

#[test]
fn the_example_of_the_specification() {
    let (scale, zero, bytes) = quantized(&[0.0, 2.0, -3.0, -2.5, 1.34, 0.5]);
    assert!((scale - 0.019_607_844).abs() < 1e-8);
    assert_eq!(zero, 153);
    assert_eq!(bytes, [153, 255, 0, 26, 221, 179]);
}

#[test]
fn numbers_of_one_sign_and_none() {
    let (scale, zero, bytes) = quantized(&[1.0, 2.1, 1.3, 2.5, 3.34, 4.0]);
    assert!((scale - 4.0 / 255.0).abs() < 1e-8);
    assert_eq!((zero, bytes), (0, vec![64, 134, 83, 159, 213, 255]));
    assert_eq!(quantized(&[0.0, 0.0]), (1.0, 0, vec![0, 0]));
    let (_, zero, bytes) = quantized(&[-1.0, -4.0]);
    assert_eq!((zero, bytes), (255, vec![191, 0]));
    // What is not a number is as 0.
    assert_eq!(quantized(&[f32::NAN, 255.0]).2, [0, 255]);
}

proptest! {
    #[test]
    fn integer_matmul_is_exact(
        batch in 1usize..3,
        rows in 1usize..4,
        inner in 1usize..20,
        columns in 1usize..5,
        per_row: bool,
        per_column: bool,
        shared: bool,
        seed: u64,
    ) {
        let mut numbers = Numbers::new(seed);
        let matrices = if shared { 1 } else { batch };
        let (a, b) = (numbers.bytes(batch * rows * inner), numbers.bytes(matrices * inner * columns));
        let first_zeros = if per_row { rows } else { 1 };
        let second_zeros = if per_column { columns } else { 1 };
        let (za, zb) = (numbers.bytes(first_zeros), numbers.bytes(second_zeros));
        let second_stride = if shared { 0 } else { inner * columns };
        let product = MatMul { batch, rows, inner, columns, second_stride };
        let p = IntegerMatMul { product, first_zeros, second_zeros };
        let mut y = vec![0; batch * rows * columns];
        rt::integer_matmul(&p, &a, &b, &za, &zb, &mut y);
        for n in 0..batch {
            for row in 0..rows {
                for column in 0..columns {
                    let sum: i32 = (0..inner).map(|k| {
                        let a = i32::from(a[(n * rows + row) * inner + k]) - i32::from(za[row % first_zeros]);
                        let at = n * second_stride + k * columns + column;
                        a * (i32::from(b[at]) - i32::from(zb[column % second_zeros]))
                    }).sum();
                    prop_assert_eq!(y[(n * rows + row) * columns + column], sum);
                }
            }
        }
    }

    #[test]
    fn integer_conv_is_exact(
        size in 1usize..6,
        kernel in 1usize..4,
        pad in 0usize..3,
        stride in 1usize..3,
        inputs in 1usize..4,
        outputs in 1usize..4,
        groups in 1usize..3,
        seed: u64,
    ) {
        let padded = size + 2 * pad;
        prop_assume!(padded >= kernel);
        let out = (padded - kernel) / stride + 1;
        let (in_c, out_c) = (inputs * groups, outputs * groups);
        let window = Window2d {
            batch: 1, in_h: size, in_w: size, in_c, out_h: out, out_w: out, out_c,
            kernel_h: kernel, kernel_w: kernel, stride_h: stride, stride_w: stride,
            dilation_h: 1, dilation_w: 1, pad_top: pad, pad_left: pad,
        };
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(size * size * in_c);
        let weights: Vec<i16> = numbers.bytes(out_c * kernel * kernel * inputs).iter().map(|&w| i16::from(w) * 2).collect();
        let zero = numbers.bytes(1);
        let mut y = vec![0; out * out * out_c];
        rt::integer_conv2d(&IntegerConv2d { window, groups }, &x, &zero, &weights, &mut y);
        for (at, &found) in y.iter().enumerate() {
            let (pixel, channel) = (at / out_c, at % out_c);
            let (row, column) = (pixel / out * stride, pixel % out * stride);
            let group = channel / outputs;
            let mut sum = 0;
            for tap in 0..kernel * kernel {
                let (i, j) = (row + tap / kernel, column + tap % kernel);
                if i < pad || j < pad || i >= pad + size || j >= pad + size {
                    continue;
                }
                for depth in 0..inputs {
                    let image = x[((i - pad) * size + j - pad) * in_c + group * inputs + depth];
                    let weight = weights[(channel * kernel * kernel + tap) * inputs + depth];
                    sum += (i32::from(image) - i32::from(zero[0])) * i32::from(weight);
                }
            }
            prop_assert_eq!(found, sum);
        }
    }
}
