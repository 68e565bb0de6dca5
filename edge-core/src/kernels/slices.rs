//! Windows of slices that never panic: outside the slice they are empty.

use super::lanes::each_lane;

/// `len` elements from `start` on.
#[inline(always)]
pub(super) fn window<T>(x: &[T], start: usize, len: usize) -> &[T] {
    x.get(start..start.wrapping_add(len)).unwrap_or_default()
}

/// [`window`] of each of several slices.
#[inline(always)]
pub(super) fn windows<T, const N: usize>(
    mut slices: [&[T]; N],
    start: usize,
    len: usize,
) -> [&[T]; N] {
    each_lane(&mut slices, |_, slice| *slice = window(slice, start, len));
    slices
}

/// `len` elements from `start` on, to be written.
#[inline(always)]
pub(super) fn window_mut<T>(x: &mut [T], start: usize, len: usize) -> &mut [T] {
    x.get_mut(start..start.wrapping_add(len))
        .unwrap_or_default()
}

/// `N` elements from `start` on.
#[inline(always)]
pub(super) fn chunk<T, const N: usize>(x: &[T], start: usize) -> Option<&[T; N]> {
    x.get(start..)?.first_chunk()
}

/// Writes `N` elements from `start` on.
#[inline(always)]
pub(super) fn put<T, const N: usize>(y: &mut [T], start: usize, chunk: [T; N]) {
    if let Some(place) = y.get_mut(start..).and_then(<[T]>::first_chunk_mut) {
        *place = chunk;
    }
}

/// Copies as many elements as both slices have.
#[inline(always)]
pub(super) fn copy<T: Copy>(x: &[T], y: &mut [T]) {
    let len = x.len().min(y.len());
    if let (Some(x), Some(y)) = (x.get(..len), y.get_mut(..len)) {
        y.copy_from_slice(x);
    }
}
