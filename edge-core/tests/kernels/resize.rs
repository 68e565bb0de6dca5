use crate::numbers::{Numbers, assert_close};
use edge_core::params::{ResizeLinear, ResizeRescaled};
use edge_core::quant::{Rounding, Scale, exact::scale_i32};
use edge_core::rt;
use proptest::prelude::*;

fn shapes() -> impl Strategy<Value = ResizeLinear> {
    (
        1usize..3,
        1usize..6,
        1usize..6,
        1usize..7,
        1usize..7,
        1usize..5,
    )
        .prop_map(|(batch, in_h, in_w, out_h, out_w, channels)| ResizeLinear {
            batch,
            in_h,
            in_w,
            out_h,
            out_w,
            channels,
        })
}

/// Sources of rows, then of columns, and weights in 1/256 likewise.
fn tables(p: &ResizeLinear, numbers: &mut Numbers) -> (Vec<u32>, Vec<i32>) {
    let len = |index: usize| if index < p.out_h { p.in_h } else { p.in_w };
    let sources = (0..2 * (p.out_h + p.out_w))
        .map(|i| numbers.below(len(i / 2) as u64) as u32)
        .collect();
    let weights = (0..p.out_h + p.out_w)
        .map(|_| numbers.below(257) as i32)
        .collect();
    (sources, weights)
}

/// Corners of output `index`, row by row, and the weights of the second row and column.
fn corners<T: Copy>(
    p: &ResizeLinear,
    x: &[T],
    sources: &[u32],
    weights: &[i32],
    index: usize,
) -> ([T; 4], [i32; 2]) {
    let (c, column, row) = (
        index % p.channels,
        index / p.channels % p.out_w,
        index / (p.channels * p.out_w) % p.out_h,
    );
    let n = index / (p.channels * p.out_w * p.out_h);
    let corner = |second_row: usize, second_column: usize| {
        let r = sources[2 * row + second_row] as usize;
        let s = sources[2 * (p.out_h + column) + second_column] as usize;
        x[((n * p.in_h + r) * p.in_w + s) * p.channels + c]
    };
    (
        [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)],
        [weights[row], weights[p.out_h + column]],
    )
}

fn shares([row, column]: [i32; 2]) -> [i32; 4] {
    [
        (256 - row) * (256 - column),
        (256 - row) * column,
        row * (256 - column),
        row * column,
    ]
}

proptest! {
    #[test]
    fn resize_s8_is_exact(p in shapes(), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(p.batch * p.in_h * p.in_w * p.channels);
        let (sources, weights) = tables(&p, &mut numbers);
        let mut y = vec![0; p.batch * p.out_h * p.out_w * p.channels];
        rt::resize_linear_s8(&p, &x, &sources, &weights, &mut y);
        for (index, &found) in y.iter().enumerate() {
            let (corners, weights) = corners(&p, &x, &sources, &weights, index);
            let sum: i32 = corners.iter().zip(shares(weights)).map(|(&x, share)| i32::from(x) * share).sum();
            prop_assert_eq!(i32::from(found), (sum + 32768) >> 16);
        }
    }

    #[test]
    fn resize_f32_is_close(p in shapes(), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let x = numbers.floats(p.batch * p.in_h * p.in_w * p.channels);
        let (sources, weights) = tables(&p, &mut numbers);
        let floats: Vec<f32> = weights.iter().map(|&w| w as f32 / 256.0).collect();
        let mut y = vec![0.0; p.batch * p.out_h * p.out_w * p.channels];
        rt::resize_linear_f32(&p, &x, &sources, &floats, &mut y);
        for (index, &found) in y.iter().enumerate() {
            let (corners, weights) = corners(&p, &x, &sources, &weights, index);
            let sum: f64 = corners.iter().zip(shares(weights)).map(|(&x, share)| f64::from(x) * f64::from(share)).sum();
            assert_close(found, sum / 65536.0, 4.0);
        }
    }

    #[test]
    fn halves_of_the_exact_resize_go_away_from_zero(p in shapes(), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(p.batch * p.in_h * p.in_w * p.channels);
        let (sources, weights) = tables(&p, &mut numbers);
        // Quarters, so that halves are frequent.
        let quarters: Vec<i32> = weights.iter().map(|w| w / 64 * 256).collect();
        let mut y = vec![0; p.batch * p.out_h * p.out_w * p.channels];
        rt::resize_bilinear_s8(&p, &x, &sources, &quarters, &mut y);
        for (index, &found) in y.iter().enumerate() {
            let (corners, weights) = corners(&p, &x, &sources, &quarters, index);
            let shares = shares(weights.map(|w| w / 4));
            let sum: i32 = corners.iter().zip(shares).map(|(&x, share)| i32::from(x) * share).sum();
            prop_assert_eq!(i32::from(found), (f64::from(sum) / 65536.0).round() as i32);
        }
    }

    #[test]
    fn a_resize_changes_the_scale_in_one_rounding(p in shapes(), input_zero in -128i32..128, output_zero in -128i32..128, multiplier in 1i32 << 30..=i32::MAX, shift in -24i32..-20, seed: u64) {
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(p.batch * p.in_h * p.in_w * p.channels);
        let (sources, weights) = tables(&p, &mut numbers);
        let weights: Vec<i32> = weights.iter().map(|w| w * 8).collect();
        let scale = Scale { multiplier, shift };
        let rescaled = ResizeRescaled { resize: p, input_zero, scale, output_zero };
        let mut y = vec![0; p.batch * p.out_h * p.out_w * p.channels];
        rt::resize_rescaled_s8(&rescaled, &x, &sources, &weights, &mut y);
        for (index, &found) in y.iter().enumerate() {
            let (corners, weights) = corners(&p, &x, &sources, &weights, index);
            let shares = shares(weights.map(|w| w / 8));
            let sum: i32 = corners.iter().zip(shares).map(|(&x, share)| (i32::from(x) - input_zero) * share * 64).sum();
            let wanted = scale_i32(sum, scale, Rounding::Onnx) + output_zero;
            prop_assert_eq!(i32::from(found), wanted.clamp(-128, 127));
        }
    }
}
