//! Arithmetic of quantized numbers: the native one here, that of `TFLite` and ONNX files in [`exact`].
//!
//! A real number `r` is held as `q` with `r = scale · (q − zero_point)`, `q` in −128..=127. In networks that we
//! quantize an accumulator becomes an output by [`requantize`]: two instructions on a core with DSP extension
//! (`SMMLAR`, `SSAT`), the same bits in plain Rust everywhere else. The whole is specified in
//! `docs/src/arithmetic.md`.
//!
//! Networks that arrive quantized bring arithmetic of their own, `docs/src/exact-arithmetic.md`: products with real
//! factors are in [`exact`], functions of fixed-point numbers in [`fixed_point`], tables of 16 bits in [`lut`].

pub mod exact;
pub mod fixed_point;
pub mod lut;

pub use crate::arch::requantize;
pub use exact::{Rounding, Scale};
pub use lut::TableScale;

/// Scale and zero point of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantParams {
    /// Size of one step, > 0 and finite.
    pub scale: f32,
    /// The integer that stands for 0.0, in −128..=127.
    pub zero_point: i32,
}

/// What turns an accumulator into an int8 output, the same for all channels of a layer.
///
/// With a multiplier `m` (per channel) the output is
/// `clamp((offset + ((acc·2^pre_shift·m + 2³¹) >> 32)) >> shift, −128, 127)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requant {
    /// `(zero_point << shift) + (1 << shift >> 1)`: the zero point and the rounding of the last shift.
    pub offset: i32,
    /// Right shift of the last step, 0..=22.
    pub shift: u32,
    /// Left shift of the accumulator before the multiplication: 0 but for scales over one half.
    pub pre_shift: u32,
}

/// [`requantize`] in plain Rust: the definition.
///
/// `acc << pre_shift` must fit 31 bits and a sign; the compiler proves it from the weights.
#[inline(always)]
#[must_use]
pub fn requantize_reference(acc: i32, multiplier: i32, r: Requant) -> i8 {
    let product = i64::from(acc.wrapping_shl(r.pre_shift)) * i64::from(multiplier);
    let high = ((product + (1 << 31)) >> 32) as i32;
    saturate(r.offset.wrapping_add(high), r.shift)
}

/// `clamp(value >> shift, −128, 127)`: one `SSAT` on a core with DSP extension.
#[inline(always)]
#[must_use]
pub fn saturate(value: i32, shift: u32) -> i8 {
    (value >> (shift & 31)).clamp(-128, 127) as i8
}
