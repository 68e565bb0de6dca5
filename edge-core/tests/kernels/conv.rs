use crate::numbers::{Numbers, assert_close, requantize_wide};
use crate::windows::{Case, at, cases, input_len, output_len, outputs, tap};
use edge_core::params::{Conv2dF32, Conv2dS8, Window2d};
use edge_core::rt;
use proptest::prelude::*;

pub fn grouped() -> impl Strategy<Value = (Case, usize)> {
    (1usize..4, 1usize..14, 1usize..4).prop_flat_map(|(groups, depth, per_group)| {
        (
            cases(Just((groups * depth, groups * per_group))),
            Just(groups),
        )
    })
}

/// Input and weight of every tap and channel that output `[n, row, column, o]` sees; no input outside.
pub fn terms<X: Copy, W: Copy>(
    w: &Window2d,
    groups: usize,
    x: &[X],
    weights: &[W],
    [n, row, column, o]: [usize; 4],
) -> Vec<(Option<X>, W)> {
    let depth = w.in_c / groups;
    let group = o / (w.out_c / groups);
    let mut terms = Vec::new();
    for ky in 0..w.kernel_h {
        for kx in 0..w.kernel_w {
            for c in 0..depth {
                let place = tap(w, [row, column], [ky, kx]);
                let input = at(w, x, n, place, group * depth + c);
                let weight = weights[((o * w.kernel_h + ky) * w.kernel_w + kx) * depth + c];
                terms.push((input, weight));
            }
        }
    }
    terms
}

proptest! {
    #[test]
    fn conv2d_s8_is_exact((case, groups) in grouped(), seed: u64, pad_value: i8) {
        let w = case.window;
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(input_len(&w));
        let weights = numbers.bytes(w.out_c * w.kernel_h * w.kernel_w * w.in_c / groups);
        let bias = numbers.words(w.out_c, 1 << 20);
        let requant = numbers.requant(24);
        let multipliers = numbers.multipliers(w.out_c, 20, requant);
        let p = Conv2dS8 { window: w, groups, pad_value, requant };
        let mut y = vec![0; output_len(&w)];
        rt::conv2d_s8(&p, &x, &weights, &bias, &multipliers, &mut y);
        for (index, place) in outputs(&w).enumerate() {
            let sum: i64 = terms(&w, groups, &x, &weights, place)
                .into_iter()
                .map(|(x, w)| i64::from(x.unwrap_or(pad_value)) * i64::from(w))
                .sum();
            let channel = place[3];
            let wanted = requantize_wide(sum + i64::from(bias[channel]), multipliers[channel], requant);
            prop_assert_eq!(y[index], wanted, "at {:?}", place);
        }
    }

    #[test]
    fn conv2d_f32_is_close((case, groups) in grouped(), seed: u64) {
        let w = case.window;
        let mut numbers = Numbers::new(seed);
        let x = numbers.floats(input_len(&w));
        let weights = numbers.floats(w.out_c * w.kernel_h * w.kernel_w * w.in_c / groups);
        let bias = numbers.floats(w.out_c);
        let clamp = [-50.0, 60.0];
        let p = Conv2dF32 { window: w, groups, clamp };
        let mut y = vec![0.0; output_len(&w)];
        rt::conv2d_f32(&p, &x, &weights, &bias, &mut y);
        for (index, place) in outputs(&w).enumerate() {
            let products: Vec<f64> = terms(&w, groups, &x, &weights, place)
                .into_iter()
                .map(|(x, w)| f64::from(x.unwrap_or(0.0)) * f64::from(w))
                .collect();
            let sum = products.iter().sum::<f64>() + f64::from(bias[place[3]]);
            let scale = products.iter().map(|p| p.abs()).sum();
            assert_close(y[index], sum.clamp(-50.0, 60.0), scale);
        }
    }
}
