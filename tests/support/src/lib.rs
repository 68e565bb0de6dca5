//! What the test crates share.
//!
//! | module | what |
//! | --- | --- |
//! | [`shared`] | real models and data outside of the repository |
//! | [`mod@array`] | `.npy` files |
//! | [`scratch`] | crates that a test writes, builds and runs |
//! | [`random`] | repeatable random numbers |
//! | [`table`] | Markdown tables |
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "code of tests: a panic is a failed test"
)]

pub mod array;
pub mod random;
pub mod scratch;
pub mod shared;
pub mod table;

use edge_build::source::Source;
use std::path::{Path, PathBuf};

/// The root of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this crate lies two folders below the root")
        .to_path_buf()
}

/// A model file.
#[must_use]
pub fn source(path: &Path) -> Source {
    Source::read(path).unwrap_or_else(|e| panic!("{e}"))
}
