//! Kernels for weights that the compiler packed in the order in which they are eaten.
//!
//! Each is a variant of a reference kernel and yields the same bits. On cores with the DSP extension the loops are
//! the assembly in `crate::arch::dsp`; elsewhere plain Rust reads the same weights, so that a network compiled for
//! such a core can be tested on any machine. Accumulators become outputs by `requant::finish`.
//!
//! Operands in cells may overlap: a kernel reads what it needs before it writes over it, as far as the memory
//! plan was told.

pub mod conv;
pub mod fully_connected;
pub mod linear_add;
pub mod planar_depthwise;
pub mod winograd;

mod requant;
