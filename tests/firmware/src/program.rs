//! Programs of tests that are no networks.

use crate::LIMIT;
use edge_build::runner::execute::Execution;
use edge_build::runner::{Board, Platform, Project, RunError};

/// A program for a board; `models` is its Rust source.
#[must_use]
pub fn project(board: &'static Board, models: &str) -> Project {
    Project {
        platform: Platform::Emulated(board),
        models: models.to_owned(),
        forbid_panics: false,
    }
}

/// Builds and runs a program that reads one file and writes one.
///
/// # Errors
/// If the program stops with one.
pub fn run(project: &Project, input: (&str, &[u8]), output: &str) -> Result<Vec<u8>, RunError> {
    let program = project.build().unwrap_or_else(|error| panic!("{error}"));
    let execution = Execution {
        program: &program,
        platform: project.platform,
        plugin: None,
        inputs: &[(input.0.to_owned(), input.1)],
        outputs: &[(output.to_owned(), 1)],
        limit: Some(LIMIT),
    };
    Ok(execution.run(&|_| ())?.files.remove(0))
}
