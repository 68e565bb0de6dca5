//! Parameters as Rust expressions.

use proc_macro2::TokenStream;

/// A value as the Rust expression that makes it.
pub trait ToTokens {
    /// The expression; paths start at `rt`.
    fn to_tokens(&self) -> TokenStream;
}
impl<T> ToTokens for T {
    fn to_tokens(&self) -> TokenStream {
        TokenStream::new()
    }
}
