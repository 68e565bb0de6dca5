//! `Pad` in all modes; negative pads cut off.

use super::node::{NodeCx, resolve_axis};
use super::select::pick;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::types::shape_text;
use crate::ops::{Pad, Slice};

/// Greatest number of elements added at one side.
const MAX_PAD: i64 = 1 << 24;
/// The same where each added row stands in a table.
const MAX_TABLE_PAD: usize = 1 << 16;

pub(super) fn pad(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let rank = cx.shape(&x).len();
    let (before, after) = amounts(cx, rank)?;
    let value = match cx.attrs.float("value")? {
        Some(value) => value,
        None => fill(cx)?,
    };
    let x = cut(cx, &x, &before, &after)?;
    let positive =
        |list: &[i64]| -> Vec<usize> { list.iter().map(|&n| n.max(0) as usize).collect() };
    let (before, after) = (positive(&before), positive(&after));
    if before.iter().chain(&after).all(|&n| n == 0) {
        return Ok(vec![x]);
    }
    let mode = cx.attrs.text("mode")?.unwrap_or("constant");
    let source: fn(i64, i64) -> i64 = match mode {
        "constant" => {
            let op = Pad {
                before,
                after,
                value,
            };
            return Ok(vec![cx.apply(op, &[x])?]);
        }
        "edge" => |at, len| at.clamp(0, len - 1),
        "wrap" => |at, len| at.rem_euclid(len),
        "reflect" => |at, len| {
            let period = (2 * (len - 1)).max(1);
            let at = at.rem_euclid(period);
            at.min(period - at).min(len - 1)
        },
        other => {
            return Err(Problem::attribute(
                format!("mode = \"{other}\""),
                "constant, reflect, edge, wrap",
            ));
        }
    };
    Ok(vec![by_rows(cx, x, &before, &after, source)?])
}

/// Pads at the beginning and the end of each axis.
fn amounts(cx: &NodeCx<'_>, rank: usize) -> Result<(Vec<i64>, Vec<i64>), Problem> {
    let pads = cx
        .ints_of("pads", 1)?
        .ok_or_else(|| Problem::broken("pads are missing"))?;
    let axes = match cx.ints(3)? {
        Some(axes) => axes,
        None => (0..rank as i64).collect(),
    };
    if pads.len() != 2 * axes.len() {
        return Err(Problem::shape(
            format!("{} pads for {} axes", pads.len(), axes.len()),
            "two per axis",
        ));
    }
    if let Some(amount) = pads.iter().find(|n| n.unsigned_abs() > MAX_PAD as u64) {
        return Err(Problem::too_large(
            format!("{amount} elements of padding"),
            format!("{MAX_PAD} elements"),
        ));
    }
    let (mut before, mut after) = (vec![0; rank], vec![0; rank]);
    for (k, &axis) in axes.iter().enumerate() {
        let axis = resolve_axis(axis, rank)?;
        before[axis] = pads[k];
        after[axis] = pads[axes.len() + k];
    }
    Ok((before, after))
}

/// Input `constant_value`.
fn fill(cx: &NodeCx<'_>) -> Result<f32, Problem> {
    if let Some(list) = cx.constant(2)?
        && list.as_f32().is_none()
    {
        let list = cx.ints(2)?.unwrap_or_default();
        return Ok(list.first().map_or(0.0, |&value| value as f32));
    }
    Ok(cx.float(2)?.unwrap_or(0.0))
}

/// Takes away what negative pads say.
fn cut(cx: &mut NodeCx<'_>, x: &Datum, before: &[i64], after: &[i64]) -> Result<Datum, Problem> {
    let shape = cx.shape(x);
    let away = |n: i64| n.min(0).unsigned_abs() as usize;
    let starts: Vec<usize> = before.iter().map(|&n| away(n)).collect();
    let lens: Option<Vec<usize>> = (0..shape.len())
        .map(|axis| shape[axis].checked_sub(starts[axis] + away(after[axis])))
        .collect();
    let lens = lens.filter(|lens| lens.iter().all(|&len| len > 0) || lens == &shape);
    let lens = lens.ok_or_else(|| {
        Problem::shape(
            format!("pads {before:?} and {after:?} of {}", shape_text(&shape)),
            "at least one element left",
        )
    })?;
    let steps = vec![1; lens.len()];
    cx.slice(
        x,
        Slice {
            starts,
            steps,
            lens,
        },
    )
}

/// Padding by elements of the tensor itself: `source` gives the row for a position before, in or behind an
/// axis of a length.
fn by_rows(
    cx: &mut NodeCx<'_>,
    mut x: Datum,
    before: &[usize],
    after: &[usize],
    source: fn(i64, i64) -> i64,
) -> Result<Datum, Problem> {
    for axis in 0..before.len() {
        if before[axis] == 0 && after[axis] == 0 {
            continue;
        }
        let len = cx.shape(&x)[axis] as i64;
        if len == 0 {
            return Err(Problem::shape("padding of no elements", "at least one"));
        }
        if before[axis].max(after[axis]) > MAX_TABLE_PAD {
            return Err(Problem::too_large(
                format!("{} and {} rows of padding", before[axis], after[axis]),
                format!("{MAX_TABLE_PAD} rows"),
            ));
        }
        let rows = -(before[axis] as i64)..len + after[axis] as i64;
        let rows = rows.map(|at| source(at, len) as u32).collect();
        x = pick(cx, &x, axis, rows)?;
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use crate::import::onnx::testing::{Model, find_op, floats};

    fn padded(mode: &str) -> Vec<u32> {
        let mut model = Model::new(13);
        model.input("x", &[1, 4]).ints("pads", &[0, 2, 0, 1]);
        model.node("Pad", &["x", "pads"], &["y"]).text("mode", mode);
        let graph = model.output("y", &[1, 7]).import().unwrap();
        let (_, op) = find_op!(graph, Gather);
        op.rows.clone()
    }

    #[test]
    fn rows_of_each_mode() {
        assert_eq!(padded("reflect"), [2, 1, 0, 1, 2, 3, 2]);
        assert_eq!(padded("edge"), [0, 0, 0, 1, 2, 3, 3]);
        assert_eq!(padded("wrap"), [2, 3, 0, 1, 2, 3, 0]);
    }

    #[test]
    fn negative_pads_cut() {
        let mut model = Model::new(11);
        model.input("x", &[1, 4]).ints("pads", &[0, -1, 0, 2]);
        model.floats("value", &[], &[3.0]);
        model.node("Pad", &["x", "pads", "value"], &["y"]);
        let graph = model.output("y", &[1, 5]).import().unwrap();
        let names: Vec<_> = graph.nodes.iter().map(|n| n.op.name()).collect();
        assert_eq!(names, ["Slice", "Pad"]);
    }

    #[test]
    fn constants_are_padded_at_once() {
        let mut model = Model::new(13);
        model.input("x", &[1, 3]).ints("pads", &[1, 1]);
        model.floats("c", &[1], &[5.0]);
        model.node("Pad", &["c", "pads"], &["p"]);
        model.node("Add", &["x", "p"], &["y"]);
        let graph = model.output("y", &[1, 3]).import().unwrap();
        assert_eq!(floats(&graph, graph.nodes[0].inputs[1]), [0.0, 5.0, 0.0]);
    }
}
