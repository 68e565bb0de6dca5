//! Generated code under the strictest lints: no `std`, no prelude, no unsafe code, every warning an error.
#![no_std]
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    let_underscore_drop,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::cargo,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    clippy::missing_docs_in_private_items,
    clippy::std_instead_of_core,
    clippy::absolute_paths
)]
#![allow(
    clippy::cargo_common_metadata,
    clippy::multiple_crate_versions,
    reason = "they judge the manifest of this test"
)]

::edge_macros::include_model!(
    "../ui/models/net.onnx",
    target = "host",
    quant = "int8",
    calibration = "../ui/models/samples.npy"
);
::edge_macros::include_model!("../ui/models/net.onnx", target = "host", name = "Float");
::edge_macros::include_model!("../ui/models/two.onnx", target = "host");

/// Names that generated code could trip over.
pub mod crowded {
    ::edge_macros::include_model!("../ui/models/two.onnx", target = "rp2040", name = "Crowded");

    /// Not the one of `core`.
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    #[allow(non_camel_case_types, reason = "the point of the test")]
    pub struct f32;
    /// Not the one of `core`.
    #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
    pub struct Option;
    /// Not the crate of that name.
    pub mod core {}
    /// Not the module of `edge_core`.
    pub mod rt {}
    /// Not the crate of that name.
    pub mod edge_core {}
}

/// Networks whose source a build script wrote.
pub mod scripted {
    ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/net.rs"));
    ::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/two.rs"));
}

/// A network in a static, with memory that costs no flash.
pub static NETWORK: Net = Net::new();

/// A network inside of a function.
#[must_use]
pub const fn inside() -> usize {
    ::edge_macros::include_model!("../ui/models/net.onnx", target = "host", name = "Inside");
    Inside::RAM_BYTES
}
