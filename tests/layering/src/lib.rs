//! Reads the source tree, for tests that keep its shape.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file.
#[derive(Clone, Debug)]
pub struct File {
    /// Path from the root of the repository, with slashes.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files below a folder of the repository whose name ends in `suffix`, sorted; folders named `target` and
/// hidden ones are left out.
#[must_use]
pub fn files(folder: &str, suffix: &str) -> Vec<File> {
    let mut found = Vec::new();
    collect(&root().join(folder), folder, suffix, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, shown: &str, suffix: &str, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{shown}/{name}");
        if entry.path().is_dir() {
            if name != "target" && !name.starts_with('.') {
                collect(&entry.path(), &path, suffix, found);
            }
        } else if name.ends_with(suffix) {
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            let path = path.trim_start_matches("./").to_owned();
            found.push(File { path, text });
        }
    }
}

impl File {
    /// The lines that the compiler sees in a build without tests: no comments, nothing from an in-file test
    /// module on, nothing at all of a file of tests or of what tests share (`testing.rs`).
    pub fn code(&self) -> impl Iterator<Item = &str> {
        let named = |name| self.path.ends_with(name);
        let tests = named("/tests.rs") || named("/testing.rs") || self.path.contains("/tests/");
        let lines = self
            .text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        lines.take_while(move |line| !tests && !line.starts_with("#[cfg(test)]"))
    }
}
