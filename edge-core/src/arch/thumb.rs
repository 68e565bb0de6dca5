//! Arm cores with the 16-bit half of Thumb (Cortex-M0, M0+): the innermost loop of int8 layers.
//!
//! As a function of its own, so that all eight registers are its: compilers spill half of the accumulators. Larger
//! cores do not need it.
#![allow(unsafe_code, reason = "a loop whose registers are laid out by hand")]

use crate::kernels::FILTERS;
use core::arch::global_asm;

/// Elements from which on a call pays.
const LEAST: usize = 4;

/// `sums[i] + Σ x·filters[i]` over as many elements as all slices have; `None` if they are too few to pay.
#[inline(always)]
pub(crate) fn dots_s8(
    sums: [i32; FILTERS],
    x: &[i8],
    filters: [&[i8]; FILTERS],
) -> Option<[i32; FILTERS]> {
    let [a, b, c, d] = filters;
    let len = x.len();
    if len < LEAST || a.len() < len || b.len() < len || c.len() < len || d.len() < len {
        return None;
    }
    let mut sums = sums;
    // SAFETY: each of the five pointers is good for reads of `len` bytes, which is not 0, and the function reads
    // no more; it writes the four words of `sums` alone and keeps to the calling convention of C.
    unsafe { dots(&mut sums, x, [a, b, c, d]) };
    Some(sums)
}

/// Two filters at a time: eight low registers hold no more.
///
/// # Safety
/// All filters are as long as `x`, which is not empty.
#[inline(always)]
unsafe fn dots(sums: &mut [i32; FILTERS], x: &[i8], [a, b, c, d]: [&[i8]; FILTERS]) {
    let at = sums.as_mut_ptr();
    // SAFETY: as the caller promises; each call writes two of the four sums.
    unsafe {
        edge_dots2_s8(at, x.as_ptr(), a.as_ptr(), b.as_ptr(), x.len());
        edge_dots2_s8(at.add(2), x.as_ptr(), c.as_ptr(), d.as_ptr(), x.len());
    }
}

unsafe extern "C" {
    /// `sums[0] += Σ x·a`, `sums[1] += Σ x·b` over `len` elements, at least one.
    fn edge_dots2_s8(sums: *mut i32, x: *const i8, a: *const i8, b: *const i8, len: usize);
}

// The index runs from −len to 0 and all three addresses are ends. r0 holds an input, r5 a weight, r6 and r7 the
// sums. What is left over by fours comes first.
global_asm!(
    ".syntax unified",
    ".section .text.edge_dots2_s8, \"ax\", %progbits",
    ".global edge_dots2_s8",
    ".type edge_dots2_s8, %function",
    ".p2align 2",
    ".thumb_func",
    "edge_dots2_s8:",
    "push {{r4, r5, r6, r7, lr}}",
    "ldr r4, [sp, #20]",
    "mov r12, r0",
    "ldr r6, [r0]",
    "ldr r7, [r0, #4]",
    "adds r1, r1, r4",
    "adds r2, r2, r4",
    "adds r3, r3, r4",
    "rsbs r4, r4, #0",
    "b 3f",
    "2:",
    "ldrsb r0, [r1, r4]",
    "ldrsb r5, [r2, r4]",
    "muls r5, r0, r5",
    "adds r6, r6, r5",
    "ldrsb r5, [r3, r4]",
    "muls r5, r0, r5",
    "adds r7, r7, r5",
    "adds r4, r4, #1",
    "3:",
    "lsls r5, r4, #30",
    "bne 2b",
    "cmp r4, #0",
    "beq 5f",
    "4:",
    ".rept 4",
    "ldrsb r0, [r1, r4]",
    "ldrsb r5, [r2, r4]",
    "muls r5, r0, r5",
    "adds r6, r6, r5",
    "ldrsb r5, [r3, r4]",
    "muls r5, r0, r5",
    "adds r7, r7, r5",
    "adds r4, r4, #1",
    ".endr",
    "bne 4b",
    "5:",
    "mov r0, r12",
    "str r6, [r0]",
    "str r7, [r0, #4]",
    "pop {{r4, r5, r6, r7, pc}}",
    ".size edge_dots2_s8, . - edge_dots2_s8",
    ".text",
);
