//! Marks in the instruction stream around an inference, for simulators that count what runs between them.
#![allow(
    unsafe_code,
    reason = "instructions without effect that no compiler emits"
)]

/// Begins region 0: `DBG #0`, a hint without effect on Cortex-M; nothing elsewhere.
#[inline(always)]
pub fn region_begin() {
    // SAFETY: DBG is a hint: no memory, no registers, no flags. As halfwords, because the assembler refuses
    // it for Armv6-M, where it runs on the emulated Armv7-M board only.
    #[cfg(all(target_arch = "arm", target_os = "none"))]
    unsafe {
        core::arch::asm!(".short 0xf3af, 0x80f0", options(nostack, preserves_flags));
    }
}

/// Ends region 0: `DBG #1`.
#[inline(always)]
pub fn region_end() {
    // SAFETY: as in `region_begin`.
    #[cfg(all(target_arch = "arm", target_os = "none"))]
    unsafe {
        core::arch::asm!(".short 0xf3af, 0x80f1", options(nostack, preserves_flags));
    }
}
