//! .

/// .
pub fn softmax_f32(_p: &crate::params::Softmax, _x: &[f32], _y: &mut [f32]) {}

/// .
pub fn softmax_f32_in_place(_p: &crate::params::Softmax, _y: &mut [f32]) {}

/// .
pub fn softmax_s8(_p: &crate::params::Softmax, _x: &[i8], _table: &[u16], _y: &mut [i8]) {}

/// .
pub fn softmax_s8_in_place(_p: &crate::params::Softmax, _y: &mut [i8], _table: &[u16]) {}
