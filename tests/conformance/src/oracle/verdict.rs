//! Whether a case is computed as the reference computes it.

use super::case::Run;
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
    /// The numbers are right.
    Right(Difference),
    /// The compiler takes the model and the numbers are wrong, or it panics.
    Wrong(String),
    /// The compiler says that it does not take the model.
    Refused(String),
}

/// The greatest difference from the reference.
#[derive(Clone, Copy, Debug, Default)]
pub struct Difference {
    /// Of integers.
    pub integers: u64,
    /// Of floats, in parts of the range of the output.
    pub floats: f64,
}

impl Difference {
    /// The greater of two.
    pub fn join(&mut self, other: Self) {
        self.integers = self.integers.max(other.integers);
        self.floats = self.floats.max(other.floats);
    }
}

/// Differences of floats that are allowed, in parts of the range of the output.
const FLOATS: f64 = 1e-5;

impl Case {
    /// Compiles the model, runs it on the host and compares.
    #[must_use]
    pub fn judge(&self) -> Verdict {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.run()));
        outcome.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            Verdict::Wrong(format!("panics: {}", text.unwrap_or_default()))
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
            Ok(difference) => Verdict::Right(difference),
            Err(reason) => Verdict::Wrong(reason),
        }
    }

    fn compare(&self, program: &Program) -> Result<Difference, String> {
        let counts = (program.inputs.len(), program.outputs.len());
        if counts != (self.inputs.len(), self.outputs.len()) {
            return Err(format!("{} inputs and {} outputs", counts.0, counts.1));
        }
        let mut executor = Executor::new(program);
        let mut most = Difference::default();
        let numbers = self.numbers();
        let ranges = self.ranges(&numbers);
        // Once more from the beginning: `reset` forgets all that the runs have left.
        for (run, Run { inputs, outputs }) in numbers.iter().chain(numbers.first()).enumerate() {
            if run == numbers.len() {
                executor.reset();
            }
            for (index, (bytes, spec)) in inputs.iter().zip(&self.inputs).enumerate() {
                let wanted = program.inputs[index].slot.bytes();
                executor.set_input(index, &spec.narrow(bytes, wanted)?);
            }
            executor.run().map_err(|error| error.to_string())?;
            for (index, (bytes, spec)) in outputs.iter().zip(&self.outputs).enumerate() {
                let found = spec.widen(executor.output(index));
                let difference = spec.compare(&found, bytes, ranges[index]);
                most.join(difference.map_err(|e| format!("run {run}, output {index}: {e}"))?);
            }
        }
        Ok(most)
    }

    /// The range of each output over all runs, if it is of floats.
    fn ranges(&self, numbers: &[Run]) -> Vec<f64> {
        let range = |(index, spec): (usize, &Spec)| {
            if spec.dtype != "float32" {
                return 0.0;
            }
            let all = numbers.iter().flat_map(|run| floats(&run.outputs[index]));
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

    fn compare(&self, found: &[u8], expected: &[u8], range: f64) -> Result<Difference, String> {
        if found.len() != expected.len() {
            return Err(format!("{} bytes, not {}", found.len(), expected.len()));
        }
        if self.dtype == "float32" {
            return compare_floats(&floats(found), &floats(expected), range);
        }
        let (found, expected) = (self.integers(found), self.integers(expected));
        let mut pairs = found.iter().zip(&expected).enumerate();
        match pairs.find(|(_, (a, b))| a != b) {
            Some((place, (a, b))) => {
                let differences = found.iter().zip(&expected).map(|(a, b)| a.abs_diff(*b));
                let count = differences.clone().filter(|&x| x > 0).count();
                let (total, most) = (found.len(), differences.max().unwrap_or(0));
                Err(format!(
                    "{a} where {b} is expected, at {place}; {count} of {total} differ, by up to {most}"
                ))
            }
            None => Ok(Difference::default()),
        }
    }

    fn integers(&self, bytes: &[u8]) -> Vec<i64> {
        let number = |bytes: &[u8]| {
            let unsigned = bytes
                .iter()
                .rev()
                .fold(0, |sum, &b| sum << 8 | u64::from(b));
            let unused = 64 - 8 * bytes.len() as u32;
            if self.dtype.starts_with("int") {
                (unsigned << unused).cast_signed() >> unused
            } else {
                unsigned.cast_signed()
            }
        };
        bytes.chunks_exact(self.size()).map(number).collect()
    }
}

fn floats(bytes: &[u8]) -> Vec<f64> {
    let words = bytes.as_chunks().0.iter();
    words
        .map(|&word| f64::from(f32::from_le_bytes(word)))
        .collect()
}

fn compare_floats(found: &[f64], expected: &[f64], range: f64) -> Result<Difference, String> {
    let mut most = 0.0_f64;
    for (place, (&a, &b)) in found.iter().zip(expected).enumerate() {
        let distance = (a - b).abs();
        let same =
            a.total_cmp(&b).is_eq() || distance < f64::MIN_POSITIVE || (a.is_nan() && b.is_nan());
        let parts = if same { 0.0 } else { distance / range };
        if parts.is_nan() || parts > FLOATS {
            return Err(format!(
                "{a} where {b} is expected, at {place} (range {range})"
            ));
        }
        most = most.max(parts);
    }
    Ok(Difference {
        integers: 0,
        floats: most,
    })
}
