//! Reference kernels: plain safe Rust, one file per operator family, the oracle of every faster kernel.
//!
//! A kernel takes its parameters, its inputs, its constants and last the output it writes. `_in_place` twins
//! read their first input from where they write. Names follow `<op>[_<variant>]_<dtype>`.
//!
//! Two rules shape the code. No panic path: windows of slices are taken by `get`, which yields an empty slice
//! where verified parameters cannot lead. And quick without optimiser: build scripts and macros run these
//! kernels unoptimised, so inner loops are `while` loops over slices, not towers of iterators.

pub mod arg_reduce;
pub mod binary;
pub mod binary_exact;
pub mod border;
pub mod cast;
pub mod compare;
pub mod conv;
pub mod conv_transpose;
pub mod copy;
pub mod cumsum;
pub mod depthwise;
pub mod fully_connected;
pub mod gather;
pub mod gru;
pub mod integer;
pub mod integers;
pub mod lstm;
pub mod matmul;
pub mod normalize;
pub mod packed;
pub mod partial;
pub mod pool;
pub mod pool_quantized;
pub mod quantize;
pub mod recode;
pub mod reduce;
pub mod requantize;
pub mod resize;
pub mod softmax;
pub mod softmax_exact;
pub mod svdf;
pub mod table;
pub mod unary;
pub mod unary_s16;

mod dot;
pub(crate) use dot::FILTERS;
pub mod dynamic;
mod exact_layer;
mod lanes;
mod layer;
mod pairs;
mod products;
mod sequence;
mod slices;
mod walk;
mod window;
