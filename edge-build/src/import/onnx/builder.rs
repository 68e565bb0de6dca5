//! The graph under construction. An operator on constants is evaluated at once; any other becomes a node.

use super::fold;
use super::problem::Problem;
use crate::ir::types::shape_text;
use crate::ir::{DType, Graph, Node, Tensor, TensorType, Value, ValueId};
use crate::ops::Op;
use std::sync::Arc;

/// Greatest number of elements of a value computed on the device.
pub(super) const MAX_ELEMENTS: usize = 64 << 20;
/// Greatest number of elements of all values computed on the device together.
const MAX_TOTAL: usize = 256 << 20;
/// Greatest number of elements of a constant computed here, unless an input has as many.
const MAX_FOLDED: usize = 16 << 20;
/// Greatest number of elements of all constants computed here together, beyond those of the file.
const MAX_FOLDED_TOTAL: usize = 64 << 20;

/// Greatest number of axes while the graph is read; kernels take fewer.
pub(super) const MAX_AXES: usize = 32;

/// What is known of an ONNX value: its numbers, or its type.
#[derive(Clone, Debug)]
pub(super) enum Datum {
    /// Known at build time.
    Constant(Arc<Tensor>),
    /// Computed on the device; always floats.
    Computed(ValueId),
}

impl Datum {
    /// The numbers, if they are known.
    pub(super) fn tensor(&self) -> Option<&Tensor> {
        match self {
            Self::Constant(tensor) => Some(tensor),
            Self::Computed(_) => None,
        }
    }
}

impl From<Tensor> for Datum {
    fn from(tensor: Tensor) -> Self {
        Self::Constant(Arc::new(tensor))
    }
}

/// The graph under construction.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) graph: Graph,
    folded: usize,
    folded_limit: usize,
    computed: usize,
}

impl Builder {
    /// An empty graph for a file of a size in bytes.
    pub(super) fn new(file_bytes: usize) -> Self {
        Self {
            graph: Graph::default(),
            folded: 0,
            folded_limit: MAX_FOLDED_TOTAL.saturating_add(file_bytes),
            computed: 0,
        }
    }

    /// The type of a value.
    pub(super) fn ty(&self, datum: &Datum) -> TensorType {
        match datum {
            Datum::Constant(tensor) => tensor.ty(),
            Datum::Computed(id) => self.graph.ty(*id).clone(),
        }
    }

    /// Takes note of a constant of that many elements before it is made from inputs of `most` elements.
    pub(super) fn charge(&mut self, shape: &[usize], most: usize) -> Result<(), Problem> {
        let limit = MAX_FOLDED.max(most);
        let len = checked_len(shape, limit)?;
        self.folded = self.folded.saturating_add(len);
        if self.folded > self.folded_limit {
            return Err(Problem::too_large(
                "constants computed from constants grow without end",
                format!("{} elements in all", self.folded_limit),
            ));
        }
        Ok(())
    }

    /// Adds a value that the device computes.
    pub(super) fn add_computed(
        &mut self,
        name: String,
        ty: TensorType,
    ) -> Result<ValueId, Problem> {
        if ty.shape.contains(&0) {
            return Err(Problem::shape(
                format!(
                    "a result of shape {} has no elements",
                    shape_text(&ty.shape)
                ),
                "dimensions of at least 1",
            ));
        }
        let len = checked_len(&ty.shape, MAX_ELEMENTS)?;
        self.computed = self.computed.saturating_add(len);
        if self.computed > MAX_TOTAL {
            return Err(Problem::too_large(
                "all results together are too large",
                format!("{MAX_TOTAL} elements in all"),
            ));
        }
        Ok(self.graph.add_value(name, ty))
    }

    /// Applies an operator with one output: evaluates it if all inputs are constants and it can be, else
    /// adds a node. `constant_name` names constants that become inputs of the node.
    pub(super) fn apply(
        &mut self,
        name: &str,
        op: Op,
        inputs: &[Datum],
        constant_name: impl Fn(&Arc<Tensor>) -> String,
    ) -> Result<Datum, Problem> {
        let types: Vec<TensorType> = inputs.iter().map(|input| self.ty(input)).collect();
        let output = infer(&op, &types)?;
        if let Some(tensors) = constants(inputs) {
            let most = types.iter().map(TensorType::len).max().unwrap_or(0);
            self.charge(&output.shape, most)?;
            if let Some(tensor) = fold::evaluate(&op, &tensors, &output.shape)? {
                return Ok(tensor.into());
            }
        }
        if let Some(other) = types.iter().find(|ty| ty.dtype != DType::F32) {
            return Err(Problem::dtype(
                format!("an operand of type {other}"),
                "f32 operands",
            ));
        }
        let inputs = inputs.iter().map(|input| match input {
            Datum::Computed(id) => *id,
            Datum::Constant(tensor) => self.add_tensor(constant_name(tensor), tensor),
        });
        let inputs = inputs.collect();
        let out = self.add_computed(format!("{name}.{}", self.graph.values.len()), output)?;
        self.graph.nodes.push(Node {
            name: name.to_owned(),
            op,
            inputs,
            outputs: vec![out],
        });
        Ok(Datum::Computed(out))
    }

    /// Adds a constant without copying it.
    pub(super) fn add_tensor(&mut self, name: String, tensor: &Arc<Tensor>) -> ValueId {
        self.graph.values.push(Value {
            name,
            ty: tensor.ty(),
            constant: Some(Arc::clone(tensor)),
        });
        ValueId(self.graph.values.len() as u32 - 1)
    }
}

fn infer(op: &Op, types: &[TensorType]) -> Result<TensorType, Problem> {
    let types: Vec<&TensorType> = types.iter().collect();
    let outputs = op.operator().infer(&types)?;
    outputs.into_iter().next().ok_or_else(|| {
        Problem::broken(format!(
            "operator {} of the compiler has no output",
            op.name()
        ))
    })
}

/// The numbers of all inputs, if all are constants.
fn constants(inputs: &[Datum]) -> Option<Vec<&Tensor>> {
    inputs.iter().map(Datum::tensor).collect()
}

/// The number of elements of a shape. It may be 0; without the axes of length 0 it must be at most `limit`,
/// so that no product of dimensions overflows.
pub(super) fn checked_len(shape: &[usize], limit: usize) -> Result<usize, Problem> {
    if shape.len() > MAX_AXES {
        return Err(Problem::too_large(
            format!("a tensor with {} axes", shape.len()),
            format!("{MAX_AXES} axes"),
        ));
    }
    let room = shape
        .iter()
        .try_fold(1usize, |n, &dim| n.checked_mul(dim.max(1)));
    let room = room.filter(|&room| room <= limit).ok_or_else(|| {
        Problem::too_large(
            format!("a tensor of shape {}", shape_text(shape)),
            format!("{limit} elements"),
        )
    })?;
    Ok(if shape.contains(&0) { 0 } else { room })
}
