//! Functions of one element of 16 bits.
//!
//! Source: `TFLite` reference kernels, bit for bit.

use crate::params::{CurveS16, LinesS16, RsqrtS16, TableS16};
use crate::quant::exact::{saturate_i16, scale_i32};
use crate::quant::fixed_point::inverse_sqrt;
use crate::quant::lut::{interpolate, logistic_i16, tanh_i16};
use crate::quant::{Rounding, Scale};

/// `y = f(x)` between samples of `f`; the table has 513.
///
/// Source: `TFLite` `LUTLookup`.
#[inline(always)]
pub fn table_s16(_p: &TableS16, x: &[i16], table: &[i16], y: &mut [i16]) {
    let Some(table) = table.first_chunk() else {
        return;
    };
    for (y, &x) in y.iter_mut().zip(x) {
        *y = interpolate(x, table);
    }
}

/// [`table_s16`] that overwrites its input.
#[inline(always)]
pub fn table_s16_in_place(_p: &TableS16, y: &mut [i16], table: &[i16]) {
    let Some(table) = table.first_chunk() else {
        return;
    };
    for value in y {
        *value = interpolate(*value, table);
    }
}

/// `1 / (1 + e⁻ˣ)` or `tanh(x)`, to scale 1/32768.
///
/// Source: `TFLite` `LOGISTIC`, `TANH`.
#[inline(always)]
pub fn curve_s16(p: &CurveS16, x: &[i16], y: &mut [i16]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = curve(p, x);
    }
}

/// [`curve_s16`] that overwrites its input.
#[inline(always)]
pub fn curve_s16_in_place(p: &CurveS16, y: &mut [i16]) {
    for value in y {
        *value = curve(p, *value);
    }
}

#[inline(always)]
fn curve(p: &CurveS16, x: i16) -> i16 {
    if p.tanh {
        tanh_i16(x, p.scale)
    } else {
        logistic_i16(x, p.scale)
    }
}

/// A line from zero up and another from zero down, within limits; the upper limit comes first where they cross.
///
/// Source: `TFLite` `RELU`, `RELU6`, `LEAKY_RELU`, `ABS`.
#[inline(always)]
pub fn lines_s16(p: &LinesS16, x: &[i16], y: &mut [i16]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = lines(p, x);
    }
}

/// [`lines_s16`] that overwrites its input.
#[inline(always)]
pub fn lines_s16_in_place(p: &LinesS16, y: &mut [i16]) {
    for value in y {
        *value = lines(p, *value);
    }
}

#[inline(always)]
fn lines(p: &LinesS16, x: i16) -> i16 {
    saturate_i16(line(p, x.into()))
}

/// One element of [`lines_s16`], of any type.
#[inline(always)]
#[must_use]
pub const fn line(p: &LinesS16, x: i32) -> i32 {
    let x = x.wrapping_sub(p.input_zero);
    let factor = if x < 0 { p.negative } else { p.positive };
    let result = scale_i32(x, factor, Rounding::TfLite).saturating_add(p.output_zero);
    let [low, high] = p.clamp;
    if result > high {
        high
    } else if result < low {
        low
    } else {
        result
    }
}

/// `1 / √x`; the greatest number for 0 and, where the reference refuses to go on, below.
///
/// Source: `TFLite` `RSQRT`.
#[inline(always)]
pub fn rsqrt_s16(p: &RsqrtS16, x: &[i16], y: &mut [i16]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = rsqrt_or_most(p, x);
    }
}

/// [`rsqrt_s16`] that overwrites its input.
#[inline(always)]
pub fn rsqrt_s16_in_place(p: &RsqrtS16, y: &mut [i16]) {
    for value in y {
        *value = rsqrt_or_most(p, *value);
    }
}

#[inline(always)]
fn rsqrt_or_most(p: &RsqrtS16, x: i16) -> i16 {
    rsqrt(p, x.into()).map_or(i16::MAX, saturate_i16)
}

/// One element of [`rsqrt_s16`], of any type; nothing for 0 and below.
#[inline(always)]
#[must_use]
pub const fn rsqrt(p: &RsqrtS16, x: i32) -> Option<i32> {
    let x = x.wrapping_sub(p.input_zero);
    if x <= 0 {
        return None;
    }
    let Scale { multiplier, shift } = inverse_sqrt(x);
    let shift = shift.wrapping_add(20);
    let root = scale_i32(1, Scale { multiplier, shift }, Rounding::TfLite);
    let result = scale_i32(root, p.scale, Rounding::TfLite);
    Some(result.saturating_add(p.output_zero))
}
