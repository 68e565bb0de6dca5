//! Runs networks on an emulated microcontroller. Input and output are files of the host (semihosting).
#![no_std]
#![no_main]

mod infer;
mod models;
mod platform;

/// Called by the start-up code of [`platform`] when memory is set up.
#[unsafe(link_section = ".boot.main")]
fn main() -> ! {
    platform::exit(u32::from(models::run().is_err()))
}

#[panic_handler]
#[unsafe(link_section = ".boot.panic")]
fn panic(_info: &core::panic::PanicInfo<'_>) -> ! {
    platform::panicked()
}
