//! Copies with free strides, and fills.

use super::slices::{copy, window, window_mut};
use super::walk::{Walk, paired};
use crate::params::{CopyStrided, FillF32, FillS8};

/// `y[target_start + Σ i·target] = x[source_start + Σ i·source]` for every index `i` of `shape`.
///
/// Writes these elements of `y` only: several copies may fill one tensor.
///
/// Source: ONNX `Transpose`, `Slice`, `Concat`, `Pad`, `Expand`, `Tile`, `Split`, `DepthToSpace`; `TFLite`
/// namesakes.
#[inline(always)]
pub fn copy_strided<T: Copy>(p: &CopyStrided, x: &[T], y: &mut [T]) {
    let [s0, s1, s2, s3, s4, s5] = p.source;
    let source = [
        s0 as usize,
        s1 as usize,
        s2 as usize,
        s3 as usize,
        s4 as usize,
        s5 as usize,
    ];
    let walk = Walk {
        shape: p.shape,
        strides: paired(source, p.target),
    };
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
