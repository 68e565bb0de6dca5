//! Cores with the DSP extension (Cortex-M4, M7, M33 with DSP): requantization in two instructions.
#![allow(
    unsafe_code,
    reason = "DSP instructions that rustc reaches by asm! only"
)]

/// Assembles a file.
///
/// Where link-time optimization asks for the symbols of such a file, LLVM reads it with the features of the
/// architecture alone, so a core that has more must be named.
macro_rules! assembly {
    ($text:expr) => {
        #[cfg(edge_v8m)]
        core::arch::global_asm!(".cpu cortex-m33", $text, options(raw));
        #[cfg(not(edge_v8m))]
        core::arch::global_asm!($text, options(raw));
    };
}

mod conv;
mod fully_connected;
mod linear_add;
pub(crate) mod planar_depthwise;
mod winograd;

pub(crate) use conv::{conv_tile_s8, conv_tile_s8w16, copy_rows, fill_cells, widen_rows};
pub(crate) use fully_connected::packed_fully_connected_s8;
pub(crate) use linear_add::{linear_add_s8, linear_add_s8_in_place};
pub(crate) use winograd::winograd_conv2d_s8;

use crate::quant::{Requant, saturate};
use core::arch::asm;

/// An accumulator becomes an output; the same bits as [`crate::quant::requantize_reference`].
#[inline(always)]
#[must_use]
pub fn requantize(acc: i32, multiplier: i32, r: Requant) -> i8 {
    let scaled: i32;
    // SAFETY: SMMLAR reads three registers and writes one; no memory, no flags, no stack.
    unsafe {
        asm!(
            "smmlar {d}, {a}, {m}, {c}",
            d = lateout(reg) scaled,
            a = in(reg) acc.wrapping_shl(r.pre_shift),
            m = in(reg) multiplier,
            c = in(reg) r.offset,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    // LLVM makes SSAT with a shifted operand of this when the shift is a constant.
    saturate(scaled, r.shift)
}
