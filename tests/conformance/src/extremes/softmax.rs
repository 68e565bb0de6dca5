//! Softmax and log-softmax: compared with the functions themselves.

use super::draw;
use super::net::{Net, bytes, quantized};
use super::tally::Tally;
use super::wanted::Wanted;
use edge_build::ir::{Arithmetic, DType, QuantParams};
use edge_build::ops::Softmax;
use edge_test_support::random::Random;

/// Random softmaxes along an axis.
pub fn check(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("softmax", arithmetic);
    for _ in 0..cases {
        let types = draw::one_of(
            random,
            &[
                [DType::I8; 2],
                [DType::I8; 2],
                [DType::I8, DType::I16],
                [DType::I16; 2],
            ],
        );
        let len = [1, 2, 10, 300, 4000][random.below(5)];
        let beta = draw::one_of(random, &[1.0, 1.0, 0.5, 1e-10, 1e10]);
        let op = Softmax {
            start: 0,
            end: 1,
            log: types == [DType::I8; 2] && random.below(3) == 0,
            beta,
            wide: types[1] == DType::I16,
        };
        let x = draw::quant(random, types[0]);
        let y = output(random, &op, types, arithmetic);
        let numbers = draw::elements(random, types[0], len);
        let mut net = Net::new(arithmetic);
        net.input(quantized(types[0], &[len], x));
        let compiled = net.compile(op.clone(), vec![quantized(types[1], &[len], y)]);
        tally.judge(
            compiled,
            &[bytes(types[0], &numbers)],
            types[1],
            || wanted(&op, &numbers, types, x, y),
            || format!("{op:?} {arithmetic:?} {types:?} of {len} {x:?} {y:?}"),
        );
    }
    tally
}

/// What the reference makes, or in ONNX anything.
fn output(
    random: &mut Random,
    op: &Softmax,
    types: [DType; 2],
    arithmetic: Arithmetic,
) -> QuantParams {
    if arithmetic == Arithmetic::Onnx && random.below(2) == 0 {
        return draw::quant_for(random, types[1], 1.0 / 256.0);
    }
    let (scale, zero_point) = match (types, op.log) {
        (_, true) => (1.0 / 16.0, 127),
        ([_, DType::I8], _) => (1.0 / 256.0, -128),
        ([DType::I8, _], _) => (1.0 / 65536.0, -32768),
        _ => (1.0 / 32768.0, 0),
    };
    QuantParams { scale, zero_point }
}

fn wanted(
    op: &Softmax,
    q: &[i64],
    types: [DType; 2],
    x: QuantParams,
    y: QuantParams,
) -> Vec<Wanted> {
    let beta = if op.log { 1.0 } else { f64::from(op.beta) };
    let greatest = q.iter().max().expect("elements");
    let distance = |q: &i64| (q - greatest) as f64 * f64::from(x.scale) * beta;
    let sum: f64 = q.iter().map(|q| distance(q).exp()).sum();
    let [low, high] = draw::ends(types[1]).map(|end| end as f64);
    // 513 samples of 16 bits, and exponentials that carry on what they are off.
    let room = match types {
        [DType::I16, _] => 100 + 3 * q.len() as i64,
        [_, DType::I16] => 4,
        _ => 1,
    };
    let of = |q: &i64| {
        let real = if op.log {
            distance(q) - sum.ln()
        } else {
            distance(q).exp() / sum
        };
        let steps = (real / f64::from(y.scale)).round_ties_even() + f64::from(y.zero_point);
        Wanted::Within(steps.clamp(low, high) as i64, room)
    };
    q.iter().map(of).collect()
}
