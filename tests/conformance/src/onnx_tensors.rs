//! What onnxruntime computes for every 8-bit tensor of a network that arrives quantized, and what we do.

use crate::measure::top1_percent;
use edge_build::exec::Executor;
use edge_build::ir::{DType, Graph, ValueId};
use edge_build::lower::{self, Assembly};
use edge_build::options::Options;
use edge_build::plan::{Disjoint, Planner};
use edge_build::program::{Element, Port, Step};
use edge_build::{import, ir, passes, qdq, target};
use edge_test_support::array::Array;
use edge_test_support::scratch::succeed;
use edge_test_support::shared::required;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle");

/// Whether a file is asked for by `EDGE_ORACLE_ONLY`.
#[must_use]
pub fn is_wanted(name: &str) -> bool {
    let only = std::env::var("EDGE_ORACLE_ONLY").unwrap_or_default();
    only.is_empty() || only.split(',').any(|part| name.contains(part))
}

/// A network, with memory of its own for every value.
#[derive(Debug)]
pub struct Case {
    /// Name of the file.
    pub name: String,
    /// Name of the model.
    pub model: String,
    path: String,
    graph: Graph,
    assembly: Assembly,
    /// Samples in the element type of the input.
    inputs: Vec<u8>,
}

/// A Python with onnxruntime.
#[derive(Clone, Copy, Debug)]
pub struct Oracle(());

/// An 8-bit tensor of a file.
#[derive(Clone, Debug)]
pub struct TensorOf {
    name: String,
    unsigned: bool,
    shape: Vec<usize>,
}

/// What onnxruntime has computed.
#[derive(Clone, Debug)]
pub struct Expected {
    /// All 8-bit tensors.
    pub tensors: Vec<TensorOf>,
    /// For each of the first samples, each tensor.
    bytes: Vec<u8>,
    /// The first output of all samples.
    output: Vec<u8>,
    samples: usize,
}

/// How far tensors are from those of onnxruntime.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Elements of tensors that are there under their names.
    pub elements: usize,
    /// Elements that are equal.
    pub equal: usize,
    /// The greatest difference.
    pub greatest: u8,
    /// Where it is.
    pub worst: String,
}

impl Oracle {
    /// A Python with the packages, or `None` with a message.
    #[must_use]
    pub fn find(what: &str) -> Option<Self> {
        let mut python = Command::new("python3");
        python.args(["-c", "import onnx, onnxruntime, numpy"]);
        let found = python.output().is_ok_and(|output| output.status.success());
        if !found {
            let message =
                format!("{what}: skipped; python3 needs `pip install onnx onnxruntime numpy`");
            assert!(!required(), "{message}");
            println!("{message}");
        }
        found.then_some(Self(()))
    }

    /// A float model whose activations are quantized at run time, as a file of the same name in a folder.
    #[must_use]
    pub fn quantize_dynamic(self, folder: &Path, model: &Path) -> PathBuf {
        succeed(script("onnx_dynamic.py", folder).arg(model));
        folder.join(model.file_name().expect("a file"))
    }

    /// Runs the network of a case: all tensors for the first samples, the output for all.
    #[must_use]
    pub fn run(self, folder: &Path, case: &Case, samples: usize) -> Expected {
        let input = folder.join(&case.name);
        let out = folder.join(format!("{}.out", case.name));
        for path in [&input, &out] {
            // What an earlier run has left.
            let _ = std::fs::remove_dir_all(path);
        }
        std::fs::create_dir_all(&input).expect("a folder can be made");
        std::fs::write(input.join("model"), &case.path).expect("a file can be written");
        std::fs::write(input.join("inputs.bin"), &case.inputs).expect("a file can be written");
        let mut python = script("onnx_tensors.py", &out);
        python.arg("--samples").arg(samples.to_string()).arg(&input);
        succeed(&mut python);
        let read = |file: &str| std::fs::read(out.join(file)).expect("a file of the script");
        let table = String::from_utf8(read("tensors.tsv")).expect("text");
        Expected {
            tensors: table.lines().map(TensorOf::read).collect(),
            bytes: read("tensors.bin"),
            output: read("output.bin"),
            samples: samples.min(case.samples()),
        }
    }
}

/// A script that fills a folder.
fn script(name: &str, out: &Path) -> Command {
    let mut python = Command::new("python3");
    python
        .arg(Path::new(FOLDER).join(name))
        .arg("--out")
        .arg(out);
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

impl TensorOf {
    fn read(line: &str) -> Self {
        let mut cells = line.split('\t');
        let mut next = || cells.next().expect("three cells");
        let (name, element) = (next().to_owned(), next());
        let dims = next().split(',').filter(|dim| !dim.is_empty());
        Self {
            name,
            unsigned: element == "uint8",
            shape: dims.map(|dim| dim.parse().expect("a number")).collect(),
        }
    }

    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bytes of onnxruntime as signed ones, with the axes in the order of a tensor of ours: of all orders
    /// that give its shape, that in which they are nearest to it.
    fn in_order_of(&self, bytes: &[u8], own: &[u8], shape: &[usize]) -> Vec<u8> {
        let flip = if self.unsigned { 0x80 } else { 0 };
        let long = |shape: &[usize]| -> Vec<usize> {
            shape.iter().copied().filter(|&dim| dim != 1).collect()
        };
        let (from, to) = (long(&self.shape), long(shape));
        let orders = permutations(from.len())
            .into_iter()
            .filter(|perm| perm.iter().map(|&axis| from[axis]).eq(to.iter().copied()));
        let ordered = orders.map(|perm| -> Vec<u8> {
            let places = places(&from, &perm);
            places.iter().map(|&place| bytes[place] ^ flip).collect()
        });
        let distance = |bytes: &Vec<u8>| -> u64 {
            let pairs = bytes.iter().zip(own);
            pairs
                .map(|(&a, &b)| u64::from((a as i8).abs_diff(b as i8)))
                .sum()
        };
        ordered
            .min_by_key(distance)
            .unwrap_or_else(|| panic!("{}: {:?} and {shape:?}", self.name, self.shape))
    }
}

impl Case {
    /// Compiles a file; `samples` brings samples into a shape.
    ///
    /// # Errors
    /// What the compiler says.
    pub fn new(path: &Path, samples: impl Fn(&[usize]) -> Array) -> Result<Self, String> {
        let source = edge_test_support::source(path);
        let options = Options::new(target::find("host").map_err(|error| error.to_string())?);
        let graph = import::run(&source, &options).map_err(|error| error.to_string())?;
        ir::verify::run(&graph).map_err(|error| error.to_string())?;
        let graph = passes::canonicalize(graph).map_err(|error| error.to_string())?;
        let graph = qdq::run(graph);
        ir::verify::run(&graph).map_err(|error| error.to_string())?;
        let assembly = assemble(&graph)?;
        let port = &assembly.program.inputs[0];
        let inputs = encode(port, &samples(&port.shape));
        let text = |part: Option<&std::ffi::OsStr>| {
            part.map_or_else(String::new, |part| part.to_string_lossy().into_owned())
        };
        Ok(Self {
            name: text(path.file_stem()),
            model: text(path.parent().and_then(Path::file_name)),
            path: path.to_string_lossy().into_owned(),
            graph,
            assembly,
            inputs,
        })
    }

    fn samples(&self) -> usize {
        self.inputs.len() / self.assembly.program.inputs[0].slot.bytes()
    }

    /// Steps that compute floats, but for those that only move or convert them.
    #[must_use]
    pub fn float_steps(&self) -> Vec<&str> {
        let steps = self.assembly.program.steps.iter();
        let computes = |step: &&Step| {
            let op = &self.graph.nodes[step.node].op;
            step.output.element == Element::F32 && !op.only_moves() && op.name() != "Dequantize"
        };
        steps
            .filter(computes)
            .map(|step| step.what.as_str())
            .collect()
    }

    /// Top-1 in percent of ours and of onnxruntime.
    #[must_use]
    pub fn top1(&self, expected: &Expected, labels: &[usize]) -> [f64; 2] {
        self.outputs(expected)
            .map(|outputs| top1_percent(&outputs, labels))
    }

    /// The first output for all samples, of ours and of onnxruntime.
    #[must_use]
    pub fn outputs(&self, expected: &Expected) -> [Vec<f32>; 2] {
        let port = &self.assembly.program.outputs[0];
        let mut executor = Executor::new(&self.assembly.program);
        let mut outputs = Vec::new();
        for input in self
            .inputs
            .chunks(self.assembly.program.inputs[0].slot.bytes())
        {
            executor.set_input(0, input);
            executor.run().expect("a sound program");
            outputs.extend(numbers(port, executor.output(0)));
        }
        [outputs, numbers(port, &expected.output)]
    }

    /// Compares every tensor that is there under its name: as the network computes it, and as its node does from
    /// the tensors of onnxruntime.
    #[must_use]
    pub fn compare(&self, expected: &Expected) -> [Found; 2] {
        let [mut whole, mut alone] = [Found::default(), Found::default()];
        let cut = self.known(expected);
        let apart = assemble(&apart(&self.graph, &cut)).expect("operators that have kernels");
        let mut network = Executor::new(&self.assembly.program);
        let mut nodes = Executor::new(&apart.program);
        let len = self.assembly.program.inputs[0].slot.bytes();
        let real = self.graph.inputs.len();
        let mut rest = expected.bytes.as_slice();
        for input in self.inputs.chunks(len).take(expected.samples) {
            network.set_input(0, input);
            network.run().expect("a sound program");
            nodes.set_input(0, input);
            let mut given: Vec<Option<Vec<u8>>> = vec![None; cut.len()];
            for tensor in &expected.tensors {
                let (bytes, more) = rest.split_at(tensor.len());
                rest = more;
                for (index, &id) in cut.iter().enumerate() {
                    if self.graph.value(id).name != tensor.name {
                        continue;
                    }
                    let slot = self.assembly.slot_of[id.index()].expect("a slot");
                    let shape = &self.graph.ty(id).shape;
                    let own = network.slot(slot);
                    let bytes = tensor.in_order_of(bytes, own, shape);
                    whole.count(&tensor.name, &bytes, own);
                    nodes.set_input(real + index, &bytes);
                    given[index] = Some(bytes);
                }
            }
            nodes.run().expect("a sound program");
            for (index, &id) in cut.iter().enumerate() {
                let name = &self.graph.value(id).name;
                let slot = nodes.output(self.graph.outputs.len() + index);
                if let Some(bytes) = &given[index] {
                    alone.count(name, bytes, slot);
                }
            }
        }
        [whole, alone]
    }

    /// How many 8-bit tensors of the file are there under their names.
    #[must_use]
    pub fn present(&self, expected: &Expected) -> usize {
        let cut = self.known(expected);
        let names = cut.iter().map(|&id| &self.graph.value(id).name);
        names.collect::<BTreeSet<_>>().len()
    }

    /// Bytes that nodes compute, and that onnxruntime computes under the same name.
    fn known(&self, expected: &Expected) -> Vec<ValueId> {
        let names: BTreeSet<&String> = expected.tensors.iter().map(|tensor| &tensor.name).collect();
        let made = self.graph.nodes.iter().flat_map(|node| &node.outputs);
        let known = made.copied().filter(|&id| {
            let value = self.graph.value(id);
            value.ty.dtype == DType::I8 && names.contains(&value.name)
        });
        known.collect()
    }
}

/// The network with memory of its own for every value.
fn assemble(graph: &Graph) -> Result<Assembly, String> {
    let draft =
        lower::run(graph).map_err(|errors| lower::diagnostics(graph, errors).to_string())?;
    Ok(lower::assemble(graph, &draft, &Disjoint.plan(&draft)))
}

/// A graph in which readers of some values read inputs instead, and those values are outputs.
fn apart(graph: &Graph, cut: &[ValueId]) -> Graph {
    let mut apart = graph.clone();
    for &id in cut {
        let own = apart.add_value("", graph.ty(id).clone());
        for node in &mut apart.nodes {
            for output in &mut node.outputs {
                if *output == id {
                    *output = own;
                }
            }
        }
        for output in &mut apart.outputs[..graph.outputs.len()] {
            if *output == id {
                *output = own;
            }
        }
        apart.inputs.push(id);
        apart.outputs.push(own);
    }
    passes::tidy(apart)
}

impl Found {
    fn count(&mut self, name: &str, expected: &[u8], found: &[u8]) {
        let pairs = expected.iter().zip(found);
        for (&a, &b) in pairs {
            let apart = (a as i8).abs_diff(b as i8);
            self.elements += 1;
            self.equal += usize::from(apart == 0);
            if apart > self.greatest {
                self.greatest = apart;
                name.clone_into(&mut self.worst);
            }
        }
    }
}

/// All orders of that many axes.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in permutations(count - 1) {
        for place in 0..count {
            let mut longer = shorter.clone();
            longer.insert(place, count - 1);
            all.push(longer);
        }
    }
    all
}

/// For each element of a transposed tensor, in order, where it stood.
fn places(shape: &[usize], perm: &[usize]) -> Vec<usize> {
    let stride = |axis: usize| shape[axis + 1..].iter().product::<usize>();
    let mut places = vec![0];
    for &axis in perm {
        let steps = (0..shape[axis]).map(|index| index * stride(axis));
        let steps: Vec<usize> = steps.collect();
        places = places
            .iter()
            .flat_map(|&place| steps.iter().map(move |step| place + step))
            .collect();
    }
    places
}

fn encode(port: &Port, samples: &Array) -> Vec<u8> {
    let Some(quant) = port.quant.filter(|_| port.slot.element != Element::F32) else {
        return samples.to_le_bytes();
    };
    let unsigned = port.slot.element == Element::U8;
    let limits = if unsigned {
        [0.0, 255.0]
    } else {
        [-128.0, 127.0]
    };
    let byte = |&x: &f32| {
        let steps = (x / quant.scale).round_ties_even() + quant.zero_point as f32;
        steps.clamp(limits[0], limits[1]) as i32 as u8
    };
    samples.data.iter().map(byte).collect()
}

/// Outputs as numbers that compare alike.
fn numbers(port: &Port, bytes: &[u8]) -> Vec<f32> {
    match port.slot.element {
        Element::I8 => bytes.iter().map(|&x| f32::from(x as i8)).collect(),
        Element::U8 => bytes.iter().map(|&x| f32::from(x)).collect(),
        Element::F32 | Element::I16 | Element::I32 | Element::I64 | Element::U16 | Element::U32 => {
            let words = bytes.as_chunks().0.iter();
            words.map(|&word| f32::from_le_bytes(word)).collect()
        }
    }
}
