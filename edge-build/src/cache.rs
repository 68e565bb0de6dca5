//! Results of earlier builds, by the content of everything that they depend on.
//!
//! Macros run again whenever a crate is checked, an editor expands them while people type, and a build script
//! runs in every profile: the same network is compiled many times. Nothing here can fail a build: what cannot
//! be read or written is compiled.
//!
//! | variable | what |
//! | --- | --- |
//! | `EDGE_CACHE=0` | no cache |
//! | `EDGE_CACHE_DIR` | where it lies; else `$XDG_CACHE_HOME/edge`, `$HOME/.cache/edge`, `%LOCALAPPDATA%\edge` |

mod entry;
mod hash;
mod store;

use crate::compile::compile;
use crate::diag::{Diagnostic, Diagnostics};
use crate::options::{Options, QuantMode};
use crate::source::Source;
use crate::{codegen, quantize};
use hash::ContentHash;
use std::path::PathBuf;
use store::Store;

/// A compiled network as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The Rust source.
    pub code: String,
    /// What the user should know.
    pub warnings: Vec<Diagnostic>,
    /// The report as a table.
    pub report_text: String,
    /// The report as JSON.
    pub report_json: String,
}

/// Compiles a network, or takes the result of an earlier build with the same inputs.
///
/// # Errors
/// As [`compile`].
pub fn compile_cached(source: &Source, options: &Options) -> Result<Compiled, Diagnostics> {
    compile_in(Store::of_environment().as_ref(), source, options)
}

fn compile_in(
    store: Option<&Store>,
    source: &Source,
    options: &Options,
) -> Result<Compiled, Diagnostics> {
    let Some(store) = store else {
        return fresh(source, options);
    };
    let key = key(source, options);
    if let Some(known) = store.get(&key).and_then(|bytes| entry::decode(&bytes)) {
        return Ok(known);
    }
    let compiled = fresh(source, options)?;
    store.put(&key, &entry::encode(&compiled));
    Ok(compiled)
}

fn fresh(source: &Source, options: &Options) -> Result<Compiled, Diagnostics> {
    let artifact = compile(source, options)?;
    Ok(Compiled {
        code: codegen::text(&artifact.tokens),
        warnings: artifact.warnings,
        report_text: artifact.report.to_text(),
        report_json: artifact.report.to_json(),
    })
}

/// Files that the result depends on, the model first; those that exist.
#[must_use]
pub fn inputs(source: &Source, options: &Options) -> Vec<PathBuf> {
    let mut files = vec![source.path.clone()];
    files.extend(beside(source, options));
    files.retain(|file| file.is_file());
    files
}

/// Files beyond the model that the result depends on, whether they exist or not.
fn beside(source: &Source, options: &Options) -> Vec<PathBuf> {
    let mut files = source.external_files();
    if options.quant != QuantMode::None {
        files.extend(quantize::calibration_path(source, options));
    }
    files
}

/// Name of an entry: a hash of the compiler, the options and all inputs.
fn key(source: &Source, options: &Options) -> String {
    let mut hash = ContentHash::default();
    hash.add(env!("EDGE_COMPILER_HASH").as_bytes());
    hash.add(source.file_name().as_bytes());
    hash.add(&source.bytes);
    let anywhere = Options {
        calibration: None,
        ..options.clone()
    };
    hash.add(format!("{anywhere:?}").as_bytes());
    for file in beside(source, options) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        hash.add(name.as_bytes());
        match std::fs::read(file) {
            Ok(bytes) => hash.add(&bytes),
            Err(_) => hash.add(b"absent"),
        }
    }
    hash.hex()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(bytes: &[u8]) -> Source {
        Source {
            path: PathBuf::from("no/folder/net.onnx"),
            bytes: bytes.to_vec(),
        }
    }

    /// A network of the tests of the macro.
    fn tiny() -> (Source, Options) {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui/models/net.onnx");
        let options = Options::new(crate::target::find("host").unwrap());
        (Source::read(&path).unwrap(), options)
    }

    #[test]
    fn results_come_back_from_the_store() {
        let folder = std::env::temp_dir().join(format!("edge-cache-test-{}", std::process::id()));
        let store = Store::in_folder(folder.clone());
        let (source, options) = tiny();
        let first = compile_in(Some(&store), &source, &options).unwrap();
        assert!(first.code.contains("pub struct Net"));
        assert_eq!(compile_in(None, &source, &options), Ok(first.clone()));
        let marked = Compiled {
            report_text: "from the store".to_owned(),
            ..first.clone()
        };
        let key = key(&source, &options);
        store.put(&key, &entry::encode(&marked));
        assert_eq!(compile_in(Some(&store), &source, &options), Ok(marked));
        store.put(&key, b"broken");
        assert_eq!(compile_in(Some(&store), &source, &options), Ok(first));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn calibration_data_that_is_absent_is_not_none() {
        let (source, options) = tiny();
        let estimated = Options {
            quant: QuantMode::Int8,
            ..options
        };
        let absent = Options {
            calibration: Some(PathBuf::from("no/folder/samples.npy")),
            ..estimated.clone()
        };
        assert!(key(&source, &estimated) != key(&source, &absent));
    }

    #[test]
    fn keys_differ_where_inputs_differ() {
        let options = Options::new(crate::target::find("host").unwrap());
        let named = Options {
            name: Some("Other".to_owned()),
            ..options.clone()
        };
        let keys = [
            key(&source(b"a"), &options),
            key(&source(b"b"), &options),
            key(&source(b"a"), &named),
        ];
        assert_eq!(keys[0], key(&source(b"a"), &options));
        assert!(keys[0] != keys[1] && keys[0] != keys[2] && keys[1] != keys[2]);
    }
}
