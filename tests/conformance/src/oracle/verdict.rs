//! Whether a case is computed as the reference computes it.

use super::case::Run;
use super::difference::Difference;
use super::{Case, Spec};
use edge_build::compile::compile;
use edge_build::exec::Executor;
use edge_build::options::Options;
use edge_build::program::Program;
use edge_build::source::Source;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What became of a case.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The compiler takes the model.
    Runs(Difference),
    /// The compiler says that it does not take the model.
    Refused(String),
    /// The compiler contradicts itself, or panics.
    Broken(String),
}

impl Case {
    /// Compiles the model, runs it on the host and compares.
    #[must_use]
    pub fn judge(&self) -> Verdict {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.run()));
        outcome.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            Verdict::Broken(format!("panics: {}", text.unwrap_or_default()))
        })
    }

    fn run(&self) -> Verdict {
        let source = Source::read(&self.model()).expect("a readable model");
        let target = edge_build::target::find("host").expect("a target");
        let program = match compile(&source, &Options::new(target)) {
            Ok(artifact) => artifact.program,
            Err(errors) => return Verdict::Refused(errors.to_string()),
        };
        match self.compare(&program) {
            Ok(difference) => Verdict::Runs(difference),
            Err(reason) => Verdict::Broken(reason),
        }
    }

    fn compare(&self, program: &Program) -> Result<Difference, String> {
        let counts = (program.inputs.len(), program.outputs.len());
        if counts != (self.inputs.len(), self.outputs.len()) {
            return Err(format!("{} inputs and {} outputs", counts.0, counts.1));
        }
        let mut executor = Executor::new(program);
        let mut difference = Difference::default();
        let runs = self.numbers();
        let ranges = self.ranges(&runs);
        // Once more from the beginning: `reset` forgets all that the runs have left.
        for (index, run) in runs.iter().chain(runs.first()).enumerate() {
            if index == runs.len() {
                executor.reset();
            }
            for (port, (bytes, spec)) in run.inputs.iter().zip(&self.inputs).enumerate() {
                let wanted = program.inputs[port].slot.bytes();
                executor.set_input(port, &spec.narrow(bytes, wanted)?);
            }
            executor.run().map_err(|error| error.to_string())?;
            for (port, (bytes, spec)) in run.outputs.iter().zip(&self.outputs).enumerate() {
                let found = spec.widen(executor.output(port));
                if found.len() != bytes.len() {
                    return Err(format!("{} bytes, not {}", found.len(), bytes.len()));
                }
                let place = format!("run {index}, output {port}");
                difference.join(spec.compare(&found, bytes, ranges[port]).at(&place));
            }
        }
        Ok(difference)
    }

    /// The range of each output over all runs, if it is of floats.
    fn ranges(&self, runs: &[Run]) -> Vec<f64> {
        let range = |(port, spec): (usize, &Spec)| {
            let all = runs.iter().flat_map(|run| spec.floats(&run.outputs[port]));
            let finite: Vec<f64> = all.filter(|x| x.is_finite()).collect();
            let high = finite.iter().copied().fold(0.0, f64::max);
            high - finite.iter().copied().fold(0.0, f64::min)
        };
        self.outputs.iter().enumerate().map(range).collect()
    }
}

impl Spec {
    /// The bytes of an input; 64-bit integers may be 32-bit ones on the device.
    fn narrow(&self, bytes: &[u8], wanted: usize) -> Result<Vec<u8>, String> {
        if bytes.len() == wanted {
            return Ok(bytes.to_vec());
        }
        if self.dtype == "int64" && bytes.len() == 2 * wanted {
            let words = bytes.as_chunks::<8>().0.iter();
            return Ok(words.flat_map(|word| word[..4].to_vec()).collect());
        }
        Err(format!(
            "an input of {wanted} bytes, not of {}",
            bytes.len()
        ))
    }

    fn widen(&self, bytes: &[u8]) -> Vec<u8> {
        if self.dtype != "int64" || bytes.len() == 8 * self.len {
            return bytes.to_vec();
        }
        let words = bytes.as_chunks::<4>().0.iter();
        let wide = words.flat_map(|&word| i64::from(i32::from_le_bytes(word)).to_le_bytes());
        wide.collect()
    }
}
