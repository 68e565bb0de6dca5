//! Model files become graphs.
//!
//! Both formats share the builder, the folding of constants and the way in which problems are told. A graph says
//! what its integers mean ([`crate::ir::Arithmetic`]): those of a quantized `TFLite` file what its reference kernels
//! compute, those of a quantized ONNX file the real number rounded once. Integers of any other graph are ours.

mod builder;
mod bytes;
mod floats;
mod fold;
pub mod onnx;
mod problem;
mod sniff;
pub mod tflite;

use crate::diag::Diagnostics;
use crate::ir::{Graph, Tensor};
use crate::options::Options;
use crate::source::Source;
use sniff::Format;

/// Reads a model file.
///
/// # Errors
/// All that is wrong with the file.
pub fn run(source: &Source, options: &Options) -> Result<Graph, Diagnostics> {
    match sniff::check(source)? {
        Format::Onnx => onnx::run(source, options),
        Format::TfLite => tflite::run(source, options),
    }
}

/// The integers of a constant; `None` if it holds floats.
fn integers(tensor: &Tensor) -> Option<Vec<i64>> {
    match tensor {
        Tensor::F32(_) => None,
        Tensor::I8(a) => Some(a.iter().map(|&x| x.into()).collect()),
        Tensor::U8(a) => Some(a.iter().map(|&x| x.into()).collect()),
        Tensor::I16(a) => Some(a.iter().map(|&x| x.into()).collect()),
        Tensor::I32(a) => Some(a.iter().map(|&x| x.into()).collect()),
        Tensor::I64(a) => Some(a.iter().copied().collect()),
        Tensor::Bool(a) => Some(a.iter().map(|&x| x.into()).collect()),
    }
}
