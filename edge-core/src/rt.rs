//! What generated code may name. Not for use by hand: it changes with the compiler, in lock step.
#![doc(hidden)]

pub use crate::arch::arena::{Aligned, Arena, constant};
pub use crate::arch::probe::{region_begin, region_end, step_begin, step_end};
pub use crate::kernels::{
    arg_reduce::*, binary::*, border::*, conv::*, conv_transpose::*, copy::*, cumsum::*,
    depthwise::*, fully_connected::*, gather::*, gru::*, lstm::*, matmul::*, normalize::*, pool::*,
    pool_quantized::*, quantize::*, recode::*, reduce::*, resize::*, softmax::*, softmax_exact::*,
    svdf::*, table::*, unary::*, unary_s16::*,
};
pub use crate::kernels::{
    binary_exact::*, cast::*, compare::*, dynamic::*, integers::*, packed::conv::*,
    packed::fully_connected::*, packed::linear_add::*,
    packed::planar_depthwise::planar_depthwise_s8, packed::winograd::*, partial::*, requantize::*,
};
pub use crate::model::*;
pub use crate::params::*;
pub use crate::quant::lut::TableScale;
pub use crate::quant::{QuantParams, Requant, Rounding, Scale};
