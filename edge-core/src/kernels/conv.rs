//! .

/// .
pub fn conv2d_f32(
    _p: &crate::params::Conv2dF32,
    _x: &[f32],
    _weights: &[f32],
    _bias: &[f32],
    _y: &mut [f32],
) {
}

/// .
pub fn conv2d_s8(
    _p: &crate::params::Conv2dS8,
    _x: &[i8],
    _weights: &[i8],
    _bias: &[i32],
    _multipliers: &[i32],
    _y: &mut [i8],
) {
}

/// .
pub fn conv_transpose2d_f32(
    _p: &crate::params::ConvTranspose2dF32,
    _x: &[f32],
    _weights: &[f32],
    _bias: &[f32],
    _y: &mut [f32],
) {
}
