//! Movement by numbers that are computed at run time, and reductions of graphs that arrive quantized.

use super::{MAX_RANK, Reduce, ResizeLinear};
use crate::quant::{Rounding, Scale};

/// Row numbers for [`Gather`](super::Gather) from indices that are computed at run time.
///
/// The rows are those of a tensor `[batch, outer, dims[0], …, dims[depth − 1], inner]`; the indices have the
/// shape `[batch, count, depth]`. There are `batch · outer · count` row numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowNumbers {
    /// Parts with indices of their own.
    pub batch: usize,
    /// Parts that share their indices.
    pub outer: usize,
    /// Rows picked from each part.
    pub count: usize,
    /// Indices that give one row, at most [`MAX_RANK`].
    pub depth: usize,
    /// What each of them counts, at least 1; those behind `depth` are 1.
    pub dims: [usize; MAX_RANK],
}

/// Sum or mean of integers over the middle axis, rounded once at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReduceExact {
    /// Shapes; the scale holds the division of a mean.
    pub reduce: Reduce,
    /// Zero point of the input times `axis`, taken off the sum.
    pub sum_zero: i32,
    /// What brings the sum to steps of the output.
    pub scale: Scale,
    /// How it is rounded.
    pub rounding: Rounding,
    /// Zero point of the output.
    pub output_zero: i32,
}

/// int8 linear resize whose output has a quantization of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResizeRescaled {
    /// Shapes; weights are in 1/2048.
    pub resize: ResizeLinear,
    /// Zero point of the input.
    pub input_zero: i32,
    /// What brings 2⁻²² steps of the input to steps of the output.
    pub scale: Scale,
    /// Zero point of the output.
    pub output_zero: i32,
}

/// Where the greatest or least element of the middle axis of `[outer, axis, inner]` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgReduce {
    /// Product of the dimensions before the axis.
    pub outer: usize,
    /// Elements compared, at most 2³¹ − 1.
    pub axis: usize,
    /// Product of the dimensions behind the axis.
    pub inner: usize,
    /// Whether the greatest is wanted, else the least.
    pub greatest: bool,
}

/// Running sums along the middle axis of `[outer, axis, inner]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CumSum {
    /// Product of the dimensions before the axis.
    pub outer: usize,
    /// Elements summed.
    pub axis: usize,
    /// Product of the dimensions behind the axis.
    pub inner: usize,
    /// Whether an element is left out of its own sum.
    pub exclusive: bool,
    /// Whether sums run from the last element to the first.
    pub reverse: bool,
}

/// int8 running sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CumSumS8 {
    /// Shapes and direction.
    pub sum: CumSum,
    /// Zero point of the input.
    pub input_zero: i32,
    /// What brings 2⁻¹⁹ steps of the input to steps of the output; a factor below 1.
    pub scale: Scale,
    /// Zero point of the output.
    pub output_zero: i32,
}
