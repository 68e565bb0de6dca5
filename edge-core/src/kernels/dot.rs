//! Inner products of floats and their kin, the innermost loops of all layers with weights.
//!
//! Four elements per turn, and four filters at once where there are so many: their accumulators, five pointers
//! and a counter fit the registers of a Cortex-M. Slice patterns cost neither a bounds check in optimised code
//! nor a call without optimiser. Sums of floats are taken in the order written here, on every target.

use super::slices::windows;

/// Filters that share one pass over the input.
pub(crate) const FILTERS: usize = 4;

/// `sum + Σ x·w` over the shorter of both slices.
#[inline(always)]
pub(super) fn dot_f32(mut sum: f32, mut x: &[f32], mut w: &[f32]) -> f32 {
    while let (&[x0, x1, x2, x3, ref x_rest @ ..], &[w0, w1, w2, w3, ref w_rest @ ..]) = (x, w) {
        sum += (x0 * w0 + x1 * w1) + (x2 * w2 + x3 * w3);
        (x, w) = (x_rest, w_rest);
    }
    while let (&[x0, ref x_rest @ ..], &[w0, ref w_rest @ ..]) = (x, w) {
        sum += x0 * w0;
        (x, w) = (x_rest, w_rest);
    }
    sum
}

/// [`dot_f32`] of one input and four filters as long as it; the same bits.
#[inline(always)]
pub(super) fn dots_f32(
    sums: [f32; FILTERS],
    x: &[f32],
    filters: [&[f32]; FILTERS],
) -> [f32; FILTERS] {
    let ([mut s, mut t, mut u, mut v], mut x) = (sums, x);
    let [mut a, mut b, mut c, mut d] = windows(filters, 0, x.len());
    while let (
        &[x0, x1, x2, x3, ref x_rest @ ..],
        &[a0, a1, a2, a3, ref a_rest @ ..],
        &[b0, b1, b2, b3, ref b_rest @ ..],
        &[c0, c1, c2, c3, ref c_rest @ ..],
        &[d0, d1, d2, d3, ref d_rest @ ..],
    ) = (x, a, b, c, d)
    {
        s += (x0 * a0 + x1 * a1) + (x2 * a2 + x3 * a3);
        t += (x0 * b0 + x1 * b1) + (x2 * b2 + x3 * b3);
        u += (x0 * c0 + x1 * c1) + (x2 * c2 + x3 * c3);
        v += (x0 * d0 + x1 * d1) + (x2 * d2 + x3 * d3);
        (x, a, b, c, d) = (x_rest, a_rest, b_rest, c_rest, d_rest);
    }
    while let (
        &[x0, ref x_rest @ ..],
        &[a0, ref a_rest @ ..],
        &[b0, ref b_rest @ ..],
        &[c0, ref c_rest @ ..],
        &[d0, ref d_rest @ ..],
    ) = (x, a, b, c, d)
    {
        s += x0 * a0;
        t += x0 * b0;
        u += x0 * c0;
        v += x0 * d0;
        (x, a, b, c, d) = (x_rest, a_rest, b_rest, c_rest, d_rest);
    }
    [s, t, u, v]
}

/// `sum += x·w` in each lane; four are written out as in [`super::lanes::each_lane`].
#[inline(always)]
pub(super) fn multiply_add_f32<const N: usize>(sums: &mut [f32; N], x: &[f32; N], w: &[f32; N]) {
    if let ([s, t, u, v], &[x0, x1, x2, x3], &[w0, w1, w2, w3]) =
        (sums.as_mut_slice(), x.as_slice(), w.as_slice())
    {
        *s += x0 * w0;
        *t += x1 * w1;
        *u += x2 * w2;
        *v += x3 * w3;
        return;
    }
    let mut i = 0;
    while i < N {
        sums[i] += x[i] * w[i];
        i += 1;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn floats<const N: usize>(step: f32) -> [f32; N] {
        core::array::from_fn(|i| libm::sinf(1.0 + i as f32 * step))
    }

    #[test]
    fn four_filters_give_the_bits_of_one() {
        let (x, w) = (floats::<40>(1.3), floats::<160>(0.7));
        for len in 0..=40 {
            let at = |i: usize| i * 40..i * 40 + len;
            let filters = [&w[at(0)], &w[at(1)], &w[at(2)], &w[at(3)]];
            let starts = [0.5, -1.0, 2.0, 0.0];
            let sums = dots_f32(starts, &x[..len], filters);
            for (i, start) in starts.into_iter().enumerate() {
                let alone = dot_f32(start, &x[..len], filters[i]);
                assert_eq!(sums[i].to_bits(), alone.to_bits());
            }
        }
    }

    fn lanes_agree<const N: usize>() {
        let (x, w) = (floats::<N>(1.3), floats::<N>(0.7));
        let mut sums = floats::<N>(0.2);
        multiply_add_f32(&mut sums, &x, &w);
        for i in 0..N {
            let wanted = floats::<N>(0.2)[i] + x[i] * w[i];
            assert_eq!(sums[i].to_bits(), wanted.to_bits());
        }
    }

    // The host works on eight lanes and a small core on four: both are checked here.
    #[test]
    fn lanes_multiply_and_add() {
        lanes_agree::<1>();
        lanes_agree::<4>();
        lanes_agree::<8>();
    }
}
