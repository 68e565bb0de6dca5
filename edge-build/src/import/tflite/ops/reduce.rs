//! Reductions over axes, places of extremes, running sums: `MEAN`, `SUM`, `REDUCE_MAX`, `REDUCE_MIN`, `ARG_MAX`,
//! `ARG_MIN`, `CUMSUM`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::movement::resolve_axis;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::CumsumOptions;
use crate::ir::DType;
use crate::ops::{ArgReduce, CumSum, Reduce};
use edge_core::params::ReduceKind;
use std::ops::Range;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("ARG_MAX", |cx| place(cx, true)),
    ("ARG_MIN", |cx| place(cx, false)),
    ("CUMSUM", cumsum),
    ("MEAN", |cx| total(cx, ReduceKind::Mean)),
    ("REDUCE_MAX", |cx| extreme(cx, ReduceKind::Max)),
    ("REDUCE_MIN", |cx| extreme(cx, ReduceKind::Min)),
    ("SUM", |cx| total(cx, ReduceKind::Sum)),
];

/// The axes that input 1 names, sorted, each once; none of a scalar.
fn axes(cx: &OpCx<'_>, rank: usize) -> Result<Vec<usize>, Problem> {
    if rank == 0 {
        return Ok(Vec::new());
    }
    let named = cx.ints(1)?;
    let axes: Result<Vec<usize>, Problem> =
        named.iter().map(|&axis| resolve_axis(axis, rank)).collect();
    let mut axes = axes?;
    axes.sort_unstable();
    axes.dedup();
    Ok(axes)
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

/// Extremes keep their numbers, so axes may be reduced one behind the other.
fn extreme(cx: &mut OpCx<'_>, kind: ReduceKind) -> Result<Vec<Datum>, Problem> {
    let (given, declared) = (cx.ty(&cx.input(0)?), cx.output(0)?);
    if given.quant != declared.quant {
        return Err(Problem::attribute(
            format!("{} of {given} with another scale", cx.op),
            "one quantization for input and output",
        ));
    }
    let x = cx.input(0)?;
    let axes = axes(cx, cx.shape(&x).len())?;
    let y = one_by_one(cx, kind, x, &axes)?;
    cx.give_reshaped(&y)
}

fn one_by_one(
    cx: &mut OpCx<'_>,
    kind: ReduceKind,
    mut x: Datum,
    axes: &[usize],
) -> Result<Datum, Problem> {
    for run in runs(axes) {
        let quant = cx.ty(&x).quant;
        let op = Reduce {
            kind,
            start: run.start,
            end: run.end,
        };
        x = cx.apply(op, &[x], quant)?;
    }
    Ok(x)
}

/// Sums and means. Integers are rounded once, so all axes are reduced together.
fn total(cx: &mut OpCx<'_>, kind: ReduceKind) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let axes = axes(cx, shape.len())?;
    if !cx.ty(&x).dtype.is_quantized() {
        let y = one_by_one(cx, kind, x, &axes)?;
        return cx.give_reshaped(&y);
    }
    let (x, run) = match runs(&axes).as_slice() {
        [run] => (x, run.clone()),
        _ => gathered(cx, &x, &shape, &axes)?,
    };
    let op = Reduce {
        kind,
        start: run.start,
        end: run.end,
    };
    let quant = cx.output(0)?.quant.clone();
    let y = cx.apply(op, &[x], quant)?;
    cx.give_reshaped(&y)
}

/// The tensor with all reduced axes behind the others, and where they stand. Axes of length 1 are left out, unless
/// there is nothing else to reduce.
fn gathered(
    cx: &mut OpCx<'_>,
    x: &Datum,
    shape: &[usize],
    axes: &[usize],
) -> Result<(Datum, Range<usize>), Problem> {
    let long: Vec<usize> = (0..shape.len())
        .filter(|&axis| shape.get(axis) != Some(&1))
        .collect();
    let mut dims: Vec<usize> = long
        .iter()
        .filter_map(|&axis| shape.get(axis).copied())
        .collect();
    let reduced = |at: &usize| long.get(*at).is_some_and(|axis| axes.contains(axis));
    let (mut perm, last): (Vec<usize>, Vec<usize>) = (0..dims.len()).partition(|at| !reduced(at));
    let start = perm.len();
    perm.extend(&last);
    if last.is_empty() {
        perm.push(dims.len());
        dims.push(1);
    }
    let end = perm.len();
    let flat = cx.reshape(x, &dims)?;
    Ok((cx.transpose(&flat, &perm)?, start..end))
}

/// The one axis that input 1 names.
fn one_axis(cx: &OpCx<'_>, rank: usize) -> Result<usize, Problem> {
    match *cx.ints(1)? {
        [axis] => resolve_axis(axis, rank),
        ref other => Err(Problem::attribute(format!("axes {other:?}"), "one axis")),
    }
}

fn place(cx: &mut OpCx<'_>, greatest: bool) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let axis = one_axis(cx, cx.shape(&x).len())?;
    let op = ArgReduce {
        axis,
        greatest,
        wide: cx.output(0)?.dtype == DType::I64,
    };
    let y = cx.apply(op, &[x], None)?;
    cx.give_reshaped(&y)
}

fn cumsum(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let axis = one_axis(cx, cx.shape(&x).len())?;
    let options = cx.options::<CumsumOptions>()?;
    let op = CumSum {
        axis,
        exclusive: options.exclusive,
        reverse: options.reverse,
    };
    cx.finish(op, &[x])
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn neighbours_are_joined() {
        assert_eq!(runs(&[0, 1, 3]), [0..2, 3..4]);
        assert!(runs(&[]).is_empty());
    }
}
