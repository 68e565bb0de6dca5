//! Product of two computed matrices.

use super::dot::add_scaled_f32;
use super::slices::{window, window_mut};
use crate::params::MatMul;

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
