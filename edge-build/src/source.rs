//! The model file.

use crate::diag::{Code, Diagnostic};
use crate::suggest::nearest;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A model file and its bytes.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it was read.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Source {
    /// Reads a model file.
    ///
    /// # Errors
    /// If it cannot be read; names the path that was tried, and a file of the folder with nearly that name.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Self {
                path: path.to_owned(),
                bytes,
            }),
            Err(error) => Err(unreadable(path, &error)),
        }
    }

    /// Name of the file without folder: what errors and generated code show.
    #[must_use]
    pub fn file_name(&self) -> String {
        Path::file_name(&self.path)
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Files beside the model that hold weights of an ONNX file, sorted; they may be absent.
    ///
    /// Found by the bytes that an entry `location: name` has in every encoding of protobuf. A chance hit
    /// names a file that is not there and does no harm: the answer serves to notice changes.
    #[must_use]
    pub fn external_files(&self) -> Vec<PathBuf> {
        const KEY: &[u8] = b"\x0a\x08location\x12";
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let mut files = Vec::new();
        let mut rest = self.bytes.as_slice();
        while let Some(at) = find(rest, KEY) {
            rest = rest.get(at + KEY.len()..).unwrap_or(&[]);
            let Some((&len, text)) = rest.split_first() else {
                break;
            };
            let name = text.get(..usize::from(len)).unwrap_or(&[]);
            if let Ok(name) = std::str::from_utf8(name)
                && !name.is_empty()
                && len < 0x80
            {
                files.push(folder.join(name));
            }
        }
        files.sort();
        files.dedup();
        files
    }
}

fn find(bytes: &[u8], key: &[u8]) -> Option<usize> {
    let first = *key.first()?;
    let mut from = 0;
    while let Some(rest) = bytes.get(from..) {
        let at = from + rest.iter().position(|&b| b == first)?;
        if bytes.get(at..)?.starts_with(key) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// What to say about a file that cannot be read.
#[must_use]
pub fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let near = near(path).map_or_else(
        || "paths are relative to the folder of Cargo.toml".to_owned(),
        |name| format!("did you mean `{name}`? (paths are relative to the folder of Cargo.toml)"),
    );
    let why = if error.kind() == ErrorKind::NotFound {
        "there is no such file".to_owned()
    } else if path.is_dir() {
        "it is a folder".to_owned()
    } else {
        error.to_string()
    };
    Diagnostic::error(
        Code::FileUnreadable,
        format!("`{}` cannot be read: {why}", path.display()),
        near,
    )
}

/// A file in the folder of `path` with nearly its name.
#[must_use]
pub fn near(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    let mut files: Vec<String> = std::fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|other| *other != name)
        .collect();
    files.sort();
    nearest(&name, files.iter().map(String::as_str)).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_names_its_path_and_a_neighbour() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/soruce.rs");
        let error = Source::read(&path).unwrap_err();
        assert_eq!(error.code, Code::FileUnreadable);
        assert!(error.message.contains(&*path.to_string_lossy()), "{error}");
        assert!(error.help.contains("`source.rs`"), "{error}");
    }

    #[test]
    fn external_weights_are_found() {
        let mut bytes = b"..\x0a\x08location\x12\x05w.bin..".to_vec();
        bytes.extend(b"\x0a\x08location\x12\x05a.bin\x0a\x08location\x12");
        let source = Source {
            path: PathBuf::from("models/net.onnx"),
            bytes,
        };
        let expected = ["models/a.bin", "models/w.bin"].map(PathBuf::from);
        assert_eq!(source.external_files(), expected);
    }
}
