//! What can go wrong around a network.

use std::path::{Path, PathBuf};

/// Why a program was not built or did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Nothing here compiles for the core.
    #[error("no Rust toolchain here compiles for {triple}\n  help: {help}")]
    NoToolchain {
        /// Target of rustc.
        triple: &'static str,
        /// How to get one.
        help: String,
    },
    /// The crates of the programs are gone: the command was built from a clone that was moved or removed.
    #[error("{0} is not there: programs are built from the clone that this command was built from")]
    NoSources(PathBuf),
    /// A program that is needed cannot be started.
    #[error("cannot start {program}: {error}\n  help: {help}")]
    NoProgram {
        /// Its name.
        program: String,
        /// What the system says.
        error: std::io::Error,
        /// How to get it.
        help: &'static str,
    },
    /// A file or folder cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Where.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The compiler refuses the program.
    #[error("the program around the network does not build:\n{0}")]
    Build(String),
    /// The program ends with a failure.
    #[error("the program {0}")]
    Failed(String),
    /// The program runs longer than it may.
    #[error("the program was stopped after {0} seconds")]
    Timeout(u64),
    /// The program ended well, but a file it should have written is not as it should be.
    #[error("the program wrote {found} bytes to {file}, {expected} were expected")]
    Output {
        /// The file.
        file: String,
        /// Its size.
        found: usize,
        /// Its size if all went well.
        expected: usize,
    },
    /// The counts of the plugin cannot be read.
    #[error("the plugin's counts cannot be read: {0}")]
    Counts(String),
    /// The firmware has no places for marks around steps.
    #[error("the firmware has no marks around its steps: its code was generated without them")]
    NoSteps,
    /// The firmware is no ELF file as it should be.
    #[error("the firmware is not a 32-bit ELF file with sections")]
    Elf,
}

impl RunError {
    /// For `map_err` on operations on files.
    pub(super) fn file(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |error| Self::File {
            path: path.to_owned(),
            error,
        }
    }
}
