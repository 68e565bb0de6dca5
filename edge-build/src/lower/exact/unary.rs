//! Functions of one element in the arithmetic of `TFLite`.
//!
//! Source: the reference kernels of each function, bit for bit; functions without integer reference are
//! sampled in single precision like `ELU`.

use super::hard_swish::HardSwish;
use super::lut::{lut_i8, lut_i16, table_scale};
use super::multiplier::{activation_range, bounded_scale, check_i32, quantize_multiplier};
use crate::ir::{DType, QuantParams};
use crate::lower::LowerError;
use edge_core::params::{CurveS16, LinesS16, RsqrtS16, UnaryFn};
use edge_core::quant::exact::{Rounding, Scale, saturate_i8, scale_i32};
use edge_core::quant::fixed_point::{logistic, rounding_divide_by_pot, tanh};
use edge_core::rt;

/// The factor 1.
const ONE: Scale = Scale {
    multiplier: 1 << 30,
    shift: 1,
};

/// How a function of 16-bit elements is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum FunctionS16 {
    /// Sigmoid or tanh.
    Curve(CurveS16),
    /// A line on either side of zero.
    Lines(LinesS16),
    /// Inverse square root.
    Rsqrt(RsqrtS16),
    /// By samples.
    Table(Vec<i16>),
}

/// The int8 output of every int8 input, −128 first.
///
/// # Errors
/// If the scales are such that the reference refuses them or leaves 32 bits.
pub fn table_s8(
    function: UnaryFn,
    from: QuantParams,
    to: QuantParams,
) -> Result<Vec<i8>, LowerError> {
    if let Some(p) = lines(function, DType::I8, from, to)? {
        return Ok(of_all(|q| rt::line(&p, q)));
    }
    let zero = from.zero_point;
    if let UnaryFn::Sigmoid | UnaryFn::Tanh = function {
        let is_tanh = function == UnaryFn::Tanh;
        if is_grid(
            to,
            if is_tanh { 128.0 } else { 256.0 },
            if is_tanh { 0 } else { -128 },
        ) {
            let curve = curve_s8(from, is_tanh)?;
            return Ok(of_all(|q| curve(q - zero)));
        }
    }
    if function == UnaryFn::HardSwish {
        let hard_swish = HardSwish::new(from, to)?;
        return Ok(of_all(|q| hard_swish.of(q)));
    }
    if function == UnaryFn::Rsqrt {
        let p = rsqrt(from, to)?;
        return Ok(of_all(|q| rt::rsqrt(&p, q).unwrap_or(127)));
    }
    lut_i8(from, to, |x| sample(function, x))
}

/// How a function of 16-bit elements is computed.
///
/// # Errors
/// If the scales are such that the reference refuses them or leaves 32 bits.
pub fn function_s16(
    function: UnaryFn,
    from: QuantParams,
    to: QuantParams,
) -> Result<FunctionS16, LowerError> {
    if let Some(p) = lines(function, DType::I16, from, to)? {
        return Ok(FunctionS16::Lines(p));
    }
    let centred = from.zero_point == 0 && is_grid(to, 32768.0, 0);
    if centred && let UnaryFn::Sigmoid | UnaryFn::Tanh = function {
        let is_tanh = function == UnaryFn::Tanh;
        return Ok(FunctionS16::Curve(CurveS16 {
            tanh: is_tanh,
            scale: table_scale(from.scale, is_tanh)?,
        }));
    }
    if function == UnaryFn::Rsqrt {
        return Ok(FunctionS16::Rsqrt(rsqrt(from, to)?));
    }
    Ok(FunctionS16::Table(lut_i16(from, to, |x| {
        sample(function, x)
    })))
}

/// Whether numbers are multiples of `1 / inverse_scale` around a zero point, as nearly as the reference asks.
fn is_grid(quant: QuantParams, inverse_scale: f32, zero_point: i32) -> bool {
    quant.zero_point == zero_point && (quant.scale * inverse_scale - 1.0).abs() < 1e-3
}

fn of_all(function: impl Fn(i32) -> i32) -> Vec<i8> {
    (-128..=127).map(|q| saturate_i8(function(q))).collect()
}

/// The numbers of a function that is a line on either side of zero; nothing for other functions.
///
/// Source: `TFLite` `RELU`, `RELU6`, `LEAKY_RELU`, `ABS`, and `RELU_N1_TO_1` like `RELU`.
fn lines(
    function: UnaryFn,
    dtype: DType,
    from: QuantParams,
    to: QuantParams,
) -> Result<Option<LinesS16>, LowerError> {
    if function == UnaryFn::Clip(0.0, 6.0) {
        // The reference leaves scale and zero point alone.
        return Ok(Some(LinesS16 {
            input_zero: 0,
            positive: ONE,
            negative: ONE,
            output_zero: 0,
            clamp: activation_range(dtype, [0.0, 6.0], from)?,
        }));
    }
    let ratio = f64::from(from.scale) / f64::from(to.scale);
    let all = activation_range(dtype, crate::ops::conv2d::NO_CLAMP, to)?;
    let (positive, negative, clamp) = if let UnaryFn::Clip(low, high) = function {
        let factor = quantize_multiplier(ratio)?;
        (factor, factor, activation_range(dtype, [low, high], to)?)
    } else if let UnaryFn::LeakyRelu(alpha) = function {
        let slope = f64::from(from.scale) * f64::from(alpha) / f64::from(to.scale);
        (
            quantize_multiplier(ratio)?,
            quantize_multiplier(slope)?,
            all,
        )
    } else if function == UnaryFn::Abs {
        #[allow(clippy::float_cmp, reason = "the reference compares them")]
        let same = from.scale == to.scale;
        let factor = if same {
            ONE
        } else {
            quantize_multiplier(ratio)?
        };
        (factor, negated(factor), all)
    } else {
        return Ok(None);
    };
    let bound = if dtype == DType::I8 { 255 } else { 65535 };
    check_i32(positive, bound)?;
    check_i32(negative, bound)?;
    Ok(Some(LinesS16 {
        input_zero: from.zero_point,
        positive,
        negative,
        output_zero: to.zero_point,
        clamp,
    }))
}

fn negated(scale: Scale) -> Scale {
    Scale {
        multiplier: scale.multiplier.saturating_neg(),
        ..scale
    }
}

/// The 8-bit sigmoid or tanh of an input without zero point.
///
/// Source: `TFLite` `LOGISTIC`, `TANH`.
fn curve_s8(from: QuantParams, is_tanh: bool) -> Result<impl Fn(i32) -> i32, LowerError> {
    let (scale, radius) = bounded_scale(from.scale, 4)?;
    Ok(move |x: i32| {
        if x <= -radius {
            return -128;
        }
        if x >= radius {
            return 127;
        }
        let x = scale_i32(x, scale, Rounding::TfLite);
        if is_tanh {
            rounding_divide_by_pot(tanh(x, 4), 31 - 7)
        } else {
            rounding_divide_by_pot(logistic(x, 4), 31 - 8) - 128
        }
    })
}

/// The numbers of an inverse square root.
///
/// Source: `TFLite` `SetRsqrtOutputMultiplier`.
fn rsqrt(from: QuantParams, to: QuantParams) -> Result<RsqrtS16, LowerError> {
    let factor = 1.0 / (f64::from(from.scale).sqrt() * f64::from(to.scale));
    let scale = quantize_multiplier(factor)?;
    let scale = Scale {
        shift: scale.shift - 20,
        ..scale
    };
    if scale.shift < -31 {
        return Err(LowerError::new(
            format!("an inverse square root times {factor:.3e}"),
            "factors from 2^-12 on",
        ));
    }
    check_i32(scale, 1 << 20)?;
    Ok(RsqrtS16 {
        input_zero: from.zero_point,
        scale,
        output_zero: to.zero_point,
    })
}

/// The function in single precision as the reference computes it.
fn sample(function: UnaryFn, x: f32) -> f32 {
    let exp = |x: f32| f64::from(x).exp() as f32;
    if function == UnaryFn::Exp {
        exp(x)
    } else if let UnaryFn::Elu(alpha) = function {
        if x < 0.0 { alpha * (exp(x) - 1.0) } else { x }
    } else if function == UnaryFn::Sigmoid {
        1.0 / (1.0 + exp(-x))
    } else if function == UnaryFn::Log {
        f64::from(x).ln() as f32
    } else {
        rt::unary(function, x)
    }
}

#[cfg(test)]
mod tests;
