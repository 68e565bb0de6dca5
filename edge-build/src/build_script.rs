//! The compiler in a build script, for those who prefer `include!` to a macro.

use crate::cache;
use crate::config::Config;
use crate::diag::{Diagnostic, Diagnostics};
use crate::source::Source;
use std::env;
use std::path::{Path, PathBuf};

/// Why a build script fails. `Debug` is the text for people, because that is what cargo shows of an error that
/// `main` returns.
#[derive(Clone, PartialEq, Eq)]
pub struct BuildError(pub Diagnostics);

impl std::fmt::Display for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for BuildError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the model does not compile\n{}", self.0)
    }
}

impl std::error::Error for BuildError {}

impl From<Diagnostics> for BuildError {
    fn from(errors: Diagnostics) -> Self {
        Self(errors)
    }
}

impl From<Diagnostic> for BuildError {
    fn from(error: Diagnostic) -> Self {
        Self(error.into())
    }
}

impl Config {
    /// Compiles in a build script: writes `$OUT_DIR/net.rs` for `net.onnx`, tells cargo on which files the
    /// result depends, and shows warnings. Returns the path of the file. In the crate:
    ///
    /// ```ignore
    /// include!(concat!(env!("OUT_DIR"), "/net.rs"));
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with the arguments, or with the model.
    pub fn compile(&self) -> Result<PathBuf, BuildError> {
        let root = folder("CARGO_MANIFEST_DIR")?;
        let out = folder("OUT_DIR")?.join(self.output_name());
        let path = root.join(&self.model);
        println!("cargo:rerun-if-changed={}", path.display());
        println!("cargo:rerun-if-env-changed=EDGE_CACHE");
        let options = self.options(&root)?;
        let source = Source::read(&path)?;
        for file in cache::inputs(&source, &options) {
            println!("cargo:rerun-if-changed={}", file.display());
        }
        let compiled = cache::compile_cached(&source, &options)?;
        let triple = env::var("TARGET").unwrap_or_default();
        for warning in options
            .target
            .check_triple(&triple)
            .iter()
            .chain(&compiled.warnings)
        {
            warn(warning);
        }
        write(&out, &compiled.code)?;
        Ok(out)
    }

    /// `net.rs` for `models/net.onnx`.
    fn output_name(&self) -> PathBuf {
        let mut name = self.model.file_stem().unwrap_or_default().to_owned();
        name.push(".rs");
        name.into()
    }
}

fn warn(warning: &Diagnostic) {
    for line in warning.to_string().lines() {
        println!("cargo:warning={line}");
    }
}

fn folder(variable: &str) -> Result<PathBuf, Diagnostic> {
    env::var_os(variable).map(PathBuf::from).ok_or_else(|| {
        Diagnostic::error(
            crate::diag::Code::BadArgument,
            format!("the environment has no {variable}"),
            "call `compile` in a build script (build.rs)",
        )
    })
}

/// Writes a file that changed; one that did not keeps its time, so that the crate is not compiled again.
fn write(path: &Path, text: &str) -> Result<(), Diagnostic> {
    if std::fs::read_to_string(path).is_ok_and(|known| known == text) {
        return Ok(());
    }
    std::fs::write(path, text).map_err(|error| {
        Diagnostic::error(
            crate::diag::Code::FileUnreadable,
            format!("`{}` cannot be written: {error}", path.display()),
            "look at the disk and its permissions",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    #[test]
    fn the_output_is_named_after_the_model() {
        assert_eq!(
            Config::new("models/kws.v2.onnx").output_name(),
            Path::new("kws.v2.rs")
        );
    }

    #[test]
    fn main_shows_errors_as_text() {
        let error = BuildError::from(Diagnostic::error(
            Code::EmptyModel,
            "it is empty",
            "fill it",
        ));
        assert!(format!("{error:?}").contains("E0106"));
        assert!(format!("{error:?}").contains("\n  help: fill it"));
    }
}
