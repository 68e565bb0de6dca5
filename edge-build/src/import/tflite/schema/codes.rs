//! Numbers of the schema that stand for names.

macro_rules! codes {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $variant:ident = $code:literal $text:literal, )* }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names are those of the schema")]
        pub(crate) enum $name { $($variant,)* }

        impl $name {
            /// The name in the schema.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl TryFrom<i8> for $name {
            /// The number that stands for nothing.
            type Error = i8;

            fn try_from(code: i8) -> Result<Self, i8> {
                match code {
                    $($code => Ok(Self::$variant),)*
                    unknown => Err(unknown),
                }
            }
        }
    )*};
}

codes! {
    /// Type of the elements of a tensor.
    DataType {
        Float32 = 0 "FLOAT32",
        Float16 = 1 "FLOAT16",
        Int32 = 2 "INT32",
        Uint8 = 3 "UINT8",
        Int64 = 4 "INT64",
        String = 5 "STRING",
        Bool = 6 "BOOL",
        Int16 = 7 "INT16",
        Complex64 = 8 "COMPLEX64",
        Int8 = 9 "INT8",
        Float64 = 10 "FLOAT64",
        Complex128 = 11 "COMPLEX128",
        Uint64 = 12 "UINT64",
        Resource = 13 "RESOURCE",
        Variant = 14 "VARIANT",
        Uint32 = 15 "UINT32",
        Uint16 = 16 "UINT16",
        Int4 = 17 "INT4",
        Bfloat16 = 18 "BFLOAT16",
        Int2 = 19 "INT2",
        Uint4 = 20 "UINT4",
        Float8E4M3Fn = 21 "FLOAT8_E4M3FN",
        Float8E5M2 = 22 "FLOAT8_E5M2",
    }

    /// How a window goes over the border of an image.
    Padding {
        Same = 0 "SAME",
        Valid = 1 "VALID",
    }

    /// The function that an operator applies to its output.
    Activation {
        None = 0 "NONE",
        Relu = 1 "RELU",
        ReluN1To1 = 2 "RELU_N1_TO_1",
        Relu6 = 3 "RELU6",
        Tanh = 4 "TANH",
        SignBit = 5 "SIGN_BIT",
    }

    /// Order of the weights of `FULLY_CONNECTED`.
    WeightsFormat {
        Default = 0 "DEFAULT",
        Shuffled4x16Int8 = 1 "SHUFFLED4x16INT8",
    }

    /// Whether the outermost row is repeated in a mirror's border.
    MirrorPadMode {
        Reflect = 0 "REFLECT",
        Symmetric = 1 "SYMMETRIC",
    }
}
