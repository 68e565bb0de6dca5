//! Memory from run to run: `VAR_HANDLE`, `READ_VARIABLE`, `ASSIGN_VARIABLE`, `CALL_ONCE`.
//!
//! A handle is a name and no tensor: it is followed while the file is read and leaves nothing behind.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{
    CallOnceOptions, OperatorDef, OptionsTable, SubGraph, VarHandleOptions,
};
use crate::import::tflite::states::Key;
use crate::import::tflite::tensors;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("ASSIGN_VARIABLE", assign),
    ("CALL_ONCE", call_once),
    ("READ_VARIABLE", read),
    ("VAR_HANDLE", handle),
];

/// The name of a variable: container and name, as both together tell variables apart.
fn name_of(def: &OperatorDef) -> Result<String, Problem> {
    let options: &VarHandleOptions = VarHandleOptions::of(&def.options)
        .ok_or_else(|| Problem::broken("VAR_HANDLE without its options"))?;
    if options.container.is_empty() {
        return Ok(options.shared_name.clone());
    }
    Ok(format!("{}/{}", options.container, options.shared_name))
}

/// The tensor that is the handle an operator takes.
fn handle_of(def: &OperatorDef) -> Option<usize> {
    def.inputs.first().copied().flatten()
}

fn handle(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let name = name_of(cx.def)?;
    for &tensor in &cx.def.outputs {
        cx.states.set_handle(tensor, name.clone());
    }
    Ok(Vec::new())
}

/// What the variable holds now: what was assigned last in this run, or what the last run left.
fn read(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let name = cx.states.handle(handle_of(cx.def))?;
    let ty = cx.output(0)?.clone();
    Ok(vec![cx.states.resource(cx.builder, &name, &ty)?])
}

fn assign(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let name = cx.states.handle(handle_of(cx.def))?;
    let value = cx.input(1)?;
    let ty = cx.ty(&value);
    cx.states.resource(cx.builder, &name, &ty)?;
    cx.states.assign(&Key::Resource(name), value)?;
    Ok(Vec::new())
}

/// A subgraph that runs before the first run. It may do nothing but give constants to variables.
fn call_once(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let index = cx.options::<CallOnceOptions>()?.init_subgraph_index;
    let graph = cx
        .model
        .subgraphs
        .get(index)
        .ok_or_else(|| Problem::broken(format!("subgraph {index}, which does not exist")))?;
    let mut handles: Vec<(usize, String)> = Vec::new();
    for operator in &graph.operators {
        let code = cx.model.code(operator);
        let op = code.map_or_else(|| "?".to_owned(), |code| code.name().into_owned());
        match op.as_str() {
            "VAR_HANDLE" => {
                let name = name_of(operator)?;
                let tensors = operator.outputs.iter();
                handles.extend(tensors.map(|&tensor| (tensor, name.clone())));
            }
            "ASSIGN_VARIABLE" => first_value(cx, graph, operator, &handles)?,
            other => {
                return Err(Problem::attribute(
                    format!("a subgraph that runs once and uses `{other}`"),
                    "VAR_HANDLE and ASSIGN_VARIABLE of constants",
                ));
            }
        }
    }
    Ok(Vec::new())
}

/// `ASSIGN_VARIABLE` in a subgraph that runs once.
fn first_value(
    cx: &mut OpCx<'_>,
    graph: &SubGraph,
    operator: &OperatorDef,
    handles: &[(usize, String)],
) -> Result<(), Problem> {
    let broken = |what: &str| Problem::broken(format!("ASSIGN_VARIABLE without {what}"));
    let tensor = handle_of(operator);
    let (_, name) = handles
        .iter()
        .find(|(handle, _)| Some(*handle) == tensor)
        .ok_or_else(|| broken("VAR_HANDLE before it"))?;
    let value = operator.inputs.get(1).copied().flatten();
    let def = value
        .and_then(|index| graph.tensors.get(index))
        .ok_or_else(|| broken("a value"))?;
    let constant = tensors::constant(cx.model, def)?.ok_or_else(|| {
        Problem::attribute(
            format!("variable `{name}` starts with a computed value"),
            "constants",
        )
    })?;
    cx.states.set_first(name.clone(), constant)
}
