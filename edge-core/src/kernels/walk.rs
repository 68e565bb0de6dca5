//! Walks over tensors with free strides.

use crate::params::MAX_RANK;

/// `K` tensors walked together. Offsets and strides are numbers modulo 2ⁿ, so strides may be negative.
#[derive(Clone, Copy)]
pub(super) struct Walk<const K: usize> {
    pub(super) shape: [usize; MAX_RANK],
    /// Elements from one index to the next, per axis and tensor.
    pub(super) strides: [[usize; K]; MAX_RANK],
}

impl<const K: usize> Walk<K> {
    /// The same walk with as many axes as possible joined into the last one.
    #[inline(always)]
    pub(super) fn joined(mut self) -> Self {
        let mut axis = MAX_RANK - 1;
        while axis > 0 {
            axis -= 1;
            let [len, inner] = [self.shape[axis], self.shape[MAX_RANK - 1]];
            if inner == 1 {
                self.strides[MAX_RANK - 1] = self.strides[axis];
            } else if len != 1 && !self.joins(axis) {
                return self;
            }
            self.shape[MAX_RANK - 1] = len.wrapping_mul(inner);
            self.shape[axis] = 1;
        }
        self
    }

    /// Whether a step along `axis` leads to where the last axis ends, in every tensor.
    #[inline(always)]
    fn joins(&self, axis: usize) -> bool {
        let inner = self.shape[MAX_RANK - 1];
        let mut tensor = 0;
        while tensor < K {
            let end = self.strides[MAX_RANK - 1][tensor].wrapping_mul(inner);
            if self.strides[axis][tensor] != end {
                return false;
            }
            tensor += 1;
        }
        true
    }

    /// Length of the last axis.
    #[inline(always)]
    pub(super) fn run_len(&self) -> usize {
        self.shape[MAX_RANK - 1]
    }

    /// Steps along the last axis.
    #[inline(always)]
    pub(super) fn run_strides(&self) -> [usize; K] {
        self.strides[MAX_RANK - 1]
    }

    /// Calls `run` with the offsets of each run along the last axis.
    #[inline(always)]
    pub(super) fn each_run(&self, start: [usize; K], mut run: impl FnMut([usize; K])) {
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
fn step<const K: usize>(mut at: [usize; K], by: [usize; K]) -> [usize; K] {
    let mut tensor = 0;
    while tensor < K {
        at[tensor] = at[tensor].wrapping_add(by[tensor]);
        tensor += 1;
    }
    at
}
