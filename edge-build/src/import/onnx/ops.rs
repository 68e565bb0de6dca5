//! The table of operators: one row each, sorted by name.

use super::node::NodeCx;
use super::{
    binary, constants, conv, matmul, normalization, pad, pool, quantized, recurrent, reduce,
    resize, select, shape, unary,
};
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};
use std::cmp::Ordering;

/// Reads a node: what is known of its outputs, in their order.
pub(super) type Read = fn(&mut NodeCx<'_>) -> Result<Vec<Datum>, Problem>;

/// The reader of an operator of a domain.
pub(super) fn reader(domain: Option<&str>, op_type: &str) -> Option<Read> {
    let table = match domain {
        None | Some("" | "ai.onnx") => OPERATORS,
        Some("com.microsoft") => MICROSOFT,
        Some(_) => return None,
    };
    let index = table
        .binary_search_by(|(name, _)| name.cmp(&op_type))
        .ok()?;
    table.get(index).map(|(_, read)| *read)
}

/// Names of all operators, sorted.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    OPERATORS.iter().map(|(name, _)| *name)
}

/// Names of all operators of onnxruntime's own domain, sorted.
pub(super) fn names_of_onnxruntime() -> impl Iterator<Item = &'static str> {
    MICROSOFT.iter().map(|(name, _)| *name)
}

const OPERATORS: &[(&str, Read)] = &[
    ("Abs", unary::abs),
    ("Add", |cx| binary::two(cx, BinaryKind::Add)),
    ("And", |cx| constants::logic(cx, |a, b| a && b)),
    ("AveragePool", pool::average_pool),
    ("BatchNormalization", normalization::batch),
    ("Cast", constants::cast),
    ("CastLike", constants::cast_like),
    ("Ceil", |cx| unary::apply(cx, &[UnaryFn::Ceil])),
    ("Celu", unary::celu),
    ("Clip", unary::clip),
    ("Concat", select::concat),
    ("Constant", constants::constant),
    ("ConstantOfShape", constants::constant_of_shape),
    ("Conv", conv::conv),
    ("ConvInteger", quantized::conv_integer),
    ("ConvTranspose", conv::conv_transpose),
    ("Cos", |cx| unary::apply(cx, &[UnaryFn::Cos])),
    ("DepthToSpace", shape::depth_to_space),
    ("DequantizeLinear", quantized::dequantize_linear),
    ("Div", |cx| binary::two(cx, BinaryKind::Div)),
    ("Dropout", normalization::dropout),
    ("DynamicQuantizeLinear", quantized::quantize_dynamic),
    ("Elu", unary::elu),
    ("Equal", |cx| constants::compare(cx, Ordering::is_eq)),
    ("Erf", |cx| unary::apply(cx, &[UnaryFn::Erf])),
    ("Exp", |cx| unary::apply(cx, &[UnaryFn::Exp])),
    ("Expand", select::expand),
    ("Flatten", shape::flatten),
    ("Floor", |cx| unary::apply(cx, &[UnaryFn::Floor])),
    ("GRU", recurrent::gru),
    ("Gather", select::gather),
    ("Gelu", unary::gelu),
    ("Gemm", matmul::gemm),
    ("GlobalAveragePool", |cx| pool::global(cx, ReduceKind::Mean)),
    ("GlobalMaxPool", |cx| pool::global(cx, ReduceKind::Max)),
    ("Greater", |cx| constants::compare(cx, Ordering::is_gt)),
    ("GreaterOrEqual", |cx| {
        constants::compare(cx, Ordering::is_ge)
    }),
    ("GroupNormalization", normalization::group),
    ("HardSigmoid", unary::hard_sigmoid),
    ("HardSwish", |cx| unary::apply(cx, &[UnaryFn::HardSwish])),
    ("Identity", shape::identity),
    ("InstanceNormalization", normalization::instance),
    ("LSTM", recurrent::lstm),
    ("LayerNormalization", normalization::layer),
    ("LeakyRelu", unary::leaky_relu),
    ("Less", |cx| constants::compare(cx, Ordering::is_lt)),
    ("LessOrEqual", |cx| constants::compare(cx, Ordering::is_le)),
    ("Log", |cx| unary::apply(cx, &[UnaryFn::Log])),
    ("LogSoftmax", |cx| normalization::softmax(cx, true)),
    ("LpNormalization", normalization::lp),
    ("MatMul", matmul::matmul),
    ("MatMulInteger", quantized::matmul_integer),
    ("Max", |cx| binary::chain(cx, BinaryKind::Max)),
    ("MaxPool", pool::max_pool),
    ("Mean", binary::mean),
    ("Min", |cx| binary::chain(cx, BinaryKind::Min)),
    ("Mish", |cx| unary::apply(cx, &[UnaryFn::Mish])),
    ("Mod", constants::modulo),
    ("Mul", |cx| binary::two(cx, BinaryKind::Mul)),
    ("Neg", unary::neg),
    ("Not", constants::not),
    ("Or", |cx| constants::logic(cx, |a, b| a || b)),
    ("PRelu", binary::prelu),
    ("Pad", pad::pad),
    ("Pow", |cx| binary::two(cx, BinaryKind::Pow)),
    ("QLinearConv", quantized::conv),
    ("QLinearMatMul", quantized::matmul),
    ("QuantizeLinear", quantized::quantize_linear),
    ("RMSNormalization", normalization::root_mean),
    ("RNN", recurrent::rnn),
    ("Range", constants::range),
    ("Reciprocal", |cx| {
        unary::apply(cx, &[UnaryFn::DivideInto(1.0)])
    }),
    ("ReduceL1", |cx| {
        reduce::between(cx, &[UnaryFn::Abs], ReduceKind::Sum, &[])
    }),
    ("ReduceL2", |cx| {
        reduce::between(
            cx,
            &[UnaryFn::Power(2.0)],
            ReduceKind::Sum,
            &[UnaryFn::Sqrt],
        )
    }),
    ("ReduceLogSum", |cx| {
        reduce::between(cx, &[], ReduceKind::Sum, &[UnaryFn::Log])
    }),
    ("ReduceLogSumExp", reduce::log_sum_exp),
    ("ReduceMax", |cx| {
        reduce::between(cx, &[], ReduceKind::Max, &[])
    }),
    ("ReduceMean", |cx| {
        reduce::between(cx, &[], ReduceKind::Mean, &[])
    }),
    ("ReduceMin", |cx| {
        reduce::between(cx, &[], ReduceKind::Min, &[])
    }),
    ("ReduceProd", reduce::prod),
    ("ReduceSum", |cx| {
        reduce::between(cx, &[], ReduceKind::Sum, &[])
    }),
    ("ReduceSumSquare", |cx| {
        reduce::between(cx, &[UnaryFn::Power(2.0)], ReduceKind::Sum, &[])
    }),
    ("Relu", |cx| unary::apply(cx, &[unary::RELU])),
    ("Reshape", shape::reshape),
    ("Resize", resize::resize),
    ("Round", |cx| unary::apply(cx, &[UnaryFn::Round])),
    ("Selu", unary::selu),
    ("Shape", shape::shape),
    ("Sigmoid", |cx| unary::apply(cx, &[UnaryFn::Sigmoid])),
    ("Sign", |cx| unary::apply(cx, &[UnaryFn::Sign])),
    ("Sin", |cx| unary::apply(cx, &[UnaryFn::Sin])),
    ("Size", shape::size),
    ("Slice", select::slice),
    ("Softmax", |cx| normalization::softmax(cx, false)),
    ("Softplus", |cx| unary::apply(cx, &[UnaryFn::Softplus])),
    ("Softsign", |cx| unary::apply(cx, &[UnaryFn::Softsign])),
    ("SpaceToDepth", shape::space_to_depth),
    ("Split", select::split),
    ("Sqrt", |cx| unary::apply(cx, &[UnaryFn::Sqrt])),
    ("Squeeze", shape::squeeze),
    ("Sub", |cx| binary::two(cx, BinaryKind::Sub)),
    ("Sum", |cx| binary::chain(cx, BinaryKind::Add)),
    ("Swish", unary::swish),
    ("Tanh", |cx| unary::apply(cx, &[UnaryFn::Tanh])),
    ("ThresholdedRelu", unary::thresholded_relu),
    ("Tile", select::tile),
    ("Transpose", shape::transpose),
    ("Unsqueeze", shape::unsqueeze),
    ("Upsample", resize::upsample),
    ("Where", constants::select),
    ("Xor", |cx| constants::logic(cx, |a, b| a != b)),
];

/// Operators that onnxruntime adds.
const MICROSOFT: &[(&str, Read)] = &[
    ("DequantizeLinear", quantized::dequantize_linear),
    ("DynamicQuantizeMatMul", quantized::quantized_matmul),
    ("Gelu", unary::gelu),
    ("MatMulIntegerToFloat", quantized::matmul_to_float),
    ("QGemm", quantized::gemm),
    ("QLinearAdd", |cx| quantized::binary(cx, BinaryKind::Add)),
    ("QLinearAveragePool", quantized::average_pool),
    ("QLinearConcat", quantized::concat),
    ("QLinearConv", quantized::conv),
    ("QLinearGlobalAveragePool", quantized::global_average_pool),
    ("QLinearLeakyRelu", quantized::leaky_relu),
    ("QLinearMul", |cx| quantized::binary(cx, BinaryKind::Mul)),
    ("QLinearReduceMean", quantized::reduce_mean),
    ("QLinearSigmoid", quantized::sigmoid),
    ("QLinearSoftmax", quantized::softmax),
    ("QuantizeLinear", quantized::quantize_linear),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        let all: Vec<_> = names().collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
        assert!(MICROSOFT.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(reader(None, "Conv").is_some());
        assert!(reader(Some("com.microsoft"), "QGemm").is_some());
        assert!(reader(Some("com.microsoft"), "Conv").is_none());
        assert!(reader(None, "Loop").is_none());
    }
}
