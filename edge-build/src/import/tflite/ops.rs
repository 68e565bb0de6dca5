//! Which function reads which operator: a table per family.

mod binary;
mod compare;
mod concat;
mod conv;
mod expand;
mod gather;
mod matmul;
mod pad;
mod pool;
mod quantize;
mod recurrent;
mod reduce;
mod resize;
mod shape;
mod slice;
mod softmax;
mod state;
mod transpose;
mod unary;
mod weights;

use super::node::OpCx;
use crate::import::builder::Datum;
use crate::import::problem::Problem;

/// Reads an operator: what is known of its outputs.
pub(super) type Reader = fn(&mut OpCx<'_>) -> Result<Vec<Datum>, Problem>;

/// Operators by name, a table for each family.
const FAMILIES: &[&[(&str, Reader)]] = &[
    binary::OPS,
    compare::OPS,
    concat::OPS,
    conv::OPS,
    expand::OPS,
    gather::OPS,
    matmul::OPS,
    pad::OPS,
    pool::OPS,
    quantize::OPS,
    reduce::OPS,
    resize::OPS,
    recurrent::OPS,
    shape::OPS,
    slice::OPS,
    softmax::OPS,
    state::OPS,
    transpose::OPS,
    unary::OPS,
];

/// The function that reads an operator.
pub(super) fn reader(name: &str) -> Option<Reader> {
    let rows = FAMILIES.iter().copied().flatten();
    rows.copied()
        .find(|(own, _)| *own == name)
        .map(|(_, reader)| reader)
}

/// Names of all operators that are read, sorted.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let mut names: Vec<&str> = FAMILIES
        .iter()
        .copied()
        .flatten()
        .map(|row| row.0)
        .collect();
    names.sort_unstable();
    names.into_iter()
}

/// Whether the first input of an operator is the handle of a variable.
pub(super) fn takes_resources(name: &str) -> bool {
    matches!(name, "READ_VARIABLE" | "ASSIGN_VARIABLE")
}

/// Whether the output of an operator is the handle of a variable.
pub(super) fn makes_resources(name: &str) -> bool {
    name == "VAR_HANDLE"
}
