//! `Resize` and `Upsample`: to the nearest by tables of rows, linear by tables of rows and weights.

use super::node::{NodeCx, resolve_axis};
use super::select::pick;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::ir::types::shape_text;
use crate::ops::ResizeLinear;

/// Greatest length of a resized axis.
const MAX_LEN: f64 = (1 << 20) as f64;

/// How one axis grows or shrinks.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    input: usize,
    output: usize,
    /// Output over input, as the file says it; the sizes themselves are rounded.
    scale: f64,
}

/// Where an output row lies among the input rows.
type Coordinate = fn(Axis, f64) -> f64;

fn half_pixel(a: Axis, x: f64) -> f64 {
    (x + 0.5) / a.scale - 0.5
}

fn coordinate(mode: &str) -> Result<Coordinate, Problem> {
    Ok(match mode {
        "half_pixel" => half_pixel,
        "pytorch_half_pixel" => |a, x| if a.output > 1 { half_pixel(a, x) } else { 0.0 },
        "asymmetric" => |a, x| x / a.scale,
        "tf_half_pixel_for_nn" => |a, x| (x + 0.5) / a.scale,
        "align_corners" => |a, x| {
            let width = a.scale * a.input as f64;
            if a.output > 1 {
                x * (a.input as f64 - 1.0) / (width - 1.0)
            } else {
                0.0
            }
        },
        "half_pixel_symmetric" => |a, x| {
            let adjustment = a.output as f64 / (a.scale * a.input as f64);
            let centre = a.input as f64 / 2.0;
            centre * (1.0 - adjustment) + half_pixel(a, x)
        },
        other => {
            return Err(Problem::attribute(
                format!("coordinate_transformation_mode = \"{other}\""),
                "half_pixel, pytorch_half_pixel, asymmetric, align_corners, half_pixel_symmetric",
            ));
        }
    })
}

/// The row nearest to a coordinate.
fn rounding(mode: &str) -> Result<fn(f64) -> f64, Problem> {
    Ok(match mode {
        "round_prefer_floor" => |x| (x - 0.5).ceil(),
        "round_prefer_ceil" => |x| (x + 0.5).floor(),
        "floor" => f64::floor,
        "ceil" => f64::ceil,
        other => {
            return Err(Problem::attribute(
                format!("nearest_mode = \"{other}\""),
                "round_prefer_floor, round_prefer_ceil, floor, ceil",
            ));
        }
    })
}

pub(super) fn resize(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    check_filled(&shape)?;
    let filled = |list: Option<Vec<f32>>| list.filter(|list| !list.is_empty());
    // Opset 10 has no region of interest, so its scales stand one earlier.
    let (scales, sizes) = if cx.opset < 11 {
        (filled(cx.floats(1)?), None)
    } else {
        let scales = filled(cx.floats(2)?);
        (scales, cx.ints(3)?.filter(|list| !list.is_empty()))
    };
    let axes = match cx.attrs.ints("axes")? {
        Some(axes) => axes
            .iter()
            .map(|&axis| resolve_axis(axis, shape.len()))
            .collect::<Result<_, _>>()?,
        None => (0..shape.len()).collect::<Vec<usize>>(),
    };
    let table = match (scales, sizes) {
        (Some(scales), None) => from_scales(&shape, &axes, &scales)?,
        (None, Some(sizes)) => {
            let policy = cx.attrs.text("keep_aspect_ratio_policy")?;
            from_sizes(&shape, &axes, &sizes, policy.unwrap_or("stretch"))?
        }
        _ => return Err(Problem::broken("neither scales nor sizes, or both")),
    };
    let default = if cx.opset < 11 {
        "asymmetric"
    } else {
        "half_pixel"
    };
    let transform = cx.attrs.text("coordinate_transformation_mode")?;
    let coordinate = coordinate(transform.unwrap_or(default))?;
    // Before opset 11 the nearest row was the one below where the tensor grows.
    let default = if cx.opset < 11 {
        "floor"
    } else {
        "round_prefer_floor"
    };
    let nearest = cx.attrs.text("nearest_mode")?.unwrap_or(default);
    run(cx, &x, &table, coordinate, nearest)
}

/// `Upsample`: scales are an attribute in opset 7 and input 1 in opset 9.
pub(super) fn upsample(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    check_filled(&shape)?;
    let scales = match cx.attrs.floats("scales")? {
        Some(scales) => scales.to_vec(),
        None => cx
            .floats(1)?
            .ok_or_else(|| Problem::broken("scales are missing"))?,
    };
    let axes: Vec<usize> = (0..shape.len()).collect();
    let table = from_scales(&shape, &axes, &scales)?;
    run(cx, &x, &table, |a, x| x / a.scale, "floor")
}

fn run(
    cx: &mut NodeCx<'_>,
    x: &Datum,
    table: &[Axis],
    coordinate: Coordinate,
    nearest: &str,
) -> Result<Vec<Datum>, Problem> {
    if cx.attrs.flag("antialias")? && table.iter().any(|axis| axis.scale < 1.0) {
        return Err(Problem::attribute(
            "antialias = 1 while shrinking",
            "antialias = 0",
        ));
    }
    match cx.attrs.text("mode")?.unwrap_or("nearest") {
        "nearest" => to_nearest(cx, x, table, coordinate, rounding(nearest)?),
        "linear" | "bilinear" => linear(cx, x, table, coordinate),
        other => Err(Problem::attribute(
            format!("mode = \"{other}\""),
            "nearest, linear",
        )),
    }
}

fn from_scales(shape: &[usize], axes: &[usize], scales: &[f32]) -> Result<Vec<Axis>, Problem> {
    check_count(scales.len(), axes.len())?;
    let mut table = unchanged(shape);
    for (&axis, &scale) in axes.iter().zip(scales) {
        let scale = f64::from(scale);
        let output = (shape[axis] as f64 * scale).floor();
        if !(1.0..=MAX_LEN).contains(&output) {
            return Err(Problem::shape(
                format!("scale {scale} of an axis of length {}", shape[axis]),
                format!("lengths of 1 to {MAX_LEN}"),
            ));
        }
        table[axis].output = output as usize;
        table[axis].scale = scale;
    }
    Ok(table)
}

fn from_sizes(
    shape: &[usize],
    axes: &[usize],
    sizes: &[i64],
    policy: &str,
) -> Result<Vec<Axis>, Problem> {
    check_count(sizes.len(), axes.len())?;
    let mut table = unchanged(shape);
    let ratios = axes.iter().zip(sizes);
    let ratios = ratios.map(|(&axis, &size)| size as f64 / shape[axis] as f64);
    let common = match policy {
        "stretch" => None,
        "not_larger" => ratios.reduce(f64::min),
        "not_smaller" => ratios.reduce(f64::max),
        other => {
            return Err(Problem::attribute(
                format!("keep_aspect_ratio_policy = \"{other}\""),
                "stretch, not_larger, not_smaller",
            ));
        }
    };
    for (&axis, &size) in axes.iter().zip(sizes) {
        let input = shape[axis] as f64;
        let output = common.map_or(size as f64, |scale| (scale * input).round());
        if !(1.0..=MAX_LEN).contains(&output) {
            return Err(Problem::shape(
                format!("size {size}"),
                format!("lengths of 1 to {MAX_LEN}"),
            ));
        }
        table[axis].output = output as usize;
        table[axis].scale = common.unwrap_or(output / input);
    }
    Ok(table)
}

fn check_count(found: usize, axes: usize) -> Result<(), Problem> {
    if found == axes {
        return Ok(());
    }
    Err(Problem::shape(
        format!("{found} scales or sizes for {axes} axes"),
        "one per axis",
    ))
}

fn unchanged(shape: &[usize]) -> Vec<Axis> {
    shape.iter().map(|&dim| unchanged_axis(dim)).collect()
}

fn unchanged_axis(dim: usize) -> Axis {
    Axis {
        input: dim,
        output: dim,
        scale: 1.0,
    }
}

/// The axes that change.
fn changed(table: &[Axis]) -> Vec<usize> {
    (0..table.len())
        .filter(|&axis| table[axis] != unchanged_axis(table[axis].input))
        .collect()
}

/// Refuses constants without elements: they have no nearest row.
fn check_filled(shape: &[usize]) -> Result<(), Problem> {
    if shape.contains(&0) {
        return Err(Problem::shape(
            format!("a resize of {}", shape_text(shape)),
            "at least one element",
        ));
    }
    Ok(())
}

/// Runs `body` on an image whose rows and columns are axes 1 and 2, if only spatial axes change.
fn on_image(
    cx: &mut NodeCx<'_>,
    x: &Datum,
    table: &[Axis],
    body: impl FnOnce(&mut NodeCx<'_>, Datum, [Axis; 2]) -> Result<Datum, Problem>,
) -> Result<Option<Datum>, Problem> {
    let inside = |from: usize, to: usize| changed(table).iter().all(|a| (from..to).contains(a));
    let one = unchanged_axis(1);
    match *table {
        [_, _, len] if inside(2, 3) => {
            let image = super::image::to_nhwc(cx, x)?;
            let y = body(cx, image, [one, len])?;
            super::image::from_nhwc(cx, &y, 3).map(Some)
        }
        [_, _, rows, columns] if inside(2, 4) => {
            let image = super::image::to_nhwc(cx, x)?;
            let y = body(cx, image, [rows, columns])?;
            super::image::from_nhwc(cx, &y, 4).map(Some)
        }
        [_, rows, columns, _] if inside(1, 3) => body(cx, x.clone(), [rows, columns]).map(Some),
        [rows, columns] => {
            let image = cx.reshape(x, &[1, rows.input, columns.input, 1])?;
            let y = body(cx, image, [rows, columns])?;
            cx.reshape(&y, &[rows.output, columns.output]).map(Some)
        }
        _ => Ok(None),
    }
}

fn to_nearest(
    cx: &mut NodeCx<'_>,
    x: &Datum,
    table: &[Axis],
    coordinate: Coordinate,
    round: fn(f64) -> f64,
) -> Result<Vec<Datum>, Problem> {
    let rows = |axis: Axis| -> Vec<u32> {
        let row = |k: usize| round(coordinate(axis, k as f64)).clamp(0.0, axis.input as f64 - 1.0);
        (0..axis.output).map(|k| row(k) as u32).collect()
    };
    let framed = on_image(cx, x, table, |cx, image, [down, across]| {
        let image = pick(cx, &image, 1, rows(down))?;
        pick(cx, &image, 2, rows(across))
    })?;
    if let Some(y) = framed {
        return Ok(vec![y]);
    }
    let mut y = x.clone();
    for axis in changed(table) {
        y = pick(cx, &y, axis, rows(table[axis]))?;
    }
    Ok(vec![y])
}

fn linear(
    cx: &mut NodeCx<'_>,
    x: &Datum,
    table: &[Axis],
    coordinate: Coordinate,
) -> Result<Vec<Datum>, Problem> {
    let sources = |axis: Axis| -> Vec<([u32; 2], f32)> {
        let last = axis.input as f64 - 1.0;
        let source = |k: usize| {
            let at = coordinate(axis, k as f64).clamp(0.0, last);
            let first = at.floor();
            let second = (first + 1.0).min(last);
            ([first as u32, second as u32], (at - first) as f32)
        };
        (0..axis.output).map(source).collect()
    };
    let y = on_image(cx, x, table, |cx, image, [down, across]| {
        let op = ResizeLinear {
            rows: sources(down),
            columns: sources(across),
        };
        cx.apply(op, &[image])
    })?;
    y.map(|y| vec![y]).ok_or_else(|| {
        let found = cx.shape(x);
        Problem::attribute(
            format!("linear resize of {} along other axes", shape_text(&found)),
            "the spatial axes of an image or a signal",
        )
    })
}
