//! .

/// .
pub fn matmul_f32(_p: &crate::params::MatMul, _a: &[f32], _b: &[f32], _y: &mut [f32]) {}
