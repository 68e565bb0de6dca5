//! The ONNX backend tests: one small model each, with inputs and outputs.

use edge_build::exec::Executor;
use edge_build::ir::Graph;
use edge_build::options::Options;
use edge_build::plan::{Planner, Search};
use edge_build::program::Program;
use edge_build::{import, ir, lower, passes, plan, schedule};
use prost::Message;
use std::path::{Path, PathBuf};

/// Differences that the ONNX project allows: relative and absolute.
const RELATIVE: f32 = 1e-3;
const ABSOLUTE: f32 = 1e-7;

/// `TensorProto` of `onnx.proto`, as far as float tensors need it.
#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, optional, tag = "2")]
    data_type: Option<i32>,
    #[prost(float, repeated, tag = "4")]
    float_data: Vec<f32>,
    #[prost(bytes = "vec", optional, tag = "9")]
    raw_data: Option<Vec<u8>>,
}

/// `TensorProto.DataType.FLOAT`.
const FLOAT: i32 = 1;

/// A test of which all inputs and outputs are float tensors.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of its folder.
    pub name: String,
    model: PathBuf,
    inputs: Vec<Vec<f32>>,
    outputs: Vec<Vec<f32>>,
}

/// How far a graph has come when it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// As imported.
    Raw,
    /// After all passes over the float graph.
    Canonical,
}

/// Why a test does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The compiler says that it does not take this.
    Refused(String),
    /// The compiler takes it and the numbers are wrong, or it contradicts itself.
    Wrong(String),
}

impl Case {
    /// All tests in a folder that have only float inputs and outputs, sorted by name.
    #[must_use]
    pub fn all(folder: &Path) -> Vec<Self> {
        let entries = std::fs::read_dir(folder).expect("a readable folder");
        let mut cases: Vec<Self> = entries
            .filter_map(|entry| Self::load(&entry.expect("a readable folder").path()))
            .collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        cases
    }

    fn load(folder: &Path) -> Option<Self> {
        let data = folder.join("test_data_set_0");
        Some(Self {
            name: folder.file_name()?.to_string_lossy().into_owned(),
            model: folder.join("model.onnx"),
            inputs: tensors(&data, "input")?,
            outputs: tensors(&data, "output")?,
        })
    }

    /// Compiles the model as far as `stage`, runs it on the host, and compares.
    ///
    /// # Errors
    /// If it is refused or wrong.
    pub fn run(&self, stage: Stage) -> Result<(), Failure> {
        let program = self.compile(stage)?;
        let mut executor = Executor::new(&program);
        if program.inputs.len() != self.inputs.len() {
            return Err(Failure::Wrong(format!("{} inputs", program.inputs.len())));
        }
        for (index, input) in self.inputs.iter().enumerate() {
            let bytes: Vec<u8> = input.iter().flat_map(|x| x.to_le_bytes()).collect();
            executor.set_input(index, &bytes);
        }
        executor
            .run()
            .map_err(|error| Failure::Wrong(error.to_string()))?;
        for (index, expected) in self.outputs.iter().enumerate() {
            let words = executor.output(index).as_chunks().0;
            let found: Vec<f32> = words.iter().map(|&word| f32::from_le_bytes(word)).collect();
            compare(&found, expected)
                .map_err(|error| Failure::Wrong(format!("output {index}: {error}")))?;
        }
        Ok(())
    }

    fn compile(&self, stage: Stage) -> Result<Program, Failure> {
        let refused = |error: &dyn std::fmt::Display| Failure::Refused(error.to_string());
        let wrong = |error: &dyn std::fmt::Display| Failure::Wrong(error.to_string());
        let source = edge_test_support::source(&self.model);
        let options =
            Options::new(edge_build::target::find("host").map_err(|error| wrong(&error))?);
        let mut graph = import::run(&source, &options).map_err(|error| refused(&error))?;
        ir::verify::run(&graph).map_err(|error| wrong(&error))?;
        if stage == Stage::Canonical {
            graph = passes::canonicalize(graph).map_err(|error| refused(&error))?;
            ir::verify::run(&graph).map_err(|error| wrong(&error))?;
        }
        assemble(graph)
    }
}

fn assemble(graph: Graph) -> Result<Program, Failure> {
    let graph = schedule::run(graph);
    let refused = |errors| Failure::Refused(lower::diagnostics(&graph, errors).to_string());
    let draft = lower::run(&graph).map_err(refused)?;
    let offsets = Search.plan(&draft);
    plan::verify(&draft, &offsets)
        .map_err(|errors| Failure::Wrong(plan::diagnostics(errors).to_string()))?;
    Ok(lower::assemble(&graph, &draft, &offsets).program)
}

/// The tensors `<kind>_0.pb`, `<kind>_1.pb`, …; `None` if one is no float tensor.
fn tensors(folder: &Path, kind: &str) -> Option<Vec<Vec<f32>>> {
    let paths = (0..).map(|index| folder.join(format!("{kind}_{index}.pb")));
    paths
        .take_while(|path| path.exists())
        .map(|path| floats(&path))
        .collect()
}

fn floats(path: &Path) -> Option<Vec<f32>> {
    let bytes = std::fs::read(path).expect("a readable file");
    let tensor = TensorProto::decode(bytes.as_slice()).ok()?;
    if tensor.data_type != Some(FLOAT) {
        return None;
    }
    let Some(raw) = tensor.raw_data else {
        return Some(tensor.float_data);
    };
    let words = raw.as_chunks().0;
    Some(words.iter().map(|&word| f32::from_le_bytes(word)).collect())
}

fn compare(found: &[f32], expected: &[f32]) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!(
            "{} numbers where {} are expected",
            found.len(),
            expected.len()
        ));
    }
    let differs = |&(_, (a, b)): &(usize, (&f32, &f32))| !close(*a, *b);
    match found.iter().zip(expected).enumerate().find(differs) {
        Some((place, (a, b))) => Err(format!("{a} where {b} is expected, at {place}")),
        None => Ok(()),
    }
}

fn close(found: f32, expected: f32) -> bool {
    let equal = found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
    equal || (found - expected).abs() <= ABSOLUTE + RELATIVE * expected.abs()
}
