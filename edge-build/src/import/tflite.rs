//! `TFLite`: operators are read in the order of the file; each tensor is either known or computed.
//!
//! | module | what |
//! | --- | --- |
//! | `schema` | the file: tables of a flatbuffer, verified |
//! | `tensors` | types and constants: what the compiler holds for each element type |
//! | `network` | the walk over the operators of a subgraph |
//! | `node` | one operator while it is read |
//! | `states` | memory from run to run: variables |
//! | `window`, `activation` | what options of several operators say in the same way |
//! | `movement` | what operators that move elements have in common |
//! | `ops` | which function reads which operator; one file per family |

mod activation;
mod movement;
mod network;
mod node;
mod ops;
mod schema;
mod states;
mod tensors;
#[cfg(test)]
mod testing;
mod window;

use crate::diag::{Argument, Code, Diagnostic, Diagnostics};
use crate::ir::Graph;
use crate::options::Options;
use crate::source::Source;
use schema::Model;

/// Names of the operators that are read, sorted.
pub fn operators() -> impl Iterator<Item = &'static str> {
    ops::names()
}

/// Reads a `TFLite` model.
///
/// # Errors
/// All that is wrong with the file.
pub fn run(source: &Source, options: &Options) -> Result<Graph, Diagnostics> {
    let model = Model::read(&source.bytes).map_err(Diagnostic::from)?;
    if !options.shapes.is_empty() {
        return Err(Diagnostic::error(
            Code::BadArgument,
            "a TFLite file has its shapes in it",
            "leave out `shapes`, or convert the model with other input shapes",
        )
        .at(Argument::Shapes)
        .into());
    }
    network::read(&model, source.bytes.len())
}
