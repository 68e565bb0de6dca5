//! Parameters as Rust expressions, every field by name.
//!
//! The tables at the end take each struct apart exhaustively: a field or variant that is forgotten here does
//! not compile.

use edge_core::rt;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// A value as the Rust expression that makes it.
pub trait ToTokens {
    /// The expression; paths start at `rt`.
    fn to_tokens(&self) -> TokenStream;
}

macro_rules! integers {
    ($($ty:ty),*) => { $(
        impl ToTokens for $ty {
            fn to_tokens(&self) -> TokenStream {
                let digits = Literal::u64_unsuffixed(self.abs_diff(0) as u64);
                if *self < (0 as $ty) { quote!(-#digits) } else { quote!(#digits) }
            }
        }
    )* };
}

integers!(usize, isize, i8, u8, i16, u16, i32, u32, i64);

impl ToTokens for bool {
    fn to_tokens(&self) -> TokenStream {
        if *self { quote!(true) } else { quote!(false) }
    }
}

/// The exact number: the shortest decimal that reads back to the same bits, `from_bits` for NaN.
impl ToTokens for f32 {
    fn to_tokens(&self) -> TokenStream {
        if self.is_nan() {
            let bits = self.to_bits();
            let bits: TokenStream = format!("{bits:#010x}").parse().unwrap_or_default();
            return quote!(f32::from_bits(#bits));
        }
        if self.is_infinite() {
            return if *self > 0.0 {
                quote!(f32::INFINITY)
            } else {
                quote!(f32::NEG_INFINITY)
            };
        }
        // `{:?}` writes exponents and always a point or an exponent: a float literal.
        let digits: TokenStream = format!("{:?}", self.abs()).parse().unwrap_or_default();
        if self.is_sign_negative() {
            quote!(-#digits)
        } else {
            digits
        }
    }
}

impl<T: ToTokens, const N: usize> ToTokens for [T; N] {
    fn to_tokens(&self) -> TokenStream {
        let elements = self.iter().map(ToTokens::to_tokens);
        quote!([#(#elements),*])
    }
}

impl<T: ToTokens> ToTokens for [T] {
    fn to_tokens(&self) -> TokenStream {
        let elements = self.iter().map(ToTokens::to_tokens);
        quote!([#(#elements),*])
    }
}

impl<T: ToTokens> ToTokens for Option<T> {
    fn to_tokens(&self) -> TokenStream {
        let value = self.as_ref().map(ToTokens::to_tokens);
        value.map_or_else(
            || quote!(::core::option::Option::None),
            |value| quote!(::core::option::Option::Some(#value)),
        )
    }
}

macro_rules! structs {
    ($($name:ident { $($field:ident),* })*) => { $(
        impl ToTokens for rt::$name {
            fn to_tokens(&self) -> TokenStream {
                let Self { $($field),* } = self;
                $(let $field = $field.to_tokens();)*
                quote!(rt::$name { $($field: #$field),* })
            }
        }
    )* };
}

macro_rules! enums {
    ($($name:ident { $($variant:ident $(($($field:ident),*))?),* })*) => { $(
        impl ToTokens for rt::$name {
            fn to_tokens(&self) -> TokenStream {
                match self {
                    $(Self::$variant $(($($field),*))? => {
                        $($(let $field = $field.to_tokens();)*)?
                        quote!(rt::$name::$variant $(($(#$field),*))?)
                    })*
                }
            }
        }
    )* };
}

structs! {
    QuantParams { scale, zero_point }
    Requant { offset, shift, pre_shift }
    Scale { multiplier, shift }
    TableScale { multiplier, shift }
    Window2d {
        batch, in_h, in_w, in_c, out_h, out_w, out_c, kernel_h, kernel_w,
        stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left
    }
    PackedRequant { pre_shift, rounding, range }
    Conv2dF32 { window, groups, clamp }
    Conv2dS8 { window, groups, pad_value, requant }
    DepthwiseConv2dF32 { window, clamp }
    DepthwiseConv2dS8 { window, pad_value, requant }
    PlanarDepthwise { window, pad_value, requant, transposed, issue }
    ConvTranspose2dF32 { window, groups, clamp }
    FullyConnectedF32 { batch, inputs, outputs, clamp }
    FullyConnectedS8 { batch, inputs, outputs, requant }
    PackedConv2d { window, pad_value, requant, issue }
    PackedFullyConnected { batch, inputs, outputs, sixes, shared_scale, requant, issue }
    WinogradConv2d { window, tile, pad_value, requant, issue }
    MatMul { batch, rows, inner, columns, second_stride }
    ExactOutput { rounding, range, zero_point }
    Conv2dExact { window, groups, pad_value, output }
    DepthwiseConv2dExact { window, pad_value, output }
    ConvTranspose2dExact { window, groups, input_zero, output }
    FullyConnectedExact { batch, inputs, outputs, output }
    AddProducts { inputs, first, len, outputs }
    MatMulExact { product, first_zero, second_zero, scale, output }
    MaxPool2d { window }
    AveragePool2dF32 { window, count_pad, pad_bottom, pad_right }
    AveragePool2dS8 { window, input_zero, count_pad, pad_bottom, pad_right, requant }
    Reduce { kind, outer, axis, inner }
    ReduceS8 { reduce, sum_zero, multiplier, requant }
    ReduceExact { reduce, sum_zero, scale, rounding, output_zero }
    ArgReduce { outer, axis, inner, greatest }
    CumSum { outer, axis, inner, exclusive, reverse }
    CumSumS8 { sum, input_zero, scale, output_zero }
    RowNumbers { batch, outer, count, depth, dims }
    Broadcast { shape, first, second }
    BinaryF32 { kind, walk, clamp }
    AddS8 {
        kind, walk, first_multiplier, first_offset, second_multiplier, second_offset, offset, shift
    }
    LinearAdd { len, first, second, offset }
    MulS8 { walk, first_zero, second_zero, multiplier, requant }
    Rescale { zero_point, scale }
    Steps { zero_point, multiplier }
    AddExact { kind, walk, first, second, left_shift, output, zero_point, range }
    AddOnce { kind, walk, first, second, shift, zero_point, range }
    MulExact { walk, first_zero, second_zero, scale, rounding, zero_point, range }
    PReluExact {
        walk, input_zero, slope_zero, positive, negative, rounding, zero_point
    }
    Choose { walk, greater }
    Integers { kind, walk, range }
    Compare { relation, walk }
    CompareScaled { compare, first, second, left_shift }
    Logical { kind, walk }
    Select { first, second }
    Each { len }
    Requantize { input_zero, scale, rounding, zero_point }
    Softmax { outer, axis, inner, log }
    MaxPool2dQuantized { window, clamp }
    AveragePool2dExact { window, clamp }
    AveragePool2dReal {
        window, input_zero, output_zero, count_pad, pad_bottom, pad_right, fewest, clamp
    }
    AveragePool2dFloat {
        window, input, output, count_pad, pad_bottom, pad_right, by_columns, clamp
    }
    SoftmaxReal { softmax, scale, zero_point }
    SoftmaxS16 { softmax, scale }
    LogSoftmaxS8 { softmax, forward, reverse, least }
    TableS16 { len }
    CurveS16 { tanh, scale }
    LinesS16 { input_zero, positive, negative, output_zero, clamp }
    RsqrtS16 { input_zero, scale, output_zero }
    NormalizeS8 { rows, len, input_zero }
    CopyStrided { shape, source_start, source, target_start, target }
    Gather { outer, axis, inner }
    ResizeLinear { batch, in_h, in_w, out_h, out_w, channels }
    ResizeRescaled { resize, input_zero, scale, output_zero }
    TableS8 { len }
    Recode { len }
    FillF32 { value }
    FillS8 { value }
    Quantize { scale, zero_point }
    DynamicRange { len }
    IntegerConv2d { window, groups }
    IntegerMatMul { product, first_zeros, second_zeros }
    Sequence { batch, steps, inputs, units, batch_major, reverse }
    RnnF32 { sequence, clip, activation }
    GruF32 { sequence, clip, gate, candidate }
    LstmF32 { sequence, clip, cell_clip, gate, candidate, output, coupled }
    LstmExact {
        sequence, input_scales, hidden_scales, forget_scale, input_scale, cell_range, cell_tanh,
        output_scale, output_zero, output_range
    }
    Svdf { batch, inputs, units, rank, memory }
    SvdfF32 { shape, clamp }
    SvdfExact { shape, feature_scale, memory_zero, memory_range, output_scale, output_zero }
}

enums! {
    Rounding { TfLite, Onnx }
    Issue { Single, Dual }
    PackedRounding { Nearest, Away, Floor }
    ReduceKind { Sum, Mean, Max, Min }
    SumKind { Add, Sub, SquaredDifference }
    Relation { Equal, NotEqual, Greater, GreaterEqual, Less, LessEqual }
    LogicalKind { And, Or }
    OnceKind { Add, Sub, Min, Max }
    IntegerKind { Add, Sub, Mul, Div, SquaredDifference }
    BinaryKind { Add, Sub, Mul, Div, Min, Max, Pow, PRelu }
    UnaryFn {
        Clip(lo, hi), LeakyRelu(alpha), Elu(alpha), Selu(alpha, gamma), Sigmoid, HardSigmoid(alpha, beta),
        HardSwish, Swish(alpha), Tanh, Gelu, GeluTanh, Softplus, Softsign, Mish, ThresholdedRelu(alpha),
        Affine(scale, bias), Power(exponent), PowerOf(base), DivideInto(numerator), Abs, Erf, Exp, Log, Sqrt, Rsqrt,
        Floor, Ceil, Round, Sign, Sin, Cos
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &impl ToTokens) -> String {
        value.to_tokens().to_string().replace(' ', "")
    }

    #[test]
    fn floats_read_back_to_the_same_bits() {
        let odd = [
            0.0,
            -0.0,
            1.0,
            -1.5,
            0.1,
            1e-45,
            -1.175_494_4e-38,
            f32::MAX,
            f32::MIN,
            16_777_216.0,
            3.402_823e38,
            1.0 / 3.0,
        ];
        for value in odd {
            let read: f32 = text(&value).parse().unwrap();
            assert_eq!(read.to_bits(), value.to_bits(), "{value:e}");
        }
    }

    #[test]
    fn floats_without_literal_have_names() {
        assert_eq!(text(&f32::INFINITY), "f32::INFINITY");
        assert_eq!(text(&f32::NEG_INFINITY), "f32::NEG_INFINITY");
        assert_eq!(
            text(&f32::from_bits(0x7fc0_0001)),
            "f32::from_bits(0x7fc00001)"
        );
    }

    #[test]
    fn integers_keep_their_extremes() {
        assert_eq!(text(&i8::MIN), "-128");
        assert_eq!(text(&i32::MIN), "-2147483648");
        assert_eq!(text(&[3isize, -4]), "[3,-4]");
    }

    #[test]
    fn structs_name_their_fields() {
        let p = rt::Softmax {
            outer: 1,
            axis: 10,
            inner: 1,
            log: false,
        };
        assert_eq!(text(&p), "rt::Softmax{outer:1,axis:10,inner:1,log:false}");
        assert_eq!(
            text(&rt::UnaryFn::Clip(0.0, 6.0)),
            "rt::UnaryFn::Clip(0.0,6.0)"
        );
    }
}
