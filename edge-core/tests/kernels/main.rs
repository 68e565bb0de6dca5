//! Every kernel against a naive implementation of its contract: loops over all indices, exact integers,
//! floats in double precision.

#![allow(
    clippy::expect_used,
    clippy::float_cmp,
    clippy::needless_range_loop,
    clippy::panic,
    unreachable_pub,
    reason = "a test may panic, exact floats are meant where they are compared, indices follow the formulas"
)]

mod binary;
mod binary_exact;
mod compare;
mod conv;
mod conv_transpose;
mod depthwise;
mod dynamic;
mod exact_layers;
mod fixed_point;
mod matmul;
mod movement;
mod numbers;
mod places;
mod pool;
mod pool_quantized;
mod quantize;
mod recurrent;
mod reduce;
mod requantize;
mod rescale;
mod resize;
mod scale;
mod softmax;
mod softmax_exact;
mod tables16;
mod unary;
mod unary_s16;
mod windows;
