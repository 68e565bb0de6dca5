//! RISC-V: start-up, semihosting, count of instructions.

use core::arch::{asm, global_asm};

// Stack, trap vector, clear and copy memory.
global_asm!(
    ".section .boot.entry, \"ax\"",
    ".global _start",
    ".type _start, @function",
    "_start:",
    ".option push",
    ".option norelax",
    "la gp, __global_pointer$",
    ".option pop",
    "la sp, __stack_top",
    "la t0, __fault",
    "csrw mtvec, t0",
    "la t0, __bss_start",
    "la t1, __bss_end",
    "0: bgeu t0, t1, 1f",
    "sw zero, 0(t0)",
    "addi t0, t0, 4",
    "j 0b",
    "1: la t0, __data_start",
    "la t1, __data_end",
    "la t2, __data_load",
    "2: bgeu t0, t1, 3f",
    "lw t3, 0(t2)",
    "sw t3, 0(t0)",
    "addi t0, t0, 4",
    "addi t2, t2, 4",
    "j 2b",
    "3: call {main}",
    ".size _start, . - _start",
    ".balign 4",
    ".type __fault, @function",
    "__fault:",
    "call {fault}",
    ".size __fault, . - __fault",
    main = sym start,
    fault = sym super::fault,
);

#[unsafe(link_section = ".boot.start")]
extern "C" fn start() -> ! {
    crate::main()
}

/// A semihosting call.
///
/// # Safety
/// The arguments must be what the call asks for.
#[inline(never)]
#[unsafe(link_section = ".boot.semihost")]
pub unsafe fn semihost(call: usize, arguments: &[usize]) -> usize {
    let result;
    // SAFETY: the host reads the call from a0 and the address of its arguments from a1, and answers in a0; memory
    // is touched as the call says, for which the caller vouches.
    unsafe {
        // The three instructions that mark a semihosting call, uncompressed and in one page.
        asm!(
            ".balign 16",
            ".option push",
            ".option norvc",
            "slli x0, x0, 0x1f",
            "ebreak",
            "srai x0, x0, 7",
            ".option pop",
            inlateout("a0") call => result,
            in("a1") arguments.as_ptr(),
            options(nostack),
        );
    }
    result
}

pub fn stack_pointer() -> *mut u32 {
    let pointer: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    (pointer & !3) as *mut u32
}

static mut STARTED: u64 = 0;

#[inline(always)]
pub fn start_counter() {
    // SAFETY: one core and no interrupts: nothing else touches STARTED.
    unsafe { (&raw mut STARTED).write_volatile(instructions()) };
}

/// Instructions since [`start_counter`].
#[inline(always)]
pub fn read_counter() -> u64 {
    // SAFETY: as in `start_counter`.
    instructions() - unsafe { (&raw const STARTED).read_volatile() }
}

#[inline(always)]
fn instructions() -> u64 {
    loop {
        let (high, low, again): (u32, u32, u32);
        // SAFETY: reads three counters that machine mode may read.
        unsafe {
            asm!(
                "csrr {0}, minstreth",
                "csrr {1}, minstret",
                "csrr {2}, minstreth",
                out(reg) high,
                out(reg) low,
                out(reg) again,
                options(nomem, nostack),
            );
        }
        if high == again {
            return u64::from(high) << 32 | u64::from(low);
        }
    }
}
