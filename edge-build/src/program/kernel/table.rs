//! The rows: a doc comment, the variant with its parameters, the function with its operands.

use crate::program::element::Element;
use crate::program::operands::{OperandError, Operands};
use crate::program::tokens::ToTokens;
use edge_core::{params, rt};
use proc_macro2::TokenStream;

kernels! {
    /// Float convolution.
    Conv2dF32(params::Conv2dF32) = conv2d_f32(x: f32; weights: f32, bias: f32) -> f32;
    /// int8 convolution; one bias and one multiplier per output channel.
    Conv2dS8(params::Conv2dS8) = conv2d_s8(x: i8; weights: i8, bias: i32, multipliers: i32) -> i8;
    /// Float depthwise convolution.
    DepthwiseConv2dF32(params::DepthwiseConv2dF32) = depthwise_conv2d_f32(x: f32; weights: f32, bias: f32) -> f32;
    /// int8 depthwise convolution; one bias and one multiplier per output channel.
    DepthwiseConv2dS8(params::DepthwiseConv2dS8) = depthwise_conv2d_s8(x: i8; weights: i8, bias: i32, multipliers: i32) -> i8;
    /// int8 depthwise convolution of 3×3 by planes; weights by channel, a record per channel.
    PlanarDepthwiseS8(params::PlanarDepthwise) = planar_depthwise_s8(
        x: i8; weights: i8, channels: i32; scratch i32
    ) -> i8, over x;
    /// Float transposed convolution.
    ConvTranspose2dF32(params::ConvTranspose2dF32) = conv_transpose2d_f32(x: f32; weights: f32, bias: f32) -> f32;
    /// Float fully connected layer.
    FullyConnectedF32(params::FullyConnectedF32) = fully_connected_f32(x: f32; weights: f32, bias: f32) -> f32;
    /// int8 fully connected layer; one bias and one multiplier per output.
    FullyConnectedS8(params::FullyConnectedS8) = fully_connected_s8(x: i8; weights: i8, bias: i32, multipliers: i32) -> i8;
    /// int8 convolution; weights of pairs of channels, a record per output channel.
    PackedConv2dS8(params::PackedConv2d) = packed_conv2d_s8(
        x: i8; weights: i8, channels: i32; scratch i16
    ) -> i8, over x;
    /// int8 convolution by 16-bit weights of pairs of channels, a record per output channel.
    PackedConv2dS8W16(params::PackedConv2d) = packed_conv2d_s8w16(
        x: i8; weights: i16, channels: i32; scratch i16
    ) -> i8, over x;
    /// A piece of an int8 fully connected layer: the sums of its outputs so far, and with its products.
    AddProductsS8(params::AddProducts) = add_products_s8(x: i8, sums: i32; weights: i8) -> i32;
    /// int8 outputs from the sums of a fully connected layer.
    ScaleSumsS8(edge_core::quant::Requant) = scale_sums_s8(sums: i32; multipliers: i32) -> i8;
    /// int8 outputs from the sums of a fully connected layer of a graph that arrives quantized.
    ScaleSumsExactS8(params::ExactOutput) = scale_sums_exact_s8(sums: i32; multipliers: i32, shifts: i8) -> i8;
    /// int8 fully connected layer; weights, biases and scales in one stream.
    PackedFullyConnectedS8(params::PackedFullyConnected) = packed_fully_connected_s8(x: i8; weights: i32) -> i8;
    /// int8 convolution of 3×3 by transformed weights, a record per output channel.
    WinogradConv2dS8(params::WinogradConv2d) = winograd_conv2d_s8(
        x: i8; weights: i16, channels: i32; scratch i32
    ) -> i8, over x;
    /// Product of two computed float matrices.
    MatMulF32(params::MatMul) = matmul_f32(a: f32, b: f32;) -> f32;
    /// Convolution, exact int8; one bias, multiplier and shift per output channel.
    Conv2dExactS8(params::Conv2dExact) = conv2d_exact(x: i8; weights: i8, bias: i32, multipliers: i32, shifts: i8) -> i8;
    /// Convolution, exact int8 by 16-bit weights; one bias, multiplier and shift per output channel.
    Conv2dExactS8W16(params::Conv2dExact) = conv2d_exact(x: i8; weights: i16, bias: i32, multipliers: i32, shifts: i8) -> i8;
    /// Convolution, exact 16x8; one bias, multiplier and shift per output channel.
    Conv2dExactS16(params::Conv2dExact) = conv2d_exact(x: i16; weights: i8, bias: i64, multipliers: i32, shifts: i8) -> i16;
    /// Convolution, exact 16x8 with sums of 32 bits; one bias, multiplier and shift per output channel.
    Conv2dExactS16B32(params::Conv2dExact) = conv2d_exact(x: i16; weights: i8, bias: i32, multipliers: i32, shifts: i8) -> i16;
    /// Depthwise convolution, exact int8; one bias, multiplier and shift per output channel.
    DepthwiseConv2dExactS8(params::DepthwiseConv2dExact) = depthwise_conv2d_exact(x: i8; weights: i8, bias: i32, multipliers: i32, shifts: i8) -> i8;
    /// Depthwise convolution, exact int8 by 16-bit weights; one bias, multiplier and shift per output channel.
    DepthwiseConv2dExactS8W16(params::DepthwiseConv2dExact) = depthwise_conv2d_exact(x: i8; weights: i16, bias: i32, multipliers: i32, shifts: i8) -> i8;
    /// Depthwise convolution, exact 16x8; one bias, multiplier and shift per output channel.
    DepthwiseConv2dExactS16(params::DepthwiseConv2dExact) = depthwise_conv2d_exact(x: i16; weights: i8, bias: i64, multipliers: i32, shifts: i8) -> i16;
    /// Depthwise convolution, exact 16x8 with sums of 32 bits; one bias, multiplier and shift per output channel.
    DepthwiseConv2dExactS16B32(params::DepthwiseConv2dExact) = depthwise_conv2d_exact(x: i16; weights: i8, bias: i32, multipliers: i32, shifts: i8) -> i16;
    /// Transposed convolution, exact int8; one bias, multiplier and shift per output channel.
    ConvTranspose2dExactS8(params::ConvTranspose2dExact) = conv_transpose2d_exact(x: i8; weights: i8, bias: i32, multipliers: i32, shifts: i8) -> i8;
    /// Transposed convolution, exact int8 by 16-bit weights; one bias, multiplier and shift per output channel.
    ConvTranspose2dExactS8W16(params::ConvTranspose2dExact) = conv_transpose2d_exact(x: i8; weights: i16, bias: i32, multipliers: i32, shifts: i8) -> i8;
    /// Transposed convolution, exact 16x8; one bias, multiplier and shift per output channel.
    ConvTranspose2dExactS16(params::ConvTranspose2dExact) = conv_transpose2d_exact(x: i16; weights: i8, bias: i64, multipliers: i32, shifts: i8) -> i16;
    /// Transposed convolution, exact 16x8 with sums of 32 bits; one bias, multiplier and shift per output channel.
    ConvTranspose2dExactS16B32(params::ConvTranspose2dExact) = conv_transpose2d_exact(x: i16; weights: i8, bias: i32, multipliers: i32, shifts: i8) -> i16;
    /// Fully connected layer, exact int8; one bias, multiplier and shift per output channel.
    FullyConnectedExactS8(params::FullyConnectedExact) = fully_connected_exact(x: i8; weights: i8, bias: i32, multipliers: i32, shifts: i8) -> i8;
    /// Fully connected layer, exact int8 by 16-bit weights; one bias, multiplier and shift per output channel.
    FullyConnectedExactS8W16(params::FullyConnectedExact) = fully_connected_exact(x: i8; weights: i16, bias: i32, multipliers: i32, shifts: i8) -> i8;
    /// Fully connected layer, exact 16x8; one bias, multiplier and shift per output channel.
    FullyConnectedExactS16(params::FullyConnectedExact) = fully_connected_exact(x: i16; weights: i8, bias: i64, multipliers: i32, shifts: i8) -> i16;
    /// Fully connected layer, exact 16x8 with sums of 32 bits; one bias, multiplier and shift per output channel.
    FullyConnectedExactS16B32(params::FullyConnectedExact) = fully_connected_exact(x: i16; weights: i8, bias: i32, multipliers: i32, shifts: i8) -> i16;
    /// Product of two computed matrices, exact int8.
    MatMulExactS8(params::MatMulExact) = matmul_exact(a: i8, b: i8;) -> i8;
    /// Product of two computed matrices, exact int16.
    MatMulExactS16(params::MatMulExact) = matmul_exact(a: i16, b: i16;) -> i16;
    /// Float maximum over windows.
    MaxPool2dF32(params::MaxPool2d) = max_pool2d_f32(x: f32;) -> f32;
    /// int8 maximum over windows.
    MaxPool2dS8(params::MaxPool2d) = max_pool2d_s8(x: i8;) -> i8;
    /// Float mean over windows.
    AveragePool2dF32(params::AveragePool2dF32) = average_pool2d_f32(x: f32;) -> f32;
    /// int8 mean over windows; one multiplier per number of elements.
    AveragePool2dS8(params::AveragePool2dS8) = average_pool2d_s8(x: i8; multipliers: i32) -> i8;
    /// Float reduction of one axis.
    ReduceF32(params::Reduce) = reduce_f32(x: f32;) -> f32;
    /// int8 sum or mean of one axis.
    ReduceSumS8(params::ReduceS8) = reduce_sum_s8(x: i8;) -> i8;
    /// int8 maximum or minimum of one axis; the quantization stays.
    ReduceMaxS8(params::Reduce) = reduce_max_s8(x: i8;) -> i8;
    /// Sum or mean of int8 numbers along one axis, rounded as the file format defines it.
    ReduceSumExactS8(params::ReduceExact) = reduce_sum_exact_s8(x: i8;) -> i8;
    /// Sum or mean of 16-bit numbers along one axis, rounded as the file format defines it.
    ReduceSumExactS16(params::ReduceExact) = reduce_sum_exact_s16(x: i16;) -> i16;
    /// 16-bit maximum or minimum of one axis; the quantization stays.
    ReduceMaxS16(params::Reduce) = reduce_max_s16(x: i16;) -> i16;
    /// Where the extreme of floats stands, in 32 bits.
    ArgReduceF32ToS32(params::ArgReduce) = arg_reduce(x: f32;) -> i32;
    /// Where the extreme of floats stands, in 64 bits.
    ArgReduceF32ToS64(params::ArgReduce) = arg_reduce(x: f32;) -> i64;
    /// Where the extreme of bytes stands, in 32 bits.
    ArgReduceS8ToS32(params::ArgReduce) = arg_reduce(x: i8;) -> i32;
    /// Where the extreme of bytes stands, in 64 bits.
    ArgReduceS8ToS64(params::ArgReduce) = arg_reduce(x: i8;) -> i64;
    /// Where the extreme of 16-bit integers stands, in 32 bits.
    ArgReduceS16ToS32(params::ArgReduce) = arg_reduce(x: i16;) -> i32;
    /// Where the extreme of 16-bit integers stands, in 64 bits.
    ArgReduceS16ToS64(params::ArgReduce) = arg_reduce(x: i16;) -> i64;
    /// Where the extreme of 32-bit integers stands, in 32 bits.
    ArgReduceS32ToS32(params::ArgReduce) = arg_reduce(x: i32;) -> i32;
    /// Where the extreme of 32-bit integers stands, in 64 bits.
    ArgReduceS32ToS64(params::ArgReduce) = arg_reduce(x: i32;) -> i64;
    /// Running sums of floats along one axis.
    CumSumF32(params::CumSum) = cumsum_f32(x: f32;) -> f32;
    /// Running sums of int8 numbers along one axis.
    CumSumS8(params::CumSumS8) = cumsum_s8(x: i8;) -> i8;
    /// Float plain recurrent layer.
    RnnF32(params::RnnF32) = rnn_f32(x: f32, h: f32; weights: f32, recurrent: f32, bias: f32) -> f32;
    /// Float gated recurrent units, the reset gate ahead of the recurrent weights.
    GruF32(params::GruF32) = gru_f32(
        x: f32, h: f32; weights: f32, recurrent: f32, bias: f32; scratch f32
    ) -> f32;
    /// Float gated recurrent units, the reset gate behind the recurrent weights.
    GruLinearF32(params::GruF32) = gru_linear_f32(
        x: f32, h: f32; weights: f32, recurrent: f32, bias: f32
    ) -> f32;
    /// Float long short-term memory.
    LstmF32(params::LstmF32) = lstm_f32(
        x: f32, h: f32; weights: f32, recurrent: f32, bias: f32; scratch f32
    ) -> f32;
    /// Float long short-term memory with peepholes.
    LstmPeepholeF32(params::LstmF32) = lstm_peephole_f32(
        x: f32, h: f32; weights: f32, recurrent: f32, bias: f32, peepholes: f32; scratch f32
    ) -> f32;
    /// Long short-term memory of int8 numbers with a cell of 16 bits.
    LstmExactS8(params::LstmExact) = lstm_exact(
        x: i8, h: i8; weights: i8, recurrent: i8, bias: i32, hidden_bias: i32; scratch i16
    ) -> i8;
    /// Long short-term memory of 16-bit numbers.
    LstmExactS16(params::LstmExact) = lstm_exact(
        x: i16, h: i16; weights: i8, recurrent: i8, bias: i64, hidden_bias: i64; scratch i16
    ) -> i16;
    /// Float layer that remembers features.
    SvdfF32(params::SvdfF32) = svdf_f32(
        x: f32; features: f32, time: f32, bias: f32; scratch f32
    ) -> f32;
    /// int8 layer that remembers features in 8 bits.
    SvdfS8(params::SvdfExact) = svdf_exact(
        x: i8; features: i8, sums: i32, time: i8, bias: i32; scratch i8
    ) -> i8;
    /// int8 layer that remembers features in 16 bits.
    SvdfS16(params::SvdfExact) = svdf_exact(
        x: i8; features: i8, sums: i32, time: i16, bias: i32; scratch i16
    ) -> i8;
    /// Float function of each element.
    UnaryF32(params::UnaryFn) = unary_f32(x: f32;) -> f32, in place unary_f32_in_place;
    /// int8 function of each element by a table of 256 outputs, indexed by `input + 128`.
    TableS8(params::TableS8) = table_s8(x: i8; table: i8) -> i8, in place table_s8_in_place;
    /// Float function of two tensors.
    BinaryF32(params::BinaryF32) = binary_f32(a: f32, b: f32;) -> f32, in place binary_f32_in_place;
    /// int8 sum, difference, maximum or minimum of two tensors.
    AddS8(params::AddS8) = add_s8(a: i8, b: i8;) -> i8, in place add_s8_in_place;
    /// int8 sum of two tensors of one shape as a linear form.
    LinearAddS8(params::LinearAdd) = linear_add_s8(a: i8, b: i8;) -> i8, in place linear_add_s8_in_place;
    /// int8 product of two tensors.
    MulS8(params::MulS8) = mul_s8(a: i8, b: i8;) -> i8, in place mul_s8_in_place;
    /// Sum, difference or squared difference as `TFLite` computes it.
    AddExactS8(params::AddExact) = add_exact(a: i8, b: i8;) -> i8, in place add_exact_in_place;
    /// The same of 16-bit integers.
    AddExactS16(params::AddExact) = add_exact(a: i16, b: i16;) -> i16, in place add_exact_in_place;
    /// Sum, difference, minimum or maximum, rounded once.
    AddOnceS8(params::AddOnce) = add_once(a: i8, b: i8;) -> i8, in place add_once_in_place;
    /// The same of 16-bit integers.
    AddOnceS16(params::AddOnce) = add_once(a: i16, b: i16;) -> i16, in place add_once_in_place;
    /// Product in the arithmetic of a file format.
    MulExactS8(params::MulExact) = mul_exact(a: i8, b: i8;) -> i8, in place mul_exact_in_place;
    /// The same of 16-bit integers.
    MulExactS16(params::MulExact) = mul_exact(a: i16, b: i16;) -> i16, in place mul_exact_in_place;
    /// Quotient in the arithmetic of a file format.
    DivExactS8(params::MulExact) = div_exact(a: i8, b: i8;) -> i8, in place div_exact_in_place;
    /// The same of 16-bit integers.
    DivExactS16(params::MulExact) = div_exact(a: i16, b: i16;) -> i16, in place div_exact_in_place;
    /// `PReLU` in the arithmetic of a file format.
    PReluExactS8(params::PReluExact) = prelu_exact(x: i8, slope: i8;) -> i8, in place prelu_exact_in_place;
    /// The same of 16-bit integers with slopes of 8.
    PReluExactS16(params::PReluExact) = prelu_exact(x: i16, slope: i8;) -> i16, in place prelu_exact_in_place;
    /// Minimum or maximum of numbers of one scale.
    ChooseS8(params::Choose) = choose(a: i8, b: i8;) -> i8, in place choose_in_place;
    /// The same of 16-bit integers.
    ChooseS16(params::Choose) = choose(a: i16, b: i16;) -> i16, in place choose_in_place;
    /// The same of 32-bit integers.
    ChooseS32(params::Choose) = choose(a: i32, b: i32;) -> i32, in place choose_in_place;
    /// The same of 64-bit integers.
    ChooseS64(params::Choose) = choose(a: i64, b: i64;) -> i64, in place choose_in_place;
    /// Function of two tensors of plain 32-bit integers.
    IntegersS32(params::Integers) = integers_s32(a: i32, b: i32;) -> i32, in place integers_s32_in_place;
    /// Float softmax or log-softmax.
    SoftmaxF32(params::Softmax) = softmax_f32(x: f32;) -> f32, in place softmax_f32_in_place;
    /// int8 softmax to scale 1/256, zero point −128; the table holds `65535·exp(−d·scale)` for d = 0..=255.
    SoftmaxS8(params::Softmax) = softmax_s8(x: i8; table: u16) -> i8, in place softmax_s8_in_place;
    /// int8 maximum over windows, within limits.
    MaxPool2dQuantizedS8(params::MaxPool2dQuantized) = max_pool2d_quantized_s8(x: i8;) -> i8;
    /// 16-bit maximum over windows, within limits.
    MaxPool2dQuantizedS16(params::MaxPool2dQuantized) = max_pool2d_quantized_s16(x: i16;) -> i16;
    /// int8 mean over windows as the reference of TFLite.
    AveragePool2dExactS8(params::AveragePool2dExact) = average_pool2d_exact_s8(x: i8;) -> i8;
    /// 16-bit mean over windows as the reference of TFLite.
    AveragePool2dExactS16(params::AveragePool2dExact) = average_pool2d_exact_s16(x: i16;) -> i16;
    /// int8 mean over windows, rounded once; a multiplier and a shift per number of elements.
    AveragePool2dRealS8(params::AveragePool2dReal) = average_pool2d_real_s8(x: i8; factors: i32) -> i8;
    /// int8 mean over windows, computed in floats.
    AveragePool2dFloatS8(params::AveragePool2dFloat) = average_pool2d_float_s8(x: i8;) -> i8;
    /// int8 softmax as the reference of TFLite; the table holds exponentials of differences in Q0.
    SoftmaxExactS8(params::Softmax) = softmax_exact_s8(x: i8; table: i32) -> i8, in place softmax_exact_s8_in_place;
    /// The same with 16-bit results.
    SoftmaxExactS8S16(params::Softmax) = softmax_exact_s8_s16(x: i8; table: i32) -> i16;
    /// int8 softmax to any scale; the table holds `2³¹·exp(−d·scale)` for d = 0..=255.
    SoftmaxRealS8(params::SoftmaxReal) = softmax_real_s8(x: i8; table: u32) -> i8, in place softmax_real_s8_in_place;
    /// 16-bit softmax as the reference of TFLite; samples of two functions.
    SoftmaxExactS16(params::SoftmaxS16) = softmax_exact_s16(x: i16; exponentials: i16, reciprocals: i16) -> i16, in place softmax_exact_s16_in_place;
    /// int8 log-softmax as the reference of TFLite; the table holds exponentials of differences in Q12.
    LogSoftmaxExactS8(params::LogSoftmaxS8) = log_softmax_exact_s8(x: i8; table: i32) -> i8, in place log_softmax_exact_s8_in_place;
    /// 16-bit function of each element by 513 samples.
    TableS16(params::TableS16) = table_s16(x: i16; table: i16) -> i16, in place table_s16_in_place;
    /// 16-bit sigmoid or tanh.
    CurveS16(params::CurveS16) = curve_s16(x: i16;) -> i16, in place curve_s16_in_place;
    /// 16-bit function of each element that is a line on either side of zero.
    LinesS16(params::LinesS16) = lines_s16(x: i16;) -> i16, in place lines_s16_in_place;
    /// 16-bit inverse square root.
    RsqrtS16(params::RsqrtS16) = rsqrt_s16(x: i16;) -> i16, in place rsqrt_s16_in_place;
    /// int8 rows divided by their length.
    NormalizeS8(params::NormalizeS8) = normalize_s8(x: i8;) -> i8;
    /// Float copy with free strides.
    CopyStridedF32(params::CopyStrided) = copy_strided(x: f32;) -> f32;
    /// int8 copy with free strides.
    CopyStridedS8(params::CopyStrided) = copy_strided(x: i8;) -> i8;
    /// Copy of unsigned bytes with free strides.
    CopyStridedU8(params::CopyStrided) = copy_strided(x: u8;) -> u8;
    /// Copy of 16-bit integers with free strides.
    CopyStridedS16(params::CopyStrided) = copy_strided(x: i16;) -> i16;
    /// Copy of 32-bit integers with free strides.
    CopyStridedS32(params::CopyStrided) = copy_strided(x: i32;) -> i32;
    /// Copy of 64-bit integers with free strides.
    CopyStridedS64(params::CopyStrided) = copy_strided(x: i64;) -> i64;
    /// Every element set to one float.
    FillF32(params::FillF32) = fill_f32(;) -> f32;
    /// Every element set to one byte.
    FillS8(params::FillS8) = fill_s8(;) -> i8;
    /// Float rows by a table of row numbers.
    GatherF32(params::Gather) = gather(x: f32; rows: u32) -> f32;
    /// int8 rows by a table of row numbers.
    GatherS8(params::Gather) = gather(x: i8; rows: u32) -> i8;
    /// Rows of unsigned bytes by a table of row numbers.
    GatherU8(params::Gather) = gather(x: u8; rows: u32) -> u8;
    /// Rows of 16-bit integers by a table of row numbers.
    GatherS16(params::Gather) = gather(x: i16; rows: u32) -> i16;
    /// Rows of 32-bit integers by a table of row numbers.
    GatherS32(params::Gather) = gather(x: i32; rows: u32) -> i32;
    /// Rows of 64-bit integers by a table of row numbers.
    GatherS64(params::Gather) = gather(x: i64; rows: u32) -> i64;
    /// Row numbers from computed indices of 32 bits.
    RowNumbersS32(params::RowNumbers) = row_numbers(indices: i32;) -> u32;
    /// Row numbers from computed indices of 64 bits.
    RowNumbersS64(params::RowNumbers) = row_numbers(indices: i64;) -> u32;
    /// Float rows by computed row numbers.
    PickF32(params::Gather) = gather(x: f32, rows: u32;) -> f32;
    /// int8 rows by computed row numbers.
    PickS8(params::Gather) = gather(x: i8, rows: u32;) -> i8;
    /// Rows of unsigned bytes by computed row numbers.
    PickU8(params::Gather) = gather(x: u8, rows: u32;) -> u8;
    /// Rows of 16-bit integers by computed row numbers.
    PickS16(params::Gather) = gather(x: i16, rows: u32;) -> i16;
    /// Rows of 32-bit integers by computed row numbers.
    PickS32(params::Gather) = gather(x: i32, rows: u32;) -> i32;
    /// Rows of 64-bit integers by computed row numbers.
    PickS64(params::Gather) = gather(x: i64, rows: u32;) -> i64;
    /// Float linear resize; per output row and column the two sources and the weight of the second.
    ResizeLinearF32(params::ResizeLinear) = resize_linear_f32(x: f32; sources: u32, weights: f32) -> f32;
    /// int8 linear resize; weights in 1/256. The quantization stays.
    ResizeLinearS8(params::ResizeLinear) = resize_linear_s8(x: i8; sources: u32, weights: i32) -> i8;
    /// int8 linear resize of graphs that arrive quantized; weights in 1/1024.
    ResizeBilinearS8(params::ResizeLinear) = resize_bilinear_s8(x: i8; sources: u32, weights: i32) -> i8;
    /// int8 linear resize to another quantization; weights in 1/2048.
    ResizeRescaledS8(params::ResizeRescaled) = resize_rescaled_s8(x: i8; sources: u32, weights: i32) -> i8;
    /// Float to int8 with scale and zero point: where a float network part meets an int8 one.
    QuantizeS8(params::Quantize) = quantize_s8(x: f32;) -> i8;
    /// Scale of the bytes that hold all numbers.
    DynamicScale(params::DynamicRange) = dynamic_scale(x: f32;) -> f32;
    /// Zero point of the bytes that hold all numbers.
    DynamicZero(params::DynamicRange) = dynamic_zero(x: f32, scale: f32;) -> i8;
    /// Float to int8 with a computed scale and zero point.
    QuantizeDynamic(params::DynamicRange) = quantize_dynamic(x: f32, scale: f32, zero: i8;) -> i8;
    /// Convolution of bytes to sums.
    IntegerConv2dW8(params::IntegerConv2d) = integer_conv2d(x: i8, zero: i8; weights: i8) -> i32;
    /// Convolution of bytes by 16-bit weights to sums.
    IntegerConv2dW16(params::IntegerConv2d) = integer_conv2d(x: i8, zero: i8; weights: i16) -> i32;
    /// Product of matrices of bytes to sums.
    IntegerMatMulW8(params::IntegerMatMul) = integer_matmul(a: i8, b: i8, first_zero: i8, second_zero: i8;) -> i32;
    /// Product of bytes by 16-bit weights to sums.
    IntegerMatMulW16(params::IntegerMatMul) = integer_matmul(a: i8, b: i16, first_zero: i8, second_zero: i8;) -> i32;
    /// Comparison.
    CompareF32(params::Compare) = compare(a: f32, b: f32;) -> u8;
    /// Comparison.
    CompareU8(params::Compare) = compare(a: u8, b: u8;) -> u8;
    /// Comparison.
    CompareS32(params::Compare) = compare(a: i32, b: i32;) -> u8;
    /// Comparison.
    CompareS64(params::Compare) = compare(a: i64, b: i64;) -> u8;
    /// Comparison of numbers of different scales.
    CompareScaledS8(params::CompareScaled) = compare_scaled(a: i8, b: i8;) -> u8;
    /// Comparison of numbers of different scales.
    CompareScaledS16(params::CompareScaled) = compare_scaled(a: i16, b: i16;) -> u8;
    /// Function of two truth values.
    Logical(params::Logical) = logical(a: u8, b: u8;) -> u8;
    /// The other truth value.
    Not(params::Each) = not(x: u8;) -> u8;
    /// Elements of two tensors by truth values.
    SelectF32(params::Select) = select(condition: u8, a: f32, b: f32;) -> f32;
    /// Elements of two tensors by truth values.
    SelectS8(params::Select) = select(condition: u8, a: i8, b: i8;) -> i8;
    /// Elements of two tensors by truth values.
    SelectU8(params::Select) = select(condition: u8, a: u8, b: u8;) -> u8;
    /// Elements of two tensors by truth values.
    SelectS16(params::Select) = select(condition: u8, a: i16, b: i16;) -> i16;
    /// Elements of two tensors by truth values.
    SelectS32(params::Select) = select(condition: u8, a: i32, b: i32;) -> i32;
    /// Elements of two tensors by truth values.
    SelectS64(params::Select) = select(condition: u8, a: i64, b: i64;) -> i64;
    /// Floats as int8.
    CastF32S8(params::Each) = cast(x: f32;) -> i8;
    /// Floats as unsigned bytes.
    CastF32U8(params::Each) = cast(x: f32;) -> u8;
    /// Floats as 16-bit integers.
    CastF32S16(params::Each) = cast(x: f32;) -> i16;
    /// Floats as 32-bit integers.
    CastF32S32(params::Each) = cast(x: f32;) -> i32;
    /// Floats as 64-bit integers.
    CastF32S64(params::Each) = cast(x: f32;) -> i64;
    /// int8 as floats.
    CastS8F32(params::Each) = cast(x: i8;) -> f32;
    /// int8 as unsigned bytes.
    CastS8U8(params::Each) = cast(x: i8;) -> u8;
    /// int8 as 16-bit integers.
    CastS8S16(params::Each) = cast(x: i8;) -> i16;
    /// int8 as 32-bit integers.
    CastS8S32(params::Each) = cast(x: i8;) -> i32;
    /// int8 as 64-bit integers.
    CastS8S64(params::Each) = cast(x: i8;) -> i64;
    /// Unsigned bytes as floats.
    CastU8F32(params::Each) = cast(x: u8;) -> f32;
    /// Unsigned bytes as int8.
    CastU8S8(params::Each) = cast(x: u8;) -> i8;
    /// Unsigned bytes as 16-bit integers.
    CastU8S16(params::Each) = cast(x: u8;) -> i16;
    /// Unsigned bytes as 32-bit integers.
    CastU8S32(params::Each) = cast(x: u8;) -> i32;
    /// Unsigned bytes as 64-bit integers.
    CastU8S64(params::Each) = cast(x: u8;) -> i64;
    /// 16-bit integers as floats.
    CastS16F32(params::Each) = cast(x: i16;) -> f32;
    /// 16-bit integers as int8.
    CastS16S8(params::Each) = cast(x: i16;) -> i8;
    /// 16-bit integers as unsigned bytes.
    CastS16U8(params::Each) = cast(x: i16;) -> u8;
    /// 16-bit integers as 32-bit integers.
    CastS16S32(params::Each) = cast(x: i16;) -> i32;
    /// 16-bit integers as 64-bit integers.
    CastS16S64(params::Each) = cast(x: i16;) -> i64;
    /// 32-bit integers as floats.
    CastS32F32(params::Each) = cast(x: i32;) -> f32;
    /// 32-bit integers as int8.
    CastS32S8(params::Each) = cast(x: i32;) -> i8;
    /// 32-bit integers as unsigned bytes.
    CastS32U8(params::Each) = cast(x: i32;) -> u8;
    /// 32-bit integers as 16-bit integers.
    CastS32S16(params::Each) = cast(x: i32;) -> i16;
    /// 32-bit integers as 64-bit integers.
    CastS32S64(params::Each) = cast(x: i32;) -> i64;
    /// 64-bit integers as floats.
    CastS64F32(params::Each) = cast(x: i64;) -> f32;
    /// 64-bit integers as int8.
    CastS64S8(params::Each) = cast(x: i64;) -> i8;
    /// 64-bit integers as unsigned bytes.
    CastS64U8(params::Each) = cast(x: i64;) -> u8;
    /// 64-bit integers as 16-bit integers.
    CastS64S16(params::Each) = cast(x: i64;) -> i16;
    /// 64-bit integers as 32-bit integers.
    CastS64S32(params::Each) = cast(x: i64;) -> i32;
    /// Which floats are not 0.
    TruthF32(params::Each) = truth(x: f32;) -> u8;
    /// Which int8 are not 0.
    TruthS8(params::Each) = truth(x: i8;) -> u8;
    /// Which unsigned bytes are not 0.
    TruthU8(params::Each) = truth(x: u8;) -> u8;
    /// Which 16-bit integers are not 0.
    TruthS16(params::Each) = truth(x: i16;) -> u8;
    /// Which 32-bit integers are not 0.
    TruthS32(params::Each) = truth(x: i32;) -> u8;
    /// Which 64-bit integers are not 0.
    TruthS64(params::Each) = truth(x: i64;) -> u8;
    /// Float to int8, halves away from zero.
    QuantizeAwayS8(params::Quantize) = quantize_away(x: f32;) -> i8;
    /// Float to 16-bit integers, halves away from zero.
    QuantizeAwayS16(params::Quantize) = quantize_away(x: f32;) -> i16;
    /// Float to 16-bit integers.
    QuantizeS16(params::Quantize) = quantize_s16(x: f32;) -> i16;
    /// 16-bit integers to float.
    DequantizeS16(params::Quantize) = dequantize_s16(x: i16;) -> f32;
    /// Integers in another scale.
    RequantizeS8S16(params::Requantize) = requantize_each(x: i8;) -> i16;
    /// Integers in another scale.
    RequantizeS8S32(params::Requantize) = requantize_each(x: i8;) -> i32;
    /// Integers in another scale.
    RequantizeS16S8(params::Requantize) = requantize_each(x: i16;) -> i8;
    /// Integers in another scale.
    RequantizeS16S16(params::Requantize) = requantize_each(x: i16;) -> i16;
    /// Integers in another scale.
    RequantizeS16S32(params::Requantize) = requantize_each(x: i16;) -> i32;
    /// Integers in another scale.
    RequantizeS32S8(params::Requantize) = requantize_each(x: i32;) -> i8;
    /// Integers in another scale.
    RequantizeS32S16(params::Requantize) = requantize_each(x: i32;) -> i16;
    /// Unsigned bytes as signed ones, 128 less.
    RecodeS8(params::Recode) = recode_s8(x: u8;) -> i8;
    /// Signed bytes as unsigned ones, 128 more.
    RecodeU8(params::Recode) = recode_u8(x: i8;) -> u8;
    /// int8 to float with scale and zero point.
    DequantizeF32(params::Quantize) = dequantize_f32(x: i8;) -> f32;
}
