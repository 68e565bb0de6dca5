//! The build-time half of the arithmetic of graphs that arrive quantized: real factors, ranges and tables
//! become the integers that the kernels of [`edge_core::quant::exact`] take.
//!
//! Float expressions keep the types and the order of operations of the reference: one bit in a factor
//! is one bit in an output.

pub mod lut;
pub mod multiplier;
