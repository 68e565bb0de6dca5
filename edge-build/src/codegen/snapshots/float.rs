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
mod __edge_two_in_two_out {
    use ::edge_core::rt;
    /// 8 bytes: `offset`
    static OPERAND_0: rt::Aligned<8> = rt::Aligned(*b"\0\0\0\0\0\0\0\0");
    /// `Binary`, arena 16..24
    const STEP_0: rt::BinaryF32 = rt::BinaryF32 {
        kind: rt::BinaryKind::Add,
        walk: rt::Broadcast { shape: [1, 1, 1, 1, 1, 2], first: [0, 0, 0, 0, 0, 1], second: [0, 0, 0, 0, 0, 1] },
        clamp: [f32::NEG_INFINITY, 6.0]
    };
    /// `Binary`, arena 24..32
    const STEP_1: rt::BinaryF32 = rt::BinaryF32 {
        kind: rt::BinaryKind::Add,
        walk: rt::Broadcast { shape: [1, 1, 1, 1, 1, 2], first: [0, 0, 0, 0, 0, 1], second: [0, 0, 0, 0, 0, 1] },
        clamp: [f32::NEG_INFINITY, 6.0]
    };
    /// `Binary`, arena 16..24
    const STEP_2: rt::BinaryF32 = rt::BinaryF32 {
        kind: rt::BinaryKind::Add,
        walk: rt::Broadcast { shape: [1, 1, 1, 1, 1, 2], first: [0, 0, 0, 0, 0, 1], second: [0, 0, 0, 0, 0, 1] },
        clamp: [f32::NEG_INFINITY, 6.0]
    };
    /// `Binary`, arena 16..24
    const STEP_3: rt::BinaryF32 = rt::BinaryF32 {
        kind: rt::BinaryKind::Add,
        walk: rt::Broadcast { shape: [1, 1, 1, 1, 1, 2], first: [0, 0, 0, 0, 0, 1], second: [0, 0, 0, 0, 0, 1] },
        clamp: [f32::NEG_INFINITY, 6.0]
    };
    /// `Binary`, arena 16..24
    const STEP_4: rt::UnaryFn = rt::UnaryFn::Clip(-0.0, 0.1);
    /// Inputs of [`TwoInTwoOut`].
    #[::core::prelude::v1::derive(::core::clone::Clone,::core::marker::Copy,::core::fmt::Debug)]
    pub struct TwoInTwoOutInputs<'a> {
        /// `a` `f32[2]`
        pub a: &'a [f32; 2],
        /// `type` `f32[1,2]`
        pub type_: &'a [f32; 2]
    }

    /// Outputs of [`TwoInTwoOut`].
    #[::core::prelude::v1::derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::cmp::PartialEq,
        ::core::fmt::Debug
    )]
    pub struct TwoInTwoOutOutputs {
        /// `y` `f32[2]`
        pub y: [f32; 2],
        /// `z` `f32[2]`
        pub z: [f32; 2]
    }

    /// The network `tiny.onnx` for target `host`, quant `int8`.
    ///
    /// - Input `a` `f32[2]`
    /// - Input `type` `f32[1,2]`
    /// - Output `y` `f32[2]`
    /// - Output `z` `f32[2]`
    ///
    /// 32 bytes of RAM, 286 bytes of flash for weights and tables, 0 multiply-accumulates.
    pub struct TwoInTwoOut { arena: rt::Arena<32> }
    impl TwoInTwoOut {
        /// Name of the network.
        pub const NAME: &'static str = "TwoInTwoOut";
        /// The target it was compiled for.
        pub const TARGET: &'static str = "host";
        /// Inputs in the order of the model file.
        pub const INPUTS: &'static [rt::TensorInfo] = &[
            rt::TensorInfo {
                name: "a",
                shape: &[2],
                element: rt::ElementType::F32,
                quant: ::core::option::Option::None
            },
            rt::TensorInfo {
                name: "type",
                shape: &[1, 2],
                element: rt::ElementType::F32,
                quant: ::core::option::Option::None
            }
        ];
        /// Outputs in the order of the model file.
        pub const OUTPUTS: &'static [rt::TensorInfo] = &[
            rt::TensorInfo {
                name: "y",
                shape: &[2],
                element: rt::ElementType::F32,
                quant: ::core::option::Option::None
            },
            rt::TensorInfo {
                name: "z",
                shape: &[2],
                element: rt::ElementType::F32,
                quant: ::core::option::Option::None
            }
        ];
        /// Bytes of RAM: the size of this type, with inputs, outputs and scratch.
        pub const RAM_BYTES: usize = 32;
        /// Bytes of stack that [`Self::run`] takes at most on a microcontroller, in an optimised build.
        pub const STACK_BYTES: usize = 512;
        /// Bytes of flash for weights, biases, multipliers and tables; code not included.
        pub const FLASH_BYTES: usize = 286;
        /// Multiply-accumulate operations of one inference.
        pub const MACS: u64 = 0;
        /// The costs as a table; it takes flash only where it is used.
        pub const SUMMARY: &'static str = ::core::concat!(
            "TwoInTwoOut (tiny.onnx) for host, quant int8\n",
            "  input  a f32[2]\n",
            "  input  type f32[1,2]\n",
            "  output y f32[2]\n",
            "  output z f32[2]\n",
            "  RAM    32 bytes\n",
            "  stack  at most 512 bytes\n",
            "  flash  286 bytes, 6 of them weights\n",
            "  MACs   0\n",
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
        pub fn predict(&mut self, inputs: TwoInTwoOutInputs<'_>) -> TwoInTwoOutOutputs {
            *self.input_a_mut() = *inputs.a;
            *self.input_type_mut() = *inputs.type_;
            self.run();
            let output_y = *self.output_y();
            let output_z = *self.output_z();
            TwoInTwoOutOutputs { y: output_y, z: output_z }
        }

        /// The memory of input `a` `f32[2]`, to be written before [`Self::run`].
        ///
        /// The run may overwrite it: write all of it before every run.
        #[must_use]
        pub const fn input_a_mut(&mut self) -> &mut [f32; 2] {
            self.arena.view_mut::<f32, 0, 2>()
        }

        /// The memory of input `type` `f32[1,2]`, to be written before [`Self::run`].
        ///
        /// The run may overwrite it: write all of it before every run.
        #[must_use]
        pub const fn input_type_mut(&mut self) -> &mut [f32; 2] {
            self.arena.view_mut::<f32, 8, 2>()
        }

        /// Output `y` `f32[2]` of the last [`Self::run`].
        ///
        /// Inputs may share its memory: read it before the next input is written.
        #[must_use]
        pub const fn output_y(&self) -> &[f32; 2] { self.arena.view::<f32, 16, 2>() }
        /// Output `z` `f32[2]` of the last [`Self::run`].
        ///
        /// Inputs may share its memory: read it before the next input is written.
        #[must_use]
        pub const fn output_z(&self) -> &[f32; 2] { self.arena.view::<f32, 24, 2>() }
        /// Runs the network on what stands in the inputs; the results stand in the outputs.
        pub fn run(&mut self) {
            {
                let (x0, x1, y) = self.arena.two_in::<f32, f32, f32, 0, 2, 8, 2, 16, 2>();
                rt::binary_f32(&STEP_0, x0, x1, y);
            }
            {
                let (x0, y) = self.arena.one_in::<f32, f32, 0, 2, 24, 2>();
                rt::binary_f32(&STEP_1, x0, rt::constant::<f32, 2, 8>(&OPERAND_0), y);
            }
            {
                let (x1, y) = self.arena.one_in::<f32, f32, 8, 2, 16, 2>();
                rt::binary_f32_in_place(&STEP_2, y, x1);
            }
            {
                let y = self.arena.view_mut::<f32, 16, 2>();
                rt::binary_f32_in_place(&STEP_3, y, rt::constant::<f32, 2, 8>(&OPERAND_0));
            }
            {
                let y = self.arena.view_mut::<f32, 16, 2>();
                rt::unary_f32_in_place(&STEP_4, y);
            }
        }
    }

    const _: () = ::core::assert!(::core::mem::size_of::<TwoInTwoOut>() == TwoInTwoOut::RAM_BYTES);
    impl ::core::default::Default for TwoInTwoOut { fn default() -> Self { Self::new() } }
    impl ::core::fmt::Debug for TwoInTwoOut {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.debug_struct("TwoInTwoOut").finish_non_exhaustive()
        }
    }

    impl rt::Model for TwoInTwoOut {
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
            match index {
                0 => self.arena.view_mut::<u8, 0, 8>(),
                1 => self.arena.view_mut::<u8, 8, 8>(),
                _ => &mut [],
            }
        }

        fn output_bytes(&self, index: usize) -> &[u8] {
            match index {
                0 => self.arena.view::<u8, 16, 8>(),
                1 => self.arena.view::<u8, 24, 8>(),
                _ => &[],
            }
        }
    }
}

#[allow(unused_imports, unreachable_pub, reason = "a program need not use every name of a network")]
pub use __edge_two_in_two_out::{ TwoInTwoOut, TwoInTwoOutInputs, TwoInTwoOutOutputs };
