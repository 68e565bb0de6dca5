//! The memory of a network: one aligned block, and typed views at offsets known at compile time.
//!
//! Every view is checked when the generated code is compiled: alignment, bounds and disjointness are
//! `const` assertions, so nothing is left to check, and nothing to panic, on the device.
#![allow(
    unsafe_code,
    reason = "typed views at offsets proven by const assertions"
)]

use bytemuck::Pod;
use core::cell::Cell;

/// Greatest alignment of a view.
const ALIGN: usize = 16;

/// The memory of a network, zeroed at first.
#[repr(C, align(16))]
pub struct Arena<const N: usize>([u8; N]);

impl<const N: usize> Arena<N> {
    /// An arena of zeros; in a `static` it costs no flash.
    #[must_use]
    #[allow(
        clippy::new_without_default,
        reason = "generated code needs a const fn, nobody needs Default"
    )]
    pub const fn new() -> Self {
        Self([0; N])
    }

    /// `LEN` elements from byte `AT` on.
    #[inline(always)]
    #[must_use]
    pub const fn view<T: Pod, const AT: usize, const LEN: usize>(&self) -> &[T; LEN] {
        const { assert_in::<T>(AT, LEN, N) };
        // SAFETY: the assertion above proves that AT is aligned for T (the block is aligned to ALIGN) and that
        // the LEN elements end inside the block; any bytes are a valid T because T is Pod.
        unsafe { &*self.0.as_ptr().add(AT).cast() }
    }

    /// `LEN` elements from byte `AT` on, to be written.
    #[inline(always)]
    #[must_use]
    pub const fn view_mut<T: Pod, const AT: usize, const LEN: usize>(&mut self) -> &mut [T; LEN] {
        const { assert_in::<T>(AT, LEN, N) };
        // SAFETY: as in `view`; the exclusive borrow of self makes the reference unique.
        unsafe { &mut *self.0.as_mut_ptr().add(AT).cast() }
    }

    /// An input and an output that do not overlap.
    #[inline(always)]
    #[must_use]
    pub const fn one_in<
        X: Pod,
        Y: Pod,
        const X_AT: usize,
        const X_LEN: usize,
        const Y_AT: usize,
        const Y_LEN: usize,
    >(
        &mut self,
    ) -> (&[X; X_LEN], &mut [Y; Y_LEN]) {
        const {
            assert_in::<X>(X_AT, X_LEN, N);
            assert_in::<Y>(Y_AT, Y_LEN, N);
            assert_apart::<X, Y>(X_AT, X_LEN, Y_AT, Y_LEN);
        };
        let base = self.0.as_mut_ptr();
        // SAFETY: both views are aligned and inside the block, as in `view`; they are disjoint, so a shared and
        // a unique reference may live together for as long as self is borrowed.
        unsafe { (&*base.add(X_AT).cast(), &mut *base.add(Y_AT).cast()) }
    }

    /// An input and an output that may overlap each other.
    #[inline(always)]
    #[must_use]
    pub const fn cells<
        X: Pod,
        Y: Pod,
        const X_AT: usize,
        const X_LEN: usize,
        const Y_AT: usize,
        const Y_LEN: usize,
    >(
        &mut self,
    ) -> (&[Cell<X>; X_LEN], &[Cell<Y>; Y_LEN]) {
        const {
            assert_in::<X>(X_AT, X_LEN, N);
            assert_in::<Y>(Y_AT, Y_LEN, N);
        };
        let base = self.0.as_mut_ptr();
        // SAFETY: both views are aligned and inside the block, as in `view`, and self is borrowed uniquely while
        // they live; cells may share memory, a Cell<T> lies as a T does, and any bytes are a valid Pod.
        unsafe { (&*base.add(X_AT).cast(), &*base.add(Y_AT).cast()) }
    }

    /// An input and an output that may overlap each other, and memory to read and write that overlaps neither.
    #[inline(always)]
    #[must_use]
    #[allow(
        clippy::type_complexity,
        reason = "three views are what a kernel with scratch memory has"
    )]
    pub const fn cells_scratch<
        X: Pod,
        S: Pod,
        Y: Pod,
        const X_AT: usize,
        const X_LEN: usize,
        const S_AT: usize,
        const S_LEN: usize,
        const Y_AT: usize,
        const Y_LEN: usize,
    >(
        &mut self,
    ) -> (&[Cell<X>; X_LEN], &mut [S; S_LEN], &[Cell<Y>; Y_LEN]) {
        const {
            assert_in::<X>(X_AT, X_LEN, N);
            assert_in::<S>(S_AT, S_LEN, N);
            assert_in::<Y>(Y_AT, Y_LEN, N);
            assert_apart::<X, S>(X_AT, X_LEN, S_AT, S_LEN);
            assert_apart::<S, Y>(S_AT, S_LEN, Y_AT, Y_LEN);
        };
        let base = self.0.as_mut_ptr();
        // SAFETY: as in `cells`; the scratch memory is disjoint from both, so a unique reference to it may live
        // beside them.
        unsafe {
            (
                &*base.add(X_AT).cast(),
                &mut *base.add(S_AT).cast(),
                &*base.add(Y_AT).cast(),
            )
        }
    }

    /// Two inputs, which may overlap each other, and an output that overlaps neither.
    #[inline(always)]
    #[must_use]
    #[allow(
        clippy::type_complexity,
        reason = "three views are what a binary operator has"
    )]
    pub const fn two_in<
        X: Pod,
        Z: Pod,
        Y: Pod,
        const X_AT: usize,
        const X_LEN: usize,
        const Z_AT: usize,
        const Z_LEN: usize,
        const Y_AT: usize,
        const Y_LEN: usize,
    >(
        &mut self,
    ) -> (&[X; X_LEN], &[Z; Z_LEN], &mut [Y; Y_LEN]) {
        const {
            assert_in::<X>(X_AT, X_LEN, N);
            assert_in::<Z>(Z_AT, Z_LEN, N);
            assert_in::<Y>(Y_AT, Y_LEN, N);
            assert_apart::<X, Y>(X_AT, X_LEN, Y_AT, Y_LEN);
            assert_apart::<Z, Y>(Z_AT, Z_LEN, Y_AT, Y_LEN);
        };
        let base = self.0.as_mut_ptr();
        // SAFETY: all views are aligned and inside the block; the output is disjoint from both inputs, and
        // shared references may overlap.
        unsafe {
            (
                &*base.add(X_AT).cast(),
                &*base.add(Z_AT).cast(),
                &mut *base.add(Y_AT).cast(),
            )
        }
    }

    /// Three inputs, which may overlap each other, and an output that overlaps none.
    #[inline(always)]
    #[must_use]
    #[allow(
        clippy::type_complexity,
        reason = "four views are what a selection has"
    )]
    pub const fn three_in<
        A: Pod,
        B: Pod,
        C: Pod,
        Y: Pod,
        const A_AT: usize,
        const A_LEN: usize,
        const B_AT: usize,
        const B_LEN: usize,
        const C_AT: usize,
        const C_LEN: usize,
        const Y_AT: usize,
        const Y_LEN: usize,
    >(
        &mut self,
    ) -> (&[A; A_LEN], &[B; B_LEN], &[C; C_LEN], &mut [Y; Y_LEN]) {
        const {
            assert_in::<A>(A_AT, A_LEN, N);
            assert_in::<B>(B_AT, B_LEN, N);
            assert_in::<C>(C_AT, C_LEN, N);
            assert_in::<Y>(Y_AT, Y_LEN, N);
            assert_apart::<A, Y>(A_AT, A_LEN, Y_AT, Y_LEN);
            assert_apart::<B, Y>(B_AT, B_LEN, Y_AT, Y_LEN);
            assert_apart::<C, Y>(C_AT, C_LEN, Y_AT, Y_LEN);
        };
        let base = self.0.as_mut_ptr();
        // SAFETY: as in `two_in`, with one input more.
        unsafe {
            (
                &*base.add(A_AT).cast(),
                &*base.add(B_AT).cast(),
                &*base.add(C_AT).cast(),
                &mut *base.add(Y_AT).cast(),
            )
        }
    }

    /// An input, memory to read and write, and an output; none overlaps another.
    #[inline(always)]
    #[must_use]
    #[allow(
        clippy::type_complexity,
        reason = "three views are what a kernel with scratch memory has"
    )]
    pub const fn one_in_scratch<
        X: Pod,
        S: Pod,
        Y: Pod,
        const X_AT: usize,
        const X_LEN: usize,
        const S_AT: usize,
        const S_LEN: usize,
        const Y_AT: usize,
        const Y_LEN: usize,
    >(
        &mut self,
    ) -> (&[X; X_LEN], &mut [S; S_LEN], &mut [Y; Y_LEN]) {
        const {
            assert_in::<X>(X_AT, X_LEN, N);
            assert_in::<S>(S_AT, S_LEN, N);
            assert_in::<Y>(Y_AT, Y_LEN, N);
            assert_apart::<X, S>(X_AT, X_LEN, S_AT, S_LEN);
            assert_apart::<X, Y>(X_AT, X_LEN, Y_AT, Y_LEN);
            assert_apart::<S, Y>(S_AT, S_LEN, Y_AT, Y_LEN);
        };
        let base = self.0.as_mut_ptr();
        // SAFETY: all views are aligned and inside the block, and the two that are written are disjoint from
        // each other and from the input.
        unsafe {
            (
                &*base.add(X_AT).cast(),
                &mut *base.add(S_AT).cast(),
                &mut *base.add(Y_AT).cast(),
            )
        }
    }

    /// Two inputs, which may overlap each other, memory to read and write, and an output.
    #[inline(always)]
    #[must_use]
    #[allow(
        clippy::type_complexity,
        reason = "four views are what a recurrent kernel has"
    )]
    pub const fn two_in_scratch<
        X: Pod,
        Z: Pod,
        S: Pod,
        Y: Pod,
        const X_AT: usize,
        const X_LEN: usize,
        const Z_AT: usize,
        const Z_LEN: usize,
        const S_AT: usize,
        const S_LEN: usize,
        const Y_AT: usize,
        const Y_LEN: usize,
    >(
        &mut self,
    ) -> (&[X; X_LEN], &[Z; Z_LEN], &mut [S; S_LEN], &mut [Y; Y_LEN]) {
        const {
            assert_in::<X>(X_AT, X_LEN, N);
            assert_in::<Z>(Z_AT, Z_LEN, N);
            assert_in::<S>(S_AT, S_LEN, N);
            assert_in::<Y>(Y_AT, Y_LEN, N);
            assert_apart::<X, S>(X_AT, X_LEN, S_AT, S_LEN);
            assert_apart::<Z, S>(Z_AT, Z_LEN, S_AT, S_LEN);
            assert_apart::<X, Y>(X_AT, X_LEN, Y_AT, Y_LEN);
            assert_apart::<Z, Y>(Z_AT, Z_LEN, Y_AT, Y_LEN);
            assert_apart::<S, Y>(S_AT, S_LEN, Y_AT, Y_LEN);
        };
        let base = self.0.as_mut_ptr();
        // SAFETY: as in `one_in_scratch`, with one input more.
        unsafe {
            (
                &*base.add(X_AT).cast(),
                &*base.add(Z_AT).cast(),
                &mut *base.add(S_AT).cast(),
                &mut *base.add(Y_AT).cast(),
            )
        }
    }
}

const fn assert_in<T: Pod>(at: usize, len: usize, size: usize) {
    assert!(
        align_of::<T>() <= ALIGN && at % align_of::<T>() == 0,
        "view is not aligned"
    );
    assert!(
        at <= size && len * size_of::<T>() <= size - at,
        "view ends outside the arena"
    );
}

const fn assert_apart<X: Pod, Y: Pod>(x: usize, x_len: usize, y: usize, y_len: usize) {
    let (x_end, y_end) = (x + x_len * size_of::<X>(), y + y_len * size_of::<Y>());
    assert!(x_end <= y || y_end <= x, "an output overlaps an input");
}

/// Bytes aligned for every element type: weights and tables in flash.
#[repr(C, align(16))]
pub struct Aligned<const N: usize>(pub [u8; N]);

/// The `LEN` elements that aligned bytes hold, little-endian.
#[inline(always)]
#[must_use]
pub const fn constant<T: Pod, const LEN: usize, const N: usize>(
    bytes: &'static Aligned<N>,
) -> &'static [T; LEN] {
    const {
        assert!(
            align_of::<T>() <= ALIGN && LEN * size_of::<T>() == N,
            "constant of another size"
        );
    };
    // SAFETY: Aligned is aligned to ALIGN, N bytes are exactly LEN elements, any bytes are a valid Pod.
    unsafe { &*bytes.0.as_ptr().cast() }
}
