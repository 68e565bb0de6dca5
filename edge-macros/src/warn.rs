//! Warnings on stable Rust: the use of a deprecated constant, at the argument.

use crate::errors::text;
use edge_build::diag::Diagnostic;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// An item that makes the compiler show a message at `span`.
pub(crate) fn warning(diagnostic: &Diagnostic, span: Span) -> TokenStream {
    let message = text(diagnostic);
    let used = Ident::new("EDGE_WARNING", span);
    quote! {
        const _: () = {
            #[deprecated(note = #message)]
            const EDGE_WARNING: () = ();
            #used
        };
    }
}
