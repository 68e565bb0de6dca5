//! The graph under construction. An operator on constants is evaluated at once; any other becomes a node.

use super::bytes::Bytes;
use super::fold;
use super::problem::Problem;
use crate::ir::types::shape_text;
use crate::ir::{DType, Graph, Node, Quant, Tensor, TensorType, Value, ValueId};
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

/// What is known of a value of the file: its numbers, or its type.
#[derive(Clone, Debug)]
pub(super) enum Datum {
    /// Known at build time.
    Constant(Constant),
    /// Computed on the device.
    Computed(ValueId),
}

/// A value known at build time.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    /// The numbers.
    pub(super) tensor: Arc<Tensor>,
    /// What integers stand for; for floats the grid that all of them lie on.
    pub(super) quant: Option<Quant>,
}

impl Constant {
    /// Element type, shape and quantization.
    pub(super) fn ty(&self) -> TensorType {
        TensorType {
            quant: self.quant.clone(),
            ..self.tensor.ty()
        }
    }
}

impl Datum {
    /// The numbers, if they are known.
    pub(super) fn tensor(&self) -> Option<&Tensor> {
        match self {
            Self::Constant(constant) => Some(&constant.tensor),
            Self::Computed(_) => None,
        }
    }
}

impl From<Arc<Tensor>> for Datum {
    fn from(tensor: Arc<Tensor>) -> Self {
        Self::Constant(Constant {
            tensor,
            quant: None,
        })
    }
}

impl From<Tensor> for Datum {
    fn from(tensor: Tensor) -> Self {
        Arc::new(tensor).into()
    }
}

/// The graph under construction.
#[derive(Debug)]
pub(super) struct Builder {
    pub(super) graph: Graph,
    /// What is known of quantized bytes.
    pub(super) bytes: Bytes,
    folded: usize,
    folded_limit: usize,
    computed: usize,
}

impl Builder {
    /// An empty graph for a file of a size in bytes.
    pub(super) fn new(file_bytes: usize) -> Self {
        Self {
            graph: Graph::default(),
            bytes: Bytes::default(),
            folded: 0,
            folded_limit: MAX_FOLDED_TOTAL.saturating_add(file_bytes),
            computed: 0,
        }
    }

    /// The type of a value.
    pub(super) fn ty(&self, datum: &Datum) -> TensorType {
        match datum {
            Datum::Constant(constant) => constant.ty(),
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
                let quant = moved_grid(&op, &types, &output.shape);
                let tensor = Arc::new(tensor);
                return Ok(Datum::Constant(Constant { tensor, quant }));
            }
        }
        let taken = |ty: &&TensorType| {
            ty.dtype == DType::F32 || (op.only_moves() && !ty.dtype.is_quantized())
        };
        if let Some(other) = types.iter().find(|ty| !taken(ty)) {
            return Err(Problem::dtype(
                format!("an operand of type {other}"),
                "f32 operands",
            ));
        }
        let inputs = inputs.iter().map(|input| match input {
            Datum::Computed(id) => *id,
            Datum::Constant(constant) => {
                self.add_constant(constant_name(&constant.tensor), constant)
            }
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

    /// Adds a node whose outputs have given types, quantization included. Element types and shapes must be those
    /// that the operator makes.
    pub(super) fn add_node(
        &mut self,
        name: &str,
        op: Op,
        inputs: &[Datum],
        outputs: Vec<TensorType>,
    ) -> Result<Vec<Datum>, Problem> {
        let types: Vec<TensorType> = inputs.iter().map(|input| self.ty(input)).collect();
        let types: Vec<&TensorType> = types.iter().collect();
        let made = op.operator().infer(&types)?;
        let same = |(a, b): (&TensorType, &TensorType)| a.dtype == b.dtype && a.shape == b.shape;
        if made.len() != outputs.len() || !made.iter().zip(&outputs).all(same) {
            let list = |types: &[TensorType]| {
                let texts: Vec<String> = types.iter().map(ToString::to_string).collect();
                texts.join(", ")
            };
            return Err(Problem::shape(
                format!("outputs {}", list(&outputs)),
                format!("{} for these inputs", list(&made)),
            ));
        }
        let inputs = inputs.iter().map(|input| match input {
            Datum::Computed(id) => *id,
            Datum::Constant(constant) => self.add_constant(format!("{name}.constant"), constant),
        });
        let inputs = inputs.collect();
        let name_of = |index: usize| format!("{name}.{index}");
        let ids: Result<Vec<ValueId>, Problem> = outputs
            .into_iter()
            .map(|ty| self.add_computed(name_of(self.graph.values.len()), ty))
            .collect();
        let ids = ids?;
        self.graph.nodes.push(Node {
            name: name.to_owned(),
            op,
            inputs,
            outputs: ids.clone(),
        });
        Ok(ids.into_iter().map(Datum::Computed).collect())
    }

    /// Applies an operator whose only output has the type that follows from its inputs, and a quantization.
    ///
    /// It is evaluated if all inputs are constants, and no rounding of integers depends on it.
    pub(super) fn apply_typed(
        &mut self,
        name: &str,
        op: Op,
        inputs: &[Datum],
        quant: Option<Quant>,
    ) -> Result<Datum, Problem> {
        let types: Vec<TensorType> = inputs.iter().map(|input| self.ty(input)).collect();
        let ty = TensorType {
            quant,
            ..infer(&op, &types)?
        };
        let quantized = types.iter().any(|ty| ty.dtype.is_quantized());
        if let Some(tensors) = constants(inputs).filter(|_| !quantized || op.only_moves()) {
            let most = types.iter().map(TensorType::len).max().unwrap_or(0);
            self.charge(&ty.shape, most)?;
            if let Some(tensor) = fold::evaluate(&op, &tensors, &ty.shape)? {
                return Ok(Datum::Constant(Constant {
                    tensor: Arc::new(tensor),
                    quant: ty.quant,
                }));
            }
        }
        let made = self.add_node(name, op, inputs, vec![ty])?;
        made.into_iter()
            .next()
            .ok_or_else(|| Problem::broken("an operator without output"))
    }

    /// A value that can be an output of the graph and has no other name.
    pub(super) fn output_of(&mut self, name: &str, datum: &Datum) -> Result<ValueId, Problem> {
        let id = match datum {
            Datum::Constant(constant) => self.add_constant(name.to_owned(), constant),
            Datum::Computed(id) => *id,
        };
        let taken = self.graph.inputs.contains(&id) || self.graph.outputs.contains(&id);
        if !taken {
            return Ok(id);
        }
        let ty = self.graph.ty(id).clone();
        let copy = crate::ops::Reshape {
            shape: ty.shape.clone(),
        };
        let made = self.add_node(name, copy.into(), &[Datum::Computed(id)], vec![ty])?;
        match made.first() {
            Some(Datum::Computed(id)) => Ok(*id),
            Some(Datum::Constant(_)) | None => Err(Problem::broken("a copy without a value")),
        }
    }

    /// Adds a constant without copying it.
    pub(super) fn add_constant(&mut self, name: String, constant: &Constant) -> ValueId {
        self.graph.values.push(Value {
            name,
            ty: constant.ty(),
            constant: Some(Arc::clone(&constant.tensor)),
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

/// The grid that the result of an operator on one constant lies on.
fn moved_grid(op: &Op, inputs: &[TensorType], shape: &[usize]) -> Option<Quant> {
    let [x] = inputs else { return None };
    op.moved_quant(x.quant.as_ref()?, &x.shape, shape)
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
