//! `Gemm` and `MatMul`: fully connected layers where one side is constant, products of computed matrices else.

use super::binary::pair;
use super::conv::zeros;
use super::node::NodeCx;
use super::select::expand_to;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::Tensor;
use crate::ir::types::shape_text;
use crate::ops::binary::broadcast_shape;
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{FullyConnected, MatMul};
use edge_core::params::{BinaryKind, UnaryFn};

fn scaled(cx: &mut NodeCx<'_>, x: &Datum, factor: f32) -> Result<Datum, Problem> {
    if factor.to_bits() == 1f32.to_bits() {
        return Ok(x.clone());
    }
    cx.unary(x, &[UnaryFn::Affine(factor, 0.0)])
}

pub(super) fn gemm(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    let alpha = cx.attrs.float("alpha")?.unwrap_or(1.0);
    let beta = cx.attrs.float("beta")?.unwrap_or(1.0);
    let (shape_a, shape_b) = (cx.shape(&a), cx.shape(&b));
    if shape_a.len() != 2 || shape_b.len() != 2 {
        return Err(Problem::shape(
            format!("{} × {}", shape_text(&shape_a), shape_text(&shape_b)),
            "two matrices",
        ));
    }
    let a = if cx.attrs.flag("transA")? {
        cx.transpose(&a, &[1, 0])?
    } else {
        a
    };
    let b_flipped = cx.attrs.flag("transB")?;
    let outputs = if b_flipped { shape_b[0] } else { shape_b[1] };
    let c = match cx.optional(2) {
        Some(c) if beta != 0.0 => Some(scaled(cx, &c, beta)?),
        Some(_) | None => None,
    };
    if let (Datum::Constant(_), Datum::Computed(_)) = (&b, &a) {
        let weights = if b_flipped {
            b
        } else {
            cx.transpose(&b, &[1, 0])?
        };
        let weights = scaled(cx, &weights, alpha)?;
        let bias = c.as_ref().and_then(|c| per_output(c, outputs));
        let left = if bias.is_some() { None } else { c };
        let y = fully_connected(cx, &a, &weights, bias)?;
        return added(cx, y, left);
    }
    let b = if b_flipped {
        cx.transpose(&b, &[1, 0])?
    } else {
        b
    };
    let product = matrices(cx, &a, &b)?;
    let product = scaled(cx, &product, alpha)?;
    added(cx, product, c)
}

fn added(cx: &mut NodeCx<'_>, y: Datum, c: Option<Datum>) -> Result<Vec<Datum>, Problem> {
    let Some(c) = c else {
        return Ok(vec![y]);
    };
    let (own, other) = (cx.shape(&y), cx.shape(&c));
    if broadcast_shape(&own, &other).as_ref() != Some(&own) {
        return Err(Problem::shape(
            format!(
                "C {} for a product {}",
                shape_text(&other),
                shape_text(&own)
            ),
            "a C that broadcasts to the product",
        ));
    }
    Ok(vec![pair(cx, BinaryKind::Add, &y, &c)?])
}

/// A constant as one bias per output, if it is the same in all rows.
fn per_output(c: &Datum, outputs: usize) -> Option<Datum> {
    let tensor = c.tensor()?;
    let data = tensor.as_f32()?;
    let row = match tensor.shape() {
        [] | [1] | [1, 1] => vec![*data.first()?; outputs],
        [n] | [1, n] if *n == outputs => data.to_vec(),
        _ => return None,
    };
    Tensor::from_f32(&[outputs], row).map(Datum::from)
}

/// Rows `[rows, inputs]` times weights `[outputs, inputs]`.
fn fully_connected(
    cx: &mut NodeCx<'_>,
    rows: &Datum,
    weights: &Datum,
    bias: Option<Datum>,
) -> Result<Datum, Problem> {
    let bias = match bias {
        Some(bias) => bias,
        None => zeros(cx.shape(weights).first().copied().unwrap_or(0))?,
    };
    let op = FullyConnected { clamp: NO_CLAMP };
    cx.apply(op, &[rows.clone(), weights.clone(), bias])
}

pub(super) fn matmul(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (a, b) = (cx.input(0)?, cx.input(1)?);
    let (mut shape_a, mut shape_b) = (cx.shape(&a), cx.shape(&b));
    if shape_a.is_empty() || shape_b.is_empty() {
        return Err(Problem::shape(
            "a product with a scalar",
            "matrices and vectors",
        ));
    }
    // A vector is a row on the left and a column on the right; its axis is gone in the result.
    let (row, column) = (shape_a.len() == 1, shape_b.len() == 1);
    if row {
        shape_a.insert(0, 1);
    }
    if column {
        shape_b.push(1);
    }
    let a = cx.reshape(&a, &shape_a)?;
    let b = cx.reshape(&b, &shape_b)?;
    let y = matrices(cx, &a, &b)?;
    let mut shape = cx.shape(&y);
    if column {
        shape.pop();
    }
    if row {
        shape.remove(shape.len() - usize::from(!column) - 1);
    }
    Ok(vec![cx.reshape(&y, &shape)?])
}

/// The product of `[…, rows, inner]` and `[…, inner, columns]`.
fn matrices(cx: &mut NodeCx<'_>, a: &Datum, b: &Datum) -> Result<Datum, Problem> {
    let (shape_a, shape_b) = (cx.shape(a), cx.shape(b));
    let ([lead_a @ .., rows, inner], [lead_b @ .., other, columns]) =
        (shape_a.as_slice(), shape_b.as_slice())
    else {
        return Err(Problem::shape("a product of vectors", "matrices"));
    };
    let (rows, inner, columns) = (*rows, *inner, *columns);
    let lead = broadcast_shape(lead_a, lead_b).filter(|_| inner == *other);
    let lead = lead.ok_or_else(|| {
        Problem::shape(
            format!("{} × {}", shape_text(&shape_a), shape_text(&shape_b)),
            "matrices that fit, leading axes that broadcast",
        )
    })?;
    let mut shape = lead.clone();
    shape.extend([rows, columns]);
    let single = |lead: &[usize]| lead.iter().all(|&dim| dim == 1);
    if single(lead_b) && matches!((a, b), (Datum::Computed(_), Datum::Constant(_))) {
        let flat = cx.reshape(a, &[lead_a.iter().product::<usize>() * rows, inner])?;
        let weights = cx.reshape(b, &[inner, columns])?;
        let weights = cx.transpose(&weights, &[1, 0])?;
        let y = fully_connected(cx, &flat, &weights, None)?;
        return cx.reshape(&y, &shape);
    }
    if single(lead_a) && matches!((a, b), (Datum::Constant(_), Datum::Computed(_))) {
        return constant_left(cx, a, b, &lead, [rows, inner, columns]);
    }
    let batch = lead.iter().product();
    let a = batched(cx, a, &lead, [rows, inner])?;
    let b = if single(lead_b) {
        cx.reshape(b, &[1, inner, columns])?
    } else {
        batched(cx, b, &lead, [inner, columns])?
    };
    let a = cx.reshape(&a, &[batch, rows, inner])?;
    let y = cx.apply(MatMul, &[a, b])?;
    cx.reshape(&y, &shape)
}

/// A constant matrix times computed ones: the layer runs on the columns.
fn constant_left(
    cx: &mut NodeCx<'_>,
    a: &Datum,
    b: &Datum,
    lead: &[usize],
    [rows, inner, columns]: [usize; 3],
) -> Result<Datum, Problem> {
    let batch: usize = lead.iter().product();
    let b = cx.reshape(b, &[batch, inner, columns])?;
    let b = cx.transpose(&b, &[0, 2, 1])?;
    let flat = cx.reshape(&b, &[batch * columns, inner])?;
    let weights = cx.reshape(a, &[rows, inner])?;
    let y = fully_connected(cx, &flat, &weights, None)?;
    let y = cx.reshape(&y, &[batch, columns, rows])?;
    let y = cx.transpose(&y, &[0, 2, 1])?;
    let mut shape = lead.to_vec();
    shape.extend([rows, columns]);
    cx.reshape(&y, &shape)
}

/// A matrix for every index of the leading axes, as rank 3.
fn batched(
    cx: &mut NodeCx<'_>,
    x: &Datum,
    lead: &[usize],
    matrix: [usize; 2],
) -> Result<Datum, Problem> {
    let mut full = lead.to_vec();
    full.extend(matrix);
    let wide = expand_to(cx, x, &full)?;
    cx.reshape(&wide, &[lead.iter().product(), matrix[0], matrix[1]])
}
