//! .

/// .
pub fn resize_linear_f32(
    _p: &crate::params::ResizeLinear,
    _x: &[f32],
    _sources: &[u32],
    _weights: &[f32],
    _y: &mut [f32],
) {
}

/// .
pub fn resize_linear_s8(
    _p: &crate::params::ResizeLinear,
    _x: &[i8],
    _sources: &[u32],
    _weights: &[i32],
    _y: &mut [i8],
) {
}
