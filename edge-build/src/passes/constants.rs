//! Constants with their elements moved: what they stand for, or the grid they lie on, goes with them.

use super::permutation;
use crate::ir::edit::Rewriter;
use crate::ir::{Quant, Tensor, ValueId};
use crate::ops::{Op, Reshape, Transpose};

/// A constant with its axes in another order.
pub(super) fn transposed(
    rewriter: &mut Rewriter<'_>,
    id: ValueId,
    perm: &[usize],
) -> Option<ValueId> {
    let tensor = permutation::transposed(rewriter.constant(id)?, perm)?;
    let perm = perm.to_vec();
    Some(moved(rewriter, id, tensor, &Transpose { perm }.into()))
}

/// A constant with another shape.
pub(super) fn reshaped(
    rewriter: &mut Rewriter<'_>,
    id: ValueId,
    shape: &[usize],
) -> Option<ValueId> {
    let tensor = permutation::reshaped(rewriter.constant(id)?, shape)?;
    let shape = shape.to_vec();
    Some(moved(rewriter, id, tensor, &Reshape { shape }.into()))
}

/// The constant that an operator makes of another.
fn moved(rewriter: &mut Rewriter<'_>, id: ValueId, tensor: Tensor, op: &Op) -> ValueId {
    let from = rewriter.ty(id);
    let quant = from.quant.as_ref();
    let quant = quant.and_then(|quant| op.moved_quant(quant, &from.shape, tensor.shape()));
    let name = rewriter.name(id).to_owned();
    rewriter.add_quantized(name, tensor, quant)
}

/// Whether the floats of a constant are multiples of known scales, as those of networks that arrive quantized:
/// then only they may stand for it.
pub(super) fn has_grid(rewriter: &Rewriter<'_>, id: ValueId) -> bool {
    rewriter.ty(id).quant.is_some()
}

/// Scales of the rows of a constant when these stand in another order.
pub(super) fn taken_rows(quant: Option<&Quant>, order: &[usize]) -> Option<Quant> {
    match quant? {
        Quant::PerTensor(params) => Some(Quant::PerTensor(*params)),
        Quant::PerChannel { axis: 0, scales } => {
            let scales: Option<Vec<f32>> =
                order.iter().map(|&row| scales.get(row).copied()).collect();
            Some(Quant::PerChannel {
                axis: 0,
                scales: scales?,
            })
        }
        Quant::PerChannel { .. } => None,
    }
}
