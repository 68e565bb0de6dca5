//! Operators that move and reduce, beyond what the reference computes: other types, numbers known at build time,
//! and files that ask for the impossible.

use crate::import::tflite::testing::{BOOL, F32, Field, File, I8, I16, I32, I64, U8};

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn words(numbers: &[i32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn halves(numbers: &[i16]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn doubles(numbers: &[i64]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

#[test]
fn tiles_repeat_every_axis() {
    let file = File::new("TILE").input(I8, &[2, 2]).ints(&[2, 3]);
    let found = file.output(I8, &[4, 6]).run(&[&[1, 2, 3, 4]]);
    let (first, second) = ([1, 2, 1, 2, 1, 2], [3, 4, 3, 4, 3, 4]);
    assert_eq!(found[0], [first, second, first, second].concat());
}

#[test]
fn tiles_of_many_axes_are_made_in_parts() {
    let shape = [2, 1, 2, 1, 2, 1];
    let file = File::new("TILE").input(I32, &shape);
    let file = file.ints(&[2, 3, 1, 2, 2, 2]);
    let found = file
        .output(I32, &[4, 3, 2, 2, 4, 2])
        .run(&[&words(&[0, 1, 2, 3, 4, 5, 6, 7])]);
    let mut expected = Vec::new();
    for index in 0..4 * 3 * 2 * 2 * 4 * 2 {
        let (a, c, e) = (index / 96 % 2, index / 16 % 2, index / 2 % 2);
        expected.push(a * 4 + c * 2 + e);
    }
    assert_eq!(found[0], words(&expected));
}

#[test]
fn hostile_tiles_are_errors() {
    for times in [[0, 1], [-1, 1], [i32::MAX, i32::MAX], [2, 2]] {
        let file = File::new("TILE").input(I8, &[2, 2]).ints(&times);
        assert!(file.output(I8, &[4, 2]).read().is_err(), "{times:?}");
    }
    let file = File::new("TILE").input(I8, &[2, 2]).ints(&[1]);
    assert!(file.output(I8, &[2, 2]).read().is_err());
}

/// Code of the type, and the bytes of numbers, filling and result.
type Padded = (i8, Vec<u8>, Vec<u8>, Vec<u8>);

#[test]
fn padding_has_the_number_of_the_file() {
    let pads = [1, 0, 0, 1];
    let shape = [2, 2];
    let cases: [Padded; 5] = [
        (
            I16,
            halves(&[7]),
            halves(&[-300]),
            halves(&[-300, -300, 7, -300]),
        ),
        (
            I32,
            words(&[7]),
            words(&[i32::MIN + 1]),
            words(&[i32::MIN + 1, i32::MIN + 1, 7, i32::MIN + 1]),
        ),
        (
            I64,
            doubles(&[7]),
            doubles(&[1 << 53 | 1]),
            doubles(&[1 << 53 | 1, 1 << 53 | 1, 7, 1 << 53 | 1]),
        ),
        (BOOL, vec![0], vec![1], vec![1, 1, 0, 1]),
        (U8, vec![7], vec![200], vec![200, 200, 7, 200]),
    ];
    for (dtype, x, fill, expected) in cases {
        let file = File::new("PADV2").input(dtype, &[1, 1]);
        let file = file.constant(I32, &[2, 2], &words(&pads));
        let file = file.constant(dtype, &[1], &fill).output(dtype, &shape);
        assert_eq!(file.run(&[&x])[0], expected, "type {dtype}");
    }
}

#[test]
fn constants_are_padded_with_their_own_number() {
    let file = File::new("PADV2").constant(I32, &[1], &words(&[5]));
    let file = file.constant(I32, &[1, 2], &words(&[1, 1]));
    let file = file.constant(I32, &[1], &words(&[9])).output(I32, &[3]);
    assert_eq!(file.run(&[])[0], words(&[9, 5, 9]));
}

#[test]
fn hostile_pads_are_errors() {
    for pads in [[-1, 0], [i32::MAX, i32::MAX], [i32::MIN, 0], [0, 2]] {
        for name in ["PAD", "MIRROR_PAD"] {
            let file = File::new(name).input(F32, &[2]);
            let file = file.constant(I32, &[1, 2], &words(&pads));
            let file = file.options(77, &[(0, Field::Byte(0))]);
            assert!(file.output(F32, &[3]).read().is_err(), "{name} {pads:?}");
        }
    }
    let file = File::new("PAD").input(F32, &[2]).ints(&[1]);
    assert!(file.output(F32, &[3]).read().is_err());
}

#[test]
fn slices_take_every_type() {
    let file = File::new("SLICE").input(I64, &[3]).ints(&[1]).ints(&[-1]);
    let found = file.output(I64, &[2]).run(&[&doubles(&[1, -2, i64::MIN])]);
    assert_eq!(found[0], doubles(&[-2, i64::MIN]));
}

#[test]
fn hostile_slices_are_errors() {
    let hostile = [
        (-1, 1),
        (0, -2),
        (4, -1),
        (i32::MAX, 1),
        (1, i32::MAX),
        (0, 0),
        (3, -1),
    ];
    for (begin, size) in hostile {
        let file = File::new("SLICE").input(F32, &[3]);
        let file = file.ints(&[begin]).ints(&[size]).output(F32, &[1]);
        assert!(file.read().is_err(), "{begin} {size}");
    }
}

#[test]
fn indices_out_of_range_are_errors_or_the_nearest() {
    let axis = [(0, Field::Int(-1)), (1, Field::Int(0))];
    let known = |index: i32| {
        let file = File::new("GATHER").input(I16, &[3]).ints(&[index]);
        file.options(23, &axis).output(I16, &[1])
    };
    assert_eq!(known(2).run(&[&halves(&[5, 6, 7])])[0], halves(&[7]));
    for index in [-1, 3, i32::MAX, i32::MIN] {
        assert!(known(index).read().is_err(), "{index}");
    }
    let file = File::new("GATHER").input(I16, &[3]).input(I64, &[4]);
    let file = file.options(23, &axis).output(I16, &[4]);
    let x = halves(&[5, 6, 7]);
    let found = file.run(&[&x, &doubles(&[1, -9, 3, i64::MAX])]);
    assert_eq!(found[0], halves(&[6, 5, 7, 7]));
}

#[test]
fn batches_have_indices_of_their_own() {
    // [2, 2, 3] by [2, 2] along the last axis: both rows of a batch share its indices.
    let options = [(0, Field::Int(2)), (1, Field::Int(1))];
    let x: Vec<u8> = (0..12).collect();
    let expected = [2, 0, 5, 3, 7, 7, 10, 10];
    let file = File::new("GATHER")
        .input(I8, &[2, 2, 3])
        .input(I32, &[2, 2]);
    let file = file.options(23, &options).output(I8, &[2, 2, 2]);
    assert_eq!(file.run(&[&x, &words(&[2, 0, 1, 1])])[0], expected);
    let file = File::new("GATHER").input(I8, &[2, 2, 3]);
    let file = file.constant(I32, &[2, 2], &words(&[2, 0, 1, 1]));
    let file = file.options(23, &options).output(I8, &[2, 2, 2]);
    assert_eq!(file.run(&[&x])[0], expected);
}

#[test]
fn hostile_gathers_are_errors() {
    for (axis, batches) in [
        (i32::MIN, 0),
        (i32::MAX, 0),
        (0, 1),
        (1, 2),
        (1, i32::MIN),
        (1, i32::MAX),
        (2, 0),
    ] {
        let file = File::new("GATHER").input(F32, &[2, 3]).input(I32, &[2]);
        let file = file.options(23, &[(0, Field::Int(axis)), (1, Field::Int(batches))]);
        let file = file.output(F32, &[2, 2]);
        assert!(file.read().is_err(), "{axis} {batches}");
    }
    for depth in [0, 3, 7] {
        let file = File::new("GATHER_ND").input(F32, &[2, 3]);
        let file = file.input(I32, &[1, depth]).output(F32, &[1]);
        assert!(file.read().is_err(), "{depth}");
    }
}

#[test]
fn axes_out_of_range_are_errors() {
    let reducer = [(0, Field::Flag(false))];
    for name in ["MEAN", "REDUCE_MAX", "ARG_MAX", "CUMSUM"] {
        for axis in [2, -3, i32::MIN, i32::MAX] {
            let file = File::new(name).input(F32, &[2, 3]).ints(&[axis]);
            let result = if name == "ARG_MAX" { I32 } else { F32 };
            let kind = if name == "CUMSUM" { 102 } else { 27 };
            let file = file.options(kind, &reducer).output(result, &[2]);
            assert!(file.read().is_err(), "{name} {axis}");
        }
    }
}

#[test]
fn no_axes_reduce_nothing() {
    let file = File::new("MEAN").input(I8, &[2]).quant(1.0, 0);
    let file = file.constant(I32, &[0], &[]).output(I8, &[2]).quant(0.5, 1);
    let file = file.options(27, &[(0, Field::Flag(false))]);
    assert_eq!(file.run(&[&[3, 100]])[0], [7, 127]);
}

#[test]
fn places_of_extremes_have_64_bits_if_asked() {
    let file = File::new("ARG_MIN").input(I16, &[2, 3]).ints(&[-1]);
    let found = file
        .output(I64, &[2])
        .run(&[&halves(&[3, -4, -4, 9, 8, 7])]);
    assert_eq!(found[0], doubles(&[1, 2]));
}

#[test]
fn shapes_are_known() {
    let file = File::new("SHAPE").input(F32, &[2, 3]);
    let found = file.output(I64, &[2]).run(&[&floats(&[0.0; 6])]);
    assert_eq!(found[0], doubles(&[2, 3]));
    let file = File::new("RANK").input(F32, &[2, 3]).output(I32, &[]);
    assert_eq!(file.run(&[&floats(&[0.0; 6])])[0], words(&[2]));
    let file = File::new("ZEROS_LIKE").input(I16, &[2]).output(I16, &[2]);
    assert_eq!(file.run(&[&halves(&[4, 5])])[0], halves(&[0, 0]));
}

#[test]
fn fills_have_the_type_of_their_value() {
    let file = File::new("FILL").ints(&[2, 2]).input(BOOL, &[]);
    assert_eq!(file.output(BOOL, &[2, 2]).run(&[&[1]])[0], [1; 4]);
    let file = File::new("FILL")
        .ints(&[2])
        .constant(I64, &[], &doubles(&[-5]));
    assert_eq!(file.output(I64, &[2]).run(&[])[0], doubles(&[-5, -5]));
}

#[test]
fn numbers_are_read_in_the_scale_of_the_output() {
    // A reshape leaves the numbers as they are, whatever they stand for.
    let file = File::new("RESHAPE").input(I8, &[2]).quant(1.0, 0);
    let file = file.output(I8, &[1, 2]).quant(0.25, 3);
    let graph = file.read().unwrap();
    let output = graph.ty(graph.outputs[0]).params().unwrap();
    assert_eq!((output.scale, output.zero_point), (0.25, 3));
    assert_eq!(file.run(&[&[5, 250]])[0], [5, 250]);
}

#[test]
fn joined_unsigned_bytes_get_the_scale_of_the_whole() {
    let joined = |dtype| {
        let file = File::new("CONCATENATION").input(dtype, &[2]).quant(1.0, 10);
        let file = file.input(dtype, &[2]).quant(0.5, 0);
        let file = file.output(dtype, &[4]).quant(0.5, 0);
        file.options(10, &[(0, Field::Int(0))])
    };
    let found = joined(U8).run(&[&[10, 110], &[3, 250]]);
    assert_eq!(found[0], [0, 200, 3, 250]);
    let found = joined(I8).run(&[&[10, 110], &[3, 250]]);
    assert_eq!(found[0], [10, 110, 3, 250]);
}

#[test]
fn hostile_blocks_are_errors() {
    for block in [0, -1, 3, i32::MAX, i32::MIN] {
        for (name, kind) in [("DEPTH_TO_SPACE", 94), ("SPACE_TO_DEPTH", 19)] {
            let file = File::new(name).input(F32, &[1, 4, 4, 4]);
            let file = file.options(kind, &[(0, Field::Int(block))]);
            let file = file.output(F32, &[1, 8, 8, 1]);
            assert!(file.read().is_err(), "{name} {block}");
        }
    }
    for (blocks, edges) in [
        ([0, 2], [0; 4]),
        ([2, -1], [0; 4]),
        ([i32::MAX, i32::MAX], [0; 4]),
        ([2, 2], [i32::MAX, i32::MAX, 0, 0]),
        ([2, 2], [-1, 0, 0, 0]),
        ([2, 2], [2, 2, 0, 0]),
    ] {
        for name in ["SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"] {
            let file = File::new(name).input(F32, &[4, 2, 2, 1]).ints(&blocks);
            let file = file.constant(I32, &[2, 2], &words(&edges));
            let file = file.output(F32, &[1, 4, 4, 1]);
            assert!(file.read().is_err(), "{name} {blocks:?} {edges:?}");
        }
    }
}

#[test]
fn parts_must_make_up_the_whole() {
    let file = File::new("SPLIT").ints(&[0]).input(F32, &[4]);
    let file = file.output(F32, &[2]).output(F32, &[1]);
    assert!(file.read().is_err());
    let file = File::new("UNPACK").input(F32, &[2, 2]);
    let file = file.options(64, &[(1, Field::Int(0))]).output(F32, &[2]);
    assert!(file.read().is_err());
    let file = File::new("PACK").options(59, &[(1, Field::Int(0))]);
    assert!(file.output(F32, &[1]).read().is_err());
}
