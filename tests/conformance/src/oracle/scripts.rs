//! Runs the Python scripts.

use edge_test_support::scratch::succeed;
use edge_test_support::shared::required;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle");
const PACKAGES: &str = "tflite-micro==0.dev20261023182759 flatbuffers numpy";

/// The scripts, with a Python that can run them.
#[derive(Clone, Copy, Debug)]
pub struct Scripts(());

/// The operators that `EDGE_ORACLE_ONLY` names; empty for all.
#[must_use]
pub fn only() -> Vec<String> {
    let names = std::env::var("EDGE_ORACLE_ONLY").unwrap_or_default();
    let names = names.split(',').filter(|name| !name.is_empty());
    names.map(ToOwned::to_owned).collect()
}

impl Scripts {
    /// The scripts, or `None` with a message if Python lacks the packages.
    #[must_use]
    pub fn find(what: &str) -> Option<Self> {
        let mut python = Command::new("python3");
        python.args(["-c", "import tflite_micro, flatbuffers, numpy"]);
        let found = python.output().is_ok_and(|output| output.status.success());
        if !found {
            let message = format!("{what}: skipped; python3 needs `pip install {PACKAGES}`");
            assert!(!required(), "{message}");
            println!("{message}");
        }
        found.then_some(Self(()))
    }

    /// The folder that a script fills below `tmp`; the same scripts and arguments run once.
    #[must_use]
    pub fn run(self, tmp: &str, script: &str, arguments: &[String]) -> PathBuf {
        let mut key = arguments.join("\n");
        for path in files(Path::new(FOLDER)) {
            key += &std::fs::read_to_string(path).expect("a readable script");
        }
        let name = format!(
            "oracle-{}-{:016x}",
            script.trim_end_matches(".py"),
            fingerprint(key.as_bytes())
        );
        let folder = Path::new(tmp).join(name);
        if !folder.is_dir() {
            // Filled beside and then renamed, so that a test never sees half of it.
            let partial = folder.with_extension(std::process::id().to_string());
            let mut python = Command::new("python3");
            let script = Path::new(FOLDER).join(script);
            python
                .arg(script)
                .arg("--out")
                .arg(&partial)
                .args(arguments);
            succeed(python.env("PYTHONDONTWRITEBYTECODE", "1"));
            std::fs::rename(partial, &folder).expect("a folder can be renamed");
        }
        folder
    }
}

/// The scripts below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "py") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// FNV-1a.
fn fingerprint(bytes: &[u8]) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325;
    bytes.iter().fold(start, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
