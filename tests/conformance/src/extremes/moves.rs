//! Operators that mix elements of one tensor, or join several: resize, concatenation.

use super::draw;
use super::fixed::divide;
use super::net::{Net, bytes, quantized};
use super::real::Real;
use super::tally::Tally;
use super::wanted::Wanted;
use edge_build::ir::{Arithmetic, DType, QuantParams};
use edge_build::ops::{Concat, ResizeLinear};
use edge_test_support::random::Random;

/// Places and weights along one axis.
type Along = Vec<([u32; 2], f32)>;

/// Elements of each tensor that is joined.
const LEN: usize = 30;

/// Random linear resizes.
pub fn check_resize(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("linear resize", arithmetic);
    let onnx = arithmetic == Arithmetic::Onnx;
    for _ in 0..cases {
        let [h, w] = [1 + random.below(4), 1 + random.below(4)];
        let op = ResizeLinear {
            rows: along(random, h, onnx),
            columns: along(random, w, onnx),
        };
        let x = draw::quant(random, DType::I8);
        let y = if onnx {
            draw::quant_for(random, DType::I8, x.scale.into())
        } else {
            x
        };
        let numbers = draw::elements(random, DType::I8, h * w);
        let [out_h, out_w] = [op.rows.len(), op.columns.len()];
        let mut net = Net::new(arithmetic);
        net.input(quantized(DType::I8, &[1, h, w, 1], x));
        let output = quantized(DType::I8, &[1, out_h, out_w, 1], y);
        let compiled = net.compile(op.clone(), vec![output]);
        let pixel = |row: u32, column: u32| i128::from(numbers[row as usize * w + column as usize]);
        let wanted = |index: usize| {
            let ((rows, down), (columns, right)) =
                (op.rows[index / out_w], op.columns[index % out_w]);
            let corners = rows.map(|row| columns.map(|column| pixel(row, column)));
            if onnx {
                mixed(corners, [down, right], x, y)
            } else {
                mixed_exactly(corners, [down, right])
            }
        };
        tally.judge(
            compiled,
            &[bytes(DType::I8, &numbers)],
            DType::I8,
            || (0..out_h * out_w).map(wanted).collect(),
            || format!("{op:?} {x:?} {y:?} of {numbers:?}"),
        );
    }
    tally
}

fn along(random: &mut Random, len: usize, any: bool) -> Along {
    let place = |random: &mut Random| {
        let first = random.below(len);
        let weight = draw::between(random, 0, 1 << 20) as f32 / (1 << 20) as f32;
        let weight = if any {
            weight
        } else {
            (weight * 1024.0).round() / 1024.0
        };
        ([first as u32, (first + 1).min(len - 1) as u32], weight)
    };
    (0..5).map(|_| place(random)).collect()
}

fn mixed(corners: [[i128; 2]; 2], weights: [f32; 2], x: QuantParams, y: QuantParams) -> Wanted {
    let zero = i128::from(x.zero_point);
    let [down, right] = weights.map(|weight| {
        let weight = Real::float(weight);
        [Real::of(1) + -weight, weight]
    });
    let mut sum = Real::of(0);
    for (row, &by) in corners.iter().zip(&down) {
        for (&q, &across) in row.iter().zip(&right) {
            // Weights of floats have 24 bits, sums of them more: they are cut where nobody sees it.
            sum = sum + cut(cut(by) * cut(across)) * Real::of(q - zero);
        }
    }
    let steps = (cut(sum) * Real::float(x.scale)).over(Real::float(y.scale));
    Wanted::near(steps + i64::from(y.zero_point), draw::ends(DType::I8))
}

fn cut(real: Real) -> Real {
    real.cut(60)
}

fn mixed_exactly(corners: [[i128; 2]; 2], weights: [f32; 2]) -> Wanted {
    let [down, right] = weights.map(|weight| {
        let weight = (weight * 1024.0) as i128;
        [1024 - weight, weight]
    });
    let row = |row: [i128; 2]| row[0] * right[0] + row[1] * right[1];
    let sum = row(corners[0]) * down[0] + row(corners[1]) * down[1];
    Wanted::Equal(divide(sum, 20) as i64)
}

/// Random tensors one behind the other.
pub fn check_concat(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("concatenation", arithmetic);
    for _ in 0..cases {
        let y = draw::quant(random, DType::I8);
        let parts: Vec<(QuantParams, Vec<i64>)> = (0..2)
            .map(|_| {
                let mut quant = draw::quant_for(random, DType::I8, y.scale.into());
                if random.below(3) == 0 {
                    quant = y;
                }
                (quant, draw::elements(random, DType::I8, LEN))
            })
            .collect();
        let mut net = Net::new(arithmetic);
        for (quant, _) in &parts {
            net.input(quantized(DType::I8, &[LEN], *quant));
        }
        let output = quantized(DType::I8, &[2 * LEN], y);
        let compiled = net.compile(Concat { axis: 0 }, vec![output]);
        let wanted = |(x, numbers): &(QuantParams, Vec<i64>)| {
            let of = |&q: &i64| joined(arithmetic, q, *x, y);
            numbers.iter().map(of).collect::<Vec<_>>()
        };
        let inputs: Vec<_> = parts.iter().map(|(_, q)| bytes(DType::I8, q)).collect();
        let text = || format!("{arithmetic:?} {parts:?} to {y:?}");
        let all = || parts.iter().flat_map(wanted).collect();
        tally.judge(compiled, &inputs, DType::I8, all, text);
    }
    tally
}

fn joined(arithmetic: Arithmetic, q: i64, x: QuantParams, y: QuantParams) -> Wanted {
    if x == y {
        return Wanted::Equal(q);
    }
    let ends = draw::ends(DType::I8);
    let distance = Real::of(i128::from(q) - i128::from(x.zero_point));
    let steps = (distance * Real::float(x.scale)).over(Real::float(y.scale));
    if arithmetic == Arithmetic::Onnx {
        return Wanted::near(steps + i64::from(y.zero_point), ends);
    }
    // Single precision on numbers that are 128 above ours loses more the greater the ratio is.
    let inverse = 1.0 / y.scale;
    let ratio = x.scale * inverse;
    let steps = (q + 128) as f32 * ratio + -(x.zero_point + 128) as f32 * ratio;
    let steps = steps.round();
    if steps.is_nan() || steps >= 2_147_483_648.0 {
        return Wanted::Overflow(format!("a number is {steps} steps of the output"));
    }
    let number = steps.max(-1e10) as i128 + i128::from(y.zero_point);
    Wanted::of(Ok(number), ends)
}
