//! Crates that a test writes, builds and runs, as a user would.

use crate::workspace;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A crate outside of the workspace that depends on `edge-core` and `edge-macros` by path.
#[derive(Clone, Debug)]
pub struct Scratch {
    dir: PathBuf,
    target_dir: PathBuf,
}

impl Scratch {
    /// A fresh crate below `tmp` (a test passes `env!("CARGO_TARGET_TMPDIR")`) with the lock file of the
    /// workspace. Crates below the same `tmp` share their build folder, so dependencies are built once.
    #[must_use]
    pub fn new(tmp: &str, name: &str) -> Self {
        let dir = Path::new(tmp).join("scratch").join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir).expect("an old scratch crate can be removed");
        }
        std::fs::create_dir_all(dir.join("src")).expect("a scratch crate can be made");
        let lock = workspace().join("Cargo.lock");
        std::fs::copy(lock, dir.join("Cargo.lock")).expect("the workspace has a lock file");
        let scratch = Self {
            dir,
            target_dir: Path::new(tmp).join("scratch-target"),
        };
        scratch.manifest(name, &dependencies("edge-macros"));
        scratch
    }

    /// The same with a build folder of its own, emptied: builds start from nothing.
    #[must_use]
    pub fn cold(mut self) -> Self {
        self.target_dir = self.dir.join("target");
        self
    }

    /// Writes `Cargo.toml`: the package and then `rest`.
    pub fn manifest(&self, name: &str, rest: &str) {
        let package = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n{rest}"
        );
        self.write("Cargo.toml", package);
    }

    /// Writes a file.
    pub fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::write(&path, contents).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// A path in the crate.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.join(path)
    }

    /// The folder that cargo builds into.
    #[must_use]
    pub fn target_dir(&self) -> &Path {
        &self.target_dir
    }

    /// `cargo` in the crate, with an empty cache of compiled networks.
    #[must_use]
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .args(arguments)
            .current_dir(&self.dir)
            .env("CARGO_TARGET_DIR", &self.target_dir)
            .env("EDGE_CACHE_DIR", self.path("cache"))
            .env_remove("EDGE_CACHE")
            .env_remove("CARGO_MANIFEST_DIR");
        command
    }
}

/// The `[dependencies]` of a scratch crate: `edge-core` and another crate of the workspace.
#[must_use]
pub fn dependencies(other: &str) -> String {
    let root = workspace();
    let root = root.display();
    format!(
        "[dependencies]\nedge-core = {{ path = {:?} }}\n{other} = {{ path = {:?} }}\n",
        format!("{root}/edge-core"),
        format!("{root}/{other}"),
    )
}

/// Runs a command to its end.
pub fn succeed(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    output
}
