//! The command `cargo edge`.
//!
//! | module | what |
//! | --- | --- |
//! | `args` | the arguments and what they mean together |
//! | `run` | builds a program around a network and runs it |
//! | `inspect` | layers, shapes, costs and the memory plan |
//! | `rows` | inputs from files, or made up |
//! | `sheet` | the compiler's report, read back |
//! | `results` | outputs and costs as numbers |
//! | `layers` | what each layer costs |
//! | `print` | results for people and as JSON |
//! | `progress` | what is going on, where somebody looks |

mod args;
mod inspect;
mod layers;
mod numbers;
mod print;
mod progress;
mod results;
mod rows;
mod run;
mod sheet;

use crate::cache::{self, Compiled};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ident::type_name;
use crate::options::Options;
use crate::runner::RunError;
use crate::source::Source;
use args::{Cargo, Command, EdgeArgs, ModelArgs, Usage};
use clap::Parser;
use progress::Progress;
use sheet::Sheet;
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

/// A compiled network and what it was compiled from.
#[derive(Debug)]
struct Network {
    source: Source,
    options: Options,
    compiled: Compiled,
    sheet: Sheet,
}

/// Compiles the model of the arguments; warnings go to standard error.
fn compile(args: &ModelArgs, progress: &Progress) -> Result<Network, Failure> {
    let source = args.source()?;
    let mut options = args.options()?;
    // With the name given the macro finds the very result that is computed here.
    options.name.get_or_insert_with(|| type_name(&source.path));
    progress.start(&format!("compiling {}", source.file_name()));
    let compiled = cache::compile_cached(&source, &options);
    progress.stop();
    let compiled = compiled?;
    for warning in &compiled.warnings {
        eprintln!("{warning}");
    }
    let sheet = Sheet::parse(&compiled.report_json).ok_or_else(|| {
        Diagnostic::error(
            Code::Internal,
            "the report cannot be read back",
            "this is a bug of edge: please report it with the model",
        )
    })?;
    Ok(Network {
        source,
        options,
        compiled,
        sheet,
    })
}
