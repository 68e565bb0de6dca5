//! The command `cargo edge`.
//!
//! | module | what |
//! | --- | --- |
//! | `args` | the arguments and what they mean together |
//! | `run` | builds a program around a network and runs it |
//! | `inspect` | layers, shapes, costs and the memory plan |
//! | `rows` | inputs from files, or made up |
//! | `results` | outputs and costs as numbers |
//! | `print` | results for people and as JSON |
//! | `progress` | what is going on, where somebody looks |

mod args;
mod inspect;
mod print;
mod progress;
mod results;
mod rows;
mod run;

use crate::compile::{self, Artifact};
use crate::diag::{Diagnostic, Diagnostics};
use crate::runner::RunError;
use args::{Cargo, Command, EdgeArgs, ModelArgs, Usage};
use clap::Parser;
use progress::Progress;
use std::process::ExitCode;

/// What ends the command.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The network is not compiled.
    #[error("{0}")]
    Network(#[from] Diagnostics),
    /// The arguments do not fit together.
    #[error("error: {0}")]
    Usage(#[from] Usage),
    /// The input does not fit the network.
    #[error("error: {0}")]
    Rows(#[from] rows::RowsError),
    /// The program around the network fails.
    #[error("error: {0}")]
    Run(#[from] RunError),
    /// Results cannot be written.
    #[error("error: cannot write {path}: {error}")]
    Write {
        /// Where.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
}

impl From<Diagnostic> for Failure {
    fn from(one: Diagnostic) -> Self {
        Self::Network(one.into())
    }
}

/// Runs the command; exit code 1 on errors, 2 on wrong arguments.
#[must_use]
pub fn main() -> ExitCode {
    let Cargo::Edge(EdgeArgs { command }) = Cargo::parse();
    let done = match &command {
        Command::Run(args) => run::run(args),
        Command::Inspect(args) => inspect::inspect(args),
    };
    match done {
        Ok(text) => {
            say(&text);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(if matches!(failure, Failure::Usage(_)) {
                2
            } else {
                1
            })
        }
    }
}

/// Prints to standard output; a reader that has gone away is no error.
fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end());
}

/// Compiles the model of the arguments; warnings go to standard error.
fn compile(
    args: &ModelArgs,
    progress: &Progress,
) -> Result<(Artifact, crate::options::Options), Failure> {
    let (source, options) = (args.source()?, args.options()?);
    progress.start(&format!("compiling {}", source.file_name()));
    let artifact = compile::compile(&source, &options);
    progress.stop();
    let artifact = artifact?;
    for warning in &artifact.warnings {
        eprintln!("{warning}");
    }
    Ok((artifact, options))
}
