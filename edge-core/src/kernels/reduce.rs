//! .

/// .
pub fn reduce_f32(_p: &crate::params::Reduce, _x: &[f32], _y: &mut [f32]) {}

/// .
pub fn reduce_sum_s8(_p: &crate::params::ReduceS8, _x: &[i8], _y: &mut [i8]) {}

/// .
pub fn reduce_max_s8(_p: &crate::params::Reduce, _x: &[i8], _y: &mut [i8]) {}
