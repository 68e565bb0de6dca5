//! The graph between import and lowering. Knows no file format and no code generation.
//!
//! Conventions: images are NHWC, convolution filters OHWI (depthwise HWC), a 1-D signal is an image of
//! height 1. Every value has a static shape. Nodes stand in an order in which they can run. Constants are
//! values that hold a tensor.

pub mod edit;
pub mod tensor;
pub mod types;
pub mod verify;

pub use tensor::Tensor;
pub use types::{DType, Quant, QuantParams, TensorType};

use crate::ops::Op;
use std::sync::Arc;

/// Index of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

/// Index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl ValueId {
    /// As an index into [`Graph::values`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl std::fmt::Display for ValueId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "%v{}", self.0)
    }
}

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "%n{}", self.0)
    }
}

/// What the arithmetic of a graph's integers is. Specified in `docs/src/arithmetic.md` and
/// `docs/src/exact-arithmetic.md`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arithmetic {
    /// Ours: the quickest on a device. Networks that we quantize.
    #[default]
    Native,
    /// That of the reference kernels of `TFLite`, to the bit.
    TfLite,
    /// That of ONNX: the real number, rounded once, halves to even.
    Onnx,
}

/// Memory that keeps its numbers from one run to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Name in the file.
    pub name: String,
    /// What it holds before the first run.
    pub init: Tensor,
}

/// A network.
///
/// A state is an input and an output: the last `states.len()` inputs are what the states hold before a run, the
/// last `states.len()` outputs what they hold behind it.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All values; a [`ValueId`] is an index. Dead ones may remain.
    pub values: Vec<Value>,
    /// Nodes in an order in which they can run.
    pub nodes: Vec<Node>,
    /// Inputs in the order of the file, then states.
    pub inputs: Vec<ValueId>,
    /// Outputs in the order of the file, then states.
    pub outputs: Vec<ValueId>,
    /// Memory from run to run.
    pub states: Vec<State>,
    /// What its integers compute.
    pub arithmetic: Arithmetic,
}

/// A tensor of the network: an input, a constant or the output of one node.
#[derive(Clone, Debug)]
pub struct Value {
    /// Name in the file, or one derived from it.
    pub name: String,
    /// Static type.
    pub ty: TensorType,
    /// The numbers, if they are known at build time. Shape and type equal `ty`.
    pub constant: Option<Arc<Tensor>>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Node {
    /// Name in the file, or one derived from it; what errors show.
    pub name: String,
    /// The operation with its attributes.
    pub op: Op,
    /// Inputs; weights and biases are inputs that are constants.
    pub inputs: Vec<ValueId>,
    /// Outputs.
    pub outputs: Vec<ValueId>,
}

impl Graph {
    /// Inputs that the user writes, and the states behind them.
    #[must_use]
    pub fn split_inputs(&self) -> (&[ValueId], &[ValueId]) {
        split(&self.inputs, self.states.len())
    }

    /// Outputs that the user reads, and the states behind them.
    #[must_use]
    pub fn split_outputs(&self) -> (&[ValueId], &[ValueId]) {
        split(&self.outputs, self.states.len())
    }

    /// The value behind an id. Ids come from this graph, so they are in range; see [`verify`].
    #[must_use]
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    /// Multiply-accumulate operations of one inference.
    #[must_use]
    pub fn macs(&self) -> u64 {
        let of = |node: &Node| {
            let inputs: Vec<_> = node.inputs.iter().map(|&id| self.ty(id)).collect();
            let outputs: Vec<_> = node.outputs.iter().map(|&id| self.ty(id)).collect();
            node.op.operator().macs(&inputs, &outputs)
        };
        self.nodes.iter().map(of).sum()
    }

    /// The type of a value.
    #[must_use]
    pub fn ty(&self, id: ValueId) -> &TensorType {
        &self.value(id).ty
    }

    /// The numbers of a value, if known.
    #[must_use]
    pub fn constant(&self, id: ValueId) -> Option<&Arc<Tensor>> {
        self.value(id).constant.as_ref()
    }

    /// Adds a value.
    pub fn add_value(&mut self, name: impl Into<String>, ty: TensorType) -> ValueId {
        self.values.push(Value {
            name: name.into(),
            ty,
            constant: None,
        });
        ValueId(self.values.len() as u32 - 1)
    }

    /// Adds a constant.
    pub fn add_constant(&mut self, name: impl Into<String>, tensor: Tensor) -> ValueId {
        let ty = tensor.ty();
        self.values.push(Value {
            name: name.into(),
            ty,
            constant: Some(Arc::new(tensor)),
        });
        ValueId(self.values.len() as u32 - 1)
    }
}

fn split(ids: &[ValueId], states: usize) -> (&[ValueId], &[ValueId]) {
    ids.split_at(ids.len().saturating_sub(states))
}
