//! Tables of functions, computed as the reference computes them.
//!
//! Source: `TFLite` `LUTPopulate` in single precision, and `Prepare` of the 16-bit `LOGISTIC` and `TANH`.

use crate::ir::QuantParams;
use crate::lower::LowerError;
use edge_core::quant::lut::{TABLE_LEN, TableScale};

/// `table[q + 128]`: the function of each int8 number.
///
/// What is no number, or less than 32 bits hold, becomes the least number, as the conversion of the machines
/// does that the reference runs on.
///
/// # Errors
/// If a value is greater than 32 bits hold: these machines would make the least number of it, too.
pub fn lut_i8(
    input: QuantParams,
    output: QuantParams,
    function: impl Fn(f32) -> f32,
) -> Result<Vec<i8>, LowerError> {
    let inverse_scale = 1.0 / output.scale;
    let mut table = Vec::with_capacity(256);
    for value in -128i32..128 {
        let real = input.scale * value.saturating_sub(input.zero_point) as f32;
        let steps = (function(real) * inverse_scale).round();
        let quantized = steps + output.zero_point as f32;
        if quantized >= 2_147_483_648.0 {
            return Err(LowerError::new(
                format!("a function that is {quantized:.3e} steps of its output at {real:e}"),
                "results that fit 32 bits",
            ));
        }
        table.push(to_i32(quantized).clamp(-128, 127) as i8);
    }
    Ok(table)
}

/// Samples for [`edge_core::quant::lut::interpolate`].
pub fn lut_i16(input: QuantParams, output: QuantParams, function: impl Fn(f32) -> f32) -> Vec<i16> {
    let ends = |quant: QuantParams| {
        [-32768, 32767]
            .map(|bound: i32| quant.scale * bound.saturating_sub(quant.zero_point) as f32)
    };
    lut_i16_between(ends(input), ends(output), function)
}

/// The same between the real numbers that the ends of 16 bits stand for.
pub fn lut_i16_between(
    [input_min, input_max]: [f32; 2],
    [output_min, output_max]: [f32; 2],
    function: impl Fn(f32) -> f32,
) -> Vec<i16> {
    let steps = TABLE_LEN - 1;
    let step = (input_max - input_min) / steps as f32;
    let inverse_scale = 65536.0 / (output_max - output_min);

    let mut table = Vec::with_capacity(TABLE_LEN);
    for i in 0..steps {
        let start = input_min + i as f32 * step;
        let here = function(start) * inverse_scale;
        let middle = function(start + step / 2.0) * inverse_scale;
        let next = function(input_min + (i + 1) as f32 * step) * inverse_scale;
        // Half of the error that interpolation makes in the middle goes to the sample.
        #[allow(clippy::manual_midpoint, reason = "the rounding of the reference")]
        let interpolated = ((next + here.round()) / 2.0).round();
        let bias = ((interpolated - middle.round()) / 2.0).round();
        table.push(to_i16(here.round() - bias));
    }
    table.push(to_i16((function(input_max) * inverse_scale).round()));
    table
}

/// What brings inputs of the 16-bit `LOGISTIC` or `TANH` to its table.
///
/// # Errors
/// If the scale is so great that the product would leave 32 bits.
pub fn table_scale(input_scale: f32, tanh: bool) -> Result<TableScale, LowerError> {
    if let Some(shift) = power_of_two_shift(input_scale, tanh) {
        return Ok(TableScale {
            multiplier: 3 << shift,
            shift: 0,
        });
    }
    let mut factor = f64::from(input_scale) * 4096.0 * 3.0;
    let mut shift = 0;
    while factor <= 32767.0 / 2.0 && shift <= 30 {
        shift += 1;
        factor *= 2.0;
    }
    if !(0.0..65536.0).contains(&factor) {
        return Err(LowerError::new(
            format!("a sigmoid or tanh of 16-bit inputs with scale {input_scale:e}"),
            "scales up to 5",
        ));
    }
    Ok(TableScale {
        multiplier: factor as i32,
        shift,
    })
}

/// The left shift of inputs whose scale is 2⁻¹², or for `tanh` also 2⁻¹¹.
fn power_of_two_shift(input_scale: f32, tanh: bool) -> Option<u32> {
    let log2 = input_scale.ln() * (1.0 / std::f32::consts::LN_2);
    let rounded = log2.round();
    let shift = rounded as i32 + 12;
    let allowed = shift == 0 || (tanh && shift == 1);
    ((log2 - rounded).abs() < 1e-3 && allowed).then_some(shift as u32)
}

/// A float as an integer the way x86 does it: what does not fit is the least number.
fn to_i32(value: f32) -> i32 {
    if (-2_147_483_648.0..2_147_483_648.0).contains(&value) {
        value as i32
    } else {
        i32::MIN
    }
}

/// The nearest number of 16 bits; 0 for what is no number.
fn to_i16(value: f32) -> i16 {
    value.clamp(-32768.0, 32767.0) as i16
}

#[cfg(test)]
mod tests;
