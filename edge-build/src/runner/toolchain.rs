//! Which compiler and linker builds for a core.
//!
//! rustup's target if it is installed. Else a compiler that has the sources of `core` beside it, such as
//! Debian's (`rustc-web`, `rust-web-src`), which builds `core` first.

use super::{Board, RunError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Debian's compiler, whatever comes first in the path.
const SYSTEM: [&str; 2] = ["/usr/bin/cargo", "/usr/bin/rustc"];

/// A compiler and how it links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// `cargo`.
    pub cargo: PathBuf,
    /// `rustc`.
    pub rustc: PathBuf,
    /// What `rustc -vV` says.
    pub version: String,
    /// `core` is built from its sources.
    pub build_std: bool,
    /// The linker of the board's family is used: the compiler brings none.
    pub foreign_linker: bool,
}

impl Toolchain {
    /// The compiler for programs of this machine.
    ///
    /// # Errors
    /// If there is none.
    pub fn host() -> Result<Self, RunError> {
        let [cargo, rustc] = ambient();
        let version = ask(&rustc, &["-vV"]).ok_or_else(|| RunError::NoToolchain {
            triple: "this machine",
            help: "install Rust from https://rustup.rs".to_owned(),
        })?;
        Ok(Self {
            cargo,
            rustc,
            version,
            build_std: false,
            foreign_linker: false,
        })
    }

    /// The compiler for firmware.
    ///
    /// # Errors
    /// If there is none; the error says how to get one.
    pub fn for_board(board: &'static Board) -> Result<Self, RunError> {
        let candidates = [ambient(), SYSTEM.map(PathBuf::from)];
        let found = candidates
            .into_iter()
            .find_map(|[cargo, rustc]| Self::with(cargo, rustc, board.triple));
        found.ok_or_else(|| RunError::NoToolchain {
            triple: board.triple,
            help: format!(
                "`rustup target add {}`, or on Debian `apt-get install rustc-web cargo-web rust-web-src \
                 binutils-arm-none-eabi binutils-riscv64-unknown-elf`",
                board.triple
            ),
        })
    }

    /// A compiler, if it can build for the target.
    fn with(cargo: PathBuf, rustc: PathBuf, triple: &str) -> Option<Self> {
        let version = ask(&rustc, &["-vV"])?;
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))?;
        let sysroot = PathBuf::from(ask(&rustc, &["--print", "sysroot"])?.trim());
        let rustlib = sysroot.join("lib/rustlib");
        let has_target = rustlib.join(triple).join("lib").is_dir();
        let has_sources = rustlib.join("src/rust/library/core/src/lib.rs").is_file();
        let lld = rustlib.join(host).join("bin/rust-lld");
        (has_target || has_sources).then_some(Self {
            cargo,
            rustc,
            build_std: !has_target,
            foreign_linker: !lld.is_file(),
            version,
        })
    }

    /// `cargo` with this compiler, free of what a surrounding cargo has set.
    #[must_use]
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        command.env("RUSTC", &self.rustc);
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
            command.env_remove(name);
        }
        if self.build_std {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
        command
    }

    /// First line of the version and how `core` is had, for people.
    #[must_use]
    pub fn describe(&self) -> String {
        let version = self.version.lines().next().unwrap_or_default();
        let core = if self.build_std {
            ", core built from source"
        } else {
            ""
        };
        format!("{version}{core}")
    }
}

/// The compiler of the surroundings: the one that runs us, or the first in the path.
fn ambient() -> [PathBuf; 2] {
    let of =
        |name: &str, default: &str| std::env::var_os(name).map_or(default.into(), PathBuf::from);
    [of("CARGO", "cargo"), of("RUSTC", "rustc")]
}

/// What a compiler says; `None` if it does not run.
fn ask(rustc: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(rustc)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
