//! .

/// .
pub fn binary_f32(_p: &crate::params::BinaryF32, _a: &[f32], _b: &[f32], _y: &mut [f32]) {}

/// .
pub fn binary_f32_in_place(_p: &crate::params::BinaryF32, _y: &mut [f32], _b: &[f32]) {}

/// .
pub fn add_s8(_p: &crate::params::AddS8, _a: &[i8], _b: &[i8], _y: &mut [i8]) {}

/// .
pub fn add_s8_in_place(_p: &crate::params::AddS8, _y: &mut [i8], _b: &[i8]) {}

/// .
pub fn mul_s8(_p: &crate::params::MulS8, _a: &[i8], _b: &[i8], _y: &mut [i8]) {}

/// .
pub fn mul_s8_in_place(_p: &crate::params::MulS8, _y: &mut [i8], _b: &[i8]) {}
