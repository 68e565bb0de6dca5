//! Repetition: `TILE`, `BROADCAST_TO`, `FILL`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::movement::unsigned;
use crate::import::tflite::node::OpCx;
use crate::ops::Expand;

pub(super) const OPS: &[(&str, Reader)] = &[
    ("BROADCAST_TO", broadcast_to),
    ("FILL", fill),
    ("TILE", tile),
];

fn broadcast_to(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.moved(0, 0)?;
    let shape = cx.output_shape(0)?;
    cx.finish(Expand { shape }, &[x])
}

/// The shape is that of the output, whether or not it is known as a tensor.
fn fill(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let value = cx.moved(1, 0)?;
    let shape = cx.output_shape(0)?;
    let value = cx.reshape(&value, &[])?;
    cx.finish(Expand { shape }, &[value])
}

/// Each repeated axis gets an axis of repetitions ahead of it.
fn tile(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let mut x = cx.moved(0, 0)?;
    let times = unsigned(&cx.ints(1)?)?;
    let rank = cx.shape(&x).len();
    if times.len() != rank {
        return Err(Problem::shape(
            format!("{} repetitions for {rank} axes", times.len()),
            "one per axis",
        ));
    }
    let repeated: Vec<usize> = (0..rank)
        .filter(|&axis| times.get(axis) != Some(&1))
        .collect();
    // Two axes at once make a copy along five at most, which is what a kernel walks.
    for axes in repeated.chunks(2) {
        x = repeat(cx, &x, axes, &times)?;
    }
    cx.give(x)
}

fn repeat(cx: &mut OpCx<'_>, x: &Datum, axes: &[usize], times: &[usize]) -> Result<Datum, Problem> {
    let ty = cx.ty(x);
    let (mut from, mut to, mut joined) = (Vec::new(), Vec::new(), Vec::new());
    for (axis, (&dim, &times)) in ty.shape.iter().zip(times).enumerate() {
        let times = if axes.contains(&axis) {
            from.push(1);
            to.push(times);
            times
        } else {
            1
        };
        from.push(dim);
        to.push(dim);
        joined.push(dim.checked_mul(times).ok_or_else(|| {
            Problem::too_large(format!("{dim} elements repeated {times} times"), "2^63")
        })?);
    }
    let x = cx.reshape(x, &from)?;
    let y = cx.apply(Expand { shape: to }, &[x], ty.quant)?;
    cx.reshape(&y, &joined)
}
