use crate::numbers::{Numbers, assert_close, requantize_wide};
use crate::windows::{Case, at, cases, input_len, output_len, outputs, tap};
use edge_core::params::{DepthwiseConv2dF32, DepthwiseConv2dS8, Window2d};
use edge_core::rt;
use proptest::prelude::*;

pub fn depthwise() -> impl Strategy<Value = Case> {
    let channels = prop_oneof![
        (1usize..11).prop_map(|c| (c, c)),
        (1usize..4, 2usize..6).prop_map(|(c, multiplier)| (c, c * multiplier)),
    ];
    cases(channels)
}

/// Input and weight of every tap that output `[n, row, column, o]` sees; no input outside.
pub fn terms<X: Copy, W: Copy>(
    w: &Window2d,
    x: &[X],
    weights: &[W],
    [n, row, column, o]: [usize; 4],
) -> Vec<(Option<X>, W)> {
    let mut terms = Vec::new();
    for ky in 0..w.kernel_h {
        for kx in 0..w.kernel_w {
            let place = tap(w, [row, column], [ky, kx]);
            let input = at(w, x, n, place, o / (w.out_c / w.in_c));
            terms.push((input, weights[(ky * w.kernel_w + kx) * w.out_c + o]));
        }
    }
    terms
}

proptest! {
    #[test]
    fn depthwise_s8_is_exact(case in depthwise(), seed: u64, pad_value: i8) {
        let w = case.window;
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(input_len(&w));
        let weights = numbers.bytes(w.kernel_h * w.kernel_w * w.out_c);
        let bias = numbers.words(w.out_c, 1 << 16);
        let requant = numbers.requant(20);
        let multipliers = numbers.multipliers(w.out_c, 17, requant);
        let p = DepthwiseConv2dS8 { window: w, pad_value, requant };
        let mut y = vec![0; output_len(&w)];
        rt::depthwise_conv2d_s8(&p, &x, &weights, &bias, &multipliers, &mut y);
        for (index, place) in outputs(&w).enumerate() {
            let sum: i64 = terms(&w, &x, &weights, place)
                .into_iter()
                .map(|(x, w)| i64::from(x.unwrap_or(pad_value)) * i64::from(w))
                .sum();
            let channel = place[3];
            let wanted = requantize_wide(sum + i64::from(bias[channel]), multipliers[channel], requant);
            prop_assert_eq!(y[index], wanted, "at {:?}", place);
        }
    }

    #[test]
    fn depthwise_f32_is_close(case in depthwise(), seed: u64) {
        let w = case.window;
        let mut numbers = Numbers::new(seed);
        let x = numbers.floats(input_len(&w));
        let weights = numbers.floats(w.kernel_h * w.kernel_w * w.out_c);
        let bias = numbers.floats(w.out_c);
        let p = DepthwiseConv2dF32 { window: w, clamp: [-20.0, f32::INFINITY] };
        let mut y = vec![0.0; output_len(&w)];
        rt::depthwise_conv2d_f32(&p, &x, &weights, &bias, &mut y);
        for (index, place) in outputs(&w).enumerate() {
            let products: Vec<f64> = terms(&w, &x, &weights, place)
                .into_iter()
                .map(|(x, w)| f64::from(x.unwrap_or(0.0)) * f64::from(w))
                .collect();
            let sum = products.iter().sum::<f64>() + f64::from(bias[place[3]]);
            let scale = products.iter().map(|p| p.abs()).sum();
            assert_close(y[index], sum.max(-20.0), scale);
        }
    }
}
