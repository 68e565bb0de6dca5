//! Lowering: nodes become calls of kernels over buffers, every number decided.
//!
//! [`run`] walks the nodes and lets each operator emit steps into a [`Draft`]; [`assemble`] puts the
//! offsets of a memory plan in and yields the [`crate::program::Program`].

pub mod arithmetic;
mod assemble;
mod builder;
mod draft;
pub mod exact;
pub mod movement;
mod span;
mod states;
pub mod weighted;

pub use assemble::{Assembly, assemble};
pub use builder::NodeLowering;
pub use draft::{Buffer, BufferId, Draft, DraftOperand, DraftState, DraftStep, Part};
pub use span::Span;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Arithmetic, Graph, NodeId};

/// No kernel for the types of a node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found}; {supported}")]
pub struct LowerError {
    /// What the node asks for.
    pub found: String,
    /// What there is.
    pub supported: String,
}

impl LowerError {
    /// What was found and what is supported.
    pub fn new(found: impl Into<String>, supported: impl Into<String>) -> Self {
        Self {
            found: found.into(),
            supported: supported.into(),
        }
    }

    /// No kernel for an element type.
    #[must_use]
    pub fn of_dtype(dtype: crate::ir::DType) -> Self {
        Self::new(
            format!("elements of type {dtype}"),
            "f32, and i8 and i16 where the table of operators says so",
        )
    }
}

/// Lowers all nodes in order.
///
/// # Errors
/// Every node for which there is no kernel.
pub fn run(graph: &Graph) -> Result<Draft, Vec<(NodeId, LowerError)>> {
    let mut draft = Draft::of(graph);
    let mut errors = Vec::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let id = NodeId(index as u32);
        let mut lowering = NodeLowering::new(graph, id, &mut draft);
        if let Err(error) = node.op.operator().lower(&mut lowering) {
            errors.push((id, error));
        }
    }
    if errors.is_empty() {
        Ok(draft.finish(graph))
    } else {
        Err(errors)
    }
}

/// Nodes without kernel as diagnostics.
#[must_use]
pub fn diagnostics(graph: &Graph, errors: Vec<(NodeId, LowerError)>) -> Diagnostics {
    let help = match graph.arithmetic {
        Arithmetic::Native => "use quant = \"none\", or cut the graph before this node",
        Arithmetic::TfLite | Arithmetic::Onnx => {
            "cut the graph before this node, or quantize the network with other scales"
        }
    };
    let one = |(id, error): (NodeId, LowerError)| {
        let node = &graph.nodes[id.0 as usize];
        Diagnostic::error(Code::NoIntegerKernel, error.found, help)
            .in_place(format!("node \"{}\" ({})", node.name, node.op.name()))
            .supported(error.supported)
    };
    Diagnostics(errors.into_iter().map(one).collect())
}
