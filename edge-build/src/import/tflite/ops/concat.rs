//! Tensors joined and taken apart: `CONCATENATION`, `PACK`, `SPLIT`, `SPLIT_V`, `UNPACK`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::movement::resolve_axis;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{ConcatenationOptions, PackOptions, UnpackOptions};
use crate::ops::{Concat, Slice};

pub(super) const OPS: &[(&str, Reader)] = &[
    ("CONCATENATION", concatenation),
    ("PACK", pack),
    ("SPLIT", split),
    ("SPLIT_V", split_v),
    ("UNPACK", unpack),
];

fn concatenation(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options = cx.options::<ConcatenationOptions>()?;
    let (axis, activation) = (options.axis, options.fused_activation_function);
    if activation != 0 {
        return Err(Problem::attribute(
            format!("activation {activation} fused into CONCATENATION"),
            "none",
        ));
    }
    let axis = resolve_axis(axis.into(), cx.output(0)?.shape.len())?;
    // Unsigned bytes are brought to the scale of the whole, all others copied as they stand.
    let parts = if cx.output_is_unsigned()? && cx.inputs.len() > 1 {
        cx.all_inputs()?
    } else {
        parts(cx)?
    };
    join(cx, axis, &parts)
}

fn pack(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let shape = cx.output_shape(0)?;
    let axis = resolve_axis(cx.options::<PackOptions>()?.axis.into(), shape.len())?;
    let mut one = shape;
    if let Some(dim) = one.get_mut(axis) {
        *dim = 1;
    }
    let parts: Result<Vec<Datum>, Problem> = parts(cx)?
        .iter()
        .map(|part| cx.reshape(part, &one))
        .collect();
    join(cx, axis, &parts?)
}

/// All inputs, at least one.
fn parts(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    if cx.inputs.is_empty() {
        return Err(Problem::broken("an operator without inputs"));
    }
    (0..cx.inputs.len())
        .map(|index| cx.moved(index, 0))
        .collect()
}

fn join(cx: &mut OpCx<'_>, axis: usize, parts: &[Datum]) -> Result<Vec<Datum>, Problem> {
    match parts {
        [one] => cx.give(one.clone()),
        parts => cx.finish(Concat { axis }, parts),
    }
}

fn split(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let axis = axis_of(cx, 0, 1)?;
    take(cx, 1, axis)
}

/// Lengths stand in the shapes of the outputs as well, where none is left open.
fn split_v(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let axis = axis_of(cx, 2, 0)?;
    take(cx, 0, axis)
}

/// The axis that input `index` names, of input `of`.
fn axis_of(cx: &OpCx<'_>, index: usize, of: usize) -> Result<usize, Problem> {
    let rank = cx.shape(&cx.input(of)?).len();
    match *cx.ints(index)? {
        [axis] => resolve_axis(axis, rank),
        ref other => Err(Problem::attribute(format!("axes {other:?}"), "one axis")),
    }
}

/// Input `input` cut along an axis into parts as long as the outputs.
fn take(cx: &mut OpCx<'_>, input: usize, axis: usize) -> Result<Vec<Datum>, Problem> {
    let shape = cx.shape(&cx.input(input)?);
    let mut made = Vec::with_capacity(cx.outputs.len());
    let mut start = 0usize;
    for index in 0..cx.outputs.len() {
        let x = cx.moved(input, index)?;
        let mut lens = shape.clone();
        let wanted = cx.output_shape(index)?;
        let len = wanted.get(axis).copied().unwrap_or(0);
        let mut starts = vec![0; shape.len()];
        if let (Some(own), Some(first)) = (lens.get_mut(axis), starts.get_mut(axis)) {
            (*own, *first) = (len, start);
        }
        let steps = vec![1; shape.len()];
        let op = Slice {
            starts,
            steps,
            lens,
        };
        let part = cx.slice(&x, op)?;
        cx.check_output(index, &part)?;
        made.push(part);
        start = start.saturating_add(len);
    }
    if shape.get(axis) != Some(&start) {
        return Err(Problem::shape(
            format!("outputs of {start} elements in all along axis {axis} of {shape:?}"),
            "parts that make up the whole",
        ));
    }
    Ok(made)
}

fn unpack(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let shape = cx.shape(&cx.input(0)?);
    let axis = resolve_axis(cx.options::<UnpackOptions>()?.axis.into(), shape.len())?;
    if shape.get(axis) != Some(&cx.outputs.len()) {
        return Err(Problem::shape(
            format!("{} outputs for axis {axis} of {shape:?}", cx.outputs.len()),
            "an output for each index",
        ));
    }
    let mut made = Vec::with_capacity(cx.outputs.len());
    for index in 0..cx.outputs.len() {
        let x = cx.moved(0, index)?;
        let (mut lens, mut starts) = (shape.clone(), vec![0; shape.len()]);
        if let (Some(len), Some(start)) = (lens.get_mut(axis), starts.get_mut(axis)) {
            (*len, *start) = (1, index);
        }
        let steps = vec![1; shape.len()];
        let op = Slice {
            starts,
            steps,
            lens,
        };
        let row = cx.slice(&x, op)?;
        let part = cx.reshape(&row, &cx.output_shape(index)?)?;
        cx.check_output(index, &part)?;
        made.push(part);
    }
    Ok(made)
}
