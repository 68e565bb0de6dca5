//! Inner products and their kin, the innermost loops of all layers with weights.
//!
//! Eight elements per turn. Slice patterns cost neither a bounds check in optimised code nor a call without
//! optimiser. Sums of floats are taken in the order written here, on every target.

/// `sum + Σ x·w` over the shorter of both slices.
#[inline(always)]
pub(super) fn dot_f32(mut sum: f32, mut x: &[f32], mut w: &[f32]) -> f32 {
    while let (
        &[x0, x1, x2, x3, x4, x5, x6, x7, ref x_rest @ ..],
        &[w0, w1, w2, w3, w4, w5, w6, w7, ref w_rest @ ..],
    ) = (x, w)
    {
        sum += ((x0 * w0 + x1 * w1) + (x2 * w2 + x3 * w3))
            + ((x4 * w4 + x5 * w5) + (x6 * w6 + x7 * w7));
        (x, w) = (x_rest, w_rest);
    }
    while let (&[x0, ref x_rest @ ..], &[w0, ref w_rest @ ..]) = (x, w) {
        sum += x0 * w0;
        (x, w) = (x_rest, w_rest);
    }
    sum
}

/// `sum + Σ x·w` over the shorter of both slices, modulo 2³².
#[inline(always)]
pub(super) fn dot_s8(mut sum: i32, mut x: &[i8], mut w: &[i8]) -> i32 {
    while let (
        &[x0, x1, x2, x3, x4, x5, x6, x7, ref x_rest @ ..],
        &[w0, w1, w2, w3, w4, w5, w6, w7, ref w_rest @ ..],
    ) = (x, w)
    {
        let low = x0 as i32 * w0 as i32
            + x1 as i32 * w1 as i32
            + x2 as i32 * w2 as i32
            + x3 as i32 * w3 as i32;
        let high = x4 as i32 * w4 as i32
            + x5 as i32 * w5 as i32
            + x6 as i32 * w6 as i32
            + x7 as i32 * w7 as i32;
        sum = sum.wrapping_add(low + high);
        (x, w) = (x_rest, w_rest);
    }
    while let (&[x0, ref x_rest @ ..], &[w0, ref w_rest @ ..]) = (x, w) {
        sum = sum.wrapping_add(x0 as i32 * w0 as i32);
        (x, w) = (x_rest, w_rest);
    }
    sum
}

/// `Σ w` modulo 2³².
#[inline(always)]
pub(super) fn sum_s8(mut w: &[i8]) -> i32 {
    let mut sum = 0i32;
    while let &[w0, ref rest @ ..] = w {
        sum = sum.wrapping_add(w0 as i32);
        w = rest;
    }
    sum
}

/// `y += factor·x` over the shorter of both slices.
#[inline(always)]
pub(super) fn add_scaled_f32(y: &mut [f32], factor: f32, x: &[f32]) {
    let len = y.len().min(x.len());
    let mut i = 0;
    while i < len {
        y[i] += factor * x[i];
        i += 1;
    }
}
