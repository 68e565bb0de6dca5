//! Compiler of neural networks into Rust.
//!
//! | phase | module | in → out |
//! | --- | --- | --- |
//! | import | [`import`] | file → [`ir::Graph`] |
//! | canonicalize | [`passes`] | graph → smaller graph |
//! | quantize | [`quantize`] | float graph → int8 graph and its accuracy |
//! | schedule | [`schedule`] | order of the nodes |
//! | lower | [`lower`] | graph → steps over buffers |
//! | plan | [`plan`] | buffers → arena offsets |
//! | assemble | [`lower::assemble`] | both → [`program::Program`] |
//! | generate | [`codegen`] | program → Rust |
//! | report | [`report`] | costs and accuracy |
//!
//! [`compile::compile`] is the driver. [`exec`] runs programs on the host: the oracle. [`cache`] remembers
//! results.
//!
//! In a build script:
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     edge_build::Config::new("net.onnx")
//!         .target("stm32h7")
//!         .quant("int8")
//!         .compile()?;
//!     Ok(())
//! }
//! ```
//!
//! and in the crate `include!(concat!(env!("OUT_DIR"), "/net.rs"));`.

#![allow(
    clippy::unnested_or_patterns,
    reason = "`ops::opaque` is an alternative of patterns among others"
)]

pub mod build_script;
pub mod cache;
#[cfg(feature = "cli")]
pub mod cli;
pub mod codegen;
pub mod compile;
pub mod config;
pub mod diag;
pub mod exec;
pub mod ident;
pub mod import;
pub mod ir;
pub mod lower;
pub mod npy;
pub mod ops;
pub mod options;
pub mod passes;
pub mod plan;
pub mod program;
pub mod qdq;
pub mod quantize;
pub mod report;
#[cfg(feature = "cli")]
pub mod runner;
pub mod schedule;
pub mod source;
pub mod suggest;
pub mod target;

pub use build_script::BuildError;
pub use config::Config;
