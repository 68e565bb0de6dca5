//! The tables of options of operators. Tables without a field are left out, and those of operators that are not
//! supported.

use super::error::Broken;
use super::wire::{Table, tables};

tables! {
    Conv2DOptions {
        0 padding: i8,
        1 stride_w: i32,
        2 stride_h: i32,
        3 fused_activation_function: i8,
        4 dilation_w_factor: i32 = 1,
        5 dilation_h_factor: i32 = 1,
        6 quantized_bias_type: i8,
    }

    DepthwiseConv2DOptions {
        0 padding: i8,
        1 stride_w: i32,
        2 stride_h: i32,
        3 depth_multiplier: i32,
        4 fused_activation_function: i8,
        5 dilation_w_factor: i32 = 1,
        6 dilation_h_factor: i32 = 1,
    }

    TransposeConvOptions {
        0 padding: i8,
        1 stride_w: i32,
        2 stride_h: i32,
        3 fused_activation_function: i8,
        4 quantized_bias_type: i8,
    }

    FullyConnectedOptions {
        0 fused_activation_function: i8,
        1 weights_format: i8,
        2 keep_num_dims: bool,
        3 asymmetric_quantize_inputs: bool,
        4 quantized_bias_type: i8,
    }

    BatchMatMulOptions {
        0 adj_x: bool,
        1 adj_y: bool,
        2 asymmetric_quantize_inputs: bool,
    }

    Pool2DOptions {
        0 padding: i8,
        1 stride_w: i32,
        2 stride_h: i32,
        3 filter_width: i32,
        4 filter_height: i32,
        5 fused_activation_function: i8,
    }

    ReducerOptions {
        0 keep_dims: bool,
    }

    AddOptions {
        0 fused_activation_function: i8,
        1 pot_scale_int16: bool = true,
    }

    SubOptions {
        0 fused_activation_function: i8,
        1 pot_scale_int16: bool = true,
    }

    MulOptions {
        0 fused_activation_function: i8,
    }

    DivOptions {
        0 fused_activation_function: i8,
    }

    L2NormOptions {
        0 fused_activation_function: i8,
    }

    SoftmaxOptions {
        0 beta: f32,
    }

    LeakyReluOptions {
        0 alpha: f32,
    }

    GeluOptions {
        0 approximate: bool,
    }

    ReshapeOptions {
        0 new_shape: Vec<i32>,
    }

    SqueezeOptions {
        0 squeeze_dims: Vec<i32>,
    }

    ConcatenationOptions {
        0 axis: i32,
        1 fused_activation_function: i8,
    }

    SplitOptions {
        0 num_splits: i32,
    }

    SplitVOptions {
        0 num_splits: i32,
    }

    PackOptions {
        0 values_count: i32,
        1 axis: i32,
    }

    UnpackOptions {
        0 num: i32,
        1 axis: i32,
    }

    MirrorPadOptions {
        0 mode: i8,
    }

    StridedSliceOptions {
        0 begin_mask: i32,
        1 end_mask: i32,
        2 ellipsis_mask: i32,
        3 new_axis_mask: i32,
        4 shrink_axis_mask: i32,
        5 offset: bool,
    }

    GatherOptions {
        0 axis: i32,
        1 batch_dims: i32,
    }

    CastOptions {
        0 in_data_type: i8,
        1 out_data_type: i8,
    }

    ArgMaxOptions {
        0 output_type: i8,
    }

    ArgMinOptions {
        0 output_type: i8,
    }

    ShapeOptions {
        0 out_type: i8,
    }

    CumsumOptions {
        0 exclusive: bool,
        1 reverse: bool,
    }

    ResizeBilinearOptions {
        2 align_corners: bool,
        3 half_pixel_centers: bool,
    }

    ResizeNearestNeighborOptions {
        0 align_corners: bool,
        1 half_pixel_centers: bool,
    }

    DepthToSpaceOptions {
        0 block_size: i32,
    }

    SpaceToDepthOptions {
        0 block_size: i32,
    }

    SVDFOptions {
        0 rank: i32,
        1 fused_activation_function: i8,
        2 asymmetric_quantize_inputs: bool,
    }

    UnidirectionalSequenceLSTMOptions {
        0 fused_activation_function: i8,
        1 cell_clip: f32,
        2 proj_clip: f32,
        3 time_major: bool,
        4 asymmetric_quantize_inputs: bool,
        5 diagonal_recurrent_tensors: bool,
    }

    VarHandleOptions {
        0 container: String,
        1 shared_name: String,
    }

    CallOnceOptions {
        0 init_subgraph_index: usize,
    }
}

/// One of the tables above.
pub(crate) trait OptionsTable: Sized {
    /// The table if the options are of this kind.
    fn of(options: &Options) -> Option<&Self>;
}

macro_rules! options {
    ($($code:literal $variant:ident: $table:ident,)*) => {
        /// Options of an operator, which say what it does in particular.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum Options {
            /// There are none.
            None,
            /// The table is not one of those below; its number in the union `BuiltinOptions`.
            Other(u8),
            $(
                #[allow(missing_docs, reason = "the names are those of the schema")]
                $variant($table),
            )*
        }

        impl Options {
            /// The options of an operator, whose fields are 3 (number of the kind) and 4.
            pub(super) fn read(table: &mut Table<'_, '_, '_>) -> Result<Self, Broken> {
                const NAME: &str = "builtin_options";
                let kind: i8 = table.field(3, "builtin_options_type")?.unwrap_or(0);
                let options = match kind as u8 {
                    0 => None,
                    $($code => table.field(4, NAME)?.flatten().map(Self::$variant),)*
                    other => Some(Self::Other(other)),
                };
                Ok(options.unwrap_or(Self::None))
            }
        }

        $(
            impl OptionsTable for $table {
                fn of(options: &Options) -> Option<&Self> {
                    if let Options::$variant(table) = options { Some(table) } else { None }
                }
            }
        )*
    };
}

options! {
    1 Conv2D: Conv2DOptions,
    2 DepthwiseConv2D: DepthwiseConv2DOptions,
    5 Pool2D: Pool2DOptions,
    6 Svdf: SVDFOptions,
    8 FullyConnected: FullyConnectedOptions,
    9 Softmax: SoftmaxOptions,
    10 Concatenation: ConcatenationOptions,
    11 Add: AddOptions,
    12 L2Norm: L2NormOptions,
    15 ResizeBilinear: ResizeBilinearOptions,
    17 Reshape: ReshapeOptions,
    19 SpaceToDepth: SpaceToDepthOptions,
    21 Mul: MulOptions,
    23 Gather: GatherOptions,
    27 Reducer: ReducerOptions,
    28 Sub: SubOptions,
    29 Div: DivOptions,
    30 Squeeze: SqueezeOptions,
    32 StridedSlice: StridedSliceOptions,
    35 Split: SplitOptions,
    37 Cast: CastOptions,
    40 ArgMax: ArgMaxOptions,
    49 TransposeConv: TransposeConvOptions,
    55 Shape: ShapeOptions,
    57 ArgMin: ArgMinOptions,
    59 Pack: PackOptions,
    64 Unpack: UnpackOptions,
    71 UnidirectionalSequenceLSTM: UnidirectionalSequenceLSTMOptions,
    74 ResizeNearestNeighbor: ResizeNearestNeighborOptions,
    75 LeakyRelu: LeakyReluOptions,
    77 MirrorPad: MirrorPadOptions,
    79 SplitV: SplitVOptions,
    94 DepthToSpace: DepthToSpaceOptions,
    101 BatchMatMul: BatchMatMulOptions,
    102 Cumsum: CumsumOptions,
    103 CallOnce: CallOnceOptions,
    111 VarHandle: VarHandleOptions,
    116 Gelu: GeluOptions,
}
