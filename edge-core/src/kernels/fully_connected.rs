//! .

/// .
pub fn fully_connected_f32(
    _p: &crate::params::FullyConnectedF32,
    _x: &[f32],
    _weights: &[f32],
    _bias: &[f32],
    _y: &mut [f32],
) {
}

/// .
pub fn fully_connected_s8(
    _p: &crate::params::FullyConnectedS8,
    _x: &[i8],
    _weights: &[i8],
    _bias: &[i32],
    _multipliers: &[i32],
    _y: &mut [i8],
) {
}
