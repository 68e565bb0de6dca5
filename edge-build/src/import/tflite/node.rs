//! One operator while it is read: its inputs, its options, and the operations on what is known of tensors.

use super::schema::{Model, OperatorDef, OptionsTable, SubGraph};
use super::states::States;
use crate::import::builder::{Builder, Datum};
use crate::import::problem::Problem;
use crate::ir::{Quant, Tensor, TensorType};
use crate::ops::{Op, Reshape, Transpose};
use std::sync::Arc;

/// One operator while it is read.
pub(super) struct OpCx<'a> {
    pub(super) model: &'a Model<'a>,
    /// The subgraph that holds the operator.
    pub(super) graph: &'a SubGraph,
    pub(super) def: &'a OperatorDef,
    /// Name of the operator: `CONV_2D`.
    pub(super) op: String,
    /// Name of the node: that of its first output.
    pub(super) name: &'a str,
    /// What is known of the inputs; `None` for those left out.
    pub(super) inputs: Vec<Option<Datum>>,
    /// Types of the outputs as the file says them, in the types of the graph.
    pub(super) outputs: Vec<TensorType>,
    pub(super) builder: &'a mut Builder,
    pub(super) states: &'a mut States,
}

impl OpCx<'_> {
    /// The options of the operator.
    pub(super) fn options<T: OptionsTable>(&self) -> Result<&T, Problem> {
        self.def
            .options()
            .ok_or_else(|| Problem::broken(format!("{} without its options", self.op)))
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
        (0..self.inputs.len()).map(|i| self.input(i)).collect()
    }

    /// Type of output `index` as the file says it.
    pub(super) fn output(&self, index: usize) -> Result<&TensorType, Problem> {
        self.outputs
            .get(index)
            .ok_or_else(|| Problem::broken(format!("output {index} is missing")))
    }

    /// The type of a value.
    pub(super) fn ty(&self, datum: &Datum) -> TensorType {
        self.builder.ty(datum)
    }

    /// The dimensions of a value.
    pub(super) fn shape(&self, datum: &Datum) -> Vec<usize> {
        self.ty(datum).shape
    }

    /// The numbers of input `index`, if it is there; they must be known at build time.
    pub(super) fn constant(&self, index: usize) -> Result<Option<Arc<Tensor>>, Problem> {
        match self.optional(index) {
            None => Ok(None),
            Some(Datum::Constant(constant)) => Ok(Some(constant.tensor)),
            Some(Datum::Computed(_)) => Err(Problem::attribute(
                format!("input {index} is computed at run time"),
                "a constant",
            )),
        }
    }

    /// The integers of input `index`, which must be there and known at build time.
    pub(super) fn ints(&self, index: usize) -> Result<Vec<i64>, Problem> {
        let tensor = self
            .constant(index)?
            .ok_or_else(|| Problem::broken(format!("input {index} is missing")))?;
        crate::import::integers(&tensor).ok_or_else(|| {
            Problem::dtype(format!("input {index} of type {}", tensor.ty()), "integers")
        })
    }

    /// Applies an operator whose only output has the type that follows from its inputs, and a quantization.
    /// Evaluates it if all inputs are constants and that changes no rounding.
    pub(super) fn apply(
        &mut self,
        op: impl Into<Op>,
        inputs: &[Datum],
        quant: Option<Quant>,
    ) -> Result<Datum, Problem> {
        self.builder
            .apply_typed(self.name, op.into(), inputs, quant)
    }

    /// Applies an operator that makes the only output of the node.
    pub(super) fn finish(
        &mut self,
        op: impl Into<Op>,
        inputs: &[Datum],
    ) -> Result<Vec<Datum>, Problem> {
        let declared = self.output(0)?.clone();
        let made = self.apply(op, inputs, declared.quant.clone())?;
        self.check(&made, &declared)?;
        Ok(vec![made])
    }

    /// A value as the only output, whose declared type must be its type.
    pub(super) fn give(&mut self, value: Datum) -> Result<Vec<Datum>, Problem> {
        let declared = self.output(0)?.clone();
        self.check(&value, &declared)?;
        Ok(vec![value])
    }

    fn check(&self, value: &Datum, declared: &TensorType) -> Result<(), Problem> {
        let made = self.ty(value);
        if made.dtype == declared.dtype && made.shape == declared.shape {
            return Ok(());
        }
        Err(Problem::shape(
            format!("an output of type {declared}"),
            format!("{made} for these inputs"),
        ))
    }

    /// A value with another shape, its quantization kept.
    pub(super) fn reshape(&mut self, x: &Datum, shape: &[usize]) -> Result<Datum, Problem> {
        let ty = self.ty(x);
        if ty.shape == shape {
            return Ok(x.clone());
        }
        let shape = shape.to_vec();
        self.apply(Reshape { shape }, std::slice::from_ref(x), ty.quant)
    }

    /// The axes of a value in another order, its quantization kept.
    pub(super) fn transpose(&mut self, x: &Datum, perm: &[usize]) -> Result<Datum, Problem> {
        let ty = self.ty(x);
        if perm.iter().copied().eq(0..ty.shape.len()) {
            return Ok(x.clone());
        }
        let quant = ty.quant.map(|quant| match quant {
            Quant::PerChannel { axis, scales } => Quant::PerChannel {
                axis: perm.iter().position(|&from| from == axis).unwrap_or(axis),
                scales,
            },
            whole @ Quant::PerTensor(_) => whole,
        });
        let perm = perm.to_vec();
        self.apply(Transpose { perm }, std::slice::from_ref(x), quant)
    }
}
