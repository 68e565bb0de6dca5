//! Signed bytes as unsigned ones, and back.

use crate::params::Recode;

/// `y = x − 128`.
#[inline(always)]
pub fn recode_s8(_p: &Recode, x: &[u8], y: &mut [i8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = (x ^ 0x80) as i8;
    }
}

/// `y = x + 128`.
#[inline(always)]
pub fn recode_u8(_p: &Recode, x: &[i8], y: &mut [u8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = x as u8 ^ 0x80;
    }
}
