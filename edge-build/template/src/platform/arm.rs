//! Cortex-M: vector table, start-up, semihosting, SysTick.

use core::arch::{asm, global_asm};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

/// The vector table: stack, reset, 13 exceptions, SysTick.
#[repr(C)]
pub struct Vectors {
    stack: *const u32,
    handlers: [unsafe extern "C" fn(); 15],
}

// SAFETY: the table is never written; the pointer in it is only read, by the core at reset.
unsafe impl Sync for Vectors {}

unsafe extern "C" {
    static __stack_top: u32;
    fn __reset();
    fn __fault();
}

#[unsafe(no_mangle)]
#[unsafe(link_section = ".vectors")]
pub static __VECTORS: Vectors = Vectors {
    stack: &raw const __stack_top,
    handlers: {
        let mut handlers = [__fault as unsafe extern "C" fn(); 15];
        handlers[0] = __reset;
        handlers[14] = wrap;
        handlers
    },
};

// Clears and copies memory before any Rust runs, and switches the FPU on where the build uses one.
global_asm!(
    ".section .boot.reset, \"ax\"",
    ".global __reset",
    ".type __reset, %function",
    ".thumb_func",
    "__reset:",
    "ldr r0, =__bss_start",
    "ldr r1, =__bss_end",
    "movs r2, #0",
    "0: cmp r0, r1",
    "bhs 1f",
    "str r2, [r0]",
    "adds r0, #4",
    "b 0b",
    "1: ldr r0, =__data_start",
    "ldr r1, =__data_end",
    "ldr r2, =__data_load",
    "2: cmp r0, r1",
    "bhs 3f",
    "ldr r3, [r2]",
    "str r3, [r0]",
    "adds r0, #4",
    "adds r2, #4",
    "b 2b",
    "3: ldr r0, =0xe000ed88", // CPACR: full access to coprocessors 10 and 11
    "ldr r1, [r0]",
    "ldr r2, =0x00f00000",
    "orrs r1, r2",
    "str r1, [r0]",
    "dsb",
    "isb",
    "bl {main}",
    ".ltorg",
    ".size __reset, . - __reset",
    ".global __fault",
    ".type __fault, %function",
    ".thumb_func",
    "__fault:",
    "bl {fault}",
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
    // SAFETY: the host reads the call from r0 and the address of its arguments from r1, and answers in r0; memory
    // is touched as the call says, for which the caller vouches.
    unsafe {
        asm!("bkpt #0xab", inlateout("r0") call => result, in("r1") arguments.as_ptr(), options(nostack));
    }
    result
}

pub fn stack_pointer() -> *mut u32 {
    let pointer: usize;
    // SAFETY: reads a register.
    unsafe { asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    (pointer & !3) as *mut u32
}

const CONTROL: *mut u32 = 0xe000_e010 as *mut u32;
const RELOAD: *mut u32 = 0xe000_e014 as *mut u32;
const CURRENT: *mut u32 = 0xe000_e018 as *mut u32;
/// Enabled, with interrupt, clock of the core.
const RUN: u32 = 7;
/// SysTick counts down from here.
const TOP: u32 = 0x00ff_ffff;

static WRAPS: AtomicU32 = AtomicU32::new(0);

#[unsafe(link_section = ".boot.wrap")]
unsafe extern "C" fn wrap() {
    WRAPS.store(WRAPS.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

#[inline(always)]
pub fn start_counter() {
    WRAPS.store(0, Ordering::Relaxed);
    // SAFETY: the registers of SysTick, which every Cortex-M of the table of boards has and nothing else here uses.
    unsafe {
        ptr::write_volatile(CONTROL, 0);
        ptr::write_volatile(RELOAD, TOP);
        ptr::write_volatile(CURRENT, 0);
        ptr::write_volatile(CONTROL, RUN);
    }
}

/// Ticks since [`start_counter`].
#[inline(always)]
pub fn read_counter() -> u64 {
    loop {
        let before = WRAPS.load(Ordering::Relaxed);
        // SAFETY: a register of SysTick, as in `start_counter`.
        let current = unsafe { ptr::read_volatile(CURRENT) };
        if WRAPS.load(Ordering::Relaxed) == before {
            // The counter shows 0 until its first tick.
            let ticks = if current == 0 { 0 } else { TOP - current };
            return (u64::from(before) << 24) + u64::from(ticks);
        }
    }
}
