//! Tensors whose numbers are known at build time.

use super::types::{DType, TensorType};
use ndarray::ArrayD;

macro_rules! tensors {
    ($($(#[$doc:meta])* $name:ident($element:ident), $view:ident, $make:ident;)*) => {
        /// Numbers with a shape, always in standard (row-major) layout.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Tensor { $($(#[$doc])* $name(ArrayD<$element>),)* }

        impl Tensor {
            /// Element type.
            #[must_use]
            pub fn dtype(&self) -> DType {
                match self { $(Self::$name(_) => DType::$name,)* }
            }

            /// Dimensions.
            #[must_use]
            pub fn shape(&self) -> &[usize] {
                match self { $(Self::$name(a) => a.shape(),)* }
            }

            $(
                #[doc = concat!("The elements in row-major order, if they are `", stringify!($element), "`.")]
                #[must_use]
                pub fn $view(&self) -> Option<&[$element]> {
                    if let Self::$name(a) = self { a.as_slice() } else { None }
                }

                #[doc = concat!("`", stringify!($element), "` with a shape; `None` if their number is another.")]
                #[must_use]
                pub fn $make(shape: &[usize], data: Vec<$element>) -> Option<Self> {
                    ArrayD::from_shape_vec(shape, data).ok().map(Self::$name)
                }
            )*
        }
    };
}

tensors! {
    /// 32-bit floats.
    F32(f32), as_f32, from_f32;
    /// Signed bytes.
    I8(i8), as_i8, from_i8;
    /// Unsigned bytes.
    U8(u8), as_u8, from_u8;
    /// Signed 16-bit integers.
    I16(i16), as_i16, from_i16;
    /// Signed 32-bit integers.
    I32(i32), as_i32, from_i32;
    /// Signed 64-bit integers.
    I64(i64), as_i64, from_i64;
    /// Truth values.
    Bool(bool), as_bool, from_bool;
}

impl Tensor {
    /// Static type, without quantization.
    #[must_use]
    pub fn ty(&self) -> TensorType {
        TensorType {
            dtype: self.dtype(),
            shape: self.shape().to_vec(),
            quant: None,
        }
    }
}
