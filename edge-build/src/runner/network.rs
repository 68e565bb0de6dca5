//! Networks built into one program, run on rows of inputs.

use super::counts::Counts;
use super::elf::{self, Sizes};
use super::execute::{Execution, Written};
use super::project::{Project, STACK_BYTES};
use super::{Phase, Platform, RunError, Watch};
use crate::program::Port;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A network and its rows.
#[derive(Clone, Debug)]
pub struct Network {
    /// Name of the generated type.
    pub type_name: String,
    /// The generated code.
    pub code: String,
    /// Rows of inputs as they lie in the arena: for each row the bytes of all inputs.
    pub rows: Vec<u8>,
    /// Bytes of one row.
    pub row_bytes: usize,
    /// Bytes of the outputs of one row.
    pub output_bytes: usize,
}

/// What is built and run.
#[derive(Clone, Debug)]
pub struct Job {
    /// The networks.
    pub networks: Vec<Network>,
    /// Where they run.
    pub platform: Platform,
    /// The plugin that counts cycles.
    pub plugin: Option<PathBuf>,
    /// The firmware links only if no panic can be reached.
    pub forbid_panics: bool,
    /// How long the program may run.
    pub limit: Option<Duration>,
}

/// What one inference costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Instructions under emulation (exact to one tick of the board's counter), nanoseconds on the host.
    pub time: u64,
    /// Bytes of stack; 0 on the host.
    pub stack: u32,
}

/// What a network has done.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Rows of outputs: for each row the bytes of all outputs.
    pub outputs: Vec<u8>,
    /// A cost per row.
    pub costs: Vec<Cost>,
}

/// What a program has done.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// In the order of the job.
    pub networks: Vec<Measured>,
    /// Bytes in flash and RAM; `None` on the host.
    pub sizes: Option<Sizes>,
    /// What the plugin has counted, over all networks.
    pub counts: Option<Counts>,
}

/// Bytes of one record of costs: time and stack.
const COST_BYTES: usize = 12;

/// Bytes of one row of inputs or outputs.
#[must_use]
pub fn bytes_of(ports: &[Port]) -> usize {
    ports.iter().map(|port| port.slot.bytes()).sum()
}

impl Network {
    fn inferences(&self) -> usize {
        self.rows.len() / self.row_bytes.max(1)
    }

    /// The module of the network: its code, and a function that runs it on its files.
    fn module(&self, index: usize) -> String {
        let (name, code) = (&self.type_name, &self.code);
        format!(
            "mod m{index} {{\n\
             {code}\n    \
                 pub(super) fn run() -> Result<(), crate::infer::Failure> {{\n        \
                     static mut NET: {name} = {name}::new();\n        \
                     let files = crate::infer::Files {{ input: c\"m{index}.in\", output: c\"m{index}.out\", \
                     costs: c\"m{index}.costs\" }};\n        \
                     crate::infer::infer(unsafe {{ &mut *(&raw mut NET) }}, &files)\n    \
                 }}\n}}\n\n"
        )
    }
}

/// The module `models` of the program.
fn models(networks: &[Network]) -> String {
    let mut text = String::new();
    let mut calls = String::new();
    for (index, network) in networks.iter().enumerate() {
        text.push_str(&network.module(index));
        let _ = writeln!(calls, "    m{index}::run()?;");
    }
    format!("{text}pub fn run() -> Result<(), crate::infer::Failure> {{\n{calls}    Ok(())\n}}\n")
}

impl Job {
    /// Builds the program and runs it.
    ///
    /// # Errors
    /// If there are no tools, the compiler refuses the program, or it fails.
    pub fn run(&self, watch: Watch<'_>) -> Result<Outcome, RunError> {
        watch(Phase::Building);
        let program = self.build()?;
        let sizes = match self.platform {
            Platform::Host => None,
            Platform::Emulated(_) => {
                let file = std::fs::read(&program).map_err(RunError::file(&program))?;
                Some(elf::sizes(&file)?)
            }
        };
        let written = self.execute(&program, watch)?;
        self.outcome(written, sizes)
    }

    /// Builds the program and gives the path of the executable.
    pub(super) fn build(&self) -> Result<PathBuf, RunError> {
        let project = Project {
            platform: self.platform,
            models: models(&self.networks),
            forbid_panics: self.forbid_panics,
        };
        project.build()
    }

    /// Runs the program on the rows.
    pub(super) fn execute(&self, program: &Path, watch: Watch<'_>) -> Result<Written, RunError> {
        watch(Phase::Running { done: 0 });
        let numbered = || self.networks.iter().enumerate();
        let inputs: Vec<_> = numbered()
            .map(|(index, network)| (format!("m{index}.in"), &*network.rows))
            .collect();
        let mut outputs: Vec<_> = numbered()
            .map(|(index, _)| (format!("m{index}.costs"), COST_BYTES))
            .collect();
        outputs.extend(numbered().map(|(index, _)| (format!("m{index}.out"), usize::MAX)));
        let execution = Execution {
            program,
            platform: self.platform,
            plugin: self.plugin.as_deref(),
            inputs: &inputs,
            outputs: &outputs,
            limit: self.limit,
        };
        execution.run(watch)
    }

    fn outcome(&self, written: Written, sizes: Option<Sizes>) -> Result<Outcome, RunError> {
        let mut files = written.files;
        let outputs = files.split_off(self.networks.len().min(files.len()));
        let mut networks = Vec::new();
        for (index, (network, (costs, outputs))) in self
            .networks
            .iter()
            .zip(files.into_iter().zip(outputs))
            .enumerate()
        {
            let inferences = network.inferences();
            check(&format!("m{index}.costs"), &costs, inferences * COST_BYTES)?;
            check(
                &format!("m{index}.out"),
                &outputs,
                inferences * network.output_bytes,
            )?;
            let costs: Vec<Cost> = costs
                .chunks_exact(COST_BYTES)
                .map(|c| self.cost(c))
                .collect();
            if costs.iter().any(|cost| cost.stack >= STACK_BYTES) {
                let what = format!("needs more than {STACK_BYTES} bytes of stack");
                return Err(RunError::Failed(what));
            }
            networks.push(Measured { outputs, costs });
        }
        let counts = written.counts.map(|json| Counts::parse(&json, 0));
        Ok(Outcome {
            networks,
            sizes,
            counts: counts.transpose()?,
        })
    }

    fn cost(&self, record: &[u8]) -> Cost {
        let word = |at: usize| {
            let bytes = record.get(at..).and_then(|rest| rest.first_chunk());
            u32::from_le_bytes(bytes.copied().unwrap_or_default())
        };
        let ticks = u64::from(word(0)) | u64::from(word(4)) << 32;
        let unit = match self.platform {
            Platform::Host => 1,
            Platform::Emulated(board) => board.instructions_per_tick,
        };
        Cost {
            time: ticks * unit,
            stack: word(8),
        }
    }
}

fn check(file: &str, content: &[u8], expected: usize) -> Result<(), RunError> {
    if content.len() == expected {
        return Ok(());
    }
    Err(RunError::Output {
        file: file.to_owned(),
        found: content.len(),
        expected,
    })
}
