//! Sums of two int8 tensors as a linear form: the loop is in `linear_add.s`.
#![allow(
    unsafe_code,
    reason = "a whole loop in assembly, with every register laid out by hand"
)]

use crate::params::LinearAdd;

assembly!(include_str!("linear_add.s"));

unsafe extern "C" {
    /// Four elements a round, of `a` up to `a_end`; `y` may be `a`.
    fn edge_linear_add(
        a: *const i8,
        b: *const i8,
        y: *mut i8,
        a_end: *const i8,
        first: i32,
        second: i32,
        offset: i32,
    );
}

/// Adds whole rounds; gives the number of elements that are done.
#[inline(always)]
pub(crate) fn linear_add_s8(p: &LinearAdd, a: &[i8], b: &[i8], y: &mut [i8]) -> usize {
    if a.len() != p.len || b.len() != p.len || y.len() != p.len {
        return 0;
    }
    let fours = p.len / 4 * 4;
    // SAFETY: all three have the elements of `fours`, which are whole rounds; the function keeps the calling
    // convention and writes nothing but `y` and its stack.
    unsafe {
        let end = a.as_ptr().wrapping_add(fours);
        let (a, b, y) = (a.as_ptr(), b.as_ptr(), y.as_mut_ptr());
        edge_linear_add(a, b, y, end, p.first, p.second, p.offset);
    }
    fours
}

/// [`linear_add_s8`] that overwrites its first operand.
#[inline(always)]
pub(crate) fn linear_add_s8_in_place(p: &LinearAdd, y: &mut [i8], b: &[i8]) -> usize {
    if b.len() != p.len || y.len() != p.len {
        return 0;
    }
    let fours = p.len / 4 * 4;
    // SAFETY: as in `linear_add_s8`; each round reads its four elements before it writes them.
    unsafe {
        let y = y.as_mut_ptr();
        let end = y.wrapping_add(fours);
        edge_linear_add(y, b.as_ptr(), y, end, p.first, p.second, p.offset);
    }
    fours
}
