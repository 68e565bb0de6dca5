//! Rows picked by a table.

use super::slices::{copy, window};
use crate::params::Gather;

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
