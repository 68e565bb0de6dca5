//! Sums of two int8 tensors of one shape as a linear form, four elements at a time.

use crate::kernels::slices::copy;
use crate::params::LinearAdd;
use crate::quant::saturate;

/// Sum of two tensors; see [`LinearAdd`].
#[inline(always)]
pub fn linear_add_s8(p: &LinearAdd, a: &[i8], b: &[i8], y: &mut [i8]) {
    #[cfg(edge_dsp)]
    let done = crate::arch::dsp::linear_add_s8(p, a, b, y);
    #[cfg(not(edge_dsp))]
    let done = 0;
    let rest = (a.get(done..), b.get(done..), y.get_mut(done..));
    if let (Some(a), Some(b), Some(y)) = rest {
        copy(a, y);
        each(p, y, b);
    }
}

/// [`linear_add_s8`] that overwrites its first operand.
#[inline(always)]
pub fn linear_add_s8_in_place(p: &LinearAdd, y: &mut [i8], b: &[i8]) {
    #[cfg(edge_dsp)]
    let done = crate::arch::dsp::linear_add_s8_in_place(p, y, b);
    #[cfg(not(edge_dsp))]
    let done = 0;
    if let (Some(y), Some(b)) = (y.get_mut(done..), b.get(done..)) {
        each(p, y, b);
    }
}

/// Element by element: the definition.
#[inline(always)]
fn each(p: &LinearAdd, y: &mut [i8], b: &[i8]) {
    for (y, &b) in y.iter_mut().zip(b) {
        let part = |x: i8, factor: i32| ((i64::from(x) * i64::from(factor)) >> 8) as i32;
        let parts = part(*y, p.first).wrapping_add(part(b, p.second));
        *y = saturate(p.offset.wrapping_add(parts), 16);
    }
}
