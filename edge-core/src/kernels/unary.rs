//! .

/// .
pub fn unary_f32(_p: &crate::params::UnaryFn, _x: &[f32], _y: &mut [f32]) {}

/// .
pub fn unary_f32_in_place(_p: &crate::params::UnaryFn, _y: &mut [f32]) {}

/// .
#[must_use]
pub fn unary(_f: crate::params::UnaryFn, x: f32) -> f32 {
    x
}
