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
//! [`compile::compile`] is the driver. [`exec`] runs programs on the host: the oracle.

pub mod codegen;
pub mod compile;
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
pub mod quantize;
pub mod report;
pub mod schedule;
pub mod source;
pub mod suggest;
pub mod target;
