//! .

/// .
pub fn gather<T: Copy>(_p: &crate::params::Gather, _x: &[T], _rows: &[u32], _y: &mut [T]) {}
