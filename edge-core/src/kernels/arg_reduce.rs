//! Places of extremes.

use crate::params::ArgReduce;

/// `[outer, axis, inner] → [outer, inner]`: the index along the axis of the greatest or least element, the
/// first of equals. Numbers that are not a number are never taken, unless the first is one.
///
/// Source: `TFLite` `ARG_MAX`, `ARG_MIN`.
#[inline(always)]
pub fn arg_reduce<T: Copy + PartialOrd, I: From<i32>>(p: &ArgReduce, x: &[T], y: &mut [I]) {
    let mut targets = y.iter_mut();
    for outer in 0..p.outer {
        let mut first = outer.wrapping_mul(p.axis).wrapping_mul(p.inner);
        for _ in 0..p.inner {
            let Some(target) = targets.next() else {
                return;
            };
            *target = I::from(place(p, x, first));
            first = first.wrapping_add(1);
        }
    }
}

/// The index of the extreme among the elements along the axis, the first of which stands at `first`.
#[inline(always)]
fn place<T: Copy + PartialOrd>(p: &ArgReduce, x: &[T], first: usize) -> i32 {
    let Some(&(mut best)) = x.get(first) else {
        return 0;
    };
    let (mut found, mut at) = (0, first);
    for index in 0..p.axis as i32 {
        let value = x.get(at).copied().unwrap_or(best);
        if beats(value, best, p.greatest) {
            (best, found) = (value, index);
        }
        at = at.wrapping_add(p.inner);
    }
    found
}

#[inline(always)]
fn beats<T: Copy + PartialOrd>(value: T, best: T, greatest: bool) -> bool {
    if greatest { value > best } else { value < best }
}
