//! Prints a program as Rust. Decides nothing.

use crate::options::Options;
use crate::program::Program;
use crate::report::Report;
use proc_macro2::TokenStream;

/// The Rust source of a program.
#[must_use]
pub fn run(_program: &Program, _report: &Report, _options: &Options) -> TokenStream {
    TokenStream::new()
}
