//! The numbers that kernels need. Every field is decided at build time and is a constant in generated code.

mod binary;
mod dynamic;
mod linear_add;
mod movement;
mod packed;
mod packed_conv;
mod packed_fully_connected;
mod planar_depthwise;
mod recurrent;
mod unary;
mod weighted;
mod winograd;

pub use binary::*;
pub use dynamic::*;
pub use linear_add::*;
pub use movement::*;
pub use packed::*;
pub use packed_conv::*;
pub use packed_fully_connected::*;
pub use planar_depthwise::*;
pub use recurrent::*;
pub use unary::*;
pub use weighted::*;
pub use winograd::*;

use crate::quant::Requant;

/// Greatest rank of a tensor in kernels with free strides.
pub const MAX_RANK: usize = 6;

/// A window that slides over an NHWC image: convolution and pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window2d {
    /// Number of images.
    pub batch: usize,
    /// Input height.
    pub in_h: usize,
    /// Input width.
    pub in_w: usize,
    /// Input channels.
    pub in_c: usize,
    /// Output height.
    pub out_h: usize,
    /// Output width.
    pub out_w: usize,
    /// Output channels.
    pub out_c: usize,
    /// Window height.
    pub kernel_h: usize,
    /// Window width.
    pub kernel_w: usize,
    /// Vertical step.
    pub stride_h: usize,
    /// Horizontal step.
    pub stride_w: usize,
    /// Vertical distance of taps.
    pub dilation_h: usize,
    /// Horizontal distance of taps.
    pub dilation_w: usize,
    /// Rows of padding above.
    pub pad_top: usize,
    /// Columns of padding to the left.
    pub pad_left: usize,
}

/// Float convolution: weights `[out_c, kernel_h, kernel_w, in_c / groups]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conv2dF32 {
    /// Shapes and steps.
    pub window: Window2d,
    /// Number of groups; divides `in_c` and `out_c`.
    pub groups: usize,
    /// The result is clamped to `clamp[0]..=clamp[1]` (infinite where there is no limit).
    pub clamp: [f32; 2],
}

/// int8 convolution: weights `[out_c, kernel_h, kernel_w, in_c / groups]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dS8 {
    /// Shapes and steps.
    pub window: Window2d,
    /// Number of groups; divides `in_c` and `out_c`.
    pub groups: usize,
    /// What stands in the padding: the zero point of the input.
    pub pad_value: i8,
    /// How the accumulator becomes an output.
    pub requant: Requant,
}

/// Float depthwise convolution: weights `[kernel_h, kernel_w, out_c]`, `out_c = in_c · multiplier`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthwiseConv2dF32 {
    /// Shapes and steps.
    pub window: Window2d,
    /// Limits of the result.
    pub clamp: [f32; 2],
}

/// int8 depthwise convolution: weights `[kernel_h, kernel_w, out_c]`, `out_c = in_c · multiplier`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthwiseConv2dS8 {
    /// Shapes and steps.
    pub window: Window2d,
    /// What stands in the padding: the zero point of the input.
    pub pad_value: i8,
    /// How the accumulator becomes an output.
    pub requant: Requant,
}

/// Float transposed convolution: weights `[in_c, kernel_h, kernel_w, out_c / groups]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvTranspose2dF32 {
    /// Shapes and steps; pads are those of the output.
    pub window: Window2d,
    /// Number of groups.
    pub groups: usize,
    /// Limits of the result.
    pub clamp: [f32; 2],
}

/// Float fully connected layer: weights `[outputs, inputs]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FullyConnectedF32 {
    /// Rows of the input.
    pub batch: usize,
    /// Inputs of a row.
    pub inputs: usize,
    /// Outputs of a row.
    pub outputs: usize,
    /// Limits of the result.
    pub clamp: [f32; 2],
}

/// int8 fully connected layer: weights `[outputs, inputs]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullyConnectedS8 {
    /// Rows of the input.
    pub batch: usize,
    /// Inputs of a row.
    pub inputs: usize,
    /// Outputs of a row.
    pub outputs: usize,
    /// How the accumulator becomes an output.
    pub requant: Requant,
}

/// Product of two computed matrices, `[batch, rows, inner] × [batch, inner, columns]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatMul {
    /// Number of products.
    pub batch: usize,
    /// Rows of the first matrix.
    pub rows: usize,
    /// Columns of the first and rows of the second matrix.
    pub inner: usize,
    /// Columns of the second matrix.
    pub columns: usize,
    /// Elements from one second matrix to the next; 0 if all products share it.
    pub second_stride: usize,
}

/// Maximum over windows, any element type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool2d {
    /// Shapes and steps.
    pub window: Window2d,
}

/// Mean over windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AveragePool2dF32 {
    /// Shapes and steps.
    pub window: Window2d,
    /// Whether padding counts as zeros in the mean.
    pub count_pad: bool,
    /// Rows of padding below that count, for windows that reach over the edge.
    pub pad_bottom: usize,
    /// Columns of padding to the right that count.
    pub pad_right: usize,
}

/// int8 mean over windows. The multiplier for a window of `n` elements is `multipliers[n − 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AveragePool2dS8 {
    /// Shapes and steps.
    pub window: Window2d,
    /// Zero point of the input, taken off every element.
    pub input_zero: i32,
    /// Whether padding counts as zeros in the mean.
    pub count_pad: bool,
    /// Rows of padding below that count.
    pub pad_bottom: usize,
    /// Columns of padding to the right that count.
    pub pad_right: usize,
    /// How the sum becomes an output.
    pub requant: Requant,
}

/// What a reduction computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReduceKind {
    /// Sum.
    Sum,
    /// Arithmetic mean.
    Mean,
    /// Greatest element.
    Max,
    /// Least element.
    Min,
}

/// Reduction of the middle axis of `[outer, axis, inner]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduce {
    /// What is computed.
    pub kind: ReduceKind,
    /// Product of the dimensions before the axis.
    pub outer: usize,
    /// Elements reduced.
    pub axis: usize,
    /// Product of the dimensions behind the axis.
    pub inner: usize,
}

/// int8 sum or mean over the middle axis; `kind` is `Sum` or `Mean`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReduceS8 {
    /// Shapes; the multiplier holds the division of a mean.
    pub reduce: Reduce,
    /// Zero point of the input times `axis`, taken off the sum.
    pub sum_zero: i32,
    /// Multiplier of the sum.
    pub multiplier: i32,
    /// How the sum becomes an output.
    pub requant: Requant,
}

/// Functions of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UnaryFn {
    /// `clamp(x, lo, hi)`; ReLU is `Clip(0, ∞)`.
    Clip(f32, f32),
    /// `x` if `x ≥ 0`, else `alpha·x`.
    LeakyRelu(f32),
    /// `x` if `x > 0`, else `alpha·(eˣ − 1)`.
    Elu(f32),
    /// `gamma·x` if `x > 0`, else `gamma·alpha·(eˣ − 1)`: `Selu(alpha, gamma)`.
    Selu(f32, f32),
    /// `1 / (1 + e⁻ˣ)`.
    Sigmoid,
    /// `clamp(alpha·x + beta, 0, 1)`.
    HardSigmoid(f32, f32),
    /// `x · clamp(x/6 + 1/2, 0, 1)`.
    HardSwish,
    /// `x / (1 + e^(−alpha·x))`: Swish, `SiLU`.
    Swish(f32),
    /// Hyperbolic tangent.
    Tanh,
    /// `x · Φ(x)` by the error function.
    Gelu,
    /// GELU by its tanh approximation.
    GeluTanh,
    /// `ln(1 + eˣ)`.
    Softplus,
    /// `x / (1 + |x|)`.
    Softsign,
    /// `x · tanh(ln(1 + eˣ))`.
    Mish,
    /// `x` if `x > alpha`, else 0.
    ThresholdedRelu(f32),
    /// `scale·x + bias`.
    Affine(f32, f32),
    /// `x^exponent`.
    Power(f32),
    /// `base^x`: a constant to the power of the element.
    PowerOf(f32),
    /// `numerator / x`.
    DivideInto(f32),
    /// Absolute value.
    Abs,
    /// Error function.
    Erf,
    /// `eˣ`.
    Exp,
    /// Natural logarithm.
    Log,
    /// Square root.
    Sqrt,
    /// `1 / √x`.
    Rsqrt,
    /// Greatest integer not above.
    Floor,
    /// Least integer not below.
    Ceil,
    /// Nearest integer, halves to even.
    Round,
    /// −1, 0 or 1.
    Sign,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
}

/// Functions of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryKind {
    /// `a + b`.
    Add,
    /// `a − b`.
    Sub,
    /// `a · b`.
    Mul,
    /// `a / b`.
    Div,
    /// The lesser.
    Min,
    /// The greater.
    Max,
    /// `a^b`.
    Pow,
    /// `a` if `a ≥ 0`, else `a · b`: `PRelu` with slope `b`.
    PRelu,
}

/// How two tensors are walked together. Dimensions stand right-aligned; unused leading ones are 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broadcast {
    /// Shape of the result.
    pub shape: [usize; MAX_RANK],
    /// Strides of the first operand in elements; 0 where it is repeated.
    pub first: [usize; MAX_RANK],
    /// Strides of the second operand in elements; 0 where it is repeated.
    pub second: [usize; MAX_RANK],
}

/// Float element-wise function of two tensors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BinaryF32 {
    /// The function.
    pub kind: BinaryKind,
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// Limits of the result.
    pub clamp: [f32; 2],
}

/// int8 `Add`, `Sub`, `Min` or `Max`: both operands are scaled to `2^-shift` steps of the output,
/// `clamp((offset + f(a·first_multiplier, b·second_multiplier)) >> shift)`; zero points stand in `offset`
/// for sums and in `first_offset`, `second_offset` for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddS8 {
    /// `Add`, `Sub`, `Min` or `Max`.
    pub kind: BinaryKind,
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// Steps of the first operand in `2^-shift` output steps, |·| < 2²².
    pub first_multiplier: i32,
    /// `−zero_point · first_multiplier`.
    pub first_offset: i32,
    /// Steps of the second operand in `2^-shift` output steps, |·| < 2²².
    pub second_multiplier: i32,
    /// `−zero_point · second_multiplier`.
    pub second_offset: i32,
    /// Zero point of the output and rounding, as in [`Requant::offset`].
    pub offset: i32,
    /// Last shift, 0..=22.
    pub shift: u32,
}

/// int8 product of two tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MulS8 {
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// Zero point of the first operand.
    pub first_zero: i32,
    /// Zero point of the second operand.
    pub second_zero: i32,
    /// Multiplier of the product.
    pub multiplier: i32,
    /// How the product becomes an output.
    pub requant: Requant,
}

/// Softmax over the middle axis of `[outer, axis, inner]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softmax {
    /// Product of the dimensions before the axis.
    pub outer: usize,
    /// Elements that sum to one.
    pub axis: usize,
    /// Product of the dimensions behind the axis.
    pub inner: usize,
    /// Whether the natural logarithm of the result is wanted (float only).
    pub log: bool,
}

/// Copy with free strides: transpose, slice, concatenation, padding, expansion, tiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyStrided {
    /// Elements copied along each axis, right-aligned; unused leading ones are 1.
    pub shape: [usize; MAX_RANK],
    /// First element read.
    pub source_start: usize,
    /// Strides of the source in elements; may be negative or 0.
    pub source: [isize; MAX_RANK],
    /// First element written.
    pub target_start: usize,
    /// Strides of the target in elements.
    pub target: [usize; MAX_RANK],
}

/// Copy of whole rows by a table of row numbers: gather, nearest resize.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gather {
    /// Product of the dimensions before the axis.
    pub outer: usize,
    /// Rows along the axis in the source.
    pub axis: usize,
    /// Elements of a row.
    pub inner: usize,
}

/// Linear resize of an NHWC image; positions and weights are tables computed at build time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResizeLinear {
    /// Number of images.
    pub batch: usize,
    /// Input height.
    pub in_h: usize,
    /// Input width.
    pub in_w: usize,
    /// Output height.
    pub out_h: usize,
    /// Output width.
    pub out_w: usize,
    /// Channels.
    pub channels: usize,
}

/// int8 function of each element by a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableS8 {
    /// Number of elements.
    pub len: usize,
}

/// Bytes whose numbers change by 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recode {
    /// Number of elements.
    pub len: usize,
}

/// Every element set to one float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FillF32 {
    /// The float.
    pub value: f32,
}

/// Every element set to one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FillS8 {
    /// The byte.
    pub value: i8,
}

/// Scale and zero point between float and int8.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantize {
    /// Size of one step.
    pub scale: f32,
    /// The integer that stands for 0.0.
    pub zero_point: i32,
}
