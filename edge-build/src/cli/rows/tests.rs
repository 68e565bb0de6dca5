use super::*;
use crate::ir::QuantParams;
use crate::npy::Data;
use crate::program::Slot;

fn port(name: &str, shape: &[usize], element: Element) -> Port {
    Port {
        name: name.to_owned(),
        shape: shape.to_vec(),
        slot: Slot {
            offset: 0,
            len: shape.iter().product(),
            element,
        },
        quant: (element == Element::I8).then_some(QuantParams {
            scale: 0.5,
            zero_point: 1,
        }),
    }
}

fn array(shape: &[usize], data: impl Into<Data>) -> Array {
    Array {
        shape: shape.to_vec(),
        data: data.into(),
    }
}

#[test]
fn one_row_or_several_fit() {
    for shape in [&[1, 2, 3][..], &[2, 3], &[7, 2, 3], &[7, 1, 2, 3]] {
        assert!(fits(shape, &[1, 2, 3]), "{shape:?}");
    }
    for shape in [&[6][..], &[1, 3, 2], &[2, 2, 2, 3], &[]] {
        assert!(!fits(shape, &[1, 2, 3]), "{shape:?}");
    }
    assert!(fits(&[5, 4], &[1, 4]) && fits(&[4], &[4]) && fits(&[5, 4], &[4]));
}

#[test]
fn bytes_are_raw_and_floats_are_quantized() {
    let port = port("x", &[1, 2], Element::I8);
    let raw = column(&array(&[1, 2], vec![-3i8, 7]), &port).unwrap();
    assert_eq!(raw, [253, 7]);
    let floats = column(&array(&[2, 2], vec![0.0f32, 0.5, 1e9, -1e9]), &port).unwrap();
    assert_eq!(floats, [1, 2, 127, 128]);
}

#[test]
fn rows_of_several_inputs_alternate() {
    let ports = [
        port("a", &[1, 1], Element::I8),
        port("b", &[1, 2], Element::I8),
    ];
    let rows = interleave(&[vec![1, 2], vec![3, 4, 5, 6]], &ports).unwrap();
    assert_eq!((rows.bytes, rows.count), (vec![1, 3, 4, 2, 5, 6], 2));
    let uneven = interleave(&[vec![1, 2], vec![3, 4]], &ports);
    assert!(matches!(uneven, Err(RowsError::Count(2, 1))));
}

/// The first bytes of the generator, by hand from its definition.
#[test]
fn made_up_rows_are_those_of_the_generator() {
    let bytes = make_up(&[port("x", &[1, 4], Element::I8)]).bytes;
    let mut state = 0x1234_5678u32;
    let expected: Vec<u8> = (0..4)
        .map(|_| {
            state ^= state.wrapping_shl(13);
            state ^= state >> 17;
            state ^= state.wrapping_shl(5);
            (state & 0xff) as u8
        })
        .collect();
    assert_eq!(bytes, expected);
    let floats = make_up(&[port("x", &[1, 4], Element::F32)]).bytes;
    let first = f32::from_le_bytes([floats[0], floats[1], floats[2], floats[3]]);
    assert!((first * 128.0 - f32::from(bytes[0] as i8)).abs() < 1e-6);
}
