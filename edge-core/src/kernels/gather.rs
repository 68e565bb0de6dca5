//! Rows picked by a table.

use super::slices::{copy, window};
use crate::params::{Gather, MAX_RANK, RowNumbers};

/// `[outer, axis, inner] → [outer, rows.len(), inner]`: row `i` of the result is row `rows[i]` of the source.
///
/// Source: ONNX `Gather` with constant indices, `Resize` to the nearest; `TFLite` `GATHER`.
#[inline(always)]
pub fn gather<T: Copy>(p: &Gather, x: &[T], rows: &[u32], y: &mut [T]) {
    let mut targets = y;
    for outer in 0..p.outer {
        for &row in rows {
            let Some((target, rest)) = targets.split_at_mut_checked(p.inner) else {
                return;
            };
            let row = outer.wrapping_mul(p.axis).wrapping_add(row as usize);
            copy(window(x, row.wrapping_mul(p.inner), p.inner), target);
            targets = rest;
        }
    }
}

/// The row numbers that indices stand for: `[batch, count, depth] → [batch, outer, count]`.
///
/// An index outside its dimension counts as the nearest inside: what a network computes never reads beyond a
/// tensor.
///
/// Source: `TFLite` `GATHER`, `GATHER_ND`.
#[inline(always)]
pub fn row_numbers<I: Copy + Into<i64>>(p: &RowNumbers, indices: &[I], y: &mut [u32]) {
    let mut rows = 1usize;
    for dim in p.dims {
        rows = rows.wrapping_mul(dim);
    }
    let mut targets = y.iter_mut();
    for batch in 0..p.batch {
        for outer in 0..p.outer {
            let part = batch.wrapping_mul(p.outer).wrapping_add(outer);
            let first = part.wrapping_mul(rows);
            let mut at = batch.wrapping_mul(p.count).wrapping_mul(p.depth);
            for _ in 0..p.count {
                let Some(target) = targets.next() else {
                    return;
                };
                let place = place(&p.dims, window(indices, at, p.depth));
                *target = first.wrapping_add(place) as u32;
                at = at.wrapping_add(p.depth);
            }
        }
    }
}

/// The place of an element in row-major order.
#[inline(always)]
fn place<I: Copy + Into<i64>>(dims: &[usize; MAX_RANK], index: &[I]) -> usize {
    let mut place = 0usize;
    for (&dim, &index) in dims.iter().zip(index) {
        let last = dim.saturating_sub(1);
        let index: i64 = index.into();
        let inside = if index < 0 {
            0
        } else {
            (index as u64).min(last as u64) as usize
        };
        place = place.wrapping_mul(dim).wrapping_add(inside);
    }
    place
}
