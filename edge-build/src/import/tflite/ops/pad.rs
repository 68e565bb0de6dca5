//! Borders: `PAD`, `PADV2`, `MIRROR_PAD`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::movement::{MAX_ROWS, unsigned};
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::MirrorPadOptions;
use crate::ir::{DType, Tensor};
use crate::ops::Pad;

pub(super) const OPS: &[(&str, Reader)] =
    &[("MIRROR_PAD", mirror_pad), ("PAD", pad), ("PADV2", pad_v2)];

/// Elements before and behind each axis.
fn amounts(cx: &OpCx<'_>, rank: usize) -> Result<Vec<[usize; 2]>, Problem> {
    let amounts = unsigned(&cx.ints(1)?)?;
    let (pairs, rest) = amounts.as_chunks::<2>();
    if pairs.len() != rank || !rest.is_empty() {
        return Err(Problem::shape(
            format!("{} amounts of padding for {rank} axes", amounts.len()),
            "two per axis",
        ));
    }
    Ok(pairs.to_vec())
}

/// Bytes are padded with their zero point, other integers with 0.
fn pad(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let zero = match cx.output(0)?.dtype {
        DType::I16 => Tensor::from_i16(&[], vec![0]),
        DType::F32 | DType::I8 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => None,
    };
    with(cx, 0.0, zero.map(Datum::from))
}

fn pad_v2(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let Some(fill) = cx.optional(2) else {
        return pad(cx);
    };
    match fill.tensor().and_then(Tensor::as_f32) {
        Some(&[value]) => with(cx, value, None),
        Some(_) | None => with(cx, 0.0, Some(fill)),
    }
}

/// Pads with a real number, or with the number of a tensor as it stands.
fn with(cx: &mut OpCx<'_>, value: f32, fill: Option<Datum>) -> Result<Vec<Datum>, Problem> {
    let x = cx.moved(0, 0)?;
    let amounts = amounts(cx, cx.shape(&x).len())?;
    if amounts.iter().all(|pair| *pair == [0, 0]) {
        return cx.give(x);
    }
    let op = Pad {
        before: amounts.iter().map(|[before, _]| *before).collect(),
        after: amounts.iter().map(|[_, after]| *after).collect(),
        value,
    };
    let mut inputs = vec![x];
    inputs.extend(fill);
    cx.finish(op, &inputs)
}

/// Mode 0 leaves the edge out of the mirror image, mode 1 repeats it.
fn mirror_pad(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let edge = match cx.options::<MirrorPadOptions>()?.mode {
        0 => 1,
        1 => 0,
        other => {
            return Err(Problem::broken(format!("mirror mode {other}")));
        }
    };
    let mut x = cx.moved(0, 0)?;
    let shape = cx.shape(&x);
    let amounts = amounts(cx, shape.len())?;
    for (axis, (&dim, &[before, after])) in shape.iter().zip(&amounts).enumerate() {
        if before.max(after).saturating_add(edge) > dim || before.max(after) > MAX_ROWS {
            return Err(Problem::attribute(
                format!("a mirrored border of {before} and {after} elements around {dim}"),
                "borders within the tensor",
            ));
        }
        x = cx.gather(&x, axis, mirrored(dim, before, after, edge))?;
    }
    cx.give(x)
}

/// Row numbers of an axis with its mirror images.
fn mirrored(dim: usize, before: usize, after: usize, edge: usize) -> Vec<u32> {
    let ahead = (0..before).rev().map(|at| at + edge);
    let behind = (0..after).map(|at| dim - 1 - edge - at);
    let rows = ahead.chain(0..dim).chain(behind);
    rows.map(|row| row as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::mirrored;

    #[test]
    fn mirrors_with_and_without_the_edge() {
        assert_eq!(mirrored(3, 2, 1, 1), [2, 1, 0, 1, 2, 1]);
        assert_eq!(mirrored(3, 2, 3, 0), [1, 0, 0, 1, 2, 2, 1, 0]);
        assert_eq!(mirrored(1, 0, 0, 1), [0]);
    }
}
