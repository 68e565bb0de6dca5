//! int8 function of each element by a table.

use crate::params::TableS8;

/// `y = table[x + 128]`; the table has 256 outputs.
///
/// Source: any chain of element-wise functions, computed at build time.
#[inline(always)]
pub fn table_s8(_p: &TableS8, x: &[i8], table: &[i8], y: &mut [i8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = look_up(table, x);
    }
}

/// [`table_s8`] that overwrites its input.
#[inline(always)]
pub fn table_s8_in_place(_p: &TableS8, y: &mut [i8], table: &[i8]) {
    for value in y {
        *value = look_up(table, *value);
    }
}

#[inline(always)]
fn look_up(table: &[i8], x: i8) -> i8 {
    // Flipping the sign bit adds 128.
    let index = usize::from(x as u8 ^ 0x80);
    table.get(index).copied().unwrap_or(0)
}
