//! What depends on the machine. The only folder with `unsafe` and `asm!`; each block says why it is sound.

pub(crate) mod arena;
#[cfg(edge_dsp)]
pub(crate) mod dsp;
pub(crate) mod probe;
#[cfg(edge_thumb1)]
mod thumb;

#[cfg(edge_dsp)]
pub use dsp::requantize;
#[cfg(not(edge_thumb1))]
pub(crate) use portable::dots_s8;
#[cfg(not(edge_dsp))]
pub use portable::requantize;
#[cfg(edge_thumb1)]
pub(crate) use thumb::dots_s8;

mod portable {
    #[cfg(not(edge_thumb1))]
    use crate::kernels::FILTERS;
    #[cfg(not(edge_dsp))]
    use crate::quant::{Requant, requantize_reference};

    /// Nothing quicker than plain Rust here.
    #[cfg(not(edge_thumb1))]
    #[inline(always)]
    pub(crate) fn dots_s8(
        _sums: [i32; FILTERS],
        _x: &[i8],
        _filters: [&[i8]; FILTERS],
    ) -> Option<[i32; FILTERS]> {
        None
    }

    /// An accumulator becomes an output; see [`requantize_reference`].
    #[cfg(not(edge_dsp))]
    #[inline(always)]
    #[must_use]
    pub fn requantize(acc: i32, multiplier: i32, r: Requant) -> i8 {
        requantize_reference(acc, multiplier, r)
    }
}
