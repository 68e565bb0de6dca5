//! The build-time half of the arithmetic of graphs that arrive quantized: real factors, ranges and tables
//! become the integers that the kernels of [`edge_core::quant::exact`] take. Specified in
//! `docs/src/exact-arithmetic.md`.
//!
//! For `TFLite` float expressions keep the types and the order of operations of the reference: one bit in a
//! factor is one bit in an output. For ONNX factors are as near to the real ones as 31 bits can be. Sums that could
//! overflow are refused.

pub mod binary;
mod hard_swish;
pub mod lut;
pub mod multiplier;
pub mod pool;
pub mod reduce;
pub mod requant;
pub mod softmax;
pub mod unary;
pub mod weighted;
