//! Functions of two tensors, and products of two matrices.

use super::draw;
use super::fixed::{self, Checked, Factor, int};
use super::layers::limits;
use super::net::{Net, bytes, quantized};
use super::real::Real;
use super::tally::Tally;
use super::wanted::Wanted;
use edge_build::ir::{Arithmetic, DType, QuantParams};
use edge_build::ops::{Binary, MatMul, Op, SquaredDifference};
use edge_core::params::BinaryKind;
use edge_test_support::random::Random;

/// Elements of each operand.
const LEN: usize = 24;

/// What two elements become.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// A [`Binary`].
    Of(BinaryKind),
    /// A [`SquaredDifference`].
    SquaredDifference,
}

#[derive(Clone, Copy, Debug)]
struct Pair {
    function: Function,
    arithmetic: Arithmetic,
    clamp: [f32; 2],
    /// Of the first operand and the result, and of the second operand.
    types: [DType; 2],
    a: QuantParams,
    b: QuantParams,
    y: QuantParams,
}

/// Random functions of a kind.
pub fn check(
    name: &'static str,
    function: Function,
    random: &mut Random,
    arithmetic: Arithmetic,
    cases: usize,
) -> Tally {
    let mut tally = Tally::new(name, arithmetic);
    for _ in 0..cases {
        let pair = Pair::draw(random, function, arithmetic);
        let [dtype, other] = pair.types;
        let a = draw::elements(random, dtype, LEN);
        let b = draw::elements(random, other, LEN);
        let mut net = Net::new(arithmetic);
        net.input(quantized(dtype, &[LEN], pair.a));
        net.input(quantized(other, &[LEN], pair.b));
        let op: Op = match function {
            Function::Of(kind) => Binary {
                kind,
                clamp: pair.clamp,
            }
            .into(),
            Function::SquaredDifference => SquaredDifference.into(),
        };
        let compiled = net.compile(op, vec![quantized(dtype, &[LEN], pair.y)]);
        let elements = || a.iter().zip(&b);
        tally.judge(
            compiled,
            &[bytes(dtype, &a), bytes(other, &b)],
            dtype,
            || {
                elements()
                    .map(|(&a, &b)| pair.wanted(a.into(), b.into()))
                    .collect()
            },
            || format!("{pair:?} of {a:?} and {b:?}"),
        );
    }
    tally
}

impl Pair {
    fn draw(random: &mut Random, function: Function, arithmetic: Arithmetic) -> Self {
        let dtype = draw::one_of(random, &[DType::I8, DType::I16]);
        let prelu = function == Function::Of(BinaryKind::PRelu);
        let other = if prelu && random.below(2) == 0 {
            DType::I8
        } else {
            dtype
        };
        let a = draw::quant(random, dtype);
        let mut b = draw::quant(random, other);
        let (wide_a, wide_b) = (f64::from(a.scale), f64::from(b.scale));
        let real = match function {
            Function::Of(BinaryKind::Mul) => wide_a * wide_b,
            Function::Of(BinaryKind::Div) => wide_a / wide_b,
            Function::SquaredDifference => wide_a.max(wide_b).powi(2),
            Function::Of(_) => {
                b.scale = draw::scale_for(random, wide_a);
                wide_a
            }
        };
        let squared = function == Function::SquaredDifference;
        let clamp = if prelu || squared {
            [f32::NEG_INFINITY, f32::INFINITY]
        } else {
            draw::clamp(random)
        };
        Self {
            function,
            arithmetic,
            clamp,
            types: [dtype, other],
            a,
            b,
            y: draw::quant_for(random, dtype, real),
        }
    }

    fn wanted(&self, a: i128, b: i128) -> Wanted {
        let limits = limits(self.arithmetic, self.types[0], self.clamp, self.y);
        let (a, b) = (
            a - i128::from(self.a.zero_point),
            b - i128::from(self.b.zero_point),
        );
        let zero = i64::from(self.y.zero_point);
        if self.arithmetic == Arithmetic::Onnx && self.function != Function::SquaredDifference {
            return Wanted::near(self.real(a, b).saturating_add(zero), limits);
        }
        if self.function == Function::Of(BinaryKind::Div) {
            return self.quotient(a, b, limits);
        }
        let steps = self.exactly(a, b);
        Wanted::of(
            steps.and_then(|v| int(v + i128::from(zero), "an output")),
            limits,
        )
    }

    /// Steps of the output from its zero point, rounded once.
    fn real(&self, a: i128, b: i128) -> i64 {
        let [sa, sb, sy] = [self.a, self.b, self.y].map(|q| Real::float(q.scale));
        let (x, z) = (Real::of(a) * sa, Real::of(b) * sb);
        let Function::Of(kind) = self.function else {
            unreachable!("a squared difference of ONNX is two operators");
        };
        match kind {
            BinaryKind::Add => (x + z).over(sy),
            BinaryKind::Sub => (x + -z).over(sy),
            BinaryKind::PRelu if a >= 0 => x.over(sy),
            BinaryKind::Mul | BinaryKind::PRelu => (x * z).over(sy),
            BinaryKind::Div if b == 0 => a.signum() as i64 * (1 << 40),
            BinaryKind::Div if b < 0 => (-x).over(-z * sy),
            BinaryKind::Div => x.over(z * sy),
            BinaryKind::Min | BinaryKind::Max | BinaryKind::Pow => unreachable!("not drawn"),
        }
    }

    /// The same as the reference computes them.
    fn exactly(&self, a: i128, b: i128) -> Checked {
        let [sa, sb, sy] = [self.a, self.b, self.y].map(|q| f64::from(q.scale));
        let wide = self.types[0] == DType::I16;
        let twice = 2.0 * sa.max(sb);
        let common = |bits: u32| -> Result<[i128; 2], String> {
            let [fa, fb] = [
                Factor::below_one(sa / twice)?,
                Factor::below_one(sb / twice)?,
            ];
            let lifted = |v: i128| int(v << bits, "a lifted operand");
            Ok([fa.scale(lifted(a)?)?, fb.scale(lifted(b)?)?])
        };
        match self.function {
            Function::SquaredDifference => {
                let bits = if wide { 0 } else { 7 };
                let [a, b] = common(bits)?;
                let difference = int(a - b, "a difference")?;
                let square = int(difference * difference, "a square")?;
                let unit = (f64::from(1u32 << (2 * bits)) as f32) * self.y.scale;
                Factor::of(twice * twice / f64::from(unit))?.scale(square)
            }
            Function::Of(kind @ (BinaryKind::Add | BinaryKind::Sub)) => {
                let bits = if wide { 15 } else { 20 };
                let [a, b] = common(bits)?;
                let b = if kind == BinaryKind::Sub { -b } else { b };
                let factor = Factor::below_one(twice / (f64::from(1u32 << bits) * sy))?;
                factor.scale(int(a + b, "a sum")?)
            }
            Function::Of(BinaryKind::PRelu) if a >= 0 => Factor::of(sa / sy)?.scale(a),
            Function::Of(BinaryKind::Mul | BinaryKind::PRelu) => {
                Factor::of(sa * sb / sy)?.scale(int(a * b, "a product")?)
            }
            Function::Of(_) => unreachable!("not drawn"),
        }
    }

    /// The reference approximates the reciprocal of the divisor.
    fn quotient(&self, a: i128, b: i128, limits: [i64; 2]) -> Wanted {
        let [sa, sb, sy] = [self.a, self.b, self.y].map(|q| f64::from(q.scale));
        let factor = match Factor::of(sa / (sb * sy)) {
            Ok(factor) => factor,
            Err(reason) => return Wanted::Overflow(reason),
        };
        // Bits of the divisor but for the first, and those of the dividend that only repeat its sign.
        let dividend = if b < 0 { -a } else { a };
        let size = if dividend < 0 {
            -dividend - 1
        } else {
            dividend
        };
        let room = size.leading_zeros() as i32 - 97;
        let bits = 127 - b.abs().max(1).leading_zeros() as i32;
        let right = bits + room - factor.shift;
        if b == 0 {
            return Wanted::near(
                self.real(a, b).saturating_add(self.y.zero_point.into()),
                limits,
            );
        }
        if right > 31 {
            return Wanted::Undefined;
        }
        if right < 0 {
            return Wanted::Overflow(format!("a quotient is shifted by {right}"));
        }
        Wanted::near(
            self.real(a, b).saturating_add(self.y.zero_point.into()),
            limits,
        )
    }
}

/// Random products of two matrices.
pub fn check_products(random: &mut Random, arithmetic: Arithmetic, cases: usize) -> Tally {
    let mut tally = Tally::new("product of matrices", arithmetic);
    for _ in 0..cases {
        let dtype = draw::one_of(random, &[DType::I8, DType::I16]);
        let (a, b) = (draw::quant(random, dtype), draw::quant(random, dtype));
        let y = draw::quant_for(random, dtype, f64::from(a.scale) * f64::from(b.scale));
        let inner = [1, 5, 40, 3000, 34_000][random.below(5)];
        let columns = if inner > 40 { 1 } else { 1 + random.below(9) };
        let left = draw::elements(random, dtype, inner);
        let right = draw::elements(random, dtype, inner * columns);
        let mut net = Net::new(arithmetic);
        net.input(quantized(dtype, &[1, 1, inner], a));
        net.input(quantized(dtype, &[1, inner, columns], b));
        let compiled = net.compile(MatMul, vec![quantized(dtype, &[1, 1, columns], y)]);
        let element = |column: usize| {
            let pair = |k: usize| {
                let x = i128::from(left[k]) - i128::from(a.zero_point);
                x * (i128::from(right[k * columns + column]) - i128::from(b.zero_point))
            };
            product(arithmetic, dtype, [a, b, y], (0..inner).map(pair))
        };
        tally.judge(
            compiled,
            &[bytes(dtype, &left), bytes(dtype, &right)],
            dtype,
            || (0..columns).map(element).collect(),
            || format!("{arithmetic:?} {dtype:?} {inner} by {columns}: {a:?} {b:?} {y:?}"),
        );
    }
    tally
}

fn product(
    arithmetic: Arithmetic,
    dtype: DType,
    [a, b, y]: [QuantParams; 3],
    mut terms: impl Iterator<Item = i128>,
) -> Wanted {
    let ends = draw::ends(dtype);
    if arithmetic == Arithmetic::Onnx {
        let real = Real::of(terms.sum()) * Real::float(a.scale) * Real::float(b.scale);
        let steps = real.over(Real::float(y.scale));
        return Wanted::near(steps + i64::from(y.zero_point), ends);
    }
    let factor = Factor::of(f64::from(a.scale) * f64::from(b.scale) / f64::from(y.scale));
    let scaled = factor.and_then(|factor| {
        if dtype == DType::I16 {
            return factor.scale_long(terms.try_fold(0, |sum, v| fixed::long(sum + v, "a sum"))?);
        }
        factor.scale(terms.try_fold(0, |sum, v| int(sum + v, "a sum"))?)
    });
    Wanted::of(
        scaled.and_then(|v| int(v + i128::from(y.zero_point), "an output")),
        ends,
    )
}
