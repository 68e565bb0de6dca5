//! The table of kernels: one row per function of `edge-core` that a step can call.
//!
//! A row gives the variant and its parameters, the function, the element types of inputs, constants and
//! output, that of memory which the kernel reads and writes beside its output, and the in-place twin if there is
//! one. Execution on the host and the generated call both come from the row, so they cannot differ.

macro_rules! kernels {
    ($($(#[$doc:meta])* $name:ident($params:ty) = $function:ident(
        $($input:ident: $input_type:ident),*; $($constant:ident: $constant_type:ident),*
        $(; scratch $scratch:ident)?
    ) -> $output_type:ident $(, in place $twin:ident)? $(, over $over:ident)?;)*) => {
        /// A function of `edge-core` with its parameters.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Kernel {
            $($(#[$doc])* $name($params),)*
        }

        impl Kernel {
            /// Name of the function in `edge_core::rt`.
            #[must_use]
            pub fn function(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($function),)* }
            }

            /// Name of the function that overwrites its first input, if there is one.
            #[must_use]
            pub fn in_place_function(&self) -> Option<&'static str> {
                match self { $(Self::$name(_) => kernels!(@twin $($twin)?),)* }
            }

            /// Whether the output may overlap the first input: the kernel takes both as cells.
            #[must_use]
            pub fn takes_cells(&self) -> bool {
                match self { $(Self::$name(_) => kernels!(@over $($over)?),)* }
            }

            /// Element types of the inputs.
            #[must_use]
            pub fn inputs(&self) -> &'static [Element] {
                match self { $(Self::$name(_) => &[$(kernels!(@element $input_type)),*],)* }
            }

            /// Element types of the constants.
            #[must_use]
            pub fn constants(&self) -> &'static [Element] {
                match self { $(Self::$name(_) => &[$(kernels!(@element $constant_type)),*],)* }
            }

            /// Names of the constants: `weights`, `bias`, `multipliers`, …
            #[must_use]
            pub fn constant_names(&self) -> &'static [&'static str] {
                match self { $(Self::$name(_) => &[$(stringify!($constant)),*],)* }
            }

            /// Element type of the output.
            #[must_use]
            pub fn output(&self) -> Element {
                match self { $(Self::$name(_) => kernels!(@element $output_type),)* }
            }

            /// The parameters as a Rust expression.
            #[must_use]
            pub fn params(&self) -> TokenStream {
                match self { $(Self::$name(p) => p.to_tokens(),)* }
            }

            /// The type of the parameters as a Rust path.
            #[must_use]
            pub fn params_type(&self) -> &'static str {
                match self { $(Self::$name(_) => kernels!(@last $params),)* }
            }

            /// Runs the function on the host.
            ///
            /// # Errors
            /// If an operand is missing or of another size or type than the row says: a bug of the compiler.
            pub fn execute(&self, operands: &mut Operands<'_>) -> Result<(), OperandError> {
                match self {
                    $(Self::$name(p) => {
                        $(let $constant = operands.next_constant::<$constant_type>()?;)*
                        $(let mut scratch = operands.scratch::<$scratch>()?;)?
                        kernels!(
                            @call [$($over)?] operands $function($output_type) p [$($input: $input_type)*]
                            [$($constant,)* $(kernels!(@use $scratch scratch),)?]
                        );
                        $(operands.keep_scratch::<$scratch>(&scratch);)?
                    })*
                }
                Ok(())
            }
        }
    };
    (@call [] $operands:ident $function:ident($output_type:ident) $p:ident
        [$($input:ident: $input_type:ident)*] [$($rest:tt)*]) => {
        $(let $input = $operands.next_input::<$input_type>()?;)*
        let y = $operands.output::<$output_type>()?;
        rt::$function($p, $(&$input,)* $($rest)* y);
    };
    (@call [$over:ident] $operands:ident $function:ident($output_type:ident) $p:ident
        [$x:ident: $input_type:ident] [$($rest:tt)*]) => {
        let (x, y) = $operands.cells::<$input_type>()?;
        rt::$function($p, x, $($rest)* y);
    };
    (@over) => { false };
    (@over $over:ident) => { true };
    (@use $scratch:ident $name:ident) => { &mut $name };
    (@twin) => { None };
    (@twin $twin:ident) => { Some(stringify!($twin)) };
    (@element f32) => { Element::F32 };
    (@element i8) => { Element::I8 };
    (@element i32) => { Element::I32 };
    (@element u32) => { Element::U32 };
    (@element u16) => { Element::U16 };
    (@element u8) => { Element::U8 };
    (@element i16) => { Element::I16 };
    (@element i64) => { Element::I64 };
    (@last $params:ty) => { { let name = stringify!($params); name.rsplit("::").next().unwrap_or(name).trim() } };
}

mod facts;
mod rows;
mod table;

pub use table::Kernel;
