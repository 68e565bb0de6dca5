//! .

/// .
pub fn max_pool2d_f32(_p: &crate::params::MaxPool2d, _x: &[f32], _y: &mut [f32]) {}

/// .
pub fn max_pool2d_s8(_p: &crate::params::MaxPool2d, _x: &[i8], _y: &mut [i8]) {}

/// .
pub fn average_pool2d_f32(_p: &crate::params::AveragePool2dF32, _x: &[f32], _y: &mut [f32]) {}

/// .
pub fn average_pool2d_s8(
    _p: &crate::params::AveragePool2dS8,
    _x: &[i8],
    _multipliers: &[i32],
    _y: &mut [i8],
) {
}
