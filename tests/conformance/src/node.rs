//! The ONNX backend tests: one small model each, with inputs and outputs.

use edge_build::exec::Executor;
use edge_build::ir::Graph;
use edge_build::options::Options;
use edge_build::plan::{Planner, Search};
use edge_build::program::Program;
use edge_build::source::Source;
use edge_build::{import, ir, lower, passes, plan, qdq, schedule};
use prost::Message;
use std::path::{Path, PathBuf};

/// Differences that the ONNX project allows: relative and absolute.
const RELATIVE: f32 = 1e-3;
const ABSOLUTE: f32 = 1e-7;

/// `TensorProto` of `onnx.proto`, as far as tensors of a [`Kind`] need it.
#[derive(Clone, PartialEq, Message)]
struct TensorProto {
    #[prost(int64, repeated, tag = "1")]
    dims: Vec<i64>,
    #[prost(int32, optional, tag = "2")]
    data_type: Option<i32>,
    #[prost(float, repeated, tag = "4")]
    float_data: Vec<f32>,
    #[prost(int32, repeated, tag = "5")]
    int32_data: Vec<i32>,
    #[prost(bytes = "vec", optional, tag = "9")]
    raw_data: Option<Vec<u8>>,
}

/// Element types of the inputs and outputs that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    F32,
    U8,
    I8,
    I32,
}

/// A tensor: element type and little-endian bytes.
type Numbers = (Kind, Vec<u8>);

/// Field `graph` of `ModelProto`.
const MODEL_GRAPH: u32 = 7;
/// Field `initializer` of `GraphProto`.
const GRAPH_INITIALIZER: u32 = 5;

/// A test with outputs of floats, bytes or 32-bit integers and at least one input of floats or bytes.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of its folder.
    pub name: String,
    model: PathBuf,
    inputs: Vec<Input>,
    outputs: Vec<Numbers>,
}

/// An input of a test.
#[derive(Clone, Debug)]
struct Input {
    /// The encoded `TensorProto`, name included.
    proto: Vec<u8>,
    /// The numbers, if they are floats or bytes.
    numbers: Option<Numbers>,
}

/// Which inputs stay inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All of them.
    Open,
    /// The first one of floats or bytes; weights, axes, shapes and the like become constants, as in real models.
    Fixed,
}

impl Form {
    /// The spelling in the list of tests.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Fixed => "fixed",
        }
    }
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
    /// All tests in a folder that have outputs to compare and something to run on, sorted by name.
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
        let inputs: Vec<Input> = tensors(&data, "input")
            .map(|proto| Input {
                numbers: numbers(&proto).filter(|(kind, _)| *kind != Kind::I32),
                proto,
            })
            .collect();
        let case = Self {
            name: folder.file_name()?.to_string_lossy().into_owned(),
            model: folder.join("model.onnx"),
            outputs: tensors(&data, "output")
                .map(|proto| numbers(&proto))
                .collect::<Option<_>>()?,
            inputs,
        };
        let runs = case.inputs.is_empty() || case.first_numbers().is_some();
        runs.then_some(case)
    }

    fn first_numbers(&self) -> Option<usize> {
        self.inputs.iter().position(|input| input.numbers.is_some())
    }

    /// Compiles the model as far as `stage`, runs it on the host, and compares.
    ///
    /// # Errors
    /// If it is refused or wrong.
    pub fn run(&self, form: Form, stage: Stage) -> Result<(), Failure> {
        let inputs = match form {
            Form::Open => &self.inputs[..],
            Form::Fixed => {
                let first = self.first_numbers();
                first.map_or(&[][..], |first| &self.inputs[first..=first])
            }
        };
        let numbers: Option<Vec<&Numbers>> =
            inputs.iter().map(|input| input.numbers.as_ref()).collect();
        let numbers = numbers.ok_or_else(|| {
            Failure::Refused("inputs that are neither floats nor bytes".to_owned())
        })?;
        let program = compile(&self.source(form), stage)?;
        if program.inputs.len() != numbers.len() {
            return Err(Failure::Wrong(format!("{} inputs", program.inputs.len())));
        }
        let mut executor = Executor::new(&program);
        for (index, (_, bytes)) in numbers.iter().enumerate() {
            executor.set_input(index, bytes);
        }
        executor
            .run()
            .map_err(|error| Failure::Wrong(error.to_string()))?;
        for (index, (kind, expected)) in self.outputs.iter().enumerate() {
            let found = executor.output(index);
            match kind {
                Kind::F32 => compare(&floats(found), &floats(expected)),
                Kind::U8 | Kind::I8 | Kind::I32 => compare_integers(found, expected),
            }
            .map_err(|error| Failure::Wrong(format!("output {index}: {error}")))?;
        }
        Ok(())
    }

    /// The model; constants are appended, since messages that follow each other are merged.
    fn source(&self, form: Form) -> Source {
        let mut source = edge_test_support::source(&self.model);
        if form == Form::Fixed {
            let first = self.first_numbers();
            for (index, input) in self.inputs.iter().enumerate() {
                if Some(index) != first {
                    let graph = message(GRAPH_INITIALIZER, &input.proto);
                    source.bytes.extend(message(MODEL_GRAPH, &graph));
                }
            }
        }
        source
    }
}

/// A field that holds a message.
fn message(tag: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::encode_key(tag, prost::encoding::WireType::LengthDelimited, &mut bytes);
    prost::encoding::encode_varint(body.len() as u64, &mut bytes);
    bytes.extend(body);
    bytes
}

fn compile(source: &Source, stage: Stage) -> Result<Program, Failure> {
    let refused = |error: &dyn std::fmt::Display| Failure::Refused(error.to_string());
    let wrong = |error: &dyn std::fmt::Display| Failure::Wrong(error.to_string());
    let target = edge_build::target::find("host").map_err(|error| wrong(&error))?;
    let mut graph = import::run(source, &Options::new(target)).map_err(|error| refused(&error))?;
    ir::verify::run(&graph).map_err(|error| wrong(&error))?;
    if stage == Stage::Canonical {
        graph = passes::canonicalize(graph).map_err(|error| refused(&error))?;
        graph = qdq::run(graph);
        ir::verify::run(&graph).map_err(|error| wrong(&error))?;
    }
    assemble(graph)
}

/// A constant or an input that is an output itself is copied by a pass.
fn is_made_by_a_node(graph: &Graph, output: ir::ValueId) -> bool {
    graph
        .nodes
        .iter()
        .any(|node| node.outputs.contains(&output))
}

fn assemble(graph: Graph) -> Result<Program, Failure> {
    if !graph
        .outputs
        .iter()
        .all(|&output| is_made_by_a_node(&graph, output))
    {
        return Err(Failure::Refused("an output that no node makes".to_owned()));
    }
    let graph = schedule::order::run(graph);
    let refused = |errors| Failure::Refused(lower::diagnostics(&graph, errors).to_string());
    let draft = lower::run(&graph).map_err(refused)?;
    let offsets = Search.plan(&draft);
    plan::verify(&draft, &offsets)
        .map_err(|errors| Failure::Wrong(plan::diagnostics(errors).to_string()))?;
    Ok(lower::assemble(&graph, &draft, &offsets).program)
}

/// The files `<kind>_0.pb`, `<kind>_1.pb`, …
fn tensors(folder: &Path, kind: &str) -> impl Iterator<Item = Vec<u8>> {
    let paths = (0..).map(move |index| folder.join(format!("{kind}_{index}.pb")));
    paths
        .take_while(|path| path.exists())
        .map(|path| std::fs::read(path).expect("a readable file"))
}

fn numbers(proto: &[u8]) -> Option<Numbers> {
    let tensor = TensorProto::decode(proto).ok()?;
    // `TensorProto.DataType`: FLOAT, UINT8, INT8, INT32.
    let kind = match tensor.data_type {
        Some(1) => Kind::F32,
        Some(2) => Kind::U8,
        Some(3) => Kind::I8,
        Some(6) => Kind::I32,
        _ => return None,
    };
    let typed = || match kind {
        Kind::F32 => tensor
            .float_data
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect(),
        Kind::U8 | Kind::I8 => tensor.int32_data.iter().map(|&x| x as u8).collect(),
        Kind::I32 => tensor
            .int32_data
            .iter()
            .flat_map(|x| x.to_le_bytes())
            .collect(),
    };
    let bytes = tensor.raw_data.clone().unwrap_or_else(typed);
    Some((kind, bytes))
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let words = bytes.as_chunks().0;
    words.iter().map(|&word| f32::from_le_bytes(word)).collect()
}

fn compare_integers(found: &[u8], expected: &[u8]) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let place = found.iter().zip(expected).position(|(a, b)| a != b);
    Err(format!(
        "{} bytes where {} are expected; they differ at {place:?}: {found:?}, {expected:?}",
        found.len(),
        expected.len()
    ))
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
