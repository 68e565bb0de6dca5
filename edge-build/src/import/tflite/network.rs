//! The walk over the operators of the main subgraph.

use super::node::OpCx;
use super::ops;
use super::schema::{Model, OperatorDef, SubGraph, TensorDef};
use super::states::States;
use super::tensors;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::import::builder::{Builder, Datum};
use crate::import::problem::Problem;
use crate::ir::{Arithmetic, DType, Graph, Quant, QuantParams, TensorType};
use crate::ops::Recode;

/// Most errors that are told at once.
const MAX_ERRORS: usize = 50;

/// Reads the main subgraph of a file of a size in bytes.
pub(super) fn read(model: &Model<'_>, file_bytes: usize) -> Result<Graph, Diagnostics> {
    let Some(main) = model.subgraphs.first() else {
        return Err(empty("the file has no subgraph"));
    };
    if main.outputs.is_empty() {
        return Err(empty("the graph has no outputs"));
    }
    if main.operators.is_empty() {
        return Err(empty("the graph has no operators"));
    }
    let mut reader = Reader {
        model,
        main,
        builder: Builder::new(file_bytes),
        states: States::default(),
        known: main.tensors.iter().map(|_| None).collect(),
        errors: Vec::new(),
    };
    reader.unsupported();
    if reader.errors.is_empty() {
        reader.inputs();
        for operator in &main.operators {
            reader.operator(operator);
        }
        reader.outputs();
    }
    let mut errors = reader.errors;
    if errors.is_empty() {
        let mut graph = reader.builder.graph;
        if graph.values.iter().any(|v| v.ty.dtype.is_quantized()) {
            graph.arithmetic = Arithmetic::TfLite;
        }
        return Ok(graph);
    }
    errors.truncate(MAX_ERRORS);
    Err(Diagnostics(errors))
}

fn empty(what: &str) -> Diagnostics {
    Diagnostic::error(
        Code::EmptyModel,
        what,
        "convert the model with at least one layer between an input and an output",
    )
    .into()
}

/// What is known of a tensor.
#[derive(Clone, Debug)]
enum Known {
    Datum(Datum),
    /// The operator that makes it could not be read; those behind it are not looked at.
    Failed,
}

struct Reader<'a> {
    model: &'a Model<'a>,
    main: &'a SubGraph,
    builder: Builder,
    states: States,
    /// By number of the tensor.
    known: Vec<Option<Known>>,
    errors: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// All operators that are not read, before anything else is looked at.
    fn unsupported(&mut self) {
        let supported: Vec<&str> = ops::names().collect();
        let mut seen = Vec::new();
        for operator in &self.main.operators {
            let name = self.name(operator);
            if ops::reader(&name).is_some() || seen.contains(&name) {
                continue;
            }
            let diagnostic = Diagnostic::error(
                Code::UnsupportedOperator,
                format!("operator `{name}` is not supported"),
                "convert the model without this operator, or only the part before it",
            );
            let diagnostic = diagnostic.in_place(self.place(operator));
            self.errors.push(diagnostic.supported(supported.join(", ")));
            seen.push(name);
        }
    }

    fn name(&self, operator: &OperatorDef) -> String {
        let code = self.model.code(operator);
        code.map_or_else(|| "?".to_owned(), |code| code.name().into_owned())
    }

    fn tensor(&self, index: usize) -> Option<&'a TensorDef> {
        self.main.tensors.get(index)
    }

    /// Name of the node of an operator: that of its first output.
    fn node_name(&self, operator: &OperatorDef) -> &'a str {
        let first = operator
            .outputs
            .first()
            .and_then(|&index| self.tensor(index));
        first.map_or("", |def| def.name.as_str())
    }

    /// `node "conv1" (CONV_2D), inputs x i8[1,8,8,3], w i8[4,3,3,3]`.
    fn place(&self, operator: &OperatorDef) -> String {
        let typed = operator
            .inputs
            .iter()
            .flatten()
            .take(4)
            .filter_map(|&index| {
                let def = self.tensor(index)?;
                let ty = tensors::tensor_type(def).ok()?;
                Some(format!("{} {ty}", def.name))
            });
        let typed: Vec<String> = typed.collect();
        let head = format!(
            "node \"{}\" ({})",
            self.node_name(operator),
            self.name(operator)
        );
        if typed.is_empty() {
            return head;
        }
        format!("{head}, inputs {}", typed.join(", "))
    }

    fn inputs(&mut self) {
        for &index in &self.main.inputs {
            let Some(def) = self.tensor(index) else {
                continue;
            };
            if self.known.get(index).is_some_and(Option::is_some) {
                self.errors.push(
                    Problem::broken("an input is listed twice").at(format!("input `{}`", def.name)),
                );
                continue;
            }
            let known = match self.input(def) {
                Ok(datum) => Known::Datum(datum),
                Err(problem) => {
                    self.errors
                        .push(problem.at(format!("input `{}`", def.name)));
                    Known::Failed
                }
            };
            if let Some(slot) = self.known.get_mut(index) {
                *slot = Some(known);
            }
        }
    }

    /// An input of the graph; one of quantized unsigned bytes becomes signed at once.
    fn input(&mut self, def: &TensorDef) -> Result<Datum, Problem> {
        let (kind, inner) = (tensors::kind(def)?, tensors::tensor_type(def)?);
        let outer = border_type(&kind, &inner);
        let id = self.builder.add_computed(def.name.clone(), outer)?;
        self.builder.graph.inputs.push(id);
        let datum = Datum::Computed(id);
        if !kind.is_shifted() {
            return Ok(datum);
        }
        recode(&mut self.builder, &def.name, &datum, inner)
    }

    /// What is known of a tensor: made before, a variable, or a constant.
    fn datum(&mut self, index: usize) -> Result<Option<Datum>, Problem> {
        match self.known.get(index) {
            Some(Some(Known::Datum(datum))) => return Ok(Some(datum.clone())),
            Some(Some(Known::Failed)) => return Ok(None),
            Some(None) | None => {}
        }
        let def = self
            .tensor(index)
            .ok_or_else(|| Problem::broken(format!("tensor {index}, which does not exist")))?;
        let datum = if def.is_variable {
            let ty = tensors::tensor_type(def)?;
            self.states
                .variable(&mut self.builder, index, &def.name, ty)?
        } else {
            let constant = tensors::constant(self.model, def)?;
            Datum::Constant(constant.ok_or_else(|| {
                Problem::missing(format!("tensor `{}` is neither made nor stored", def.name))
            })?)
        };
        if let Some(slot) = self.known.get_mut(index) {
            *slot = Some(Known::Datum(datum.clone()));
        }
        Ok(Some(datum))
    }

    fn operator(&mut self, operator: &'a OperatorDef) {
        let outputs = match self.read(operator) {
            Ok(Some(outputs)) => outputs,
            Ok(None) => Vec::new(),
            Err(problem) => {
                self.errors.push(problem.at(self.place(operator)));
                Vec::new()
            }
        };
        if ops::makes_resources(&self.name(operator)) {
            return;
        }
        let mut outputs = outputs.into_iter();
        for &index in &operator.outputs {
            let known = outputs.next().map_or(Known::Failed, Known::Datum);
            let name = self.tensor(index).map(|def| def.name.clone());
            if let (Known::Datum(Datum::Computed(id)), Some(name)) = (&known, name)
                && !self.builder.graph.inputs.contains(id)
                && let Some(value) = self.builder.graph.values.get_mut(id.index())
            {
                value.name = name;
            }
            if let Some(slot) = self.known.get_mut(index) {
                *slot = Some(known);
            }
        }
    }

    /// Reads an operator; `None` if one of its inputs could not be read.
    fn read(&mut self, operator: &'a OperatorDef) -> Result<Option<Vec<Datum>>, Problem> {
        let op = self.name(operator);
        let resources = ops::takes_resources(&op);
        let resources_made = ops::makes_resources(&op);
        let mut inputs = Vec::with_capacity(operator.inputs.len());
        for (position, index) in operator.inputs.iter().enumerate() {
            // A handle of a variable is a name and no tensor.
            if resources && position == 0 {
                inputs.push(None);
                continue;
            }
            inputs.push(match index {
                None => None,
                Some(index) => match self.datum(*index)? {
                    Some(datum) => Some(datum),
                    None => return Ok(None),
                },
            });
        }
        let mut outputs = Vec::with_capacity(operator.outputs.len());
        for &index in &operator.outputs {
            let def = self
                .tensor(index)
                .ok_or_else(|| Problem::broken(format!("tensor {index}, which does not exist")))?;
            if !resources_made {
                outputs.push(tensors::tensor_type(def)?);
            }
        }
        let read = ops::reader(&op)
            .ok_or_else(|| Problem::broken(format!("operator `{op}` has no reader")))?;
        let made = read(&mut OpCx {
            model: self.model,
            graph: self.main,
            def: operator,
            op,
            name: self.node_name(operator),
            inputs,
            outputs,
            builder: &mut self.builder,
            states: &mut self.states,
        })?;
        if made.len() < operator.outputs.len() && !resources_made {
            return Err(Problem::broken(format!(
                "{} outputs instead of {}",
                operator.outputs.len(),
                made.len()
            )));
        }
        Ok(Some(made))
    }

    fn outputs(&mut self) {
        for &index in &self.main.outputs {
            if let Err(problem) = self.output(index) {
                let name = self.tensor(index).map_or("", |def| def.name.as_str());
                self.errors.push(problem.at(format!("output `{name}`")));
            }
        }
        if self.errors.is_empty()
            && let Err(problem) = self.states.finish(&mut self.builder)
        {
            self.errors.push(problem.at("the variables".to_owned()));
        }
    }

    fn output(&mut self, index: usize) -> Result<(), Problem> {
        let Some(def) = self.tensor(index) else {
            return Err(Problem::broken(format!(
                "tensor {index}, which does not exist"
            )));
        };
        let Some(datum) = self.datum(index)? else {
            return Ok(());
        };
        let kind = tensors::kind(def)?;
        let datum = if kind.is_shifted() {
            let outer = border_type(&kind, &self.builder.ty(&datum));
            recode(&mut self.builder, &def.name, &datum, outer)?
        } else {
            datum
        };
        let id = self.builder.output_of(&def.name, &datum)?;
        self.builder.graph.outputs.push(id);
        Ok(())
    }
}

/// The type of an input or output as the file says it.
fn border_type(kind: &tensors::Kind, inner: &TensorType) -> TensorType {
    if !kind.is_shifted() {
        return inner.clone();
    }
    TensorType {
        dtype: DType::U8,
        shape: inner.shape.clone(),
        quant: inner.params().map(|p| {
            Quant::PerTensor(QuantParams {
                zero_point: p.zero_point + 128,
                ..p
            })
        }),
    }
}

/// The same numbers as signed or unsigned bytes.
fn recode(builder: &mut Builder, name: &str, x: &Datum, to: TensorType) -> Result<Datum, Problem> {
    let made = builder.add_node(name, Recode.into(), std::slice::from_ref(x), vec![to])?;
    made.into_iter()
        .next()
        .ok_or_else(|| Problem::broken("an operator without output"))
}
