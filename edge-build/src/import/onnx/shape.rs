//! Operators that keep all elements: `Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`, `Transpose`, `Identity`,
//! `DepthToSpace`, `SpaceToDepth`; and those that ask for shapes: `Shape`, `Size`.

use super::image;
use super::node::{NodeCx, int_list, resolve_axes, resolve_axis};
use crate::import::builder::{Datum, MAX_AXES};
use crate::import::problem::Problem;
use crate::ir::Tensor;
use crate::ir::types::shape_text;

pub(super) fn identity(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    Ok(vec![cx.input(0)?])
}

pub(super) fn shape(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let rank = shape.len() as i64;
    let bound = |stated: Option<i64>, default: i64| {
        let at = stated.unwrap_or(default);
        (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize
    };
    let start = bound(cx.attrs.int("start")?, 0);
    let end = bound(cx.attrs.int("end")?, rank).max(start);
    Ok(vec![int_list(
        shape[start..end].iter().map(|&dim| dim as i64).collect(),
    )])
}

pub(super) fn size(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let len = cx.ty(&x).len() as i64;
    Ok(vec![Tensor::I64(ndarray::arr0(len).into_dyn()).into()])
}

pub(super) fn reshape(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let wanted = cx
        .ints_of("shape", 1)?
        .ok_or_else(|| Problem::broken("a shape is missing"))?;
    let own = cx.shape(&x);
    let shape = new_shape(&own, &wanted, cx.attrs.flag("allowzero")?)?;
    Ok(vec![cx.reshape(&x, &shape)?])
}

/// The shape that ONNX `Reshape` gives: 0 keeps a dimension (unless it is allowed as such), one −1 takes what
/// is left.
fn new_shape(own: &[usize], wanted: &[i64], allow_zero: bool) -> Result<Vec<usize>, Problem> {
    let contradiction = || {
        Problem::shape(
            format!("{} reshaped to {wanted:?}", shape_text(own)),
            "as many elements as before",
        )
    };
    let mut shape = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (axis, &dim) in wanted.iter().enumerate() {
        shape.push(match dim {
            0 if !allow_zero => *own.get(axis).ok_or_else(contradiction)?,
            -1 if open.is_none() => {
                open = Some(axis);
                1
            }
            _ => usize::try_from(dim).map_err(|_| contradiction())?,
        });
    }
    let product = |shape: &[usize]| shape.iter().try_fold(1usize, |n, &dim| n.checked_mul(dim));
    let (have, fixed) = (product(own), product(&shape));
    let (Some(have), Some(fixed)) = (have, fixed) else {
        return Err(contradiction());
    };
    if let Some(axis) = open {
        let left = have.checked_div(fixed).filter(|left| left * fixed == have);
        shape[axis] = left.ok_or_else(contradiction)?;
    } else if have != fixed {
        return Err(contradiction());
    }
    Ok(shape)
}

pub(super) fn flatten(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let axis = cx.attrs.int("axis")?.unwrap_or(1);
    // The axis may also stand behind the last.
    let axis = if axis == shape.len() as i64 {
        shape.len()
    } else {
        resolve_axis(axis, shape.len())?
    };
    let (rows, columns) = shape.split_at(axis);
    let flat = [rows.iter().product(), columns.iter().product()];
    Ok(vec![cx.reshape(&x, &flat)?])
}

pub(super) fn squeeze(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let shape = cx.shape(&x);
    let axes = match cx.ints_of("axes", 1)? {
        Some(axes) => resolve_axes(&axes, shape.len())?,
        None => (0..shape.len()).filter(|&axis| shape[axis] == 1).collect(),
    };
    if let Some(axis) = axes.iter().find(|&&axis| shape[axis] != 1) {
        return Err(Problem::shape(
            format!("axis {axis} of {} taken away", shape_text(&shape)),
            "axes of length 1",
        ));
    }
    let kept = shape
        .iter()
        .enumerate()
        .filter(|(axis, _)| !axes.contains(axis));
    let kept: Vec<usize> = kept.map(|(_, &dim)| dim).collect();
    Ok(vec![cx.reshape(&x, &kept)?])
}

pub(super) fn unsqueeze(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let axes = cx
        .ints_of("axes", 1)?
        .ok_or_else(|| Problem::broken("axes are missing"))?;
    let shape = cx.shape(&x);
    if axes.len() > MAX_AXES {
        return Err(Problem::too_large(
            format!("{} new axes", axes.len()),
            format!("{MAX_AXES}"),
        ));
    }
    let axes = resolve_axes(&axes, shape.len() + axes.len())?;
    let mut own = shape.iter();
    let grown = (0..shape.len() + axes.len()).map(|axis| {
        if axes.contains(&axis) {
            1
        } else {
            own.next().copied().unwrap_or(1)
        }
    });
    let grown: Vec<usize> = grown.collect();
    Ok(vec![cx.reshape(&x, &grown)?])
}

pub(super) fn transpose(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let rank = cx.shape(&x).len();
    let perm = match cx.attrs.ints("perm")? {
        Some(perm) => perm
            .iter()
            .map(|&axis| resolve_axis(axis, rank))
            .collect::<Result<_, _>>()?,
        None => (0..rank).rev().collect::<Vec<usize>>(),
    };
    Ok(vec![cx.transpose(&x, &perm)?])
}

/// Attribute `blocksize`.
fn block_size(cx: &NodeCx<'_>) -> Result<usize, Problem> {
    let size = cx.attrs.int("blocksize")?.unwrap_or(0);
    usize::try_from(size)
        .ok()
        .filter(|size| (1..=1 << 16).contains(size))
        .ok_or_else(|| Problem::attribute(format!("blocksize = {size}"), "at least 1"))
}

pub(super) fn depth_to_space(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let block = block_size(cx)?;
    let shape = cx.shape(&x);
    let &[n, c, h, w] = shape.as_slice() else {
        return Err(not_an_image(&shape));
    };
    if c % (block * block) != 0 {
        return Err(not_an_image(&shape));
    }
    let depth = c / (block * block);
    // Channels count blocks first (DCR) or depth first (CRD).
    let (split, perm) = match cx.attrs.text("mode")?.unwrap_or("DCR") {
        "DCR" => ([n, h, w, block, block, depth], [0, 1, 3, 2, 4, 5]),
        "CRD" => ([n, h, w, depth, block, block], [0, 1, 4, 2, 5, 3]),
        other => {
            return Err(Problem::attribute(
                format!("mode = \"{other}\""),
                "DCR, CRD",
            ));
        }
    };
    let image = image::to_nhwc(cx, &x)?;
    let blocks = cx.reshape(&image, &split)?;
    let blocks = cx.transpose(&blocks, &perm)?;
    let y = cx.reshape(&blocks, &[n, h * block, w * block, depth])?;
    Ok(vec![image::from_nhwc(cx, &y, 4)?])
}

pub(super) fn space_to_depth(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let block = block_size(cx)?;
    let shape = cx.shape(&x);
    let &[n, c, h, w] = shape.as_slice() else {
        return Err(not_an_image(&shape));
    };
    if h % block != 0 || w % block != 0 {
        return Err(not_an_image(&shape));
    }
    let (rows, columns) = (h / block, w / block);
    let (split, perm) = match cx.attrs.text("mode")?.unwrap_or("DCR") {
        "DCR" => ([n, rows, block, columns, block, c], [0, 1, 3, 2, 4, 5]),
        "CRD" => ([n, rows, block, columns, block, c], [0, 1, 3, 5, 2, 4]),
        other => {
            return Err(Problem::attribute(
                format!("mode = \"{other}\""),
                "DCR, CRD",
            ));
        }
    };
    let image = image::to_nhwc(cx, &x)?;
    let blocks = cx.reshape(&image, &split)?;
    let blocks = cx.transpose(&blocks, &perm)?;
    let y = cx.reshape(&blocks, &[n, rows, columns, c * block * block])?;
    Ok(vec![image::from_nhwc(cx, &y, 4)?])
}

fn not_an_image(shape: &[usize]) -> Problem {
    Problem::shape(
        format!("an input of shape {}", shape_text(shape)),
        "an image [N, C, H, W] that divides into blocks",
    )
}
