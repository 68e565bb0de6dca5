//! One ONNX node while it is read: its inputs, its attributes, and the operations on what is known of values.

use super::attrs::Attrs;
use super::schema::NodeProto;
use crate::import::builder::{Builder, Datum};
use crate::import::integers as to_ints;
use crate::import::problem::Problem;
use crate::ir::{DType, Tensor, TensorType};
use crate::ops::{Op, Reshape, Slice, Transpose, Unary};
use edge_core::params::UnaryFn;
use ndarray::ArrayD;
use std::path::Path;
use std::sync::Arc;

/// One ONNX node while it is read.
pub(super) struct NodeCx<'a> {
    pub(super) proto: &'a NodeProto,
    pub(super) attrs: Attrs<'a>,
    /// Version of the standard operators.
    pub(super) opset: i64,
    /// Where the model lies.
    pub(super) folder: &'a Path,
    /// What is known of the inputs; `None` for those left out.
    pub(super) inputs: Vec<Option<Datum>>,
    pub(super) builder: &'a mut Builder,
}

impl NodeCx<'_> {
    /// The operator, as the file spells it.
    pub(super) fn op_type(&self) -> &str {
        self.proto.op_type.as_deref().unwrap_or("")
    }

    /// Input `index`, which must be there.
    pub(super) fn input(&self, index: usize) -> Result<Datum, Problem> {
        self.optional(index)
            .ok_or_else(|| Problem::broken(format!("input {index} is missing")))
    }

    /// Input `index`, if it is there.
    pub(super) fn optional(&self, index: usize) -> Option<Datum> {
        self.inputs.get(index).cloned().flatten()
    }

    /// All inputs; none may be left out.
    pub(super) fn all_inputs(&self) -> Result<Vec<Datum>, Problem> {
        if self.inputs.is_empty() {
            return Err(Problem::broken("a node without inputs"));
        }
        (0..self.inputs.len()).map(|i| self.input(i)).collect()
    }

    /// The numbers of input `index`, if it is there; they must be known at build time.
    pub(super) fn constant(&self, index: usize) -> Result<Option<Arc<Tensor>>, Problem> {
        match self.optional(index) {
            None => Ok(None),
            Some(Datum::Constant(constant)) => Ok(Some(constant.tensor)),
            Some(Datum::Computed(_)) => Err(Problem::attribute(
                format!(
                    "input {index} ({}) is computed at run time",
                    self.input_name(index)
                ),
                "a constant, or a value that follows from shapes alone",
            )),
        }
    }

    /// The integers of input `index`, if it is there.
    pub(super) fn ints(&self, index: usize) -> Result<Option<Vec<i64>>, Problem> {
        self.constant(index)?
            .map(|tensor| {
                to_ints(&tensor).ok_or_else(|| {
                    let found = format!("input {index} of type {}", tensor.ty());
                    Problem::dtype(found, "integers")
                })
            })
            .transpose()
    }

    /// The floats of input `index`, if it is there.
    pub(super) fn floats(&self, index: usize) -> Result<Option<Vec<f32>>, Problem> {
        self.constant(index)?
            .map(|tensor| {
                tensor.as_f32().map(<[f32]>::to_vec).ok_or_else(|| {
                    let found = format!("input {index} of type {}", tensor.ty());
                    Problem::dtype(found, "floats")
                })
            })
            .transpose()
    }

    /// The only float of input `index`, if it is there.
    pub(super) fn float(&self, index: usize) -> Result<Option<f32>, Problem> {
        match self.floats(index)?.as_deref() {
            None => Ok(None),
            Some(&[one]) => Ok(Some(one)),
            Some(many) => Err(Problem::shape(
                format!("input {index} has {} elements", many.len()),
                "a scalar",
            )),
        }
    }

    /// Integers that are attribute `name` in older and input `index` in newer versions of an operator.
    pub(super) fn ints_of(&self, name: &str, index: usize) -> Result<Option<Vec<i64>>, Problem> {
        match self.attrs.ints(name)? {
            Some(list) => Ok(Some(list.to_vec())),
            None => self.ints(index),
        }
    }

    /// The axis that attribute `axis` names in a tensor of a rank.
    pub(super) fn axis(&self, default: i64, rank: usize) -> Result<usize, Problem> {
        resolve_axis(self.attrs.int("axis")?.unwrap_or(default), rank)
    }

    /// Name of input `index` in the file.
    pub(super) fn input_name(&self, index: usize) -> String {
        format!(
            "`{}`",
            self.proto.input.get(index).map_or("", String::as_str)
        )
    }

    /// The type of a value.
    pub(super) fn ty(&self, datum: &Datum) -> TensorType {
        self.builder.ty(datum)
    }

    /// The dimensions of a value.
    pub(super) fn shape(&self, datum: &Datum) -> Vec<usize> {
        self.ty(datum).shape
    }

    /// Applies an operator with one output: evaluates it on constants, adds a node otherwise.
    pub(super) fn apply(&mut self, op: impl Into<Op>, inputs: &[Datum]) -> Result<Datum, Problem> {
        let op = op.into();
        let base = node_name(self.proto);
        let name = if matches!(op, Op::Transpose(_)) && self.op_type() != "Transpose" {
            format!("{base}.transpose")
        } else if matches!(op, Op::Reshape(_)) && !RESHAPES.contains(&self.op_type()) {
            format!("{base}.reshape")
        } else {
            base.to_owned()
        };
        let of_bytes = |input: &Datum| {
            matches!(input, Datum::Computed(_))
                && matches!(self.ty(input).dtype, DType::I8 | DType::U8)
        };
        if inputs.iter().any(of_bytes) {
            return self.builder.apply_to_bytes(&name, op, inputs);
        }
        let own = &self.inputs;
        let names = &self.proto.input;
        let constant_name = |tensor: &Arc<Tensor>| {
            let same = |input: &Option<Datum>| matches!(input, Some(Datum::Constant(one)) if Arc::ptr_eq(&one.tensor, tensor));
            own.iter()
                .position(same)
                .and_then(|index| names.get(index).cloned())
                .unwrap_or_else(|| format!("{base}.constant"))
        };
        self.builder.apply(&name, op, inputs, constant_name)
    }

    /// The axes of a value in another order.
    pub(super) fn transpose(&mut self, x: &Datum, perm: &[usize]) -> Result<Datum, Problem> {
        if perm.iter().copied().eq(0..perm.len()) && perm.len() == self.shape(x).len() {
            return Ok(x.clone());
        }
        let perm = perm.to_vec();
        self.apply(Transpose { perm }, std::slice::from_ref(x))
    }

    /// A value with another shape.
    pub(super) fn reshape(&mut self, x: &Datum, shape: &[usize]) -> Result<Datum, Problem> {
        if self.shape(x) == shape {
            return Ok(x.clone());
        }
        let shape = shape.to_vec();
        self.apply(Reshape { shape }, std::slice::from_ref(x))
    }

    /// A part of a value. A constant may become empty.
    pub(super) fn slice(&mut self, x: &Datum, op: Slice) -> Result<Datum, Problem> {
        if let (Some(tensor), true) = (x.tensor(), op.lens.contains(&0)) {
            return empty_like(tensor, &op.lens);
        }
        let whole = op.lens == self.shape(x) && op.steps.iter().all(|&step| step == 1);
        if whole {
            return Ok(x.clone());
        }
        self.apply(op, std::slice::from_ref(x))
    }

    /// Functions of each element, one after the other.
    pub(super) fn unary(&mut self, x: &Datum, functions: &[UnaryFn]) -> Result<Datum, Problem> {
        let functions = functions.to_vec();
        self.apply(Unary { functions }, std::slice::from_ref(x))
    }
}

/// Operators whose reshape is the operation itself.
const RESHAPES: &[&str] = &["Reshape", "Flatten", "Squeeze", "Unsqueeze"];

/// The name of a node in messages and generated code: its own, or that of its first output.
pub(super) fn node_name(proto: &NodeProto) -> &str {
    let own = proto.name.as_deref().filter(|name| !name.is_empty());
    own.or_else(|| {
        proto
            .output
            .iter()
            .find(|o| !o.is_empty())
            .map(String::as_str)
    })
    .unwrap_or("")
}

/// An axis of a tensor of a rank; negative ones count from the end.
pub(super) fn resolve_axis(axis: i64, rank: usize) -> Result<usize, Problem> {
    let signed = if axis < 0 {
        axis.checked_add(rank as i64)
    } else {
        Some(axis)
    };
    signed
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|&axis| axis < rank)
        .ok_or_else(|| {
            Problem::shape(
                format!("axis {axis} of a tensor of rank {rank}"),
                "an axis of the tensor",
            )
        })
}

/// Axes of a tensor of a rank, sorted, each at most once.
pub(super) fn resolve_axes(axes: &[i64], rank: usize) -> Result<Vec<usize>, Problem> {
    let resolved: Result<Vec<usize>, Problem> =
        axes.iter().map(|&axis| resolve_axis(axis, rank)).collect();
    let mut resolved = resolved?;
    resolved.sort_unstable();
    if resolved.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Problem::shape(format!("axes {axes:?}"), "each axis once"));
    }
    Ok(resolved)
}

/// Integers as a constant of rank 1.
pub(super) fn int_list(numbers: Vec<i64>) -> Datum {
    Tensor::I64(ndarray::Array1::from(numbers).into_dyn()).into()
}

fn none<T>(shape: &[usize]) -> Option<ArrayD<T>> {
    ArrayD::from_shape_vec(shape, Vec::new()).ok()
}

/// A constant without elements, of the type of another.
fn empty_like(tensor: &Tensor, shape: &[usize]) -> Result<Datum, Problem> {
    crate::import::builder::checked_len(shape, crate::import::builder::MAX_ELEMENTS)?;
    let empty = match tensor.dtype() {
        DType::F32 => none(shape).map(Tensor::F32),
        DType::I8 => none(shape).map(Tensor::I8),
        DType::U8 => none(shape).map(Tensor::U8),
        DType::I16 => none(shape).map(Tensor::I16),
        DType::I32 => none(shape).map(Tensor::I32),
        DType::I64 => none(shape).map(Tensor::I64),
        DType::Bool => none(shape).map(Tensor::Bool),
    };
    empty
        .map(Datum::from)
        .ok_or_else(|| Problem::shape(format!("an empty slice of {}", tensor.ty()), "a slice"))
}
