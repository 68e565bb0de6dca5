//! Operators that pick, join or repeat elements: `Slice`, `Split`, `Gather`, `Concat`, `Expand`, `Tile`.

use super::node::{NodeCx, resolve_axis};
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::types::shape_text;
use crate::ops::binary::broadcast_shape;
use crate::ops::{Concat, Expand, Gather, Slice};

/// The whole of a tensor, as a slice to narrow.
fn whole(shape: &[usize]) -> Slice {
    Slice {
        starts: vec![0; shape.len()],
        steps: vec![1; shape.len()],
        lens: shape.to_vec(),
    }
}

pub(super) fn slice(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let missing = || Problem::broken("starts or ends are missing");
    let starts = cx.ints_of("starts", 1)?.ok_or_else(missing)?;
    let ends = cx.ints_of("ends", 2)?.ok_or_else(missing)?;
    let axes = cx.ints_of("axes", 3)?;
    let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = cx.ints(4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if ends.len() != starts.len() || axes.len() != starts.len() || steps.len() != starts.len() {
        return Err(Problem::shape(
            format!(
                "{} starts, {} ends, {} axes, {} steps",
                starts.len(),
                ends.len(),
                axes.len(),
                steps.len()
            ),
            "as many of each",
        ));
    }
    let mut op = whole(&shape);
    for (k, &axis) in axes.iter().enumerate() {
        let axis = resolve_axis(axis, shape.len())?;
        let (start, len) = range(shape[axis], starts[k], ends[k], steps[k])?;
        op.starts[axis] = start;
        op.lens[axis] = len;
        op.steps[axis] = if len > 1 { steps[k] as isize } else { 1 };
    }
    Ok(vec![cx.slice(&x, op)?])
}

/// First index and number of elements of a slice along an axis of a length, by the rule of NumPy.
fn range(dim: usize, start: i64, end: i64, step: i64) -> Result<(usize, usize), Problem> {
    let dim = dim as i64;
    let from_end = |at: i64| if at < 0 { at.saturating_add(dim) } else { at };
    let (start, end) = (from_end(start), from_end(end));
    let (first, len) = if step > 0 {
        let (start, end) = (start.clamp(0, dim), end.clamp(0, dim));
        (start, (end - start).max(0) as u64)
    } else {
        let (start, end) = (start.clamp(-1, dim - 1), end.clamp(-1, dim - 1));
        (start, (start - end).max(0) as u64)
    };
    if step == 0 {
        return Err(Problem::attribute(
            "a slice with step 0",
            "steps other than 0",
        ));
    }
    let len = len.div_ceil(step.unsigned_abs());
    Ok((first.max(0) as usize, len as usize))
}

pub(super) fn split(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let axis = cx.axis(0, shape.len())?;
    let sizes = match cx.ints_of("split", 1)? {
        Some(sizes) => sizes,
        None => equal_parts(cx, shape[axis])?,
    };
    let sum = sizes.iter().try_fold(0i64, |sum, &size| {
        (size >= 0).then(|| sum.checked_add(size)).flatten()
    });
    if sum != Some(shape[axis] as i64) || sizes.len() < cx.proto.output.len() {
        return Err(Problem::shape(
            format!(
                "split into {sizes:?} along axis {axis} of {}",
                shape_text(&shape)
            ),
            "sizes that add up to the dimension, one per output",
        ));
    }
    let mut parts = Vec::with_capacity(sizes.len());
    let mut start = 0;
    for (size, name) in sizes.iter().zip(&cx.proto.output) {
        let mut op = whole(&shape);
        op.starts[axis] = start;
        op.lens[axis] = *size as usize;
        start += *size as usize;
        if name.is_empty() {
            parts.push(x.clone());
        } else {
            parts.push(cx.slice(&x, op)?);
        }
    }
    Ok(parts)
}

/// Sizes of equal parts; the last may be smaller.
fn equal_parts(cx: &NodeCx<'_>, dim: usize) -> Result<Vec<i64>, Problem> {
    let outputs = cx.proto.output.len();
    let count = match cx.attrs.int("num_outputs")? {
        Some(stated) => usize::try_from(stated).ok().filter(|&n| n == outputs),
        None => Some(outputs).filter(|&n| n > 0 && dim.is_multiple_of(n)),
    };
    let uneven = || {
        Problem::shape(
            format!("a dimension of {dim} split into {outputs} outputs"),
            "equal parts, or sizes in `split`",
        )
    };
    let count = count.filter(|&n| n > 0).ok_or_else(uneven)?;
    let size = dim.div_ceil(count);
    let mut sizes = vec![size as i64; count];
    let last = dim.checked_sub(size * (count - 1)).ok_or_else(uneven)?;
    sizes[count - 1] = last as i64;
    Ok(sizes)
}

pub(super) fn gather(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let axis = cx.axis(0, shape.len())?;
    let indices = cx
        .ints(1)?
        .ok_or_else(|| Problem::broken("indices are missing"))?;
    let index_shape = cx.shape(&cx.input(1)?);
    let mut rows = Vec::with_capacity(indices.len());
    for index in indices {
        rows.push(resolve_axis(index, shape[axis]).map_err(|_| {
            Problem::shape(
                format!("index {index} along axis {axis} of {}", shape_text(&shape)),
                "indices inside the tensor",
            )
        })? as u32);
    }
    let picked = pick(cx, &x, axis, rows)?;
    let mut out = shape[..axis].to_vec();
    out.extend(index_shape);
    out.extend(&shape[axis + 1..]);
    Ok(vec![cx.reshape(&picked, &out)?])
}

/// Rows of an axis by their numbers; a run of neighbours is a slice.
pub(super) fn pick(
    cx: &mut NodeCx<'_>,
    x: &Datum,
    axis: usize,
    rows: Vec<u32>,
) -> Result<Datum, Problem> {
    let shape = cx.shape(x);
    let run = rows.windows(2).all(|pair| pair[1] == pair[0] + 1);
    if let (true, Some(&first)) = (run, rows.first()) {
        let mut op = whole(&shape);
        op.starts[axis] = first as usize;
        op.lens[axis] = rows.len();
        return cx.slice(x, op);
    }
    cx.apply(Gather { axis, rows }, std::slice::from_ref(x))
}

pub(super) fn concat(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let inputs = cx.all_inputs()?;
    let rank = inputs.first().map_or(0, |x| cx.shape(x).len());
    let axis = cx.axis(1, rank)?;
    // Exporters join empty constants with others.
    let full: Vec<Datum> = inputs
        .iter()
        .filter(|x| cx.shape(x).get(axis) != Some(&0))
        .cloned()
        .collect();
    match full.as_slice() {
        [] => Ok(inputs.into_iter().take(1).collect()),
        [one] => Ok(vec![one.clone()]),
        many => Ok(vec![cx.apply(Concat { axis }, many)?]),
    }
}

pub(super) fn expand(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let wanted = cx
        .ints(1)?
        .ok_or_else(|| Problem::broken("a shape is missing"))?;
    let own = cx.shape(&x);
    let contradiction = || {
        Problem::shape(
            format!("{} expanded to {wanted:?}", shape_text(&own)),
            "a shape that it broadcasts to",
        )
    };
    let dims: Result<Vec<usize>, _> = wanted.iter().map(|&dim| usize::try_from(dim)).collect();
    let dims = dims.map_err(|_| contradiction())?;
    let shape = broadcast_shape(&own, &dims).ok_or_else(contradiction)?;
    Ok(vec![expand_to(cx, &x, &shape)?])
}

/// Repetition to a shape.
pub(super) fn expand_to(cx: &mut NodeCx<'_>, x: &Datum, shape: &[usize]) -> Result<Datum, Problem> {
    if cx.shape(x) == shape {
        return Ok(x.clone());
    }
    let shape = shape.to_vec();
    cx.apply(Expand { shape }, std::slice::from_ref(x))
}

pub(super) fn tile(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let mut x = cx.input(0)?;
    let repeats = cx
        .ints(1)?
        .ok_or_else(|| Problem::broken("repeats are missing"))?;
    let shape = cx.shape(&x);
    if repeats.len() != shape.len() {
        return Err(Problem::shape(
            format!("{} repeats of {}", repeats.len(), shape_text(&shape)),
            "one per axis",
        ));
    }
    for (axis, &count) in repeats.iter().enumerate() {
        let now = cx.shape(&x);
        let times = usize::try_from(count).ok().filter(|&n| n > 0);
        let grown = times.and_then(|times| now[axis].checked_mul(times));
        let (Some(times), Some(grown)) = (times, grown) else {
            return Err(Problem::shape(format!("{count} repeats"), "at least 1"));
        };
        if times == 1 {
            continue;
        }
        let outer = now[..axis].iter().product();
        let inner = now[axis..].iter().product();
        let flat = cx.reshape(&x, &[outer, 1, inner])?;
        let wide = expand_to(cx, &flat, &[outer, times, inner])?;
        let mut tiled = now;
        tiled[axis] = grown;
        x = cx.reshape(&wide, &tiled)?;
    }
    Ok(vec![x])
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_like_numpy() {
        let cases = [
            ((5, 1, 3, 1), (1, 2)),
            ((5, -2, i64::MAX, 1), (3, 2)),
            ((5, 0, i64::MAX, 2), (0, 3)),
            ((5, -1, i64::MIN, -1), (4, 5)),
            ((5, i64::MAX, 0, -2), (4, 2)),
            ((5, 3, 3, 1), (3, 0)),
            ((5, 0, 5, i64::MIN), (0, 0)),
            ((5, 4, i64::MIN + 1, i64::MIN), (4, 1)),
        ];
        for ((dim, start, end, step), expected) in cases {
            assert_eq!(
                range(dim, start, end, step).unwrap(),
                expected,
                "{start}:{end}:{step}"
            );
        }
        assert!(range(5, 0, 5, 0).is_err());
    }
}
