//! Two tensors walked together, the result written in order.

use super::slices::{window, window_mut};
use super::walk::{Walk, paired};
use crate::params::Broadcast;

#[inline(always)]
fn walk(broadcast: &Broadcast) -> Walk {
    Walk {
        shape: broadcast.shape,
        strides: paired(broadcast.first, broadcast.second),
    }
}

/// `y = f(a, b)` for every element of the result.
#[inline(always)]
pub(super) fn combine<A: Copy, B: Copy, Y>(
    broadcast: &Broadcast,
    a: &[A],
    b: &[B],
    y: &mut [Y],
    f: impl Fn(A, B) -> Y,
) {
    visit(broadcast, a, b, y, |a, b, y| *y = f(a, b));
}

/// `f(a, b, y)` for every element of the result.
#[inline(always)]
pub(super) fn visit<A: Copy, B: Copy, Y>(
    broadcast: &Broadcast,
    a: &[A],
    b: &[B],
    y: &mut [Y],
    f: impl Fn(A, B, &mut Y),
) {
    let walk = walk(broadcast);
    let (len, strides) = (walk.run_len(), walk.run_strides());
    let mut target = 0usize;
    walk.each_run([0, 0], |[first, second]| {
        let run = window_mut(y, target, len);
        target = target.wrapping_add(len);
        if strides == [1, 1] {
            let pairs = window(a, first, len).iter().zip(window(b, second, len));
            for (y, (&a, &b)) in run.iter_mut().zip(pairs) {
                f(a, b, y);
            }
            return;
        }
        let (mut at, mut bt) = (first, second);
        for y in run {
            if let (Some(&a), Some(&b)) = (a.get(at), b.get(bt)) {
                f(a, b, y);
            }
            at = at.wrapping_add(strides[0]);
            bt = bt.wrapping_add(strides[1]);
        }
    });
}

/// [`combine`] that overwrites its first operand, which has the shape of the result.
#[inline(always)]
pub(super) fn combine_in_place<A: Copy, B: Copy>(
    broadcast: &Broadcast,
    y: &mut [A],
    b: &[B],
    f: impl Fn(A, B) -> A,
) {
    let walk = walk(broadcast);
    let (len, [_, stride]) = (walk.run_len(), walk.run_strides());
    let mut target = 0usize;
    walk.each_run([0, 0], |[_, second]| {
        let run = window_mut(y, target, len);
        target = target.wrapping_add(len);
        if stride == 1 {
            for (y, &b) in run.iter_mut().zip(window(b, second, len)) {
                *y = f(*y, b);
            }
            return;
        }
        let mut at = second;
        for y in run {
            if let Some(&b) = b.get(at) {
                *y = f(*y, b);
            }
            at = at.wrapping_add(stride);
        }
    });
}
