//! Networks as generated code: a crate with one `include_model!` per network, built and run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "code of tests: a panic is a failed test"
)]

pub mod extremes;
pub mod host;
pub mod measure;
pub mod models;
pub mod node;
pub mod onnx_tensors;
pub mod oracle;
pub mod zoo;
