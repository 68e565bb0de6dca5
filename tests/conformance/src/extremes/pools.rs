//! Means over windows, sums and means over axes.

use super::draw;
use super::fixed::{Factor, int};
use super::layers::limits;
use super::net::{Net, bytes, quantized};
use super::real::Real;
use super::tally::Tally;
use super::wanted::Wanted;
use edge_build::ir::{Arithmetic, DType, QuantParams};
use edge_build::ops::{AveragePool2d, Reduce, Sliding, Sums};
use edge_core::params::ReduceKind;
use edge_test_support::random::Random;

/// Random means over windows of the whole image and of parts of it.
pub fn check_average_pool(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("average pool", arithmetic);
    let onnx = arithmetic == Arithmetic::Onnx;
    for _ in 0..cases {
        let dtype = draw::one_of(random, &[DType::I8, DType::I16]);
        let kernel = [1 + random.below(3), 1 + random.below(3)];
        let pool = AveragePool2d {
            sliding: Sliding {
                kernel,
                strides: [1, 1],
                dilations: [1, 1],
                pads: if random.below(2) == 0 {
                    [0; 4]
                } else {
                    [0, 0, 1.min(kernel[0] - 1), 1.min(kernel[1] - 1)]
                },
            },
            count_pad: onnx && random.below(2) == 0,
            ceil_pads: [0, 0],
            clamp: draw::clamp(random),
            sums: draw::one_of(random, &[Sums::Integers, Sums::Rows, Sums::Columns]),
        };
        let [h, w] = [3 + random.below(3), 3 + random.below(3)];
        let x = draw::quant(random, dtype);
        let y = if onnx {
            draw::quant_for(random, dtype, x.scale.into())
        } else {
            x
        };
        let numbers = draw::elements(random, dtype, h * w);
        let [out_h, out_w] = pool.sliding.output([h, w]).expect("a window that fits");
        let mut net = Net::new(arithmetic);
        net.input(quantized(dtype, &[1, h, w, 1], x));
        let compiled = net.compile(
            pool.clone(),
            vec![quantized(dtype, &[1, out_h, out_w, 1], y)],
        );
        let limits = limits(arithmetic, dtype, pool.clamp, y);
        let [kernel_h, kernel_w] = pool.sliding.kernel;
        let wanted = |index: usize| {
            let (row, column) = (index / out_w, index % out_w);
            let all =
                (0..kernel_h * kernel_w).map(|tap| (row + tap / kernel_w, column + tap % kernel_w));
            let inside: Vec<i64> = all
                .filter(|&(r, c)| r < h && c < w)
                .map(|(r, c)| numbers[r * w + c])
                .collect();
            let count = if pool.count_pad {
                kernel_h * kernel_w
            } else {
                inside.len()
            };
            if onnx && dtype == DType::I8 && pool.sums != Sums::Integers {
                let columns = (column..w.min(column + kernel_w)).map(|c| {
                    let rows = row..h.min(row + kernel_h);
                    rows.map(|r| numbers[r * w + c]).collect()
                });
                let parts = match pool.sums {
                    Sums::Columns => columns.collect(),
                    Sums::Rows | Sums::Integers => vec![inside],
                };
                return float_mean(&parts, count, [x, y], limits);
            }
            mean(arithmetic, &inside, count as i128, [x, y], limits)
        };
        tally.judge(
            compiled,
            &[bytes(dtype, &numbers)],
            dtype,
            || (0..out_h * out_w).map(wanted).collect(),
            || format!("{pool:?} {dtype:?} of {h}x{w} {x:?} {y:?}: {numbers:?}"),
        );
    }
    tally
}

/// The mean as single steps in f32 make it: sums of parts, their sum, divided, quantized.
fn float_mean(
    parts: &[Vec<i64>],
    count: usize,
    [x, y]: [QuantParams; 2],
    limits: [i64; 2],
) -> Wanted {
    let sum = |part: &Vec<i64>| {
        let values = part.iter().map(|&q| (q as i32 - x.zero_point) as f32);
        values.fold(0.0f32, |sum, value| sum + value * x.scale)
    };
    let sum = parts.iter().fold(0.0, |total, part| total + sum(part));
    let steps = (sum / count as f32 / y.scale).round_ties_even();
    let steps = i128::from(steps as i64) + i128::from(y.zero_point);
    Wanted::of(Ok(steps), limits)
}

fn mean(
    arithmetic: Arithmetic,
    inside: &[i64],
    count: i128,
    [x, y]: [QuantParams; 2],
    limits: [i64; 2],
) -> Wanted {
    if arithmetic == Arithmetic::Onnx {
        let distances = inside
            .iter()
            .map(|q| i128::from(q - i64::from(x.zero_point)));
        let real = Real::of(distances.sum()) * Real::float(x.scale);
        let steps = real.over(Real::of(count) * Real::float(y.scale));
        return Wanted::near(steps + i64::from(y.zero_point), limits);
    }
    let sum: i128 = inside.iter().map(|&q| i128::from(q)).sum();
    let rounded = sum.signum() * ((sum.abs() + count / 2) / count);
    Wanted::of(Ok(rounded), limits)
}

/// Random sums and means over an axis.
pub fn check_reduce(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("sum and mean", arithmetic);
    for _ in 0..cases {
        let dtype = draw::one_of(random, &[DType::I8, DType::I16]);
        let kind = draw::one_of(random, &[ReduceKind::Sum, ReduceKind::Mean]);
        let axis = [1, 3, 7, 64, 100, 5000, 32_800, 65_534, 70_000][random.below(9)];
        let inner = if axis > 100 { 1 } else { 1 + random.below(6) };
        let x = draw::quant(random, dtype);
        let y = draw::quant_for(random, dtype, x.scale.into());
        let numbers = draw::elements(random, dtype, axis * inner);
        let op = Reduce {
            kind,
            start: 0,
            end: 1,
        };
        let mut net = Net::new(arithmetic);
        net.input(quantized(dtype, &[axis, inner], x));
        let compiled = net.compile(op, vec![quantized(dtype, &[1, inner], y)]);
        let wanted = |i: usize| {
            let column = numbers.iter().skip(i).step_by(inner);
            reduced(arithmetic, kind, column, axis as i128, dtype, [x, y])
        };
        tally.judge(
            compiled,
            &[bytes(dtype, &numbers)],
            dtype,
            || (0..inner).map(wanted).collect(),
            || format!("{kind:?} {arithmetic:?} {dtype:?} of {axis} {x:?} {y:?}"),
        );
    }
    tally
}

fn reduced<'a>(
    arithmetic: Arithmetic,
    kind: ReduceKind,
    column: impl Iterator<Item = &'a i64>,
    count: i128,
    dtype: DType,
    [x, y]: [QuantParams; 2],
) -> Wanted {
    let mut column = column.map(|&q| i128::from(q));
    let (zero, ends) = (i128::from(x.zero_point), draw::ends(dtype));
    let mean = kind == ReduceKind::Mean;
    if arithmetic == Arithmetic::Onnx {
        let real = Real::of(column.sum::<i128>() - count * zero) * Real::float(x.scale);
        let divisor = Real::of(if mean { count } else { 1 });
        let steps = real.over(divisor * Real::float(y.scale));
        return Wanted::near(steps + i64::from(y.zero_point), ends);
    }
    let steps = Factor::of(f64::from(x.scale) / f64::from(y.scale)).and_then(|factor| {
        let factor = if mean { factor.divided(count) } else { factor };
        let sum = column.try_fold(0, |sum, q| int(sum + q, "a sum"))?;
        let distance = int(
            sum - int(count * zero, "a zero point times a count")?,
            "a sum",
        )?;
        int(
            factor.scale(distance)? + i128::from(y.zero_point),
            "an output",
        )
    });
    Wanted::of(steps, ends)
}
