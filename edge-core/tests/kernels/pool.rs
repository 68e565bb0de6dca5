use crate::numbers::{Numbers, assert_close, requantize_wide};
use crate::windows::{Case, at, cases, input_len, output_len, outputs, tap};
use edge_core::params::{AveragePool2dF32, AveragePool2dS8, MaxPool2d};
use edge_core::rt;
use proptest::prelude::*;

pub fn pools() -> impl Strategy<Value = Case> {
    cases((1usize..11).prop_map(|c| (c, c)))
}

/// The elements of the window of an output, and how many positions of the window count in a mean.
pub fn window<T: Copy>(
    case: &Case,
    count_pad: bool,
    x: &[T],
    [n, row, column, c]: [usize; 4],
) -> (Vec<T>, usize) {
    let w = &case.window;
    let mut elements = Vec::new();
    let mut count = 0;
    for ky in 0..w.kernel_h {
        for kx in 0..w.kernel_w {
            let [y_at, x_at] = tap(w, [row, column], [ky, kx]);
            let element = at(w, x, n, [y_at, x_at], c);
            let counts =
                y_at < (w.in_h + case.pad_bottom) as i64 && x_at < (w.in_w + case.pad_right) as i64;
            count += usize::from(if count_pad { counts } else { element.is_some() });
            elements.extend(element);
        }
    }
    (elements, count)
}

proptest! {
    #[test]
    fn max_pool_is_exact(case in pools(), seed: u64) {
        let w = case.window;
        let p = MaxPool2d { window: w };
        let x = Numbers::new(seed).bytes(input_len(&w));
        let floats: Vec<f32> = x.iter().map(|&x| f32::from(x) / 8.0).collect();
        let (mut y, mut y_floats) = (vec![0; output_len(&w)], vec![0.0; output_len(&w)]);
        rt::max_pool2d_s8(&p, &x, &mut y);
        rt::max_pool2d_f32(&p, &floats, &mut y_floats);
        for (index, place) in outputs(&w).enumerate() {
            let greatest = window(&case, false, &x, place).0.into_iter().max();
            prop_assert_eq!(y[index], greatest.unwrap_or(i8::MIN));
            let wanted = greatest.map_or(f32::NEG_INFINITY, |x| f32::from(x) / 8.0);
            prop_assert_eq!(y_floats[index].to_bits(), wanted.to_bits());
        }
    }

    // The padding that counts is at most the real one: what lies behind comes from rounding the output up.
    #[test]
    fn average_pool_s8_is_exact(mut case in pools(), uncounted in 0usize..3, count_pad: bool, zero in -128i32..128, seed: u64) {
        case.pad_bottom = case.pad_bottom.saturating_sub(uncounted);
        case.pad_right = case.pad_right.saturating_sub(uncounted / 2);
        let w = case.window;
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(input_len(&w));
        let requant = numbers.requant(14);
        let multipliers = numbers.multipliers(w.kernel_h * w.kernel_w, 11, requant);
        let p = AveragePool2dS8 {
            window: w,
            input_zero: zero,
            count_pad,
            pad_bottom: case.pad_bottom,
            pad_right: case.pad_right,
            requant,
        };
        let mut y = vec![0; output_len(&w)];
        rt::average_pool2d_s8(&p, &x, &multipliers, &mut y);
        for (index, place) in outputs(&w).enumerate() {
            let (elements, count) = window(&case, count_pad, &x, place);
            let sum = elements.iter().map(|&x| i64::from(x) - i64::from(zero)).sum();
            let multiplier = if count == 0 { 0 } else { multipliers[count - 1] };
            prop_assert_eq!(y[index], requantize_wide(sum, multiplier, requant), "at {:?}", place);
        }
    }

    #[test]
    fn average_pool_f32_is_close(mut case in pools(), uncounted in 0usize..3, count_pad: bool, seed: u64) {
        case.pad_bottom = case.pad_bottom.saturating_sub(uncounted);
        case.pad_right = case.pad_right.saturating_sub(uncounted / 2);
        let w = case.window;
        let x = Numbers::new(seed).floats(input_len(&w));
        let p = AveragePool2dF32 { window: w, count_pad, pad_bottom: case.pad_bottom, pad_right: case.pad_right };
        let mut y = vec![0.0; output_len(&w)];
        rt::average_pool2d_f32(&p, &x, &mut y);
        for (index, place) in outputs(&w).enumerate() {
            let (elements, count) = window(&case, count_pad, &x, place);
            let sum: f64 = elements.iter().copied().map(f64::from).sum();
            assert_close(y[index], sum / count.max(1) as f64, 4.0);
        }
    }
}
