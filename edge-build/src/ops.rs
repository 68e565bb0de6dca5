//! Operators: one file each with attributes, shape inference, quantization rule and lowering.
//!
//! [`Op`] is closed: a match on it is exhaustive, and a row of the table below that lacks a method of
//! [`Operator`] does not compile. To add an operator see `docs/src/adding-an-operator.md`.

pub mod arg_reduce;
pub mod average_pool2d;
pub mod binary;
pub mod cast;
pub mod compare;
pub mod concat;
pub mod conv2d;
pub mod conv_transpose2d;
pub mod cumsum;
pub mod depthwise_conv2d;
pub mod dequantize;
pub mod dynamic_quantize;
pub mod expand;
pub mod fully_connected;
pub mod gather;
pub mod gather_nd;
pub mod gru;
pub mod integer_conv2d;
pub mod integer_matmul;
pub mod logical;
pub mod lstm;
pub mod matmul;
pub mod max_pool2d;
mod moves;
pub mod normalize;
pub mod pad;
pub mod quantize;
pub mod recode;
pub mod recurrent;
pub mod reduce;
pub mod requantize;
pub mod reshape;
pub mod resize;
pub mod rnn;
pub mod select;
pub mod slice;
pub mod softmax;
pub mod squared_difference;
pub mod svdf;
pub mod table;
pub mod transpose;
pub mod unary;

pub use arg_reduce::ArgReduce;
pub use average_pool2d::{AveragePool2d, Sums};
pub use binary::Binary;
pub use cast::Cast;
pub use compare::Compare;
pub use concat::Concat;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv2d::{Conv2d, Sliding};
pub use cumsum::CumSum;
pub use depthwise_conv2d::DepthwiseConv2d;
pub use dequantize::Dequantize;
pub use dynamic_quantize::DynamicQuantize;
pub use expand::Expand;
pub use fully_connected::FullyConnected;
pub use gather::Gather;
pub use gather_nd::GatherNd;
pub use gru::Gru;
pub use integer_conv2d::IntegerConv2d;
pub use integer_matmul::IntegerMatMul;
pub use logical::{Logical, Not};
pub use lstm::Lstm;
pub use matmul::MatMul;
pub use max_pool2d::MaxPool2d;
pub use normalize::Normalize;
pub use pad::Pad;
pub use quantize::Quantize;
pub use recode::Recode;
pub use reduce::Reduce;
pub use requantize::Requantize;
pub use reshape::Reshape;
pub use resize::ResizeLinear;
pub use rnn::Rnn;
pub use select::Select;
pub use slice::Slice;
pub use softmax::Softmax;
pub use squared_difference::SquaredDifference;
pub use svdf::Svdf;
pub use table::Table;
pub use transpose::Transpose;
pub use unary::Unary;

use crate::ir::{QuantParams, TensorType};
use crate::lower::{LowerError, NodeLowering};

/// What the compiler asks of an operator.
pub trait Operator {
    /// Checks the inputs and gives the types of the outputs (without quantization).
    ///
    /// # Errors
    /// If the operator does not take such inputs.
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError>;

    /// Multiply-accumulate operations of one inference.
    fn macs(&self, inputs: &[&TensorType], outputs: &[&TensorType]) -> u64;

    /// Where the quantization of the output comes from when the network becomes int8.
    fn quant_rule(&self) -> QuantRule;

    /// Emits the steps that compute the outputs, in float or int8 as the types of the values say.
    ///
    /// # Errors
    /// If there is no kernel for these types.
    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError>;
}

/// Where the quantization of an output comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QuantRule {
    /// Input 1 is int8 weights with a scale per index of `axis`, input 2 an int32 bias; the output has its
    /// own range.
    Weighted {
        /// Axis of the weights that counts output channels.
        axis: usize,
    },
    /// The output has its own range.
    Calibrated,
    /// The output has the quantization of input 0.
    Same,
    /// All inputs and the output share one quantization.
    Unified,
    /// The output has this quantization whatever the data.
    Fixed(QuantParams),
    /// There is no int8 kernel.
    FloatOnly,
}

/// Inputs that an operator does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found}; {supported}")]
pub struct OpError {
    /// What stands in the model.
    pub found: String,
    /// What the operator takes.
    pub supported: String,
}

impl OpError {
    /// What was found and what is taken.
    pub fn new(found: impl Into<String>, supported: impl Into<String>) -> Self {
        Self {
            found: found.into(),
            supported: supported.into(),
        }
    }
}

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// An operator with its attributes.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Op { $($(#[$doc])* $name($name)),* }

        impl Op {
            /// Names of all operators, in the order of the table.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// Name of the operator.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($name)),* }
            }

            /// The questions of the compiler.
            #[must_use]
            pub fn operator(&self) -> &dyn Operator {
                match self { $(Self::$name(op) => op),* }
            }
        }

        $(impl From<$name> for Op {
            fn from(op: $name) -> Self { Self::$name(op) }
        })*
    };
}

/// Pattern of the operators that no phase looks into: passes leave them alone, and networks with them are not
/// quantized by us. The other operators are listed wherever a phase treats each in its own way.
macro_rules! opaque {
    () => {
        $crate::ops::Op::Recode(_)
            | $crate::ops::Op::ArgReduce(_)
            | $crate::ops::Op::CumSum(_)
            | $crate::ops::Op::GatherNd(_)
            | $crate::ops::Op::Requantize(_)
            | $crate::ops::Op::Table(_)
            | $crate::ops::Op::Cast(_)
            | $crate::ops::Op::Compare(_)
            | $crate::ops::Op::Logical(_)
            | $crate::ops::Op::Not(_)
            | $crate::ops::Op::Select(_)
            | $crate::ops::Op::SquaredDifference(_)
            | $crate::ops::Op::Normalize(_)
            | $crate::ops::Op::Gru(_)
            | $crate::ops::Op::Lstm(_)
            | $crate::ops::Op::Rnn(_)
            | $crate::ops::Op::Svdf(_)
            | $crate::ops::Op::DynamicQuantize(_)
            | $crate::ops::Op::IntegerConv2d(_)
            | $crate::ops::Op::IntegerMatMul(_)
    };
}
pub(crate) use opaque;

operators! {
    /// Convolution of an NHWC image, groups allowed; inputs: image, weights OHWI, bias.
    Conv2d,
    /// Convolution of each channel by itself; inputs: image, weights HWC, bias.
    DepthwiseConv2d,
    /// Transposed convolution; inputs: image, weights IHWO, bias.
    ConvTranspose2d,
    /// Rows times a constant matrix; inputs: `[rows, inputs]`, weights `[outputs, inputs]`, bias.
    FullyConnected,
    /// Product of two computed matrices.
    MatMul,
    /// Maximum over windows.
    MaxPool2d,
    /// Mean over windows.
    AveragePool2d,
    /// Sum, mean, maximum or minimum over one axis, which stays with length 1.
    Reduce,
    /// A function of each element.
    Unary,
    /// A function of two tensors with broadcasting.
    Binary,
    /// Softmax or log-softmax along an axis.
    Softmax,
    /// Tensors one behind the other along an axis.
    Concat,
    /// Constant padding.
    Pad,
    /// A part of a tensor, with steps.
    Slice,
    /// Axes in another order.
    Transpose,
    /// The same elements with another shape.
    Reshape,
    /// Repetition along axes of length 1.
    Expand,
    /// Rows picked by a constant list.
    Gather,
    /// Linear resize of an NHWC image.
    ResizeLinear,
    /// Float to int8 or 16-bit integers.
    Quantize,
    /// int8 or 16-bit integers to float.
    Dequantize,
    /// int8 rows divided by their length.
    Normalize,
    /// Signed bytes as unsigned ones, or the other way.
    Recode,
    /// Floats as bytes, with the scale and the zero point that fit them.
    DynamicQuantize,
    /// Convolution of bytes to sums; inputs: image, its zero point, weights OHWI.
    IntegerConv2d,
    /// Product of matrices of bytes to sums; inputs: both matrices, both zero points.
    IntegerMatMul,
    /// Where the greatest or least element along an axis stands.
    ArgReduce,
    /// Running sums along an axis.
    CumSum,
    /// Rows picked by computed indices.
    GatherNd,
    /// Quantized numbers in another scale, or another element type.
    Requantize,
    /// Any function of a byte.
    Table,
    /// Gated recurrent units.
    Gru,
    /// Long short-term memory.
    Lstm,
    /// A plain recurrent layer.
    Rnn,
    /// A layer that remembers the features of the last inputs.
    Svdf,
    /// The same numbers in another element type.
    Cast,
    /// Comparison of two tensors with broadcasting.
    Compare,
    /// A function of two tensors of truth values with broadcasting.
    Logical,
    /// The other truth value of each element.
    Not,
    /// Elements of two tensors by a condition.
    Select,
    /// The squared difference of two tensors of integers.
    SquaredDifference,
}
