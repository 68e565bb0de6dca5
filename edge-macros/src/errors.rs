//! Errors at the argument at fault, and a type that keeps them alone.

use crate::args::Args;
use edge_build::diag::{Diagnostic, Diagnostics};
use edge_build::ident::{is_type_name, type_name};
use edge_build::source::near;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use std::path::{Path, PathBuf};

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
    // Behind a glob, so that a network that has the name already keeps it.
    let alias = meant(args).filter(|meant| *meant != ty).map(|meant| {
        let module = format_ident!("__edge_meant_by_{ty}");
        quote! {
            #[allow(non_snake_case, reason = "named like the type")]
            mod #module { #lints pub type #meant = super::#ty; }
            #[allow(unused_imports, unreachable_pub, reason = "the network failed to compile")]
            pub use #module::*;
        }
    });
    quote! {
        #lints pub type #ty = [(); #first];
        #lints pub type #inputs = #ty;
        #lints pub type #outputs = #ty;
        #alias
        #(#messages;)*
    }
}

/// The name of the type if the path of the model is misspelt: that of the file that was probably meant.
fn meant(args: &Args) -> Option<Ident> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let path = root.join(args.model());
    if args.name().is_some() || path.exists() {
        return None;
    }
    Some(format_ident!("{}", type_name(Path::new(&near(&path)?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant_by(arguments: &str) -> Option<String> {
        let args: Args = syn::parse_str(arguments).unwrap();
        meant(&args).map(|name| name.to_string())
    }

    #[test]
    fn a_misspelt_path_has_the_type_of_the_file_that_was_meant() {
        let misspelt = r#""src/lip.rs", target = "host""#;
        assert_eq!(meant_by(misspelt).as_deref(), Some("Lib"));
        assert_eq!(meant_by(&format!(r#"{misspelt}, name = "Net""#)), None);
        assert_eq!(meant_by(r#""src/lib.rs", target = "host""#), None);
        assert_eq!(meant_by(r#""no/such/folder.onnx", target = "host""#), None);
    }
}
