use crate::numbers::Numbers;
use edge_core::params::{ArgReduce, CumSum, CumSumS8, MAX_RANK, RowNumbers};
use edge_core::quant::exact::{saturate_i8, scale_i32};
use edge_core::quant::{Rounding, Scale};
use edge_core::rt;
use proptest::prelude::*;

fn shapes() -> impl Strategy<Value = [usize; 3]> {
    [1usize..4, 1usize..9, 1usize..5]
}

/// The offset of an element of `[outer, axis, inner]`.
fn at([_, axis, inner]: [usize; 3], o: usize, a: usize, i: usize) -> usize {
    (o * axis + a) * inner + i
}

proptest! {
    #[test]
    fn the_first_of_equal_extremes_is_found(shape in shapes(), greatest: bool, seed: u64) {
        let [outer, axis, inner] = shape;
        // Few numbers, so that equals are frequent.
        let x: Vec<i8> = Numbers::new(seed).bytes(outer * axis * inner).iter().map(|x| x & 3).collect();
        let p = ArgReduce { outer, axis, inner, greatest };
        let mut y = vec![0i32; outer * inner];
        rt::arg_reduce(&p, &x, &mut y);
        let mut wide = vec![0i64; outer * inner];
        let floats: Vec<f32> = x.iter().map(|&x| f32::from(x)).collect();
        rt::arg_reduce(&p, &floats, &mut wide);
        for (index, &found) in y.iter().enumerate() {
            let (o, i) = (index / inner, index % inner);
            let key = |a: usize| {
                let value = i32::from(x[at(shape, o, a, i)]);
                if greatest { -value } else { value }
            };
            let wanted = (0..axis).min_by_key(|&a| key(a)).unwrap_or(0);
            prop_assert_eq!(found, wanted as i32);
            prop_assert_eq!(wide[index], wanted as i64);
        }
    }

    #[test]
    fn sums_run_along_the_axis(shape in shapes(), exclusive: bool, reverse: bool, seed: u64) {
        let [outer, axis, inner] = shape;
        let x: Vec<f32> = Numbers::new(seed).bytes(outer * axis * inner).iter().map(|&x| f32::from(x)).collect();
        let p = CumSum { outer, axis, inner, exclusive, reverse };
        let mut y = vec![99.0; x.len()];
        rt::cumsum_f32(&p, &x, &mut y);
        for o in 0..outer {
            for a in 0..axis {
                for i in 0..inner {
                    let summed = |b: &usize| (if reverse { *b >= a } else { *b <= a }) && !(exclusive && *b == a);
                    let wanted: f32 = (0..axis).filter(summed).map(|b| x[at(shape, o, b, i)]).sum();
                    prop_assert_eq!(y[at(shape, o, a, i)], wanted);
                }
            }
        }
    }

    #[test]
    fn quantized_sums_follow_the_reference(axis in 1usize..16, zero in -128i32..128, output_zero in -128i32..128, multiplier in 1i32 << 30..=i32::MAX, shift in -24i32..-10, seed: u64) {
        let x = Numbers::new(seed).bytes(axis);
        let scale = Scale { multiplier, shift };
        let sum = CumSum { outer: 1, axis, inner: 1, exclusive: false, reverse: false };
        let p = CumSumS8 { sum, input_zero: zero, scale, output_zero };
        let mut y = vec![0; axis];
        rt::cumsum_s8(&p, &x, &mut y);
        // The reference halves what it has shifted by 20; at most 16 elements fit 32 bits.
        let mut accumulator = -zero << 19;
        for (&x, &found) in x.iter().zip(&y) {
            accumulator += (i32::from(x) - zero) << 19;
            let wanted = scale_i32(accumulator, scale, Rounding::TfLite) + output_zero;
            prop_assert_eq!(found, saturate_i8(wanted));
        }
    }

    #[test]
    fn rows_are_numbered_in_order(batch in 1usize..3, outer in 1usize..4, count in 1usize..5, dims in proptest::collection::vec(1usize..5, 1..4), seed: u64) {
        let depth = dims.len();
        let mut numbers = Numbers::new(seed);
        let indices: Vec<i32> = (0..batch * count * depth).map(|i| numbers.below(dims[i % depth] as u64) as i32).collect();
        let mut padded = [1; MAX_RANK];
        padded[..depth].copy_from_slice(&dims);
        let p = RowNumbers { batch, outer, count, depth, dims: padded };
        let mut rows = vec![0; batch * outer * count];
        rt::row_numbers(&p, &indices, &mut rows);
        let per_part: usize = dims.iter().product();
        for (index, &found) in rows.iter().enumerate() {
            let (part, c) = (index / count, index % count);
            let first = (part / outer * count + c) * depth;
            let place = (0..depth).fold(0, |place, k| place * dims[k] + indices[first + k] as usize);
            prop_assert_eq!(found as usize, part * per_part + place);
        }
        let wide: Vec<i64> = indices.iter().map(|&i| i64::from(i)).collect();
        let mut again = vec![0; rows.len()];
        rt::row_numbers(&p, &wide, &mut again);
        prop_assert_eq!(rows, again);
    }
}

#[test]
fn indices_outside_count_as_the_nearest_inside() {
    let p = RowNumbers {
        batch: 1,
        outer: 1,
        count: 3,
        depth: 2,
        dims: [3, 4, 1, 1, 1, 1],
    };
    let mut rows = [0; 3];
    rt::row_numbers(&p, &[i64::MIN, i64::MAX, 7, -1, 2, 3], &mut rows);
    assert_eq!(rows, [3, 8, 11]);
}

#[test]
fn long_quantized_sums_saturate() {
    let sum = CumSum {
        outer: 1,
        axis: 100,
        inner: 1,
        exclusive: false,
        reverse: false,
    };
    // One step of the input is one step of the output.
    let p = CumSumS8 {
        sum,
        input_zero: -128,
        scale: Scale {
            multiplier: 1 << 30,
            shift: -18,
        },
        output_zero: -128,
    };
    let mut y = [0; 100];
    rt::cumsum_s8(&p, &[127; 100], &mut y);
    assert_eq!(y, [127; 100]);
}

#[test]
fn what_is_no_number_is_no_extreme() {
    let p = ArgReduce {
        outer: 1,
        axis: 3,
        inner: 1,
        greatest: true,
    };
    let mut y = [9i32];
    rt::arg_reduce(&p, &[1.0, f32::NAN, 2.0], &mut y);
    assert_eq!(y, [2]);
}
