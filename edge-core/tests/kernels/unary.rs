use crate::numbers::Numbers;
use edge_core::params::UnaryFn;
use edge_core::rt;

const FUNCTIONS: [UnaryFn; 30] = [
    UnaryFn::Clip(-1.0, 2.0),
    UnaryFn::LeakyRelu(0.1),
    UnaryFn::Elu(1.5),
    UnaryFn::Selu(1.67, 1.05),
    UnaryFn::Sigmoid,
    UnaryFn::HardSigmoid(0.2, 0.5),
    UnaryFn::HardSwish,
    UnaryFn::Swish(1.5),
    UnaryFn::Tanh,
    UnaryFn::Gelu,
    UnaryFn::GeluTanh,
    UnaryFn::Softplus,
    UnaryFn::Softsign,
    UnaryFn::Mish,
    UnaryFn::ThresholdedRelu(0.75),
    UnaryFn::Affine(-2.0, 0.5),
    UnaryFn::Power(2.0),
    UnaryFn::Power(3.0),
    UnaryFn::PowerOf(1.5),
    UnaryFn::DivideInto(2.0),
    UnaryFn::Abs,
    UnaryFn::Erf,
    UnaryFn::Exp,
    UnaryFn::Floor,
    UnaryFn::Ceil,
    UnaryFn::Round,
    UnaryFn::Sign,
    UnaryFn::Sin,
    UnaryFn::Cos,
    UnaryFn::Clip(0.0, f32::INFINITY),
];

/// `2/√π · ∫ e^(−t²)` by Simpson's rule.
fn erf(x: f64) -> f64 {
    let steps = 2000;
    let h = x / f64::from(steps);
    let f = |i: i32| (-(f64::from(i) * h).powi(2)).exp();
    let odd: f64 = (1..steps).step_by(2).map(f).sum();
    let even: f64 = (2..steps).step_by(2).map(f).sum();
    (f(0) + f(steps) + 4.0 * odd + 2.0 * even) * h / 3.0 * std::f64::consts::FRAC_2_SQRT_PI
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn wide(f: UnaryFn, x: f64) -> f64 {
    let g = f64::from;
    match f {
        UnaryFn::Clip(lo, hi) => x.max(g(lo)).min(g(hi)),
        UnaryFn::LeakyRelu(alpha) => x.max(0.0) + g(alpha) * x.min(0.0),
        UnaryFn::Elu(alpha) => x.max(0.0) + g(alpha) * (x.min(0.0).exp() - 1.0),
        UnaryFn::Selu(alpha, gamma) => {
            g(gamma) * (x.max(0.0) + g(alpha) * (x.min(0.0).exp() - 1.0))
        }
        UnaryFn::Sigmoid => sigmoid(x),
        UnaryFn::HardSigmoid(alpha, beta) => (g(alpha) * x + g(beta)).clamp(0.0, 1.0),
        UnaryFn::HardSwish => x * ((x + 3.0) / 6.0).clamp(0.0, 1.0),
        UnaryFn::Swish(alpha) => x * sigmoid(g(alpha) * x),
        UnaryFn::Tanh => x.tanh(),
        UnaryFn::Gelu => x * (1.0 + erf(x / 2f64.sqrt())) / 2.0,
        UnaryFn::GeluTanh => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
            x * (1.0 + inner.tanh()) / 2.0
        }
        UnaryFn::Softplus => x.exp().ln_1p(),
        UnaryFn::Softsign => x / (1.0 + x.abs()),
        UnaryFn::Mish => x * x.exp().ln_1p().tanh(),
        UnaryFn::ThresholdedRelu(alpha) => {
            if x > g(alpha) {
                x
            } else {
                0.0
            }
        }
        UnaryFn::Affine(scale, bias) => g(scale) * x + g(bias),
        UnaryFn::Power(exponent) => x.powf(g(exponent)),
        UnaryFn::PowerOf(base) => g(base).powf(x),
        UnaryFn::DivideInto(numerator) => g(numerator) / x,
        UnaryFn::Abs => x.abs(),
        UnaryFn::Erf => erf(x),
        UnaryFn::Exp => x.exp(),
        UnaryFn::Log => x.ln(),
        UnaryFn::Sqrt => x.sqrt(),
        UnaryFn::Rsqrt => x.sqrt().recip(),
        UnaryFn::Floor => x.floor(),
        UnaryFn::Ceil => x.ceil(),
        UnaryFn::Round => x.round_ties_even(),
        UnaryFn::Sign => {
            if x == 0.0 {
                0.0
            } else {
                x.signum()
            }
        }
        UnaryFn::Sin => x.sin(),
        UnaryFn::Cos => x.cos(),
    }
}

fn check(f: UnaryFn, xs: &[f32]) {
    let mut y = vec![0.0; xs.len()];
    rt::unary_f32(&f, xs, &mut y);
    for (&x, &found) in xs.iter().zip(&y) {
        let wanted = wide(f, f64::from(x));
        let difference = (f64::from(found) - wanted).abs();
        assert!(
            difference <= 2e-6 * (1.0 + wanted.abs()),
            "{f:?} of {x}: {found}, not {wanted}"
        );
        assert_eq!(found.to_bits(), rt::unary(f, x).to_bits());
    }
    let mut twin = xs.to_vec();
    rt::unary_f32_in_place(&f, &mut twin);
    assert_eq!(
        y.iter().map(|y| y.to_bits()).collect::<Vec<_>>(),
        twin.iter().map(|y| y.to_bits()).collect::<Vec<_>>()
    );
}

#[test]
fn functions_are_close() {
    let mut xs = Numbers::new(1).floats(2000);
    xs.extend([0.5, 1.5, 2.5, -0.5, -1.5, 0.75, 3.0, -3.0]);
    xs.retain(|&x| x != 0.0);
    for f in FUNCTIONS {
        check(f, &xs);
    }
    let positive: Vec<f32> = xs.iter().map(|x| x.abs()).collect();
    for f in [
        UnaryFn::Log,
        UnaryFn::Sqrt,
        UnaryFn::Rsqrt,
        UnaryFn::Power(0.5),
        UnaryFn::Power(-1.5),
    ] {
        check(
            f,
            &positive
                .iter()
                .copied()
                .filter(|&x| x > 0.1)
                .collect::<Vec<_>>(),
        );
    }
    for f in [
        UnaryFn::Sign,
        UnaryFn::Abs,
        UnaryFn::Sigmoid,
        UnaryFn::Softplus,
    ] {
        check(f, &[0.0]);
    }
}

#[test]
fn great_numbers_do_not_overflow() {
    assert_eq!(rt::unary(UnaryFn::Softplus, 1e4), 1e4);
    assert_eq!(rt::unary(UnaryFn::Sigmoid, -1e4), 0.0);
    assert_eq!(rt::unary(UnaryFn::Mish, 1e4), 1e4);
    assert_eq!(rt::unary(UnaryFn::Tanh, 1e4), 1.0);
}
