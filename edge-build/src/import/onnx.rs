//! ONNX: nodes are read in an order in which they can run, and each value is either known or computed.
//!
//! A value that follows from constants and shapes alone is evaluated at once; the rest becomes the graph.

mod attrs;
mod binary;
mod constants;
mod conv;
mod dims;
mod external;
mod image;
mod matmul;
mod node;
mod normalization;
mod ops;
mod pad;
mod pool;
mod quantized;
mod recurrent;
mod reduce;
mod resize;
mod schema;
mod select;
mod shape;
mod sort;
mod tensors;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod unary;
mod unsupported;
mod window;

use super::builder::{Builder, Datum};
use super::problem::Problem;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Arithmetic, Graph, TensorType, ValueId};
use crate::ops::Reshape;
use crate::options::Options;
use crate::source::Source;
use attrs::Attrs;
use dims::Shapes;
use node::NodeCx;
use prost::Message as _;
use schema::{GraphProto, ModelProto, NodeProto, ValueInfoProto};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The oldest version of the standard operators that is read.
pub const OLDEST_OPSET: i64 = 7;
/// The newest version of the standard operators whose changes have been looked through. Newer files are read
/// as well, as long as they use operators of the table.
pub const NEWEST_OPSET: i64 = 28;

/// Names of the operators that are read, sorted.
pub fn operators() -> impl Iterator<Item = &'static str> {
    ops::names()
}

/// Names of the operators of onnxruntime's own domain that are read, sorted.
pub fn operators_of_onnxruntime() -> impl Iterator<Item = &'static str> {
    ops::names_of_onnxruntime()
}

/// Reads an ONNX model.
///
/// # Errors
/// All that is wrong with the file.
pub fn run(source: &Source, options: &Options) -> Result<Graph, Diagnostics> {
    let model = decode(&source.bytes)?;
    let opset = unsupported::opset(&model)?;
    let graph = model
        .graph
        .as_deref()
        .ok_or_else(|| empty("the file has no graph"))?;
    if graph.output.is_empty() {
        return Err(empty("the graph has no outputs").into());
    }
    if graph.node.is_empty() {
        return Err(empty("the graph has no nodes").into());
    }
    let order = sort::run(graph)?;
    unsupported::check(&model, graph, &order, opset)?;
    let mut importer = Importer::new(graph, &order, opset, source);
    importer.inputs(options);
    importer.weights();
    for index in order {
        if let Some(node) = graph.node.get(index) {
            importer.node(node);
        }
    }
    importer.outputs();
    if importer.errors.is_empty() {
        let mut builder = importer.builder;
        builder.finish_bytes();
        let mut graph = builder.graph;
        if graph.values.iter().any(|v| v.ty.dtype.is_quantized()) {
            graph.arithmetic = Arithmetic::Onnx;
        }
        Ok(graph)
    } else {
        Err(Diagnostics(first(importer.errors)))
    }
}

/// Most errors that are told at once.
const MAX_ERRORS: usize = 50;

/// The first errors of many.
fn first(mut errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let more = errors.len().saturating_sub(MAX_ERRORS);
    errors.truncate(MAX_ERRORS);
    if let (1.., Some(last)) = (more, errors.last_mut()) {
        last.help = format!("{} ({more} more errors are not shown)", last.help);
    }
    errors
}

fn decode(bytes: &[u8]) -> Result<ModelProto, Diagnostic> {
    // The first field of every exporter is `ir_version`.
    let begins_well = bytes.first() == Some(&0x08);
    match ModelProto::decode(bytes) {
        Ok(model) if begins_well || model.graph.is_some() => Ok(model),
        Err(error) if begins_well => Err(Diagnostic::error(
            Code::BrokenFile,
            format!("the file is truncated or damaged: {error}"),
            "download or export the file again",
        )),
        Ok(_) | Err(_) => Err(Diagnostic::error(
            Code::UnknownFormat,
            "the file is not an ONNX model",
            "export the model to ONNX, for instance with `torch.onnx.export` or `tf2onnx`",
        )
        .supported("ONNX")),
    }
}

fn empty(what: &str) -> Diagnostic {
    Diagnostic::error(
        Code::EmptyModel,
        what,
        "export the model with at least one layer between an input and an output",
    )
}

/// What is known of a value by name.
enum Known {
    Datum(Datum),
    /// The node that makes it could not be read; those behind it are not looked at.
    Failed,
}

struct Importer<'a> {
    graph: &'a GraphProto,
    folder: &'a Path,
    opset: i64,
    builder: Builder,
    values: HashMap<&'a str, Known>,
    /// Names that a node or the graph's outputs ask for.
    used: HashSet<&'a str>,
    /// Values that are inputs or outputs of the graph.
    taken: HashSet<ValueId>,
    errors: Vec<Diagnostic>,
}

impl<'a> Importer<'a> {
    fn new(graph: &'a GraphProto, order: &[usize], opset: i64, source: &'a Source) -> Self {
        let nodes = order.iter().filter_map(|&index| graph.node.get(index));
        let inputs = nodes.flat_map(|node| &node.input).map(String::as_str);
        let used = inputs.chain(graph.output.iter().filter_map(|o| o.name.as_deref()));
        Self {
            graph,
            folder: source.path.parent().unwrap_or(Path::new("")),
            opset,
            builder: Builder::new(source.bytes.len()),
            values: HashMap::new(),
            used: used.collect(),
            taken: HashSet::new(),
            errors: Vec::new(),
        }
    }

    /// The graph's inputs. Older files list weights among them.
    fn inputs(&mut self, options: &Options) {
        let weights: HashSet<&str> = self
            .graph
            .initializer
            .iter()
            .filter_map(|t| t.name.as_deref())
            .collect();
        let is_weight = |input: &ValueInfoProto| {
            input
                .name
                .as_deref()
                .is_some_and(|name| weights.contains(name))
        };
        let inputs: Vec<&'a ValueInfoProto> = self
            .graph
            .input
            .iter()
            .filter(|input| !is_weight(input))
            .collect();
        let mut shapes = Shapes::new(&options.shapes);
        for input in &inputs {
            let name = input.name.as_deref().unwrap_or("");
            let known = match dims::input_type(input, &mut shapes) {
                Ok(ty) => self.input(name, ty),
                Err(errors) => {
                    self.errors.extend(errors);
                    Known::Failed
                }
            };
            if self.values.insert(name, known).is_some() {
                self.errors.push(Diagnostic::error(
                    Code::BrokenFile,
                    format!("two inputs have the name `{name}`"),
                    "export the model again",
                ));
            }
        }
        self.errors.extend(shapes.check_used(&inputs));
    }

    fn input(&mut self, name: &str, ty: TensorType) -> Known {
        match self.builder.add_computed(name.to_owned(), ty) {
            Ok(id) => {
                self.builder.graph.inputs.push(id);
                self.builder.note_input(id);
                self.taken.insert(id);
                Known::Datum(Datum::Computed(id))
            }
            Err(problem) => {
                self.errors.push(problem.at(format!("input `{name}`")));
                Known::Failed
            }
        }
    }

    /// The weights that the nodes and the outputs use.
    fn weights(&mut self) {
        for tensor in &self.graph.initializer {
            let name = tensor.name.as_deref().unwrap_or("");
            if !self.used.contains(name) {
                continue;
            }
            let known = match tensors::read(tensor, self.folder) {
                Ok(tensor) => Known::Datum(tensor.into()),
                Err(problem) => {
                    self.errors.push(problem.at(format!("weights `{name}`")));
                    Known::Failed
                }
            };
            self.values.insert(name, known);
        }
    }

    fn node(&mut self, proto: &'a NodeProto) {
        let before = self.builder.graph.values.len();
        let known = match self.read(proto) {
            Ok(Some(outputs)) => outputs.into_iter().map(Known::Datum).collect(),
            Ok(None) => Vec::new(),
            Err(problem) => {
                self.errors.push(problem.at(self.place(proto)));
                Vec::new()
            }
        };
        let mut known = known.into_iter();
        for name in &proto.output {
            let known = known.next().unwrap_or(Known::Failed);
            self.name_value(&known, name, before);
            self.values.insert(name, known);
        }
    }

    /// Reads a node; `None` if one of its inputs could not be read.
    fn read(&mut self, proto: &'a NodeProto) -> Result<Option<Vec<Datum>>, Problem> {
        let mut inputs = Vec::with_capacity(proto.input.len());
        for name in &proto.input {
            inputs.push(match self.values.get(name.as_str()) {
                _ if name.is_empty() => None,
                Some(Known::Datum(datum)) => Some(datum.clone()),
                Some(Known::Failed) | None => return Ok(None),
            });
        }
        let op_type = proto.op_type.as_deref().unwrap_or("");
        let read = ops::reader(proto.domain.as_deref(), op_type)
            .ok_or_else(|| Problem::broken(format!("operator `{op_type}` has no reader")))?;
        let outputs = read(&mut NodeCx {
            proto,
            attrs: Attrs::of(proto),
            opset: self.opset,
            folder: self.folder,
            inputs,
            builder: &mut self.builder,
        })?;
        let beyond = proto.output.iter().skip(outputs.len());
        for name in beyond.filter(|name| !name.is_empty()) {
            if self.used.contains(name.as_str()) {
                return Err(Problem::attribute(
                    format!("output `{name}` is used"),
                    format!("the first {} output(s) of {op_type}", outputs.len()),
                ));
            }
        }
        Ok(Some(outputs))
    }

    /// Gives a value the name it has in the file, if it is one of those made since there were `before`.
    fn name_value(&mut self, known: &Known, name: &str, before: usize) {
        if let Known::Datum(Datum::Computed(id)) = known
            && id.index() >= before
        {
            let twin = self.builder.twin(*id);
            for id in [Some(*id), twin].into_iter().flatten() {
                if let Some(value) = self.builder.graph.values.get_mut(id.index()) {
                    name.clone_into(&mut value.name);
                }
            }
        }
    }

    /// `node "/conv" (Conv), inputs x f32[1,3,8,8], w f32[4,3,3,3]`.
    fn place(&self, proto: &NodeProto) -> String {
        let typed = proto
            .input
            .iter()
            .filter_map(|name| match self.values.get(name.as_str())? {
                Known::Datum(datum) => Some(format!("{name} {}", self.builder.ty(datum))),
                Known::Failed => None,
            });
        let typed: Vec<String> = typed.take(4).collect();
        if typed.is_empty() {
            return sort::place(proto);
        }
        format!("{}, inputs {}", sort::place(proto), typed.join(", "))
    }

    fn outputs(&mut self) {
        for info in &self.graph.output {
            let name = info.name.as_deref().unwrap_or("");
            let datum = match self.values.get(name) {
                Some(Known::Datum(datum)) => datum.clone(),
                Some(Known::Failed) => continue,
                None => {
                    self.errors.push(Diagnostic::error(
                        Code::BrokenFile,
                        format!("output `{name}` is made by no node"),
                        "export the model again",
                    ));
                    continue;
                }
            };
            let shape = self.builder.ty(&datum).shape;
            if let Err(error) = dims::check_declared(info, &shape) {
                self.errors.push(error);
            }
            if let Err(problem) = self.output(name, datum, shape) {
                self.errors.push(problem.at(format!("output `{name}`")));
            }
        }
    }

    /// Adds an output of the graph. An input, a constant or another output gets a node of its own, so that it
    /// has a name of its own.
    fn output(&mut self, name: &str, datum: Datum, shape: Vec<usize>) -> Result<(), Problem> {
        let own = match datum {
            Datum::Computed(id) if !self.taken.contains(&id) => id,
            Datum::Computed(_) => {
                let op = Reshape { shape }.into();
                match self
                    .builder
                    .apply(name, op, &[datum], |_| name.to_owned())?
                {
                    Datum::Computed(id) => id,
                    Datum::Constant(_) => return Err(Problem::broken("a copy without a value")),
                }
            }
            Datum::Constant(constant) => {
                if constant.tensor.as_f32().is_none() {
                    return Err(Problem::dtype(
                        format!("an output of type {}", constant.ty()),
                        "f32 outputs",
                    ));
                }
                self.builder.add_constant(name.to_owned(), &constant)
            }
        };
        if let Some(value) = self.builder.graph.values.get_mut(own.index()) {
            name.clone_into(&mut value.name);
        }
        self.taken.insert(own);
        self.builder.graph.outputs.push(own);
        Ok(())
    }
}
