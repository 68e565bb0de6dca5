/// `tiny.onnx` compiled by edge 0.1.0 for target `host`, quant `int8`.
#[allow(dead_code, unreachable_pub, reason = "a program need not call every function of a network")]
#[allow(non_camel_case_types, reason = "the name of the type is the user's choice")]
#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction,
    reason = "generated code is checked by the tests of its generator"
)]
mod __edge_tiny {
    use ::edge_core::rt;
    /// 6 bytes: `fc weights`
    static WEIGHTS_0: rt::Aligned<6> = rt::Aligned(*b"\x01\x02\x03\x04\xFF\0");
    /// 12 bytes: `fc bias`
    static BIAS_1: rt::Aligned<12> = rt::Aligned(*b"\0\0\0\0\0\0\0\0\0\0\0\0");
    /// 12 bytes: `fc multipliers`
    static MULTIPLIERS_2: rt::Aligned<12> = rt::Aligned(*b"\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07");
    /// 256 bytes: `table`
    static TABLE_3: rt::Aligned<256> = rt::Aligned(*b"\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t");
    /// `FullyConnected "fc" i8[1,2] → i8[1,3]`, arena 4..7
    const STEP_0: rt::FullyConnectedS8 = rt::FullyConnectedS8 {
        batch: 1,
        inputs: 2,
        outputs: 3,
        requant: rt::Requant { offset: -24576, shift: 13, pre_shift: 0 }
    };
    /// `Unary "tanh"`, arena 4..7
    const STEP_1: rt::TableS8 = rt::TableS8 { len: 3 };
    /// The network `tiny.onnx` for target `host`, quant `int8`.
    ///
    /// - Input `x "1" ` `i8[1,2]`, scale 0.5, zero point -3
    /// - Output `y` `i8[1,3]`, scale 0.5, zero point -3
    ///
    /// 16 bytes of RAM, 286 bytes of flash for weights and tables, 6 multiply-accumulates.
    pub struct Tiny { arena: rt::Arena<8> }
    impl Tiny {
        /// Name of the network.
        pub const NAME: &'static str = "Tiny";
        /// The target it was compiled for.
        pub const TARGET: &'static str = "host";
        /// Inputs in the order of the model file.
        pub const INPUTS: &'static [rt::TensorInfo] = &[rt::TensorInfo {
            name: "x \"1\"\n",
            shape: &[1, 2],
            element: rt::ElementType::I8,
            quant: ::core::option::Option::Some(rt::QuantParams { scale: 0.5, zero_point: -3 })
        }];
        /// Outputs in the order of the model file.
        pub const OUTPUTS: &'static [rt::TensorInfo] = &[rt::TensorInfo {
            name: "y",
            shape: &[1, 3],
            element: rt::ElementType::I8,
            quant: ::core::option::Option::Some(rt::QuantParams { scale: 0.5, zero_point: -3 })
        }];
        /// Shape of `x "1" ` `i8[1,2]`, scale 0.5, zero point -3.
        pub const INPUT_SHAPE: [usize; 2] = [1, 2];
        /// Number of elements of `x "1" ` `i8[1,2]`, scale 0.5, zero point -3.
        pub const INPUT_LEN: usize = 2;
        /// Shape of `y` `i8[1,3]`, scale 0.5, zero point -3.
        pub const OUTPUT_SHAPE: [usize; 2] = [1, 3];
        /// Number of elements of `y` `i8[1,3]`, scale 0.5, zero point -3.
        pub const OUTPUT_LEN: usize = 3;
        /// Bytes of RAM: the size of this type, with inputs, outputs and scratch.
        pub const RAM_BYTES: usize = 16;
        /// Bytes of stack that [`Self::run`] takes at most on a microcontroller, in an optimised build.
        pub const STACK_BYTES: usize = 512;
        /// Bytes of flash for weights, biases, multipliers and tables; code not included.
        pub const FLASH_BYTES: usize = 286;
        /// Multiply-accumulate operations of one inference.
        pub const MACS: u64 = 6;
        /// The costs as a table; it takes flash only where it is used.
        pub const SUMMARY: &'static str = ::core::concat!(
            "Tiny (tiny.onnx) for host, quant int8\n",
            "  input  x \"1\"  i8[1,2], scale 0.5, zero point -3\n",
            "  output y i8[1,3], scale 0.5, zero point -3\n",
            "  RAM    16 bytes\n",
            "  stack  at most 512 bytes\n",
            "  flash  286 bytes, 6 of them weights\n",
            "  MACs   6\n",
            "  cycles about 0, optimize balanced\n",
            "\n",
            "  step  node  operator        kernel              variant  output   MACs  cycles  flash  arena\n",
            "     0  fc    FullyConnected  fully_connected_s8           i8[1,3]     6             30   4..7\n"
        );
        /// A network whose memory is zero: in a `static` it costs no flash.
        #[must_use]
        pub const fn new() -> Self { Self { arena: rt::Arena::new() } }
        /// One inference.
        #[must_use]
        pub fn predict(&mut self, input: &[f32; 2]) -> [f32; 3] {
            rt::quantize_s8(&rt::Quantize { scale: 0.5, zero_point: -3 }, input, self.input_mut());
            self.run();
            let mut output = [0.0; 3];
            rt::dequantize_f32(&rt::Quantize { scale: 0.5, zero_point: -3 }, self.output(), &mut output);
            output
        }

        /// One inference on integers with the scale and zero point of [`Self::INPUTS`]; the outputs have
        /// those of [`Self::OUTPUTS`].
        #[must_use]
        pub fn predict_quantized(&mut self, input: &[i8; 2]) -> [i8; 3] {
            *self.input_mut() = *input;
            self.run();
            *self.output()
        }

        /// The memory of input `x "1" ` `i8[1,2]`, scale 0.5, zero point -3, to be written before [`Self::run`].
        ///
        /// The run may overwrite it: write all of it before every run.
        #[must_use]
        pub const fn input_mut(&mut self) -> &mut [i8; 2] {
            self.arena.view_mut::<i8, 0, 2>()
        }

        /// Output `y` `i8[1,3]`, scale 0.5, zero point -3 of the last [`Self::run`].
        ///
        /// Inputs may share its memory: read it before the next input is written.
        #[must_use]
        pub const fn output(&self) -> &[i8; 3] { self.arena.view::<i8, 4, 3>() }
        /// Runs the network on what stands in the inputs; the results stand in the outputs.
        pub fn run(&mut self) {
            {
                let (x0, y) = self.arena.one_in::<i8, i8, 0, 2, 4, 3>();
                rt::fully_connected_s8(
                    &STEP_0,
                    x0,
                    rt::constant::<i8, 6, 6>(&WEIGHTS_0),
                    rt::constant::<i32, 3, 12>(&BIAS_1),
                    rt::constant::<i32, 3, 12>(&MULTIPLIERS_2),
                    y
                );
            }
            {
                let y = self.arena.view_mut::<i8, 4, 3>();
                rt::table_s8_in_place(&STEP_1, y, rt::constant::<i8, 256, 256>(&TABLE_3));
            }
        }
    }

    const _: () = ::core::assert!(::core::mem::size_of::<Tiny>() == Tiny::RAM_BYTES);
    impl ::core::default::Default for Tiny { fn default() -> Self { Self::new() } }
    impl ::core::fmt::Debug for Tiny {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.debug_struct("Tiny").finish_non_exhaustive()
        }
    }

    impl rt::Model for Tiny {
        const NAME: &'static str = Self::NAME;
        const TARGET: &'static str = Self::TARGET;
        const INPUTS: &'static [rt::TensorInfo] = Self::INPUTS;
        const OUTPUTS: &'static [rt::TensorInfo] = Self::OUTPUTS;
        const RAM_BYTES: usize = Self::RAM_BYTES;
        const STACK_BYTES: usize = Self::STACK_BYTES;
        const FLASH_BYTES: usize = Self::FLASH_BYTES;
        const MACS: u64 = Self::MACS;
        fn run(&mut self) {
            Self::run(self);
        }

        fn reset(&mut self) {}
        fn input_bytes_mut(&mut self, index: usize) -> &mut [u8] {
            match index { 0 => self.arena.view_mut::<u8, 0, 2>(), _ => &mut [], }
        }

        fn output_bytes(&self, index: usize) -> &[u8] {
            match index { 0 => self.arena.view::<u8, 4, 3>(), _ => &[], }
        }
    }
}

#[allow(unused_imports, unreachable_pub, reason = "a program need not use every name of a network")]
pub use __edge_tiny::Tiny;
