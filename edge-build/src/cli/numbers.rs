//! Numbers of files as bytes of the arena, and back.

use crate::npy::Data;
use crate::program::{Element, Port};
use edge_core::quant::QuantParams;

/// The bytes of an array whose elements have the type of the arena already.
pub(super) fn raw(element: Element, data: &Data) -> Option<Vec<u8>> {
    let same = match element {
        Element::F32 => matches!(data, Data::F32(_)),
        Element::I8 => matches!(data, Data::I8(_)),
        Element::U8 => matches!(data, Data::U8(_)),
        Element::I16 => matches!(data, Data::I16(_)),
        Element::U16 => matches!(data, Data::U16(_)),
        Element::I32 => matches!(data, Data::I32(_)),
        Element::U32 => matches!(data, Data::U32(_)),
        Element::I64 => matches!(data, Data::I64(_)),
    };
    same.then(|| data.little_endian())
}

/// Plain numbers in the type of the arena; what does not fit becomes the nearest that does.
pub(super) fn cast(element: Element, data: &Data) -> Vec<u8> {
    macro_rules! each {
        ($ty:ty) => {
            data.to_f64()
                .iter()
                .flat_map(|&x| (x as $ty).to_le_bytes())
                .collect()
        };
    }
    match element {
        Element::F32 => each!(f32),
        Element::I8 => each!(i8),
        Element::U8 => each!(u8),
        Element::I16 => each!(i16),
        Element::U16 => each!(u16),
        Element::I32 => each!(i32),
        Element::U32 => each!(u32),
        Element::I64 => each!(i64),
    }
}

/// Real numbers through the scale and zero point of a port, halves to even.
pub(super) fn quantized(floats: &[f32], port: &Port) -> Vec<u8> {
    let QuantParams { scale, zero_point } = port.quant.unwrap_or(QuantParams {
        scale: 1.0,
        zero_point: 0,
    });
    let steps: Vec<i64> = floats
        .iter()
        .map(|x| (x / scale).round_ties_even() as i64)
        .map(|steps| steps.saturating_add(zero_point.into()))
        .collect();
    // The cast saturates.
    let wide: Vec<f64> = steps.iter().map(|&x| x as f64).collect();
    cast(port.slot.element, &Data::F64(wide))
}

/// The elements of a port, from bytes of the arena.
pub(super) fn read(element: Element, bytes: &[u8]) -> Data {
    macro_rules! each {
        ($ty:ty, $variant:ident) => {{
            let of = |b: &[u8]| {
                b.try_into()
                    .map_or_else(|_| Default::default(), <$ty>::from_le_bytes)
            };
            Data::$variant(bytes.chunks_exact(size_of::<$ty>()).map(of).collect())
        }};
    }
    match element {
        Element::F32 => each!(f32, F32),
        Element::I8 => each!(i8, I8),
        Element::U8 => each!(u8, U8),
        Element::I16 => each!(i16, I16),
        Element::U16 => each!(u16, U16),
        Element::I32 => each!(i32, I32),
        Element::U32 => each!(u32, U32),
        Element::I64 => each!(i64, I64),
    }
}

/// What the elements of a port stand for.
pub(super) fn real(data: &Data, quant: Option<QuantParams>) -> Vec<f32> {
    let Some(QuantParams { scale, zero_point }) = quant else {
        return data.to_f32();
    };
    let real = |&x: &f64| (x - f64::from(zero_point)) as f32 * scale;
    data.to_f64().iter().map(real).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Slot;

    fn port(element: Element, scale: f32, zero_point: i32) -> Port {
        Port {
            name: "x".to_owned(),
            shape: vec![3],
            slot: Slot {
                offset: 0,
                len: 3,
                element,
            },
            quant: Some(QuantParams { scale, zero_point }),
        }
    }

    #[test]
    fn reals_saturate_in_the_type_of_the_port() {
        let bytes = quantized(&[-1.0, 0.25, 1e9], &port(Element::U8, 0.5, 10));
        assert_eq!(bytes, [8, 10, 255]);
        let bytes = quantized(&[1.5, 2.5, -1e9], &port(Element::I16, 1.0, 0));
        assert_eq!(read(Element::I16, &bytes), Data::I16(vec![2, 2, i16::MIN]));
    }

    #[test]
    fn steps_become_reals() {
        let data = read(Element::U8, &[8, 10, 255]);
        let quant = Some(QuantParams {
            scale: 0.5,
            zero_point: 10,
        });
        assert_eq!(real(&data, quant), [-1.0, 0.0, 122.5]);
        assert_eq!(real(&data, None), [8.0, 10.0, 255.0]);
    }

    #[test]
    fn arrays_of_the_right_type_are_taken_as_they_are() {
        assert_eq!(
            raw(Element::I16, &Data::I16(vec![-2])),
            Some(vec![254, 255])
        );
        assert_eq!(raw(Element::I16, &Data::F32(vec![-2.0])), None);
        assert_eq!(
            cast(Element::I64, &Data::F32(vec![-2.0])),
            (-2i64).to_le_bytes()
        );
    }
}
