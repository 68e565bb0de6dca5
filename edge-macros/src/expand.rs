//! The call of the compiler, change tracking.

use crate::args::Args;
use crate::rustc::{self, CoreCrate};
use crate::{errors, warn};
use edge_build::cache;
use edge_build::diag::{Code, Diagnostic, Diagnostics};
use edge_build::source::Source;
use proc_macro2::TokenStream;
use quote::quote;
use std::path::{Path, PathBuf};

/// What the macro expands to.
pub(crate) fn include_model(input: TokenStream) -> TokenStream {
    let mut args: Args = match syn::parse2(input) {
        Ok(args) => args,
        Err(error) => return error.to_compile_error(),
    };
    if let Some(error) = args.take_error() {
        return errors::of_syntax(&args, &error);
    }
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
    let compiler: Vec<String> = std::env::args_os()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    match expand(&args, &root, &compiler) {
        Ok(tokens) => tokens,
        Err(diagnostics) => errors::of_compiler(&args, &diagnostics),
    }
}

fn expand(args: &Args, root: &Path, compiler: &[String]) -> Result<TokenStream, Diagnostics> {
    let mut config = args.config();
    if let Some(path) = core_path(args, compiler)? {
        config = config.core_path(path);
    }
    let options = config.options(root)?;
    let source = Source::read(&root.join(args.model()))?;
    let compiled = cache::compile_cached(&source, &options)?;
    let code: TokenStream = compiled.code.parse().map_err(|_| unreadable())?;
    let mismatch = rustc::triple(compiler).and_then(|triple| options.target.check_triple(&triple));
    let warnings = mismatch
        .iter()
        .chain(&compiled.warnings)
        .map(|warning| warn::warning(warning, args.span(warning.argument)));
    let tracked = track(&cache::inputs(&source, &options));
    Ok(quote!(#code #(#warnings)* #tracked))
}

/// How generated code names `edge-core`; `None` for the usual.
fn core_path(args: &Args, compiler: &[String]) -> Result<Option<String>, Diagnostic> {
    if let Some(path) = args.core_path() {
        return Ok(Some(path));
    }
    match rustc::core_crate(compiler) {
        CoreCrate::Named(name) => Ok(Some(name)),
        CoreCrate::Unknown => Ok(None),
        CoreCrate::Absent => Err(Diagnostic::error(
            Code::BadArgument,
            "`edge-core` is not a dependency of this crate",
            "add `edge-core` beside `edge-macros` in Cargo.toml, or name its path: `crate = path::to::edge_core`",
        )),
    }
}

fn unreadable() -> Diagnostic {
    Diagnostic::error(
        Code::Internal,
        "the generated code is not Rust",
        "this is a bug of edge: please report it with the model",
    )
}

/// Makes cargo expand the macro again when a file changes.
fn track(files: &[PathBuf]) -> TokenStream {
    let paths = files
        .iter()
        .filter(|file| file.is_file())
        .filter_map(|file| file.canonicalize().ok()?.to_str().map(ToOwned::to_owned));
    quote!(#(const _: &[u8] = ::core::include_bytes!(#paths);)*)
}

#[cfg(test)]
mod tests {
    use super::*;
    use edge_build::diag::Argument;

    #[test]
    fn a_missing_dependency_is_an_error_of_its_own() {
        let args: Args = syn::parse_str("\"net.onnx\", target = \"host\"").unwrap();
        let compiler = ["rustc", "--extern", "x=/x/libx.rlib"].map(ToOwned::to_owned);
        let error = core_path(&args, &compiler).unwrap_err();
        assert_eq!(error.argument, Argument::Model);
        let args: Args = syn::parse_str("\"net.onnx\", crate = crate::core").unwrap();
        assert_eq!(
            core_path(&args, &compiler),
            Ok(Some("crate::core".to_owned()))
        );
    }
}
