//! Rows picked by indices, known at build time or computed: `GATHER`, `GATHER_ND`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::movement::{MAX_ROWS, resolve_axis};
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::GatherOptions;
use crate::ops::{Gather, GatherNd};

pub(super) const OPS: &[(&str, Reader)] = &[("GATHER", gather), ("GATHER_ND", gather_nd)];

/// A gather in its general form: rows of `[batch, outer, dims…, inner]`, picked by indices
/// `[batch, count, dims.len()]`.
struct Form {
    batch: usize,
    outer: usize,
    dims: Vec<usize>,
    inner: usize,
    count: usize,
}

fn gather(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (x, indices) = (cx.moved(0, 0)?, cx.input(1)?);
    let (shape, own) = (cx.shape(&x), cx.shape(&indices));
    let options = cx.options::<GatherOptions>()?;
    let (axis, batch_dims) = (options.axis, i64::from(options.batch_dims));
    let axis = resolve_axis(axis.into(), shape.len())?;
    let batch_dims = if batch_dims < 0 {
        batch_dims + own.len() as i64
    } else {
        batch_dims
    };
    let split = usize::try_from(batch_dims).ok().filter(|&n| n <= axis);
    let parts = split.and_then(|n| {
        let (leading, rest) = own.split_at_checked(n)?;
        (shape.get(..n)? == leading).then_some((n, rest))
    });
    let Some((split, rest)) = parts else {
        return Err(Problem::shape(
            format!("{batch_dims} batch dimensions of {shape:?} by indices {own:?}, axis {axis}"),
            "dimensions that lead both shapes, before the axis",
        ));
    };
    let form = Form {
        batch: own.iter().take(split).product(),
        outer: shape.iter().take(axis).skip(split).product(),
        dims: shape.get(axis).copied().into_iter().collect(),
        inner: shape.iter().skip(axis + 1).product(),
        count: rest.iter().product(),
    };
    pick(cx, &x, &indices, &form)
}

fn gather_nd(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (x, indices) = (cx.moved(0, 0)?, cx.input(1)?);
    let (shape, own) = (cx.shape(&x), cx.shape(&indices));
    let parts = own.split_last().and_then(|(&depth, leading)| {
        let (dims, inner) = shape.split_at_checked(depth)?;
        (depth > 0).then_some((dims, inner, leading))
    });
    let Some((dims, inner, leading)) = parts else {
        return Err(Problem::shape(
            format!("indices {own:?} of {shape:?}"),
            "indices of leading dimensions",
        ));
    };
    let form = Form {
        batch: 1,
        outer: 1,
        dims: dims.to_vec(),
        inner: inner.iter().product(),
        count: leading.iter().product(),
    };
    pick(cx, &x, &indices, &form)
}

fn pick(cx: &mut OpCx<'_>, x: &Datum, indices: &Datum, form: &Form) -> Result<Vec<Datum>, Problem> {
    let known = match indices {
        Datum::Constant(constant) => Some(
            crate::import::integers(&constant.tensor)
                .ok_or_else(|| Problem::dtype("indices that are no integers", "integers"))?,
        ),
        Datum::Computed(_) => None,
    };
    let y = match known {
        Some(numbers) => by_table(cx, x, &numbers, form)?,
        None => by_numbers(cx, x, indices, form)?,
    };
    cx.give_reshaped(&y)
}

/// Rows by a table made at build time.
fn by_table(cx: &mut OpCx<'_>, x: &Datum, numbers: &[i64], form: &Form) -> Result<Datum, Problem> {
    // Parts that share their indices are gathered at once, unless batches lie around them.
    let parts = if form.batch == 1 { 1 } else { form.outer };
    let total = form.batch.saturating_mul(parts).saturating_mul(form.count);
    if total > MAX_ROWS {
        return Err(Problem::too_large(
            format!("{total} rows picked"),
            format!("{MAX_ROWS} rows"),
        ));
    }
    let per_part: usize = form.dims.iter().product();
    let per_batch = form.count * form.dims.len();
    let mut rows = Vec::with_capacity(total);
    for part in 0..form.batch * parts {
        let first = part / parts * per_batch;
        let own = numbers.get(first..first + per_batch).unwrap_or_default();
        for index in own.chunks_exact(form.dims.len()) {
            rows.push((part * per_part + place(index, &form.dims)?) as u32);
        }
    }
    let around = if form.batch == 1 { form.outer } else { 1 };
    let ty = cx.ty(x);
    let axis = form.batch * form.outer * per_part / around.max(1);
    let flat = cx.reshape(x, &[around, axis, form.inner])?;
    cx.apply(Gather { axis: 1, rows }, &[flat], ty.quant)
}

/// The place of an element in row-major order.
fn place(index: &[i64], dims: &[usize]) -> Result<usize, Problem> {
    let mut place = 0;
    for (&at, &dim) in index.iter().zip(dims) {
        let inside = usize::try_from(at).ok().filter(|&at| at < dim);
        let inside = inside.ok_or_else(|| {
            Problem::attribute(
                format!("index {at} of a dimension of {dim}"),
                "indices inside the tensor",
            )
        })?;
        place = place * dim + inside;
    }
    Ok(place)
}

/// Rows by indices that are computed.
fn by_numbers(
    cx: &mut OpCx<'_>,
    x: &Datum,
    indices: &Datum,
    form: &Form,
) -> Result<Datum, Problem> {
    let quant = cx.ty(x).quant;
    let mut shape = vec![form.batch, form.outer];
    shape.extend(&form.dims);
    shape.push(form.inner);
    let x = cx.reshape(x, &shape)?;
    let indices = cx.reshape(indices, &[form.batch, form.count, form.dims.len()])?;
    cx.apply(GatherNd, &[x, indices], quant)
}
