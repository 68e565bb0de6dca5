//! Element-wise functions of two tensors with broadcasting.
//!
//! Source: ONNX `Add`, `Sub`, `Mul`, `Div`, `Min`, `Max`, `Pow`, `PRelu`; `TFLite` namesakes.

use super::layer::clamp;
use super::pairs::{combine, combine_in_place};
use super::unary::power;
use crate::params::{AddS8, BinaryF32, BinaryKind, MulS8};
use crate::quant::{requantize, saturate};

/// Float function of two tensors; the result is clamped.
#[inline(always)]
pub fn binary_f32(p: &BinaryF32, a: &[f32], b: &[f32], y: &mut [f32]) {
    combine(&p.walk, a, b, y, |a, b| function_f32(p, a, b));
}

/// [`binary_f32`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn binary_f32_in_place(p: &BinaryF32, y: &mut [f32], b: &[f32]) {
    combine_in_place(&p.walk, y, b, |a, b| function_f32(p, a, b));
}

#[inline(always)]
fn function_f32(p: &BinaryF32, a: f32, b: f32) -> f32 {
    let value = match p.kind {
        BinaryKind::Add => a + b,
        BinaryKind::Sub => a - b,
        BinaryKind::Mul => a * b,
        BinaryKind::Div => a / b,
        BinaryKind::Min => {
            if b < a {
                b
            } else {
                a
            }
        }
        BinaryKind::Max => {
            if b > a {
                b
            } else {
                a
            }
        }
        BinaryKind::Pow => power(a, b),
        BinaryKind::PRelu => {
            if a >= 0.0 {
                a
            } else {
                a * b
            }
        }
    };
    clamp(value, p.clamp)
}

/// int8 `Add`, `Sub`, `Min` or `Max`.
///
/// Both operands are scaled to steps of `2^-shift` of the output, `a·first_multiplier + first_offset` and
/// likewise; the result is `clamp((offset + f(a, b)) >> shift, −128, 127)`.
#[inline(always)]
pub fn add_s8(p: &AddS8, a: &[i8], b: &[i8], y: &mut [i8]) {
    combine(&p.walk, a, b, y, |a, b| sum_s8(p, a, b));
}

/// [`add_s8`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn add_s8_in_place(p: &AddS8, y: &mut [i8], b: &[i8]) {
    combine_in_place(&p.walk, y, b, |a, b| sum_s8(p, a, b));
}

#[inline(always)]
fn sum_s8(p: &AddS8, a: i8, b: i8) -> i8 {
    let a = (a as i32)
        .wrapping_mul(p.first_multiplier)
        .wrapping_add(p.first_offset);
    let b = (b as i32)
        .wrapping_mul(p.second_multiplier)
        .wrapping_add(p.second_offset);
    let value = match p.kind {
        BinaryKind::Sub => a.wrapping_sub(b),
        BinaryKind::Min => a.min(b),
        BinaryKind::Max => a.max(b),
        // Of the rest only Add is ever lowered to this kernel.
        BinaryKind::Add
        | BinaryKind::Mul
        | BinaryKind::Div
        | BinaryKind::Pow
        | BinaryKind::PRelu => a.wrapping_add(b),
    };
    saturate(value.wrapping_add(p.offset), p.shift)
}

/// int8 product: `(a − first_zero)·(b − second_zero)` becomes an output by [`crate::quant::requantize`].
#[inline(always)]
pub fn mul_s8(p: &MulS8, a: &[i8], b: &[i8], y: &mut [i8]) {
    combine(&p.walk, a, b, y, |a, b| product_s8(p, a, b));
}

/// [`mul_s8`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn mul_s8_in_place(p: &MulS8, y: &mut [i8], b: &[i8]) {
    combine_in_place(&p.walk, y, b, |a, b| product_s8(p, a, b));
}

#[inline(always)]
fn product_s8(p: &MulS8, a: i8, b: i8) -> i8 {
    let a = (a as i32).wrapping_sub(p.first_zero);
    let b = (b as i32).wrapping_sub(p.second_zero);
    requantize(a.wrapping_mul(b), p.multiplier, p.requant)
}
