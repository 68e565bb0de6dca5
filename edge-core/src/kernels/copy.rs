//! Copies with free strides, and fills.

use super::slices::{copy, window, window_mut};
use super::walk::Walk;
use crate::params::{CopyStrided, FillF32, FillS8, MAX_RANK};

/// `y[target_start + Σ i·target] = x[source_start + Σ i·source]` for every index `i` of `shape`.
///
/// Writes these elements of `y` only: several copies may fill one tensor.
///
/// Source: ONNX `Transpose`, `Slice`, `Concat`, `Pad`, `Expand`, `Tile`, `Split`, `DepthToSpace`; `TFLite`
/// namesakes.
#[inline(always)]
pub fn copy_strided<T: Copy>(p: &CopyStrided, x: &[T], y: &mut [T]) {
    let mut walk = Walk {
        shape: p.shape,
        strides: [[0; 2]; MAX_RANK],
    };
    for axis in 0..MAX_RANK {
        walk.strides[axis] = [p.source[axis] as usize, p.target[axis]];
    }
    let walk = walk.joined();
    let (len, strides) = (walk.run_len(), walk.run_strides());
    walk.each_run([p.source_start, p.target_start], |[from, to]| {
        if strides == [1, 1] {
            copy(window(x, from, len), window_mut(y, to, len));
        } else {
            copy_run(len, strides, [from, to], x, y);
        }
    });
}

#[inline(always)]
fn copy_run<T: Copy>(
    len: usize,
    [source, target]: [usize; 2],
    [mut from, mut to]: [usize; 2],
    x: &[T],
    y: &mut [T],
) {
    for _ in 0..len {
        if let (Some(x), Some(y)) = (x.get(from), y.get_mut(to)) {
            *y = *x;
        }
        from = from.wrapping_add(source);
        to = to.wrapping_add(target);
    }
}

/// Sets every element.
#[inline(always)]
pub fn fill_f32(p: &FillF32, y: &mut [f32]) {
    y.fill(p.value);
}

/// Sets every element.
#[inline(always)]
pub fn fill_s8(p: &FillS8, y: &mut [i8]) {
    y.fill(p.value);
}
