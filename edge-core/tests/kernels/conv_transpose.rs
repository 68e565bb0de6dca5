use crate::numbers::{Numbers, assert_close};
use edge_core::params::{ConvTranspose2dF32, Window2d};
use edge_core::rt;
use proptest::prelude::*;

pub fn windows() -> impl Strategy<Value = (Window2d, usize)> {
    let axis = || {
        (
            1usize..5,
            1usize..4,
            1usize..4,
            1usize..3,
            0usize..3,
            0usize..3,
        )
    };
    let sizes = (1usize..3, 1usize..3, 1usize..4, 1usize..4);
    (sizes, axis(), axis()).prop_filter_map(
        "nothing is left of the output",
        |((batch, groups, depth, per_group), v, h)| {
            let out = |(input, kernel, stride, dilation, before, behind): (
                usize,
                usize,
                usize,
                usize,
                usize,
                usize,
            )| {
                let full = (input - 1) * stride + dilation * (kernel - 1) + 1;
                full.checked_sub(before + behind).filter(|&len| len > 0)
            };
            let window = Window2d {
                batch,
                in_h: v.0,
                in_w: h.0,
                in_c: groups * depth,
                out_h: out(v)?,
                out_w: out(h)?,
                out_c: groups * per_group,
                kernel_h: v.1,
                kernel_w: h.1,
                stride_h: v.2,
                stride_w: h.2,
                dilation_h: v.3,
                dilation_w: h.3,
                pad_top: v.4,
                pad_left: h.4,
            };
            Some((window, groups))
        },
    )
}

/// Sums and sums of absolute terms by scattering every input in double precision.
pub fn scattered(
    w: &Window2d,
    groups: usize,
    x: &[f32],
    weights: &[f32],
    bias: &[f32],
) -> Vec<[f64; 2]> {
    let (depth, per_group) = (w.in_c / groups, w.out_c / groups);
    let len = w.batch * w.out_h * w.out_w * w.out_c;
    let mut sums: Vec<[f64; 2]> = (0..len)
        .map(|i| [f64::from(bias[i % w.out_c]), 0.0])
        .collect();
    for (i, &x) in x.iter().enumerate() {
        let (c, column, row, n) = (
            i % w.in_c,
            i / w.in_c % w.in_w,
            i / (w.in_c * w.in_w) % w.in_h,
            i / (w.in_c * w.in_w * w.in_h),
        );
        for ky in 0..w.kernel_h {
            for kx in 0..w.kernel_w {
                let Some(out_y) = (row * w.stride_h + ky * w.dilation_h).checked_sub(w.pad_top)
                else {
                    continue;
                };
                let Some(out_x) = (column * w.stride_w + kx * w.dilation_w).checked_sub(w.pad_left)
                else {
                    continue;
                };
                if out_y >= w.out_h || out_x >= w.out_w {
                    continue;
                }
                for o in 0..per_group {
                    let weight = weights[((c * w.kernel_h + ky) * w.kernel_w + kx) * per_group + o];
                    let channel = c / depth * per_group + o;
                    let sum =
                        &mut sums[((n * w.out_h + out_y) * w.out_w + out_x) * w.out_c + channel];
                    let term = f64::from(x) * f64::from(weight);
                    *sum = [sum[0] + term, sum[1] + term.abs()];
                }
            }
        }
    }
    sums
}

proptest! {
    #[test]
    fn conv_transpose_is_close((w, groups) in windows(), seed: u64) {
        let mut numbers = Numbers::new(seed);
        let x = numbers.floats(w.batch * w.in_h * w.in_w * w.in_c);
        let weights = numbers.floats(w.in_c * w.kernel_h * w.kernel_w * w.out_c / groups);
        let bias = numbers.floats(w.out_c);
        let p = ConvTranspose2dF32 { window: w, groups, clamp: [-10.0, 12.0] };
        let mut y = vec![9.0; w.batch * w.out_h * w.out_w * w.out_c];
        rt::conv_transpose2d_f32(&p, &x, &weights, &bias, &mut y);
        for (found, [sum, scale]) in y.iter().zip(scattered(&w, groups, &x, &weights, &bias)) {
            assert_close(*found, sum.clamp(-10.0, 12.0), scale);
        }
    }
}
