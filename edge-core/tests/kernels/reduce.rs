use crate::numbers::{Numbers, assert_close, requantize_wide};
use edge_core::params::{Reduce, ReduceExact, ReduceKind, ReduceS8};
use edge_core::quant::exact::scale_i32;
use edge_core::quant::{Rounding, Scale};
use edge_core::rt;
use proptest::prelude::*;

fn shapes() -> impl Strategy<Value = [usize; 3]> {
    [1usize..5, 1usize..12, 1usize..12]
}

fn lane<T: Copy>([_, axis, inner]: [usize; 3], x: &[T], index: usize) -> Vec<T> {
    let (o, i) = (index / inner, index % inner);
    (0..axis).map(|a| x[(o * axis + a) * inner + i]).collect()
}

proptest! {
    #[test]
    fn reduce_f32_is_close(shape in shapes(), seed: u64) {
        let [outer, axis, inner] = shape;
        let x = Numbers::new(seed).floats(outer * axis * inner);
        for kind in [ReduceKind::Sum, ReduceKind::Mean, ReduceKind::Max, ReduceKind::Min] {
            let p = Reduce { kind, outer, axis, inner };
            let mut y = vec![0.0; outer * inner];
            rt::reduce_f32(&p, &x, &mut y);
            for (index, &found) in y.iter().enumerate() {
                let lane = lane(shape, &x, index).into_iter().map(f64::from);
                let scale = 4.0 * axis as f64;
                match kind {
                    ReduceKind::Sum => assert_close(found, lane.sum(), scale),
                    ReduceKind::Mean => assert_close(found, lane.sum::<f64>() / axis as f64, 4.0),
                    ReduceKind::Max => assert_eq!(f64::from(found), lane.fold(f64::MIN, f64::max)),
                    ReduceKind::Min => assert_eq!(f64::from(found), lane.fold(f64::MAX, f64::min)),
                }
            }
        }
    }

    #[test]
    fn reduce_s8_is_exact(shape in shapes(), zero in -128i32..128, seed: u64) {
        let [outer, axis, inner] = shape;
        let mut numbers = Numbers::new(seed);
        let x = numbers.bytes(outer * axis * inner);
        let requant = numbers.requant(13);
        let multiplier = numbers.multipliers(1, 11, requant)[0];
        let of = |kind| Reduce { kind, outer, axis, inner };
        let sum = ReduceS8 { reduce: of(ReduceKind::Sum), sum_zero: zero * axis as i32, multiplier, requant };
        let mut y = vec![vec![0; outer * inner]; 3];
        rt::reduce_sum_s8(&sum, &x, &mut y[0]);
        rt::reduce_max_s8(&of(ReduceKind::Max), &x, &mut y[1]);
        rt::reduce_max_s8(&of(ReduceKind::Min), &x, &mut y[2]);
        for index in 0..outer * inner {
            let lane = lane(shape, &x, index);
            let total = lane.iter().map(|&x| i64::from(x) - i64::from(zero)).sum();
            prop_assert_eq!(y[0][index], requantize_wide(total, multiplier, requant));
            prop_assert_eq!(Some(y[1][index]), lane.iter().copied().max());
            prop_assert_eq!(Some(y[2][index]), lane.iter().copied().min());
        }
    }

    #[test]
    fn exact_sums_are_scaled_once(shape in shapes(), zero in -128i32..128, output_zero in -128i32..128, multiplier in 1i32 << 30..=i32::MAX, shift in -12i32..4, even: bool, seed: u64) {
        let [outer, axis, inner] = shape;
        let x = Numbers::new(seed).bytes(outer * axis * inner);
        let p = ReduceExact {
            reduce: Reduce { kind: ReduceKind::Mean, outer, axis, inner },
            sum_zero: zero * axis as i32,
            scale: Scale { multiplier, shift },
            rounding: if even { Rounding::Onnx } else { Rounding::TfLite },
            output_zero,
        };
        let mut y = vec![0; outer * inner];
        rt::reduce_sum_exact_s8(&p, &x, &mut y);
        let wide: Vec<i16> = x.iter().map(|&x| i16::from(x) * 256).collect();
        let p16 = ReduceExact { sum_zero: p.sum_zero * 256, ..p };
        let mut y16 = vec![0; outer * inner];
        rt::reduce_sum_exact_s16(&p16, &wide, &mut y16);
        for index in 0..outer * inner {
            let sum: i32 = lane(shape, &x, index).iter().map(|&x| i32::from(x) - zero).sum();
            let wanted = |sum: i32| scale_i32(sum, p.scale, p.rounding) + output_zero;
            prop_assert_eq!(i32::from(y[index]), wanted(sum).clamp(-128, 127));
            prop_assert_eq!(i32::from(y16[index]), wanted(sum * 256).clamp(-32768, 32767));
        }
    }

    #[test]
    fn extremes_of_16_bits_are_found(shape in shapes(), seed: u64) {
        let [outer, axis, inner] = shape;
        let x: Vec<i16> = Numbers::new(seed).words(outer * axis * inner, 32767).iter().map(|&x| x as i16).collect();
        for (kind, least) in [(ReduceKind::Max, false), (ReduceKind::Min, true)] {
            let mut y = vec![0; outer * inner];
            rt::reduce_max_s16(&Reduce { kind, outer, axis, inner }, &x, &mut y);
            for index in 0..outer * inner {
                let lane = lane(shape, &x, index).into_iter();
                let wanted = if least { lane.min() } else { lane.max() };
                prop_assert_eq!(Some(y[index]), wanted);
            }
        }
    }
}
