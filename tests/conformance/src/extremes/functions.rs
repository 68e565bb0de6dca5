//! Functions of one element, and changes of scale.

use super::draw;
use super::fixed::{Checked, Factor, int};
use super::net::{Net, bytes, quantized};
use super::real::Real;
use super::tally::Tally;
use super::wanted::Wanted;
use edge_build::ir::{Arithmetic, DType, QuantParams, TensorType};
use edge_build::ops::{Dequantize, Quantize, Requantize, Unary};
use edge_core::params::UnaryFn;
use edge_test_support::random::Random;

/// Elements of each operand.
const LEN: usize = 40;

/// Random changes of scale, also of 32-bit numbers.
pub fn check_requantize(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("change of scale", arithmetic);
    let narrow = [DType::I8, DType::I16];
    for _ in 0..cases {
        let mut types = [draw::one_of(random, &narrow), draw::one_of(random, &narrow)];
        if random.below(2) == 0 {
            types[random.below(2)] = DType::I32;
        }
        let mut ends = [draw::quant(random, DType::I8); 2];
        for (end, dtype) in ends.iter_mut().zip(types) {
            end.zero_point = match dtype {
                DType::I32 => 0,
                _ => draw::zero_point(random, dtype),
            };
        }
        ends[1].scale = draw::scale_for(random, ends[0].scale.into());
        let wide = ends[usize::from(types[1] == DType::I32)];
        let op = Requantize {
            dtype: types[1],
            wide,
        };
        let numbers = draw::elements(random, types[0], LEN);
        let ty = |index: usize| match types[index] {
            DType::I32 => TensorType::plain(DType::I32, [LEN]),
            other => quantized(other, &[LEN], ends[index]),
        };
        let mut net = Net::new(arithmetic);
        net.input(ty(0));
        let compiled = net.compile(op, vec![ty(1)]);
        let wanted = |&q: &i64| rescaled(arithmetic, q, ends, draw::ends(types[1]));
        tally.judge(
            compiled,
            &[bytes(types[0], &numbers)],
            types[1],
            || numbers.iter().map(wanted).collect(),
            || format!("{arithmetic:?} {types:?} {ends:?} of {numbers:?}"),
        );
    }
    tally
}

fn rescaled(arithmetic: Arithmetic, q: i64, [x, y]: [QuantParams; 2], ends: [i64; 2]) -> Wanted {
    let distance = i128::from(q) - i128::from(x.zero_point);
    let zero = i64::from(y.zero_point);
    if arithmetic == Arithmetic::Onnx {
        let steps = (Real::of(distance) * Real::float(x.scale)).over(Real::float(y.scale));
        return near_multiplier(steps, zero, ends);
    }
    let steps = line(distance, f64::from(x.scale) / f64::from(y.scale));
    Wanted::of(
        steps.and_then(|v| int(v + i128::from(zero), "an output")),
        ends,
    )
}

/// A factor of 31 bits is as far off as its last bit: results of 32 bits may notice.
fn near_multiplier(steps: i64, zero: i64, ends: [i64; 2]) -> Wanted {
    let room = 1 + (steps.unsigned_abs().min(1 << 32) >> 31) as i64;
    match Wanted::near(steps + zero, ends) {
        Wanted::Near(value) if room > 1 => Wanted::Within(value, room),
        other => other,
    }
}

fn line(distance: i128, factor: f64) -> Checked {
    Factor::of(factor)?.scale(int(distance, "a difference")?)
}

/// Floats to integers and back.
pub fn check_floats(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("floats", arithmetic);
    for _ in 0..cases {
        let dtype = draw::one_of(random, &[DType::I8, DType::I16]);
        let quant = draw::quant(random, dtype);
        let numbers = draw::elements(random, dtype, LEN);
        let mut net = Net::new(arithmetic);
        net.input(quantized(dtype, &[LEN], quant));
        let compiled = net.compile(Dequantize, vec![TensorType::f32([LEN])]);
        let real = |&q: &i64| (q - i64::from(quant.zero_point)) as f32 * quant.scale;
        let bits = |x: f32| Wanted::Equal(i64::from(x.to_bits() as i32));
        let wanted = || numbers.iter().map(|q| bits(real(q))).collect();
        let text = || format!("{arithmetic:?} {dtype:?} {quant:?}");
        tally.judge(
            compiled,
            &[bytes(dtype, &numbers)],
            DType::I32,
            wanted,
            text,
        );

        let floats: Vec<f32> = (0..LEN).map(|_| float(random, quant)).collect();
        let mut net = Net::new(arithmetic);
        net.input(TensorType::f32([LEN]));
        let compiled = net.compile(Quantize { dtype }, vec![quantized(dtype, &[LEN], quant)]);
        let steps = |&x: &f32| match arithmetic {
            Arithmetic::Onnx => f64::from((x / quant.scale).round_ties_even()),
            Arithmetic::TfLite | Arithmetic::Native => f64::from((x / quant.scale).round()),
        };
        let [low, high] = draw::ends(dtype).map(|end| end as f64);
        let of = |x: &f32| (steps(x) + f64::from(quant.zero_point)).clamp(low, high) as i64;
        let wanted = || floats.iter().map(|x| Wanted::Equal(of(x))).collect();
        let raw = floats.iter().flat_map(|x| x.to_le_bytes()).collect();
        tally.judge(compiled, &[raw], dtype, wanted, text);
    }
    tally
}

fn float(random: &mut Random, quant: QuantParams) -> f32 {
    let any = draw::scale(random);
    let steps = draw::between(random, -600, 600) as f32 * 0.5;
    draw::one_of(
        random,
        &[
            any,
            -any,
            f32::MAX,
            f32::INFINITY,
            -0.0,
            steps * quant.scale,
        ],
    )
}

/// Random functions of one element.
pub fn check_unary(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("function of an element", arithmetic);
    let lines = [
        UnaryFn::Clip(0.0, f32::INFINITY),
        UnaryFn::Clip(-1.0, 1.0),
        UnaryFn::Clip(0.0, 1.0),
        UnaryFn::LeakyRelu(0.3),
        UnaryFn::LeakyRelu(-1e10),
        UnaryFn::Abs,
    ];
    let curves = [
        UnaryFn::Exp,
        UnaryFn::Sigmoid,
        UnaryFn::Tanh,
        UnaryFn::Sqrt,
        UnaryFn::Elu(1.0),
        UnaryFn::HardSwish,
    ];
    for _ in 0..cases {
        let curved = random.below(2) == 0;
        let function = draw::one_of(random, if curved { &curves } else { &lines });
        // Samples of 16 bits go between two in a straight line: not to be compared with the function.
        let wide = !curved && random.below(2) == 0;
        let dtype = if wide { DType::I16 } else { DType::I8 };
        let x = draw::quant(random, dtype);
        let mut y = draw::quant_for(random, dtype, x.scale.into());
        if random.below(2) == 0 && function == UnaryFn::Sigmoid {
            (y.scale, y.zero_point) = (1.0 / 256.0, -128);
        }
        if random.below(2) == 0 && function == UnaryFn::Tanh {
            (y.scale, y.zero_point) = (1.0 / 128.0, 0);
        }
        let numbers = draw::elements(random, dtype, LEN);
        let mut net = Net::new(arithmetic);
        net.input(quantized(dtype, &[LEN], x));
        let compiled = net.compile(Unary::of(function), vec![quantized(dtype, &[LEN], y)]);
        let wanted = |&q: &i64| {
            let distance = i128::from(q) - i128::from(x.zero_point);
            if curved {
                curve(function, arithmetic, distance, [x, y])
            } else {
                bent(function, arithmetic, distance, dtype, [x, y])
            }
        };
        tally.judge(
            compiled,
            &[bytes(dtype, &numbers)],
            dtype,
            || numbers.iter().map(wanted).collect(),
            || format!("{function:?} {arithmetic:?} {dtype:?} {x:?} {y:?} of {numbers:?}"),
        );
    }
    tally
}

/// A function that is a line on either side of zero.
fn bent(
    function: UnaryFn,
    arithmetic: Arithmetic,
    distance: i128,
    dtype: DType,
    [x, y]: [QuantParams; 2],
) -> Wanted {
    let (slope, clamp) = match function {
        UnaryFn::Clip(low, high) => (1.0, [low, high]),
        UnaryFn::LeakyRelu(alpha) if distance < 0 => (alpha, [f32::NEG_INFINITY, f32::INFINITY]),
        UnaryFn::Abs if distance < 0 => (-1.0, [f32::NEG_INFINITY, f32::INFINITY]),
        _ => (1.0, [f32::NEG_INFINITY, f32::INFINITY]),
    };
    let limits = super::layers::limits(arithmetic, dtype, clamp, y);
    let zero = i64::from(y.zero_point);
    if arithmetic == Arithmetic::Onnx {
        let real = Real::of(distance) * Real::float(x.scale) * Real::float(slope);
        return Wanted::near(real.over(Real::float(y.scale)) + zero, limits);
    }
    let factor = f64::from(x.scale) * f64::from(slope) / f64::from(y.scale);
    let steps = line(distance, factor);
    Wanted::of(
        steps.and_then(|v| int(v + i128::from(zero), "an output")),
        limits,
    )
}

/// A table: compared with the function itself.
fn curve(
    function: UnaryFn,
    arithmetic: Arithmetic,
    distance: i128,
    [x, y]: [QuantParams; 2],
) -> Wanted {
    let real = distance as f64 * f64::from(x.scale);
    let limits = match (function, y.scale.recip(), y.zero_point) {
        (UnaryFn::Sigmoid, 256.0, -128) | (UnaryFn::Tanh, 128.0, 0) => {
            arithmetic == Arithmetic::TfLite
        }
        _ => false,
    };
    if limits && distance.abs() as f64 >= radius(x.scale) {
        return Wanted::Equal(if distance > 0 { 127 } else { -128 });
    }
    let result = match function {
        UnaryFn::Exp => real.exp(),
        UnaryFn::Sigmoid => 1.0 / (1.0 + (-real).exp()),
        UnaryFn::Tanh => real.tanh(),
        // Outside of its domain anything will do.
        UnaryFn::Sqrt if real < 0.0 => return Wanted::Undefined,
        UnaryFn::Sqrt => real.sqrt(),
        UnaryFn::Elu(_) if real >= 0.0 => real,
        UnaryFn::Elu(_) if arithmetic == Arithmetic::Onnx => real.exp_m1(),
        // The reference takes one off in single precision.
        UnaryFn::Elu(_) => f64::from(real.exp() as f32 - 1.0),
        _ => real * ((real + 3.0) / 6.0).clamp(0.0, 1.0),
    };
    let steps = result / f64::from(y.scale) + f64::from(y.zero_point);
    Wanted::Near(steps.round().clamp(-128.0, 127.0) as i64)
}

/// From where on the reference has `LOGISTIC` and `TANH` at their limits: 15, in steps of the input as if its
/// scale was the next power of two.
fn radius(scale: f32) -> f64 {
    let above = (f64::from(scale).log2().floor() + 1.0).exp2();
    (15.0 / above).floor()
}
