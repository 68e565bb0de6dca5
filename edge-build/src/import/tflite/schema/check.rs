//! Numbers that stand for things of the file: each has to be that of one.

use super::error::Broken;
use super::tables::{OperatorDef, Root, SubGraph};

/// Checks all numbers of tensors, buffers and operator codes.
///
/// # Errors
/// The first that is out of range.
pub(super) fn run(root: &Root) -> Result<(), Broken> {
    for (index, subgraph) in root.subgraphs.iter().enumerate() {
        let checked = check_subgraph(root, subgraph);
        checked.map_err(|error| error.at(index).inside("subgraphs"))?;
    }
    Ok(())
}

fn check_subgraph(root: &Root, subgraph: &SubGraph) -> Result<(), Broken> {
    for (index, tensor) in subgraph.tensors.iter().enumerate() {
        // Number 0 means none, whether there is such a buffer or not.
        if tensor.buffer != 0 {
            let checked = below(tensor.buffer, root.buffers.len());
            checked.map_err(|error| error.inside("buffer").at(index).inside("tensors"))?;
        }
    }
    let tensors = subgraph.tensors.len();
    all_below(subgraph.inputs.iter().copied(), tensors, "inputs")?;
    all_below(subgraph.outputs.iter().copied(), tensors, "outputs")?;
    for (index, operator) in subgraph.operators.iter().enumerate() {
        let checked = check_operator(root, operator, tensors);
        checked.map_err(|error| error.at(index).inside("operators"))?;
    }
    Ok(())
}

fn check_operator(root: &Root, operator: &OperatorDef, tensors: usize) -> Result<(), Broken> {
    let code = below(operator.code, root.operator_codes.len());
    code.map_err(|error| error.inside("opcode_index"))?;
    all_below(operator.inputs.iter().flatten().copied(), tensors, "inputs")?;
    all_below(operator.outputs.iter().copied(), tensors, "outputs")?;
    let intermediates = operator.intermediates.iter().flatten().copied();
    all_below(intermediates, tensors, "intermediates")
}

fn all_below(
    numbers: impl Iterator<Item = usize>,
    len: usize,
    name: &'static str,
) -> Result<(), Broken> {
    for number in numbers {
        below(number, len).map_err(|error| error.inside(name))?;
    }
    Ok(())
}

fn below(number: usize, len: usize) -> Result<(), Broken> {
    if number < len {
        return Ok(());
    }
    Err(Broken::new(format!("is {number}, but there are {len}")))
}
