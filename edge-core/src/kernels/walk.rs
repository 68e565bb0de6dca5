//! Walks over tensors with free strides, run by run along the last axis.
//!
//! Kernels take walks as they are. The compiler joins axes first, so that runs are long.

use crate::params::{Broadcast, MAX_RANK};

impl Broadcast {
    /// The same walk along as few axes as possible.
    ///
    /// The result is written in order, so an axis joins its inner neighbour where a step along it leads to
    /// where the neighbour ends, in both operands.
    #[must_use]
    pub fn joined(&self) -> Self {
        let mut joined = Self {
            shape: [1; MAX_RANK],
            first: [0; MAX_RANK],
            second: [0; MAX_RANK],
        };
        let mut slot = MAX_RANK;
        for axis in (0..MAX_RANK).rev().filter(|&axis| self.shape[axis] != 1) {
            let joins = slot < MAX_RANK && {
                let inner = joined.shape[slot];
                self.first[axis] == joined.first[slot].wrapping_mul(inner)
                    && self.second[axis] == joined.second[slot].wrapping_mul(inner)
            };
            if joins {
                joined.shape[slot] = joined.shape[slot].wrapping_mul(self.shape[axis]);
            } else {
                slot -= 1;
                joined.shape[slot] = self.shape[axis];
                joined.first[slot] = self.first[axis];
                joined.second[slot] = self.second[axis];
            }
        }
        joined
    }
}

/// Strides of two tensors, axis by axis. Written out, so that constants stay constants without a loop.
#[inline(always)]
pub(super) fn paired(a: [usize; MAX_RANK], b: [usize; MAX_RANK]) -> [[usize; 2]; MAX_RANK] {
    let ([a0, a1, a2, a3, a4, a5], [b0, b1, b2, b3, b4, b5]) = (a, b);
    [[a0, b0], [a1, b1], [a2, b2], [a3, b3], [a4, b4], [a5, b5]]
}

/// Two tensors walked together. Offsets and strides are numbers modulo 2ⁿ, so strides may be negative.
#[derive(Clone, Copy)]
pub(super) struct Walk {
    pub(super) shape: [usize; MAX_RANK],
    /// Elements from one index to the next, per axis and tensor.
    pub(super) strides: [[usize; 2]; MAX_RANK],
}

impl Walk {
    /// Length of the last axis.
    #[inline(always)]
    pub(super) fn run_len(&self) -> usize {
        self.shape[MAX_RANK - 1]
    }

    /// Steps along the last axis.
    #[inline(always)]
    pub(super) fn run_strides(&self) -> [usize; 2] {
        self.strides[MAX_RANK - 1]
    }

    /// Calls `run` with the offsets of each run along the last axis.
    #[inline(always)]
    pub(super) fn each_run(&self, start: [usize; 2], mut run: impl FnMut([usize; 2])) {
        let [d0, d1, d2, d3, d4, _] = self.shape;
        let [s0, s1, s2, s3, s4, _] = self.strides;
        let mut at0 = start;
        for _ in 0..d0 {
            let mut at1 = at0;
            for _ in 0..d1 {
                let mut at2 = at1;
                for _ in 0..d2 {
                    let mut at3 = at2;
                    for _ in 0..d3 {
                        let mut at4 = at3;
                        for _ in 0..d4 {
                            run(at4);
                            at4 = step(at4, s4);
                        }
                        at3 = step(at3, s3);
                    }
                    at2 = step(at2, s2);
                }
                at1 = step(at1, s1);
            }
            at0 = step(at0, s0);
        }
    }
}

#[inline(always)]
fn step([a, b]: [usize; 2], by: [usize; 2]) -> [usize; 2] {
    [a.wrapping_add(by[0]), b.wrapping_add(by[1])]
}
