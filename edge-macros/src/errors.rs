//! Errors at the argument at fault, and a type that keeps them alone.

use crate::args::Args;
use edge_build::diag::{Diagnostic, Diagnostics};
use edge_build::ident::{is_type_name, type_name};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// Errors in the arguments as such.
pub(crate) fn of_syntax(args: &Args, error: &syn::Error) -> TokenStream {
    let messages = error
        .clone()
        .into_iter()
        .map(|error| (error.to_string(), error.span()));
    skeleton(args, messages.collect())
}

/// Errors of the compiler.
pub(crate) fn of_compiler(args: &Args, errors: &Diagnostics) -> TokenStream {
    let message = |error: &Diagnostic| (text(error), args.span(error.argument));
    skeleton(args, errors.0.iter().map(message).collect())
}

/// `[E0103] message`, then the place, what is supported, and the help, a line each. The compiler writes
/// `error: ` before it.
pub(crate) fn text(diagnostic: &Diagnostic) -> String {
    let mut text = format!("[{}] {}", diagnostic.code, diagnostic.message);
    let lines = [
        ("-->", diagnostic.place.as_deref()),
        ("supported:", diagnostic.supported.as_deref()),
        ("help:", Some(diagnostic.help.as_str())),
    ];
    for (head, line) in lines {
        if let Some(line) = line {
            text.extend(["\n  ", head, " ", line]);
        }
    }
    text
}

/// The messages, and a type of the name that the network would have.
///
/// The type is an array whose length is the first error: to the compiler it is a type that failed already, and
/// whatever the crate does with it raises no error of its own.
fn skeleton(args: &Args, messages: Vec<(String, Span)>) -> TokenStream {
    let mut messages = messages.into_iter().map(|(message, span)| {
        let message = proc_macro2::Literal::string(&message);
        quote_spanned!(span=> ::core::compile_error!(#message))
    });
    let first = messages.next();
    let given = args.name().filter(|name| is_type_name(name));
    let ty = format_ident!("{}", given.unwrap_or_else(|| type_name(&args.model())));
    let (inputs, outputs) = (format_ident!("{ty}Inputs"), format_ident!("{ty}Outputs"));
    let lints = quote! {
        #[doc = " The network failed to compile."]
        #[allow(dead_code, unreachable_pub, reason = "the network failed to compile")]
    };
    quote! {
        #lints pub type #ty = [(); #first];
        #lints pub type #inputs = #ty;
        #lints pub type #outputs = #ty;
        #(#messages;)*
    }
}
