//! Axes in another order, and what is made of it: `TRANSPOSE`, `DEPTH_TO_SPACE`, `SPACE_TO_DEPTH`,
//! `SPACE_TO_BATCH_ND`, `BATCH_TO_SPACE_ND`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::movement::{resolve_axis, unsigned};
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{DepthToSpaceOptions, SpaceToDepthOptions};
use crate::ops::{Pad, Slice};

pub(super) const OPS: &[(&str, Reader)] = &[
    ("BATCH_TO_SPACE_ND", batch_to_space),
    ("DEPTH_TO_SPACE", depth_to_space),
    ("SPACE_TO_BATCH_ND", space_to_batch),
    ("SPACE_TO_DEPTH", space_to_depth),
    ("TRANSPOSE", transpose),
];

fn transpose(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.moved(0, 0)?;
    let rank = cx.shape(&x).len();
    let perm: Result<Vec<usize>, Problem> = cx
        .ints(1)?
        .iter()
        .map(|&axis| resolve_axis(axis, rank))
        .collect();
    let y = cx.transpose(&x, &perm?)?;
    cx.give(y)
}

/// An image and a block that divides its sides or its channels.
fn image(cx: &mut OpCx<'_>, block: i32) -> Result<(Datum, [usize; 4], usize), Problem> {
    let x = cx.moved(0, 0)?;
    let shape = cx.shape(&x);
    let block = usize::try_from(block).ok().filter(|&block| block > 0);
    match (<[usize; 4]>::try_from(shape), block) {
        (Ok(shape), Some(block)) => Ok((x, shape, block)),
        (shape, _) => Err(Problem::attribute(
            format!("blocks of {block:?} in {shape:?}"),
            "blocks of at least 1 in images",
        )),
    }
}

/// A dimension divided by a number.
fn divided(dim: usize, by: usize) -> Result<usize, Problem> {
    let quotient = dim
        .checked_div(by)
        .filter(|&whole| whole.checked_mul(by) == Some(dim));
    quotient
        .ok_or_else(|| Problem::shape(format!("{dim} elements in blocks of {by}"), "whole blocks"))
}

fn depth_to_space(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let block = cx.options::<DepthToSpaceOptions>()?.block_size;
    let (x, [n, h, w, c], block) = image(cx, block)?;
    let c = divided(divided(c, block)?, block)?;
    let x = cx.reshape(&x, &[n, h, w, block, block, c])?;
    let y = cx.transpose(&x, &[0, 1, 3, 2, 4, 5])?;
    cx.give_reshaped(&y)
}

fn space_to_depth(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let block = cx.options::<SpaceToDepthOptions>()?.block_size;
    let (x, [n, h, w, c], block) = image(cx, block)?;
    let (h, w) = (divided(h, block)?, divided(w, block)?);
    let x = cx.reshape(&x, &[n, h, block, w, block, c])?;
    let y = cx.transpose(&x, &[0, 1, 3, 2, 4, 5])?;
    cx.give_reshaped(&y)
}

/// Blocks of the axes behind the first, and two numbers for each: a border, or what is cut off.
struct Blocks {
    sizes: Vec<usize>,
    edges: Vec<[usize; 2]>,
}

impl Blocks {
    fn read(cx: &OpCx<'_>, rank: usize) -> Result<Self, Problem> {
        let (sizes, edges) = (unsigned(&cx.ints(1)?)?, unsigned(&cx.ints(2)?)?);
        let (pairs, rest) = edges.as_chunks::<2>();
        let fits = sizes.len() < rank && pairs.len() == sizes.len() && rest.is_empty();
        if !fits || sizes.contains(&0) {
            return Err(Problem::attribute(
                format!("blocks {sizes:?} with edges {edges:?} of a tensor of rank {rank}"),
                "a block and two edges for each axis between batch and channels",
            ));
        }
        let edges = pairs.to_vec();
        Ok(Self { sizes, edges })
    }

    /// One number per axis, from those of the axes with blocks.
    fn of_axes<T: Clone>(numbers: impl Iterator<Item = T>, rank: usize, other: T) -> Vec<T> {
        let mut all = vec![other; rank];
        for (slot, number) in all.iter_mut().skip(1).zip(numbers) {
            *slot = number;
        }
        all
    }
}

fn space_to_batch(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.moved(0, 0)?;
    let ty = cx.ty(&x);
    let rank = ty.shape.len();
    let blocks = Blocks::read(cx, rank)?;
    let edges = |side: usize| blocks.edges.iter().map(move |edge| edge[side]);
    let x = if blocks.edges.iter().all(|edge| *edge == [0, 0]) {
        x
    } else {
        let op = Pad {
            before: Blocks::of_axes(edges(0), rank, 0),
            after: Blocks::of_axes(edges(1), rank, 0),
            value: 0.0,
        };
        cx.apply(op, &[x], ty.quant)?
    };
    // [n, h·bh, w·bw, …] → [n, h, bh, w, bw, …] → [bh, bw, n, h, w, …]
    let shape = cx.shape(&x);
    let (mut split, mut order, mut outer) = (Vec::new(), Vec::new(), Vec::new());
    for (axis, &dim) in shape.iter().enumerate() {
        let block = axis.checked_sub(1).and_then(|at| blocks.sizes.get(at));
        order.push(split.len());
        let Some(&block) = block else {
            split.push(dim);
            continue;
        };
        split.push(divided(dim, block)?);
        outer.push(split.len());
        split.push(block);
    }
    outer.extend(order);
    let x = cx.reshape(&x, &split)?;
    let y = cx.transpose(&x, &outer)?;
    cx.give_reshaped(&y)
}

fn batch_to_space(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.moved(0, 0)?;
    let shape = cx.shape(&x);
    let blocks = Blocks::read(cx, shape.len())?;
    // [bh·bw·n, h, w, …] → [bh, bw, n, h, w, …] → [n, h, bh, w, bw, …]
    let count = blocks.sizes.len();
    let (mut split, mut order, mut joined) = (blocks.sizes.clone(), Vec::new(), Vec::new());
    for (axis, &dim) in shape.iter().enumerate() {
        let block = axis.checked_sub(1).and_then(|at| blocks.sizes.get(at));
        order.push(count + axis);
        let dim = if axis == 0 {
            blocks.sizes.iter().try_fold(dim, |n, &by| divided(n, by))?
        } else {
            dim
        };
        split.push(dim);
        let Some(&block) = block else {
            joined.push(dim);
            continue;
        };
        order.push(axis - 1);
        // The product is at most the number of elements.
        joined.push(dim.saturating_mul(block));
    }
    let x = cx.reshape(&x, &split)?;
    let y = cx.transpose(&x, &order)?;
    let y = cx.reshape(&y, &joined)?;
    let cut = cut(&joined, &blocks)?;
    let y = cx.slice(&y, cut)?;
    cx.give(y)
}

/// The part of a tensor that is left when edges are cut off.
fn cut(shape: &[usize], blocks: &Blocks) -> Result<Slice, Problem> {
    let rank = shape.len();
    let edges = Blocks::of_axes(blocks.edges.iter().copied(), rank, [0, 0]);
    let left = |(&dim, &[before, after]): (&usize, &[usize; 2])| {
        let left = dim.checked_sub(before)?.checked_sub(after)?;
        (left > 0).then_some(left)
    };
    let lens: Option<Vec<usize>> = shape.iter().zip(&edges).map(left).collect();
    let lens = lens.ok_or_else(|| {
        Problem::attribute(
            format!("edges {:?} cut off {shape:?}", blocks.edges),
            "edges that leave something",
        )
    })?;
    Ok(Slice {
        starts: edges.iter().map(|edge| edge[0]).collect(),
        steps: vec![1; rank],
        lens,
    })
}
