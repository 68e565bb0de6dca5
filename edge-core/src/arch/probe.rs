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

/// A place before step `STEP`: a NOP on Cortex-M, whose address is listed in the section `.edge_steps` behind twice the
/// number of the step; nothing elsewhere.
#[inline(always)]
pub fn step_begin<const STEP: u32>() {
    // SAFETY: as in `region_begin`; the list is no part of the memory of the program.
    #[cfg(all(target_arch = "arm", target_os = "none"))]
    unsafe {
        core::arch::asm!(
            "2: .short 0xf3af, 0x8000",
            ".pushsection .edge_steps, \"\", %progbits",
            ".long 2 * {step}",
            ".long 2b",
            ".popsection",
            step = const STEP,
            options(nostack, preserves_flags),
        );
    }
}

/// A place behind step `STEP`, listed like that of [`step_begin`], one more than twice the number.
#[inline(always)]
pub fn step_end<const STEP: u32>() {
    // SAFETY: as in `step_begin`.
    #[cfg(all(target_arch = "arm", target_os = "none"))]
    unsafe {
        core::arch::asm!(
            "2: .short 0xf3af, 0x8000",
            ".pushsection .edge_steps, \"\", %progbits",
            ".long 2 * {step} + 1",
            ".long 2b",
            ".popsection",
            step = const STEP,
            options(nostack, preserves_flags),
        );
    }
}
