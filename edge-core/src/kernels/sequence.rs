//! The walk of recurrent layers through sequences.

use super::slices::{window, window_mut};
use crate::params::Sequence;

/// One step of one sequence.
pub(super) struct Step<'a, T> {
    /// Number of the sequence.
    pub(super) batch: usize,
    /// What comes in.
    pub(super) x: &'a [T],
    /// The state that the step before has left.
    pub(super) before: &'a [T],
    /// The state that this step leaves, which is its output.
    pub(super) y: &'a mut [T],
}

/// Calls `visit` for all steps of all sequences; `first` holds the states `[batch, units]` before the first step.
#[inline(always)]
pub(super) fn each_step<T>(
    p: &Sequence,
    x: &[T],
    first: &[T],
    y: &mut [T],
    mut visit: impl FnMut(Step<'_, T>),
) {
    let last = p.steps.wrapping_sub(1);
    for batch in 0..p.batch {
        let row = |turn: usize| {
            let step = if p.reverse {
                last.wrapping_sub(turn)
            } else {
                turn
            };
            if p.batch_major {
                batch.wrapping_mul(p.steps).wrapping_add(step)
            } else {
                step.wrapping_mul(p.batch).wrapping_add(batch)
            }
        };
        let first = window(first, batch.wrapping_mul(p.units), p.units);
        for turn in 0..p.steps {
            let x = window(x, row(turn).wrapping_mul(p.inputs), p.inputs);
            let (before, y) = if turn == 0 {
                let start = row(0).wrapping_mul(p.units);
                (first, window_mut(y, start, p.units))
            } else {
                neighbours(y, row(turn.wrapping_sub(1)), row(turn), p.units)
            };
            let step = Step {
                batch,
                x,
                before,
                y,
            };
            visit(step);
        }
    }
}

/// One row of `y` to read and another to write.
#[inline(always)]
fn neighbours<T>(y: &mut [T], read: usize, write: usize, len: usize) -> (&[T], &mut [T]) {
    let (low, high) = if read < write {
        (read, write)
    } else {
        (write, read)
    };
    let Some((below, above)) = y.split_at_mut_checked(high.wrapping_mul(len)) else {
        return (&[], &mut []);
    };
    let low = window_mut(below, low.wrapping_mul(len), len);
    let high = window_mut(above, 0, len);
    if read < write {
        (low, high)
    } else {
        (high, low)
    }
}
