//! Float functions of one number.

use super::layer::clamp;
use crate::params::UnaryFn;
use core::f32::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

/// `y = f(x)` for every element.
///
/// Source: ONNX `Relu`, `Clip`, `Sigmoid`, `HardSwish`, … and `TFLite` namesakes: see [`UnaryFn`].
#[inline(always)]
pub fn unary_f32(f: &UnaryFn, x: &[f32], y: &mut [f32]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = unary(*f, x);
    }
}

/// [`unary_f32`] that overwrites its input.
#[inline(always)]
pub fn unary_f32_in_place(f: &UnaryFn, y: &mut [f32]) {
    for value in y {
        *value = unary(*f, *value);
    }
}

/// `f(x)`. The same bits on every target: all functions come from `libm`.
#[inline(always)]
#[must_use]
pub fn unary(f: UnaryFn, x: f32) -> f32 {
    match f {
        UnaryFn::Clip(least, greatest) => clamp(x, [least, greatest]),
        UnaryFn::LeakyRelu(alpha) => {
            if x >= 0.0 {
                x
            } else {
                alpha * x
            }
        }
        UnaryFn::Elu(alpha) => elu(alpha, x),
        UnaryFn::Selu(alpha, gamma) => gamma * elu(alpha, x),
        UnaryFn::Sigmoid => 1.0 / (1.0 + libm::expf(-x)),
        UnaryFn::HardSigmoid(alpha, beta) => clamp(alpha * x + beta, [0.0, 1.0]),
        UnaryFn::HardSwish => x * clamp(x / 6.0 + 0.5, [0.0, 1.0]),
        UnaryFn::Swish(alpha) => x / (1.0 + libm::expf(-alpha * x)),
        UnaryFn::Tanh => libm::tanhf(x),
        UnaryFn::Gelu => 0.5 * x * (1.0 + libm::erff(x * FRAC_1_SQRT_2)),
        UnaryFn::GeluTanh => gelu_tanh(x),
        UnaryFn::Softplus => softplus(x),
        UnaryFn::Softsign => x / (1.0 + x.abs()),
        UnaryFn::Mish => x * libm::tanhf(softplus(x)),
        UnaryFn::ThresholdedRelu(alpha) => {
            if x > alpha {
                x
            } else {
                0.0
            }
        }
        UnaryFn::Affine(scale, bias) => scale * x + bias,
        UnaryFn::Power(exponent) => power(x, exponent),
        UnaryFn::PowerOf(base) => power(base, x),
        UnaryFn::DivideInto(numerator) => numerator / x,
        UnaryFn::Abs => x.abs(),
        UnaryFn::Erf => libm::erff(x),
        UnaryFn::Exp => libm::expf(x),
        UnaryFn::Log => libm::logf(x),
        UnaryFn::Sqrt => libm::sqrtf(x),
        UnaryFn::Rsqrt => 1.0 / libm::sqrtf(x),
        UnaryFn::Floor => libm::floorf(x),
        UnaryFn::Ceil => libm::ceilf(x),
        UnaryFn::Round => libm::rintf(x),
        UnaryFn::Sign => sign(x),
        UnaryFn::Sin => libm::sinf(x),
        UnaryFn::Cos => libm::cosf(x),
    }
}

#[inline(always)]
fn elu(alpha: f32, x: f32) -> f32 {
    if x > 0.0 { x } else { alpha * libm::expm1f(x) }
}

#[inline(always)]
fn gelu_tanh(x: f32) -> f32 {
    let inner = libm::sqrtf(FRAC_2_PI) * (x + 0.044_715 * x * x * x);
    0.5 * x * (1.0 + libm::tanhf(inner))
}

/// `ln(1 + eˣ)` without overflow for great `x`.
#[inline(always)]
fn softplus(x: f32) -> f32 {
    let positive = if x > 0.0 { x } else { 0.0 };
    positive + libm::log1pf(libm::expf(-x.abs()))
}

/// `base^exponent`; squares, which layer norms are full of, are one product.
#[inline(always)]
#[allow(clippy::float_cmp, reason = "2 itself is meant")]
pub(super) fn power(base: f32, exponent: f32) -> f32 {
    if exponent == 2.0 {
        base * base
    } else {
        libm::powf(base, exponent)
    }
}

#[inline(always)]
fn sign(x: f32) -> f32 {
    if x > 0.0 {
        1.0
    } else if x < 0.0 {
        -1.0
    } else {
        x
    }
}
