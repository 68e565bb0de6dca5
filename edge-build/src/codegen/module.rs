//! The module around all: header, lints, re-exports.

use super::{Context, code, doc, io, steps, weights};
use proc_macro2::TokenStream;
use quote::quote;

/// The whole of the generated source.
pub(super) fn module(cx: &Context<'_>, core_path: &str) -> TokenStream {
    let header = header(cx);
    let lints = lints();
    let core = core_path_tokens(core_path);
    let module = &cx.names.module;
    let (statics, params) = (weights::statics(cx), steps::params(cx));
    let (structs, ty) = (io::structs(cx), io::network(cx));
    let names = public_names(cx);
    quote! {
        #header
        #lints
        mod #module {
            use #core::rt;
            #statics
            #params
            #structs
            #ty
        }
        #[allow(
            unused_imports,
            unreachable_pub,
            reason = "a program need not use every name of a network"
        )]
        pub use #module::#names;
    }
}

/// What the module was made from.
fn header(cx: &Context<'_>) -> TokenStream {
    let report = cx.report;
    doc(&format!(
        "{} compiled by edge {} for target {}, quant {}.",
        code(&report.file),
        env!("CARGO_PKG_VERSION"),
        code(report.target),
        code(report.quant)
    ))
}

/// Lints that generated code does not answer to. Those that guard against mistakes of a compiler
/// (`unsafe_code`, `missing_docs`, unused results) stay as the user set them.
fn lints() -> TokenStream {
    quote! {
        #[allow(
            dead_code,
            unreachable_pub,
            reason = "a program need not call every function of a network"
        )]
        #[allow(
            non_camel_case_types,
            reason = "the name of the type is the user's choice"
        )]
        #[allow(
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            clippy::restriction,
            reason = "generated code is checked by the tests of its generator"
        )]
    }
}

/// The path of the run time: `crate::…` as it is, every other from the root of the crates.
fn core_path_tokens(path: &str) -> TokenStream {
    let parsed: TokenStream = path.parse().unwrap_or_default();
    if path.starts_with("crate") || path.trim_start().starts_with("::") {
        parsed
    } else {
        quote!(::#parsed)
    }
}

/// What the module offers.
fn public_names(cx: &Context<'_>) -> TokenStream {
    let ty = &cx.names.ty;
    let structs = io::struct_names(cx);
    if structs.is_empty() {
        quote!(#ty)
    } else {
        quote!({#ty #(, #structs)*})
    }
}
