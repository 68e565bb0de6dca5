//! The network and the samples of the quickstart on an emulated Cortex-M4: prints the same numbers.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hio};
use panic_semihosting as _;

// The samples and what is printed about them are those of the host program.
#[path = "../../quickstart/src/samples.rs"]
#[allow(dead_code, reason = "the host program uses more of it")]
mod samples;

edge_macros::include_model!(
    "../quickstart/digits.onnx",
    target = "cortex-m4",
    quant = "int8"
);

#[entry]
fn main() -> ! {
    let net = cortex_m::singleton!(: Digits = Digits::new());
    let done = match (net, hio::hstdout()) {
        (Some(net), Ok(mut out)) => samples::report(&mut out, |image| net.predict(image)).is_ok(),
        _ => false,
    };
    debug::exit(if done {
        debug::EXIT_SUCCESS
    } else {
        debug::EXIT_FAILURE
    });
    loop {
        cortex_m::asm::wfi();
    }
}
