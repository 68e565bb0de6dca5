//! The model file.

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
    /// Name of the file without folder: what errors and generated code show.
    #[must_use]
    pub fn file_name(&self) -> String {
        Path::file_name(&self.path)
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }
}
