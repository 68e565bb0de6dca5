//! Reductions: sums, means, norms over any axes, made of reductions over neighbouring axes.

use super::binary::pair;
use super::node::{NodeCx, resolve_axes};
use crate::import::builder::Datum;
use crate::import::fold::product;
use crate::import::problem::Problem;
use crate::ir::Tensor;
use crate::ops::Reduce;
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};
use ndarray::ArrayD;
use std::ops::Range;

/// What is reduced, and how the result is shaped.
struct Reduction {
    x: Datum,
    axes: Vec<usize>,
    /// Shape of the output; axes may be gone.
    shape: Vec<usize>,
}

/// Input, axes (an attribute in older, an input in newer versions) and `keepdims`; `None` if nothing is to be
/// reduced.
fn read(cx: &NodeCx<'_>) -> Result<Reduction, Problem> {
    let x = cx.input(0)?;
    let own = cx.shape(&x);
    let stated = cx.ints_of("axes", 1)?.unwrap_or_default();
    let axes = if !stated.is_empty() {
        resolve_axes(&stated, own.len())?
    } else if cx.attrs.flag("noop_with_empty_axes")? {
        Vec::new()
    } else {
        (0..own.len()).collect()
    };
    let keep = cx.attrs.int("keepdims")?.unwrap_or(1) != 0;
    let dims = own.iter().enumerate().filter_map(|(axis, &dim)| {
        if axes.contains(&axis) {
            keep.then_some(1)
        } else {
            Some(dim)
        }
    });
    let shape = dims.collect();
    Ok(Reduction { x, axes, shape })
}

/// Neighbouring axes as ranges, in order.
fn runs(axes: &[usize]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for &axis in axes {
        match runs.last_mut() {
            Some(run) if run.end == axis => run.end += 1,
            Some(_) | None => runs.push(axis..axis + 1),
        }
    }
    runs
}

/// Reduces axes, which stay with length 1.
pub(super) fn over(
    cx: &mut NodeCx<'_>,
    kind: ReduceKind,
    x: &Datum,
    axes: &[usize],
) -> Result<Datum, Problem> {
    let mut y = x.clone();
    for run in runs(axes) {
        let op = Reduce {
            kind,
            start: run.start,
            end: run.end,
        };
        y = cx.apply(op, &[y])?;
    }
    Ok(y)
}

/// Functions of the elements before a reduction, and of the results behind it.
pub(super) fn between(
    cx: &mut NodeCx<'_>,
    before: &[UnaryFn],
    kind: ReduceKind,
    behind: &[UnaryFn],
) -> Result<Vec<Datum>, Problem> {
    let Reduction { x, axes, shape } = read(cx)?;
    let x = apply(cx, &x, before)?;
    let y = over(cx, kind, &x, &axes)?;
    let y = apply(cx, &y, behind)?;
    Ok(vec![cx.reshape(&y, &shape)?])
}

fn apply(cx: &mut NodeCx<'_>, x: &Datum, functions: &[UnaryFn]) -> Result<Datum, Problem> {
    if functions.is_empty() {
        return Ok(x.clone());
    }
    cx.unary(x, functions)
}

/// `ln Σ eˣ`, with the greatest element taken off first.
pub(super) fn log_sum_exp(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let Reduction { x, axes, shape } = read(cx)?;
    let greatest = over(cx, ReduceKind::Max, &x, &axes)?;
    let rest = pair(cx, BinaryKind::Sub, &x, &greatest)?;
    let powers = cx.unary(&rest, &[UnaryFn::Exp])?;
    let sum = over(cx, ReduceKind::Sum, &powers, &axes)?;
    let log = cx.unary(&sum, &[UnaryFn::Log])?;
    let y = pair(cx, BinaryKind::Add, &log, &greatest)?;
    Ok(vec![cx.reshape(&y, &shape)?])
}

/// Products, of constants only: the number of elements of a shape.
pub(super) fn prod(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let Reduction { x, axes, shape } = read(cx)?;
    let overflow = || Problem::attribute("a product that overflows", "smaller numbers");
    let mut y = match x.tensor() {
        Some(tensor) => tensor.clone(),
        None => {
            return Err(Problem::attribute(
                "a product over computed values",
                "products of constants",
            ));
        }
    };
    for run in runs(&axes) {
        let mut kept = y.shape().to_vec();
        kept[run.clone()].fill(1);
        let done = match &y {
            Tensor::F32(a) => product(a, run)
                .and_then(|list| ArrayD::from_shape_vec(kept, list).ok())
                .map(Tensor::F32),
            Tensor::I32(a) => product(a, run)
                .and_then(|list| ArrayD::from_shape_vec(kept, list).ok())
                .map(Tensor::I32),
            Tensor::I64(a) => product(a, run)
                .and_then(|list| ArrayD::from_shape_vec(kept, list).ok())
                .map(Tensor::I64),
            Tensor::I8(_) | Tensor::U8(_) | Tensor::I16(_) | Tensor::Bool(_) => None,
        };
        y = done.ok_or_else(overflow)?;
    }
    Ok(vec![cx.reshape(&y.into(), &shape)?])
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn neighbours_are_joined() {
        assert_eq!(runs(&[1, 2, 4]), [1..3, 4..5]);
        assert_eq!(runs(&[]), Vec::<std::ops::Range<usize>>::new());
    }
}
