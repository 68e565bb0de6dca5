//! The same numbers in another element type.
//!
//! Source: `TFLite` `CAST`.

use crate::params::Each;

/// A number that can become one of another type: floats towards zero, what does not fit to the nearest
/// number; integers keep their low bits.
pub trait CastTo<T>: Copy {
    /// The number in the other type.
    fn cast_to(self) -> T;
}

macro_rules! casts {
    ($($from:ident: $($to:ident)*;)*) => { $($(
        impl CastTo<$to> for $from {
            #[inline(always)]
            fn cast_to(self) -> $to {
                self as $to
            }
        }
    )*)* };
}

casts! {
    f32: i8 u8 i16 i32 i64;
    i8: f32 u8 i16 i32 i64;
    u8: f32 i8 i16 i32 i64;
    i16: f32 i8 u8 i32 i64;
    i32: f32 i8 u8 i16 i64;
    i64: f32 i8 u8 i16 i32;
}

/// The same numbers in another element type.
#[inline(always)]
pub fn cast<A: CastTo<B>, B>(_p: &Each, x: &[A], y: &mut [B]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = x.cast_to();
    }
}

/// 1 where a number is not 0, else 0.
#[inline(always)]
pub fn truth<T: Copy + PartialEq + Default>(_p: &Each, x: &[T], y: &mut [u8]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = u8::from(x != T::default());
    }
}
