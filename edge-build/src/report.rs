//! What a network costs and how exact it is.

mod json;
mod text;

use crate::ident::type_name;
use crate::ir::{Arithmetic, Graph};
use crate::options::Options;
use crate::program::{Choice, Operand, Port, Program, Step};
use crate::quantize::Accuracy;
use crate::source::Source;
use std::collections::BTreeSet;

/// What a network costs and how exact it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Name of the type.
    pub name: String,
    /// Name of the model file, without folder.
    pub file: String,
    /// `target`.
    pub target: &'static str,
    /// `quant`; for networks that arrive quantized whose arithmetic it is.
    pub quant: &'static str,
    /// Inputs in the order of the file.
    pub inputs: Vec<Port>,
    /// Outputs in the order of the file.
    pub outputs: Vec<Port>,
    /// Size of the generated type in bytes: the arena with inputs, outputs and scratch.
    pub ram_bytes: usize,
    /// Bytes of stack that an inference takes at most on a microcontroller.
    pub stack_bytes: usize,
    /// Weights, biases, multipliers and tables in bytes.
    pub flash_bytes: usize,
    /// Weights alone.
    pub weights_bytes: usize,
    /// Multiply-accumulate operations of one inference.
    pub macs: u64,
    /// The same before what no output depends on was removed.
    pub file_macs: u64,
    /// What the choice of kernels aimed at.
    pub optimize: &'static str,
    /// Estimated cycles of one inference on the target's core.
    pub cycles: u64,
    /// A row per step.
    pub layers: Vec<Layer>,
    /// How exact it is.
    pub accuracy: Option<Accuracy>,
}

/// What one step costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name of the node.
    pub node: String,
    /// Name of the operator.
    pub operator: &'static str,
    /// Kernel that runs.
    pub kernel: &'static str,
    /// Which variant it is, what it was estimated to cost, and what else there was.
    pub choice: Option<Choice>,
    /// Shape and type of the output.
    pub output: String,
    /// Multiply-accumulate operations; those of a node with several steps stand at its last.
    pub macs: u64,
    /// Bytes in flash; those that several steps share stand at the first.
    pub constant_bytes: usize,
    /// Arena range of the output, first byte and end.
    pub arena: [usize; 2],
}

impl Report {
    /// The report as a table for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::render(self)
    }

    /// The report as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::render(self)
    }
}

/// Sums up a program.
#[must_use]
pub fn of(
    source: &Source,
    options: &Options,
    graph: &Graph,
    program: &Program,
    accuracy: Option<Accuracy>,
) -> Report {
    Report {
        name: options
            .name
            .clone()
            .unwrap_or_else(|| type_name(&source.path)),
        file: source.file_name(),
        target: options.target.name,
        quant: quant(options, graph, accuracy.is_some()),
        inputs: program.inputs.clone(),
        outputs: program.outputs.clone(),
        ram_bytes: ram_bytes(program),
        stack_bytes: program.stack_bytes(),
        flash_bytes: program.constants.iter().map(|c| c.bytes.len()).sum(),
        weights_bytes: weights_bytes(program),
        macs: program.macs,
        file_macs: program.macs,
        optimize: options.optimize.name(),
        cycles: cycles(program),
        layers: layers(graph, program),
        accuracy,
    }
}

/// How the numbers of a graph were chosen; `ours` if we quantized it.
fn quant(options: &Options, graph: &Graph, ours: bool) -> &'static str {
    let arrived = !ours && graph.values.iter().any(|v| v.ty.dtype.is_quantized());
    match graph.arithmetic {
        _ if !arrived => options.quant.name(),
        Arithmetic::Native => "of the file, fast",
        Arithmetic::TfLite => "of the file, exact as in TFLite",
        Arithmetic::Onnx => "of the file, exact as in ONNX",
    }
}

/// Size of the generated type: the arena, rounded up to the alignment of `edge_core::rt::Arena`.
fn ram_bytes(program: &Program) -> usize {
    program.arena_bytes.next_multiple_of(16)
}

/// Estimated cycles of all steps.
fn cycles(program: &Program) -> u64 {
    let choices = program.steps.iter().filter_map(|step| step.choice.as_ref());
    choices.map(|choice| choice.chosen.cycles).sum()
}

/// Constants of a step, operands in flash included.
fn constants_of(step: &Step) -> impl Iterator<Item = usize> + '_ {
    let operands = step.inputs.iter().filter_map(|operand| match operand {
        Operand::Constant(index) => Some(*index),
        Operand::Arena(_) => None,
    });
    operands.chain(step.constants.iter().copied())
}

/// Names of constants that are weights.
const WEIGHTS: &[&str] = &["weights", "recurrent", "peepholes", "features", "time"];

fn weights_bytes(program: &Program) -> usize {
    let mut weights = BTreeSet::new();
    for step in &program.steps {
        let names = step.kernel.constant_names().iter();
        let named = names
            .zip(&step.constants)
            .filter(|(name, _)| WEIGHTS.contains(name));
        weights.extend(named.map(|(_, index)| *index));
    }
    let size = |index: usize| program.constants.get(index).map_or(0, |c| c.bytes.len());
    weights.into_iter().map(size).sum()
}

fn layers(graph: &Graph, program: &Program) -> Vec<Layer> {
    let mut counted = BTreeSet::new();
    let mut layers = Vec::with_capacity(program.steps.len());
    for (index, step) in program.steps.iter().enumerate() {
        let mut constant_bytes = 0;
        for constant in constants_of(step).filter(|&constant| counted.insert(constant)) {
            constant_bytes += program.constants.get(constant).map_or(0, |c| c.bytes.len());
        }
        let last = !program.steps[index + 1..]
            .iter()
            .any(|later| later.node == step.node);
        layers.push(layer(graph, step, constant_bytes, last));
    }
    layers
}

fn layer(graph: &Graph, step: &Step, constant_bytes: usize, last_of_node: bool) -> Layer {
    let slot = step.output;
    let mut layer = Layer {
        node: String::new(),
        operator: "",
        kernel: step.kernel.function(),
        choice: step.choice.clone(),
        output: format!("{}[{}]", slot.element.rust_name(), slot.len),
        macs: 0,
        constant_bytes,
        arena: [slot.offset, slot.offset + slot.bytes()],
    };
    let Some(node) = graph.nodes.get(step.node) else {
        return layer;
    };
    let types =
        |ids: &[crate::ir::ValueId]| -> Vec<_> { ids.iter().map(|&id| graph.ty(id)).collect() };
    let (inputs, outputs) = (types(&node.inputs), types(&node.outputs));
    layer.node.clone_from(&node.name);
    layer.operator = node.op.name();
    if let Some(output) = outputs.first() {
        layer.output = output.to_string();
    }
    if last_of_node {
        layer.macs = node.op.operator().macs(&inputs, &outputs);
    }
    layer
}
