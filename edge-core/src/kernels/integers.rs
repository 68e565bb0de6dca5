//! Functions of two tensors of plain integers.
//!
//! Source: `TFLite` `ADD`, `SUB`, `MUL`, `DIV` and `SQUARED_DIFFERENCE` of `int32`.

use super::pairs::{combine, combine_in_place};
use crate::params::{IntegerKind, Integers};
use crate::quant::exact::clamp;

/// Function of two tensors of 32-bit integers; the result wraps, then it is clamped.
#[inline(always)]
pub fn integers_s32(p: &Integers, a: &[i32], b: &[i32], y: &mut [i32]) {
    combine(&p.walk, a, b, y, |a, b| function(p, a, b));
}

/// [`integers_s32`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub fn integers_s32_in_place(p: &Integers, y: &mut [i32], b: &[i32]) {
    combine_in_place(&p.walk, y, b, |a, b| function(p, a, b));
}

#[inline(always)]
fn function(p: &Integers, a: i32, b: i32) -> i32 {
    let value = match p.kind {
        IntegerKind::Add => a.wrapping_add(b),
        IntegerKind::Sub => a.wrapping_sub(b),
        IntegerKind::Mul => a.wrapping_mul(b),
        IntegerKind::Div => quotient(a, b),
        IntegerKind::SquaredDifference => {
            let difference = a.wrapping_sub(b);
            difference.wrapping_mul(difference)
        }
    };
    clamp(value, p.range)
}

#[inline(always)]
fn quotient(a: i32, b: i32) -> i32 {
    match b {
        0 => 0,
        // The one quotient that wraps.
        -1 => a.wrapping_neg(),
        b => a.checked_div(b).unwrap_or(0),
    }
}
