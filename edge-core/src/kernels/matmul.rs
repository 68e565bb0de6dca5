//! Product of two computed matrices.

use super::dot::add_scaled_f32;
use super::exact_layer::{Activation, finish};
use super::lanes::each_lane;
use super::products::{Products, Sum};
use super::slices::{chunk, put, window, window_mut};
use super::window::BLOCK;
use crate::params::{MatMul, MatMulExact};

/// `[batch, rows, inner] × [batch or 1, inner, columns] → [batch, rows, columns]`.
///
/// Source: ONNX `MatMul`, `TFLite` `BATCH_MATMUL`.
#[inline(always)]
pub fn matmul_f32(p: &MatMul, a: &[f32], b: &[f32], y: &mut [f32]) {
    for product in 0..p.batch {
        let second = product.wrapping_mul(p.second_stride);
        for row in 0..p.rows {
            let row = product.wrapping_mul(p.rows).wrapping_add(row);
            let result = window_mut(y, row.wrapping_mul(p.columns), p.columns);
            result.fill(0.0);
            let factors = window(a, row.wrapping_mul(p.inner), p.inner);
            for (k, &factor) in factors.iter().enumerate() {
                let at = k.wrapping_mul(p.columns).wrapping_add(second);
                add_scaled_f32(result, factor, window(b, at, p.columns));
            }
        }
    }
}

/// The product of two matrices of a graph that arrives quantized; shapes as in [`matmul_f32`].
///
/// The accumulator is `Σ (a − first_zero)·(b − second_zero)`.
///
/// Source: `TFLite` `BATCH_MATMUL` of `int8` and `int16`, ONNX `QLinearMatMul`.
#[inline(always)]
pub fn matmul_exact<X: Activation>(p: &MatMulExact, a: &[X], b: &[X], y: &mut [X]) {
    let shape = &p.product;
    for product in 0..shape.batch {
        let second = product.wrapping_mul(shape.second_stride);
        for row in 0..shape.rows {
            let row = product.wrapping_mul(shape.rows).wrapping_add(row);
            let factors = window(a, row.wrapping_mul(shape.inner), shape.inner);
            let result = window_mut(y, row.wrapping_mul(shape.columns), shape.columns);
            let matrix = b.get(second..).unwrap_or_default();
            if shape.columns >= BLOCK {
                fill_row::<X, BLOCK>(p, factors, matrix, result);
            } else {
                fill_row::<X, 1>(p, factors, matrix, result);
            }
        }
    }
}

/// One row of the product, `N` columns at a time; the last block ends with the last column.
#[inline(always)]
fn fill_row<X: Activation, const N: usize>(
    p: &MatMulExact,
    factors: &[X],
    matrix: &[X],
    result: &mut [X],
) {
    let start = row_start(p, factors);
    let last = p.product.columns.saturating_sub(N);
    for block in 0..p.product.columns.div_ceil(N) {
        let column = block.wrapping_mul(N).min(last);
        let (mut sums, mut at, mut left) = ([start; N], column, factors);
        while let &[factor, ref others @ ..] = left {
            if let Some(elements) = chunk(matrix, at) {
                let factor = factor.widen().wrapping_sub(p.first_zero);
                X::Wide::add_scaled(&mut sums, factor, elements);
            }
            at = at.wrapping_add(p.product.columns);
            left = others;
        }
        let mut outputs = [X::ZERO; N];
        each_lane(&mut outputs, |i, output| {
            *output = finish(sums[i].scaled(p.scale, p.output.rounding), p.output);
        });
        put(result, column, outputs);
    }
}

/// `−second_zero · Σ (a − first_zero)`: what the zero point of the second matrix adds to a row.
#[inline(always)]
fn row_start<X: Activation>(p: &MatMulExact, factors: &[X]) -> X::Wide {
    let mut start = [X::Wide::ZERO];
    if p.second_zero == 0 {
        return X::Wide::ZERO;
    }
    let zero = [X::narrow(p.second_zero)];
    let mut left = factors;
    while let &[factor, ref others @ ..] = left {
        let factor = p.first_zero.wrapping_sub(factor.widen());
        X::Wide::add_scaled(&mut start, factor, &zero);
        left = others;
    }
    let [start] = start;
    start
}
