//! What became of all cases of a kind.

use super::net;
use super::wanted::Wanted;
use edge_build::ir::{Arithmetic, DType};
use edge_build::program::Program;
use std::fmt;

/// Failures that are shown.
const SHOWN: usize = 8;

/// What became of all cases of a kind.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    name: String,
    networks: usize,
    refused: usize,
    elements: usize,
    beside: usize,
    undefined: usize,
    failures: Vec<String>,
}

impl Tally {
    /// Nothing yet.
    #[must_use]
    pub fn new(name: &'static str, arithmetic: Arithmetic) -> Self {
        Self {
            name: format!("{arithmetic:?} {name}"),
            ..Self::default()
        }
    }

    /// Runs a network, if there is one, and compares.
    pub fn judge(
        &mut self,
        compiled: Result<Program, String>,
        inputs: &[Vec<u8>],
        output: DType,
        wanted: impl FnOnce() -> Vec<Wanted>,
        what: impl Fn() -> String,
    ) {
        match compiled {
            Ok(program) => {
                let found = net::numbers(output, &net::run(&program, inputs));
                self.compare(&found, &wanted(), what);
            }
            Err(_) => self.refuse(),
        }
    }

    /// One more network that the compiler refuses.
    pub fn refuse(&mut self) {
        self.networks += 1;
        self.refused += 1;
    }

    /// One more network that runs.
    pub fn compare(&mut self, found: &[i64], wanted: &[Wanted], what: impl Fn() -> String) {
        self.networks += 1;
        assert_eq!(found.len(), wanted.len(), "elements of {}", self.name);
        for (index, (&found, wanted)) in found.iter().zip(wanted).enumerate() {
            self.elements += 1;
            self.beside += usize::from(wanted.is_beside(found));
            self.undefined += usize::from(*wanted == Wanted::Undefined);
            if let Some(fault) = wanted.fault(found) {
                let text = format!("{}: element {index} is {fault}: {}", self.name, what());
                self.failures.push(text);
                return;
            }
        }
    }

    /// Prints the counts.
    ///
    /// # Panics
    /// If a network computed something else, or none was compared.
    pub fn finish(self) {
        println!("{self}");
        let shown = &self.failures[..self.failures.len().min(SHOWN)];
        assert!(
            shown.is_empty(),
            "{} of {} networks are wrong:\n{}",
            self.failures.len(),
            self.networks,
            shown.join("\n")
        );
        let compared = self.networks - self.refused;
        assert!(20 * compared >= self.networks, "{self}: too few to compare");
        // A factor of 31 bits seldom decides about a half.
        assert!(20 * self.beside <= self.elements, "{self}: too many beside");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} networks, {} refused, {} elements compared, {} one step off, {} undefined",
            self.name, self.networks, self.refused, self.elements, self.beside, self.undefined
        )
    }
}

/// The two arithmetics of files.
pub const BOTH: [Arithmetic; 2] = [Arithmetic::TfLite, Arithmetic::Onnx];
