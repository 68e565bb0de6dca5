//! Fully connected layers whose input comes piece by piece.
//!
//! Each piece adds its products to the sums of all outputs; behind the last one the sums become outputs. Sums are
//! taken modulo 2³², so the pieces give the bits of the whole.

use super::exact_layer::Scales;
use super::products::Products;
use super::slices::window;
use crate::params::{AddProducts, ExactOutput};
use crate::quant::{Requant, requantize};

/// Adds the products of a piece of the input: `y[o] = sums[o] + Σ x[i]·weights[o][first + i]`.
///
/// Piece `[len]`, sums and result `[outputs]`, weights `[outputs, inputs]`.
// One function for all pieces: inlined, each would be a copy of the loop.
#[inline(never)]
pub fn add_products_s8(p: &AddProducts, x: &[i8], sums: &[i32], weights: &[i8], y: &mut [i32]) {
    let x = window(x, 0, p.len);
    let row = |output: usize| {
        let at = output.wrapping_mul(p.inputs).wrapping_add(p.first);
        window(weights, at, x.len())
    };
    for (output, (y, &sum)) in y.iter_mut().zip(sums).enumerate() {
        *y = sum.dot(x, row(output));
    }
}

/// Outputs from sums as [`fully_connected_s8`](super::fully_connected::fully_connected_s8) makes them.
#[inline(always)]
pub fn scale_sums_s8(p: &Requant, sums: &[i32], multipliers: &[i32], y: &mut [i8]) {
    for ((y, &sum), &multiplier) in y.iter_mut().zip(sums).zip(multipliers) {
        *y = requantize(sum, multiplier, *p);
    }
}

/// Outputs from sums as [`fully_connected_exact`](super::fully_connected::fully_connected_exact) makes them.
#[inline(always)]
pub fn scale_sums_exact_s8(
    p: &ExactOutput,
    sums: &[i32],
    multipliers: &[i32],
    shifts: &[i8],
    y: &mut [i8],
) {
    let scales = Scales {
        multipliers,
        shifts,
        output: *p,
    };
    for (output, (y, &sum)) in y.iter_mut().zip(sums).enumerate() {
        [*y] = scales.outputs([sum], output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::fully_connected::{fully_connected_exact, fully_connected_s8};
    use crate::params::{FullyConnectedExact, FullyConnectedS8};
    use crate::quant::Rounding;

    const INPUTS: usize = 37;

    /// Numbers of all sizes.
    fn bytes<const N: usize>(step: u32) -> [i8; N] {
        core::array::from_fn(|i| (i as u32).wrapping_mul(step).wrapping_add(step >> 3) as i8)
    }

    /// The sums of all pieces of `len` inputs.
    fn sums<const N: usize>(x: &[i8], weights: &[i8], bias: [i32; N], len: usize) -> [i32; N] {
        let mut sums = bias;
        for (piece, x) in x.chunks(len).enumerate() {
            let p = AddProducts {
                inputs: INPUTS,
                first: piece * len,
                len: x.len(),
                outputs: N,
            };
            let before = sums;
            add_products_s8(&p, x, &before, weights, &mut sums);
        }
        sums
    }

    fn agree<const N: usize>() {
        let (x, weights) = (bytes::<INPUTS>(57), bytes::<{ INPUTS * 7 }>(91));
        let weights = &weights[..INPUTS * N];
        let bias: [i32; N] = core::array::from_fn(|i| i as i32 * 1000 - 2500);
        let multipliers: [i32; N] = core::array::from_fn(|i| 0x4000_0000 + i as i32 * 12345);
        let requant = Requant {
            pre_shift: 1,
            offset: 3 << 10,
            shift: 10,
        };
        let output = ExactOutput {
            rounding: Rounding::TfLite,
            range: [-128, 127],
            zero_point: 0,
        };
        let native = FullyConnectedS8 {
            batch: 1,
            inputs: INPUTS,
            outputs: N,
            requant,
        };
        let exact = FullyConnectedExact {
            batch: 1,
            inputs: INPUTS,
            outputs: N,
            output,
        };
        let shifts = [-9i8; N];
        let [mut wanted, mut found] = [[0i8; N]; 2];
        for len in 1..=INPUTS {
            let sums = sums(&x, weights, bias, len);
            fully_connected_s8(&native, &x, weights, &bias, &multipliers, &mut wanted);
            scale_sums_s8(&requant, &sums, &multipliers, &mut found);
            assert_eq!(found, wanted, "{N} outputs, native, pieces of {len}");
            fully_connected_exact(
                &exact,
                &x,
                weights,
                &bias,
                &multipliers,
                &shifts,
                &mut wanted,
            );
            scale_sums_exact_s8(&output, &sums, &multipliers, &shifts, &mut found);
            assert_eq!(found, wanted, "{N} outputs, exact, pieces of {len}");
        }
    }

    #[test]
    fn pieces_give_the_bits_of_the_whole() {
        agree::<1>();
        agree::<4>();
        agree::<7>();
    }
}
