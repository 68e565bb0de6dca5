//! .

/// .
pub fn table_s8(_p: &crate::params::TableS8, _x: &[i8], _table: &[i8], _y: &mut [i8]) {}

/// .
pub fn table_s8_in_place(_p: &crate::params::TableS8, _y: &mut [i8], _table: &[i8]) {}
