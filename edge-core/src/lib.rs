//! The run time of networks that `edge-macros` or `edge-build` compiled into Rust.
//!
//! `no_std`, no allocation, no panic path. Generated code calls the functions of [`rt`] and nothing else;
//! the compiler (`edge-build`) runs the very same functions to fold constants, to calibrate and to measure
//! accuracy, so what a report says is what the device computes.
//!
//! | module | what |
//! | --- | --- |
//! | [`model`] | what every generated type tells about itself |
//! | [`quant`] | the int8 arithmetic, specified to the bit |
//! | [`params`] | the numbers that a kernel needs, one struct per kernel |
//! | [`kernels`] | reference kernels in safe Rust, one file per operator family |
//! | [`rt`] | the surface that generated code names |
#![no_std]
#![allow(
    clippy::inline_always,
    reason = "parameters are constants of the caller: kernels specialise where they are inlined"
)]

#[cfg(target_endian = "big")]
compile_error!(
    "edge-core stores weights in little-endian order; big-endian targets are not supported"
);

mod arch;
pub mod kernels;
pub mod model;
pub mod params;
pub mod quant;
pub mod rt;
