//! ONNX puts channels second, `[N, C, …]`; the graph puts them last and knows images only. Spatial operators
//! are framed by the same pair of transposes, which a later pass cancels between neighbours.

use super::node::NodeCx;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::types::shape_text;

/// `[N, C, H, W]` to `[N, H, W, C]`; `[N, C, L]` to `[N, 1, L, C]`.
pub(super) fn to_nhwc(cx: &mut NodeCx<'_>, x: &Datum) -> Result<Datum, Problem> {
    let shape = cx.shape(x);
    match shape.as_slice() {
        &[_, _, _, _] => cx.transpose(x, &[0, 2, 3, 1]),
        &[n, c, len] => {
            let last = cx.transpose(x, &[0, 2, 1])?;
            cx.reshape(&last, &[n, 1, len, c])
        }
        other => Err(wrong_rank(other)),
    }
}

/// The way back, to a tensor of rank 3 or 4.
pub(super) fn from_nhwc(cx: &mut NodeCx<'_>, y: &Datum, rank: usize) -> Result<Datum, Problem> {
    match (cx.shape(y).as_slice(), rank) {
        (&[_, _, _, _], 4) => cx.transpose(y, &[0, 3, 1, 2]),
        (&[n, 1, len, c], 3) => {
            let signal = cx.reshape(y, &[n, len, c])?;
            cx.transpose(&signal, &[0, 2, 1])
        }
        (other, _) => Err(wrong_rank(other)),
    }
}

/// `[N, C, …]` of any rank from 2 to `[N, rows, columns, C]`, and the shape before.
pub(super) fn channels_last(cx: &mut NodeCx<'_>, x: &Datum) -> Result<Datum, Problem> {
    let shape = cx.shape(x);
    let &[n, c, ref rest @ ..] = shape.as_slice() else {
        return Err(wrong_rank(&shape));
    };
    if rest.len() == 1 || rest.len() == 2 {
        return to_nhwc(cx, x);
    }
    let perm = moved_last(shape.len());
    let last = cx.transpose(x, &perm)?;
    let rows = rest.first().copied().unwrap_or(1);
    let columns = rest.iter().skip(1).product();
    cx.reshape(&last, &[n, rows, columns, c])
}

/// The way back, to a shape `[N, C, …]`.
pub(super) fn channels_second(
    cx: &mut NodeCx<'_>,
    y: &Datum,
    shape: &[usize],
) -> Result<Datum, Problem> {
    if shape.len() == 3 || shape.len() == 4 {
        return from_nhwc(cx, y, shape.len());
    }
    let perm = moved_last(shape.len());
    let last: Vec<usize> = perm
        .iter()
        .filter_map(|&axis| shape.get(axis).copied())
        .collect();
    let y = cx.reshape(y, &last)?;
    let mut back = vec![0; perm.len()];
    for (to, &from) in perm.iter().enumerate() {
        back[from] = to;
    }
    cx.transpose(&y, &back)
}

/// The order of axes with axis 1 last.
fn moved_last(rank: usize) -> Vec<usize> {
    let mut perm: Vec<usize> = (0..rank).filter(|&axis| axis != 1).collect();
    perm.push(1);
    perm
}

fn wrong_rank(shape: &[usize]) -> Problem {
    Problem::attribute(
        format!(
            "{} on a tensor of shape {}",
            "a spatial operator",
            shape_text(shape)
        ),
        "images [N, C, H, W] and signals [N, C, L]",
    )
}
