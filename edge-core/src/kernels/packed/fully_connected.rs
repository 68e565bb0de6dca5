//! Fully connected layers whose weights are packed in pairs of outputs.
//!
//! Two outputs A and B share half words: `w = 256·b + a`. With two inputs in the halves of a register, one dual
//! multiplication of the words as they stand sums up `256·B + A`, another one of their low bytes alone sums up
//! `A`. So a word of four weights costs one instruction to unpack instead of two.
//!
//! The stream, in words:
//!
//! ```text
//! blocks of six outputs, then blocks of two (the last may have one output and another that is not used):
//!     per pair    A's start, then B's: bias(A), 256·bias(B) + bias(A)
//!     per 4 inputs k (the last filled up with zeros):
//!         per pair    inputs k and k + 2: [a(k), b(k), a(k + 2), b(k + 2)]
//!         per pair    inputs k + 1 and k + 3
//!     unless the scale is shared:
//!         per output  multiplier, and in exact arithmetic offset, shift
//! if the scale is shared: multiplier, offset, shift
//! otherwise in native arithmetic, where all multipliers have one shift: offset, shift
//! ```
//!
//! Low bytes are signed for [`Issue::Single`], and high bytes rounded down accordingly. For [`Issue::Dual`] low
//! bytes are `a + 128`, because a mask may issue beside a multiplication where sign extension may not; 128 times
//! the sum of the inputs is taken off the starts of both sums.
//!
//! Sums of B have 24 bits; the compiler proves that they fit.

use super::requant::finish;
use crate::kernels::slices::{chunk, window, window_mut};
use crate::params::{Issue, PackedFullyConnected, PackedRounding};

/// Outputs in a block at the head of the stream.
const SIX: usize = 6;

/// Words of scales: with each pair of outputs, and at the end of the stream.
#[inline(always)]
pub(crate) const fn scale_words(p: &PackedFullyConnected) -> [usize; 2] {
    match (p.shared_scale, p.requant.rounding) {
        (true, _) => [0, 3],
        (false, PackedRounding::Away | PackedRounding::Floor) => [6, 0],
        (false, PackedRounding::Nearest) => [2, 2],
    }
}

/// int8 fully connected layer; rows `[batch, inputs]`, result `[batch, outputs]`.
#[inline(always)]
pub fn packed_fully_connected_s8(
    p: &PackedFullyConnected,
    x: &[i8],
    weights: &[i32],
    y: &mut [i8],
) {
    for row in 0..p.batch {
        let x = window(x, row.wrapping_mul(p.inputs), p.inputs);
        let y = window_mut(y, row.wrapping_mul(p.outputs), p.outputs);
        #[cfg(edge_dsp)]
        crate::arch::dsp::packed_fully_connected_s8(p, x, weights, y);
        #[cfg(not(edge_dsp))]
        row_s8(p, x, weights, y);
        if p.requant.range != [-128, 127] {
            let [least, greatest] = p.requant.range.map(|bound| bound as i8);
            for y in y {
                *y = (*y).min(greatest).max(least);
            }
        }
    }
}

/// One row in plain Rust.
#[cfg_attr(edge_dsp, allow(dead_code, reason = "the assembly does it"))]
fn row_s8(p: &PackedFullyConnected, x: &[i8], weights: &[i32], y: &mut [i8]) {
    // In front of offset and shift stands some multiplier where each output has its own.
    let shared = chunk(weights, weights.len().wrapping_sub(3))
        .copied()
        .unwrap_or_default();
    let [pair_scales, _] = scale_words(p);
    let mut at = 0usize;
    let mut output = 0usize;
    while output < y.len() {
        let six = output < p.sixes.wrapping_mul(SIX);
        let pairs = if six { SIX / 2 } else { 1 };
        let sums_at = at;
        let words_at = at.wrapping_add(pairs.wrapping_mul(2));
        let quads = p.inputs.div_ceil(4);
        let scales_at = words_at.wrapping_add(quads.wrapping_mul(pairs).wrapping_mul(2));
        at = scales_at.wrapping_add(pairs.wrapping_mul(pair_scales));
        for pair in 0..pairs {
            let start = chunk(weights, sums_at.wrapping_add(pair.wrapping_mul(2)));
            let words = weights.get(words_at.wrapping_add(pair)..scales_at);
            let sums = pair_sums(p.issue, x, start, words.unwrap_or_default(), pairs);
            for (lane, sum) in sums.into_iter().enumerate() {
                let index = pair.wrapping_mul(2).wrapping_add(lane);
                let own = scales_at.wrapping_add(index.wrapping_mul(pair_scales / 2));
                let [multiplier, offset, shift] = match pair_scales {
                    6 => chunk(weights, own).copied().unwrap_or_default(),
                    2 => [
                        weights.get(own).copied().unwrap_or_default(),
                        shared[1],
                        shared[2],
                    ],
                    _ => shared,
                };
                if let Some(y) = y.get_mut(output.wrapping_add(index)) {
                    *y = finish(sum, &[0, multiplier, offset, shift], p.requant);
                }
            }
        }
        output = output.wrapping_add(pairs.wrapping_mul(2));
    }
}

/// The sums of two outputs. Their words stand `step` apart.
fn pair_sums(
    issue: Issue,
    x: &[i8],
    start: Option<&[i32; 2]>,
    words: &[i32],
    step: usize,
) -> [i32; 2] {
    let [first, both] = start.copied().unwrap_or_default();
    let mut a = first;
    let mut b = both.wrapping_sub(first) >> 8;
    let mut k = 0usize;
    let mut at = 0usize;
    while k < x.len() {
        let [w0, w2] = halves(words, at);
        let [w1, w3] = halves(words, at.wrapping_add(step));
        for (lane, w) in [w0, w1, w2, w3].into_iter().enumerate() {
            let x = x.get(k.wrapping_add(lane)).copied().unwrap_or_default() as i32;
            let (low, high) = match issue {
                Issue::Single => {
                    let low = w as i8 as i32;
                    (low, (w as i32).wrapping_sub(low) >> 8)
                }
                Issue::Dual => ((w as i32 & 255).wrapping_sub(128), (w >> 8) as i32),
            };
            a = a.wrapping_add(x.wrapping_mul(low));
            b = b.wrapping_add(x.wrapping_mul(high));
        }
        k = k.wrapping_add(4);
        at = at.wrapping_add(step.wrapping_mul(2));
    }
    [a, b]
}

fn halves(words: &[i32], at: usize) -> [i16; 2] {
    let word = words.get(at).copied().unwrap_or_default();
    [word as i16, (word >> 16) as i16]
}
