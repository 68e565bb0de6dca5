//! Handwritten digits on a NUCLEO-H743ZI: classifies the samples of the quickstart over and over, prints what it
//! saw and how many cycles it took on the serial port of the ST-Link (115200 baud), and lights the green LED
//! while it is right.
#![no_std]
#![no_main]

use core::fmt::Write;
use cortex_m::peripheral::DWT;
use cortex_m_rt::entry;
use panic_halt as _;
use stm32h7xx_hal::{pac, prelude::*};

// The samples are those of the host program.
#[path = "../../quickstart/src/samples.rs"]
#[allow(dead_code, reason = "the host program uses more of it")]
mod samples;

edge_macros::include_model!(
    "../quickstart/digits.onnx",
    target = "stm32h7",
    quant = "int8"
);

#[entry]
fn main() -> ! {
    let (Some(mut core), Some(device)) = (cortex_m::Peripherals::take(), pac::Peripherals::take())
    else {
        halt();
    };
    // The network owns its arena; a static keeps it off the stack, and `singleton!` hands it out once.
    let Some(net) = cortex_m::singleton!(: Digits = Digits::new()) else {
        halt();
    };
    core.SCB.enable_icache();
    core.SCB.enable_dcache(&mut core.CPUID);
    core.DCB.enable_trace();
    core.DWT.enable_cycle_counter();

    let power = device.PWR.constrain().freeze();
    let clocks = device
        .RCC
        .constrain()
        .sys_ck(400.MHz())
        .freeze(power, &device.SYSCFG);
    let mut led = device
        .GPIOB
        .split(clocks.peripheral.GPIOB)
        .pb0
        .into_push_pull_output();
    let gpiod = device.GPIOD.split(clocks.peripheral.GPIOD);
    let pins = (gpiod.pd8.into_alternate(), gpiod.pd9.into_alternate());
    let Ok(mut serial) = device.USART3.serial(
        pins,
        115_200.bps(),
        clocks.peripheral.USART3,
        &clocks.clocks,
    ) else {
        halt();
    };

    loop {
        for (image, label) in samples::all() {
            let input = samples::pixels(image);
            let start = DWT::cycle_count();
            let scores = net.predict(&input);
            let cycles = DWT::cycle_count().wrapping_sub(start);
            let (digit, percent) = samples::best(&scores);
            led.set_state((digit == label).into());
            // A serial port that nobody reads is no reason to stop.
            let _ = writeln!(
                serial,
                "{label} looks like {digit} ({percent} %), {cycles} cycles\r"
            );
        }
    }
}

/// Nothing can be done without the peripherals.
fn halt() -> ! {
    loop {
        cortex_m::asm::wfi();
    }
}
