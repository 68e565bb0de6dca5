//! What depends on the machine. The only folder with `unsafe` and `asm!`; each block says why it is sound.

pub(crate) mod arena;
#[cfg(edge_dsp)]
pub(crate) mod dsp;
pub(crate) mod probe;

#[cfg(edge_dsp)]
pub use dsp::requantize;
#[cfg(not(edge_dsp))]
pub use portable::requantize;

#[cfg(not(edge_dsp))]
mod portable {
    use crate::quant::{Requant, requantize_reference};

    /// An accumulator becomes an output; see [`requantize_reference`].
    #[inline(always)]
    #[must_use]
    pub fn requantize(acc: i32, multiplier: i32, r: Requant) -> i8 {
        requantize_reference(acc, multiplier, r)
    }
}
