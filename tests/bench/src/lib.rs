//! What networks cost on emulated microcontrollers, beside `TensorFlow` Lite Micro with CMSIS-NN.
//!
//! | module | what |
//! | --- | --- |
//! | [`rival`] | what the other runtime takes, and what we want to take |
//! | [`measure`] | builds a network for a core and runs it |
//! | [`tables`] | the numbers as Markdown |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "code of tests: a panic is a failed test"
)]

pub mod measure;
pub mod rival;
pub mod tables;
