//! Operators that only move elements: they do the same to numbers of every type, and what integers stand for
//! follows them.

use super::Op;
use super::opaque;
use crate::ir::Quant;

impl Op {
    /// Whether every element of the output is an element of an input.
    #[must_use]
    pub fn only_moves(&self) -> bool {
        match self {
            Self::Reshape(_)
            | Self::Transpose(_)
            | Self::Slice(_)
            | Self::Expand(_)
            | Self::Gather(_)
            | Self::Concat(_) => true,
            Self::Pad(_)
            | Self::Unary(_)
            | Self::Binary(_)
            | Self::Reduce(_)
            | Self::Conv2d(_)
            | Self::DepthwiseConv2d(_)
            | Self::ConvTranspose2d(_)
            | Self::FullyConnected(_)
            | Self::MatMul(_)
            | Self::MaxPool2d(_)
            | Self::AveragePool2d(_)
            | Self::Softmax(_)
            | Self::ResizeLinear(_)
            | Self::Quantize(_)
            | Self::Dequantize(_)
            | opaque!() => false,
        }
    }

    /// What the elements stand for when the operator has moved them from one shape to another; `None` if the
    /// scales of channels do not follow, or it is no operator with one input that only moves.
    #[must_use]
    pub fn moved_quant(&self, quant: &Quant, from: &[usize], to: &[usize]) -> Option<Quant> {
        let (axis, scales) = match quant {
            Quant::PerTensor(_) => return self.only_moves().then(|| quant.clone()),
            Quant::PerChannel { axis, scales } => (*axis, scales),
        };
        let axis = if let Self::Transpose(op) = self {
            op.perm.iter().position(|&from| from == axis)?
        } else if let Self::Reshape(_) = self {
            same_axis(axis, from, to)?
        } else {
            let stays = from.get(axis) == to.get(axis) && from.len() == to.len();
            (stays && self.keeps(axis)).then_some(axis)?
        };
        Some(Quant::PerChannel {
            axis,
            scales: scales.clone(),
        })
    }

    /// Whether an operator that only moves, and leaves the length of an axis, leaves its order as well.
    fn keeps(&self, axis: usize) -> bool {
        if let Self::Slice(op) = self {
            return op.steps.get(axis).is_some_and(|&step| step > 0);
        }
        matches!(self, Self::Expand(_)) || matches!(self, Self::Gather(op) if op.axis != axis)
    }
}

/// The axis of a reshaped tensor that holds the indices of an axis before.
fn same_axis(axis: usize, from: &[usize], to: &[usize]) -> Option<usize> {
    let len = *from.get(axis)?;
    let outer: usize = from.get(..axis)?.iter().product();
    let mut before = 1usize;
    for (index, &dim) in to.iter().enumerate() {
        if before == outer && dim == len {
            return Some(index);
        }
        before = before.checked_mul(dim)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Gather, Reshape, Transpose};

    fn channels(axis: usize) -> Quant {
        Quant::PerChannel {
            axis,
            scales: vec![0.5, 0.25, 1.0],
        }
    }

    #[test]
    fn scales_follow_their_axis() {
        let turn = Op::from(Transpose {
            perm: vec![2, 0, 1],
        });
        let moved = turn.moved_quant(&channels(0), &[3, 4, 5], &[5, 3, 4]);
        assert_eq!(moved, Some(channels(1)));
        let view = Op::from(Reshape {
            shape: vec![1, 3, 20],
        });
        let moved = view.moved_quant(&channels(0), &[3, 4, 5], &[1, 3, 20]);
        assert_eq!(moved, Some(channels(1)));
    }

    #[test]
    fn scales_that_cannot_follow_are_gone() {
        let view = Op::from(Reshape { shape: vec![12] });
        assert_eq!(view.moved_quant(&channels(0), &[3, 4], &[12]), None);
        let pick = Op::from(Gather {
            axis: 0,
            rows: vec![2, 1, 0],
        });
        assert_eq!(pick.moved_quant(&channels(0), &[3, 4], &[3, 4]), None);
    }
}
