//! Arm cores with the 16-bit half of Thumb (Cortex-M0, M0+): the innermost loop of int8 layers.
//!
//! As a function of its own, so that all registers are its: compilers keep no sum in the upper half of them. Larger
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
    // no more, wherever it enters its loop; it writes the four words of `sums` and its stack alone and keeps to
    // the calling convention of C.
    unsafe {
        edge_dots4_s8(
            &mut sums,
            x.as_ptr(),
            a.as_ptr(),
            b.as_ptr(),
            c.as_ptr(),
            d.as_ptr(),
            len,
        );
    }
    Some(sums)
}

unsafe extern "C" {
    /// `sums[i] += Σ x·w` over `len` elements, at least one, with w one of a, b, c and d.
    fn edge_dots4_s8(
        sums: *mut [i32; FILTERS],
        x: *const i8,
        a: *const i8,
        b: *const i8,
        c: *const i8,
        d: *const i8,
        len: usize,
    );
}

// The index r4 runs from −len to 0 and all five addresses are ends: r1 of the inputs, r2, r3, r6 and r7 of the
// weights. r0 holds an input, r5 a weight, r8 to r11 the sums: additions reach the high registers. Each of eight
// elements takes 28 bytes; the first turn enters behind those that it lacks.
global_asm!(
    ".syntax unified",
    ".section .text.edge_dots4_s8, \"ax\", %progbits",
    ".global edge_dots4_s8",
    ".type edge_dots4_s8, %function",
    ".p2align 2",
    ".thumb_func",
    "edge_dots4_s8:",
    "push {{r4, r5, r6, r7, lr}}",
    "mov r4, r8",
    "mov r5, r9",
    "mov r6, r10",
    "mov r7, r11",
    "push {{r4, r5, r6, r7}}",
    "mov r12, r0",
    "ldmia r0!, {{r4, r5, r6, r7}}",
    "mov r8, r4",
    "mov r9, r5",
    "mov r10, r6",
    "mov r11, r7",
    "ldr r6, [sp, #36]",
    "ldr r7, [sp, #40]",
    "ldr r4, [sp, #44]",
    "adds r1, r1, r4",
    "adds r2, r2, r4",
    "adds r3, r3, r4",
    "adds r6, r6, r4",
    "adds r7, r7, r4",
    "rsbs r4, r4, #0",
    "lsls r5, r4, #29",
    "lsrs r5, r5, #29",
    "movs r0, #28",
    "muls r5, r0, r5",
    // The program counter reads as the address of the loop here.
    "add pc, r5",
    "nop",
    "2:",
    ".rept 8",
    "ldrsb r0, [r1, r4]",
    "ldrsb r5, [r2, r4]",
    "muls r5, r0, r5",
    "add r8, r5",
    "ldrsb r5, [r3, r4]",
    "muls r5, r0, r5",
    "add r9, r5",
    "ldrsb r5, [r6, r4]",
    "muls r5, r0, r5",
    "add r10, r5",
    "ldrsb r5, [r7, r4]",
    "muls r5, r0, r5",
    "add r11, r5",
    "adds r4, r4, #1",
    ".endr",
    "bne 2b",
    "mov r0, r12",
    "mov r4, r8",
    "mov r5, r9",
    "mov r6, r10",
    "mov r7, r11",
    "stmia r0!, {{r4, r5, r6, r7}}",
    "pop {{r4, r5, r6, r7}}",
    "mov r8, r4",
    "mov r9, r5",
    "mov r10, r6",
    "mov r11, r7",
    "pop {{r4, r5, r6, r7, pc}}",
    ".size edge_dots4_s8, . - edge_dots4_s8",
    ".text",
);
