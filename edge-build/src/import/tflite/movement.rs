//! What operators that move elements have in common. They leave numbers as they are; what the numbers stand for
//! is what the file says of the output.

use super::node::OpCx;
use super::tensors::kind;
use crate::import::builder::{Constant, Datum};
use crate::import::problem::Problem;
use crate::ir::{Quant, TensorType};
use crate::ops::{Gather, Reshape, Slice};
use std::sync::Arc;

/// Greatest number of rows in a table that this importer makes.
pub(super) const MAX_ROWS: usize = 1 << 22;

/// An axis of a tensor; negative ones count from the end.
pub(super) fn resolve_axis(axis: i64, rank: usize) -> Result<usize, Problem> {
    let from_end = if axis < 0 { rank as i64 } else { 0 };
    axis.checked_add(from_end)
        .and_then(|axis| usize::try_from(axis).ok())
        .filter(|&axis| axis < rank)
        .ok_or_else(|| {
            Problem::shape(
                format!("axis {axis} of a tensor of rank {rank}"),
                "an axis of the tensor",
            )
        })
}

/// Numbers that are at least 0.
pub(super) fn unsigned(numbers: &[i64]) -> Result<Vec<usize>, Problem> {
    let one = |&number: &i64| {
        usize::try_from(number)
            .map_err(|_| Problem::attribute(format!("the number {number}"), "numbers from 0 on"))
    };
    numbers.iter().map(one).collect()
}

impl OpCx<'_> {
    /// Input `index` with the quantization of output `output`.
    pub(super) fn moved(&mut self, index: usize, output: usize) -> Result<Datum, Problem> {
        let x = self.input(index)?;
        let quant = self.output(output)?.quant.clone();
        self.relabel(x, quant)
    }

    /// The same numbers in another quantization.
    fn relabel(&mut self, x: Datum, quant: Option<Quant>) -> Result<Datum, Problem> {
        let ty = self.ty(&x);
        let whole = |quant: &Option<Quant>| matches!(quant, Some(Quant::PerTensor(_)));
        if ty.quant == quant || !whole(&ty.quant) || !whole(&quant) {
            return Ok(x);
        }
        match x {
            Datum::Constant(constant) => Ok(Datum::Constant(Constant {
                tensor: Arc::clone(&constant.tensor),
                quant,
            })),
            Datum::Computed(_) => {
                let op = Reshape { shape: ty.shape };
                self.apply(op, &[x], quant)
            }
        }
    }

    /// A part of a value, its quantization kept.
    pub(super) fn slice(&mut self, x: &Datum, op: Slice) -> Result<Datum, Problem> {
        let ty = self.ty(x);
        let whole = op.starts.iter().all(|&start| start == 0)
            && op.steps.iter().all(|&step| step == 1)
            && op.lens == ty.shape;
        if whole {
            return Ok(x.clone());
        }
        self.apply(op, std::slice::from_ref(x), ty.quant)
    }

    /// Rows of a value, its quantization kept.
    pub(super) fn gather(
        &mut self,
        x: &Datum,
        axis: usize,
        rows: Vec<u32>,
    ) -> Result<Datum, Problem> {
        let ty = self.ty(x);
        let len = ty.shape.get(axis).copied().unwrap_or(0);
        if rows.iter().copied().eq(0..len as u32) {
            return Ok(x.clone());
        }
        let op = Gather { axis, rows };
        self.apply(op, std::slice::from_ref(x), ty.quant)
    }

    /// Checks that a value has the type that the file says of output `index`.
    pub(super) fn check_output(&self, index: usize, value: &Datum) -> Result<(), Problem> {
        let (made, declared) = (self.ty(value), self.output(index)?);
        let same = |a: &TensorType, b: &TensorType| a.dtype == b.dtype && a.shape == b.shape;
        if same(&made, declared) {
            return Ok(());
        }
        Err(Problem::shape(
            format!("output {index} of type {declared}"),
            format!("{made} for these inputs"),
        ))
    }

    /// Whether the first output holds quantized unsigned bytes in the file.
    pub(super) fn output_is_unsigned(&self) -> Result<bool, Problem> {
        let first = self.def.outputs.first();
        let def = first.and_then(|&index| self.graph.tensors.get(index));
        let def = def.ok_or_else(|| Problem::broken("an operator without outputs"))?;
        Ok(kind(def)?.is_shifted())
    }

    /// Dimensions of output `index` as the file says them.
    pub(super) fn output_shape(&self, index: usize) -> Result<Vec<usize>, Problem> {
        Ok(self.output(index)?.shape.clone())
    }

    /// A value under the shape of the only output, as that output.
    pub(super) fn give_reshaped(&mut self, value: &Datum) -> Result<Vec<Datum>, Problem> {
        let shape = self.output_shape(0)?;
        let value = self.reshape(value, &shape)?;
        self.give(value)
    }
}

#[cfg(test)]
mod tests;
