//! Layers with weights beyond what the reference computes: legacy types, other arithmetics, and files that ask for
//! the impossible.

use crate::import::tflite::testing::{F32, Field, File, I8, I16, I32, I64, U8};
use crate::ir::Arithmetic;
use crate::lower;
use crate::ops::Op;

fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn halves(numbers: &[i16]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn signed(numbers: &[i8]) -> Vec<u8> {
    numbers.iter().map(|&n| n as u8).collect()
}

const CONV: u8 = 1;
const DEPTHWISE: u8 = 2;
const FULLY_CONNECTED: u8 = 8;
const TRANSPOSE: u8 = 49;
const BATCH_MATMUL: u8 = 101;

/// VALID, strides of 1.
const PLAIN: [(u16, Field); 3] = [(0, Field::Byte(1)), (1, Field::Int(1)), (2, Field::Int(1))];

/// A layer of `[2, 3]` rows with two outputs; scales are 0.5.
fn rows(weights: [i8; 6], bias: [i32; 2]) -> File {
    let file = File::new("FULLY_CONNECTED").input(I8, &[2, 3]);
    let file = file.constant(I8, &[2, 3], &signed(&weights)).ints(&bias);
    file.output(I8, &[2, 2]).options(FULLY_CONNECTED, &[])
}

#[test]
fn unsigned_bytes_are_shifted_and_their_weights_widened() {
    let file = File::new("CONV_2D")
        .input(U8, &[1, 1, 2, 2])
        .quant(0.5, 100);
    let file = file
        .constant(U8, &[2, 1, 1, 2], &[0, 255, 7, 8])
        .quant(0.25, 8);
    let file = file
        .ints(&[40, -3])
        .output(U8, &[1, 1, 2, 2])
        .quant(4.0, 90);
    let found = file.options(CONV, &PLAIN).run(&[&[0, 255, 101, 99]]);
    let output = |x: [i32; 2], w: [i32; 2], bias: i32| {
        let sum = (x[0] - 100) * (w[0] - 8) + (x[1] - 100) * (w[1] - 8) + bias;
        (90.0 + f64::from(sum) / 32.0).round().clamp(0.0, 255.0) as u8
    };
    let wanted = [
        output([0, 255], [0, 255], 40),
        output([0, 255], [7, 8], -3),
        output([101, 99], [0, 255], 40),
        output([101, 99], [7, 8], -3),
    ];
    assert_eq!(found[0], wanted);
}

#[test]
fn unsigned_depthwise_filters_have_one_scale() {
    let file = File::new("DEPTHWISE_CONV_2D")
        .input(U8, &[1, 2, 1, 2])
        .quant(0.5, 128);
    let file = file
        .constant(U8, &[1, 2, 1, 2], &[1, 2, 3, 4])
        .quant(1.0, 3);
    let file = file
        .ints(&[0, 10])
        .output(U8, &[1, 1, 1, 2])
        .quant(0.5, 128);
    let found = file
        .options(DEPTHWISE, &PLAIN)
        .run(&[&[130, 131, 132, 133]]);
    assert_eq!(found[0], [128 - 4, 128 - 3 + 5 + 10]);
}

#[test]
fn integer_weights_of_float_layers_are_floats() {
    let file = File::new("FULLY_CONNECTED").input(F32, &[1, 2]);
    let file = file
        .constant(I8, &[1, 2], &signed(&[-128, 3]))
        .quant(0.5, 1);
    let file = file
        .constant(F32, &[1], &floats(&[10.0]))
        .output(F32, &[1, 1]);
    let found = file
        .options(FULLY_CONNECTED, &[])
        .run(&[&floats(&[2.0, 4.0])]);
    assert_eq!(found[0], floats(&[10.0 - 129.0 + 4.0]));
}

#[test]
fn computed_weights_make_a_product() {
    let weights = [1i8, -2, 3, 100, -128, 127];
    let x = signed(&[5, -6, 7, -128, 127, 90]);
    let file = File::new("FULLY_CONNECTED")
        .input(I8, &[2, 3])
        .input(I8, &[2, 3]);
    let file = file.output(I8, &[2, 2]).options(FULLY_CONNECTED, &[]);
    let known = rows(weights, [0, 0]).run(&[&x]);
    assert_eq!(file.run(&[&x, &signed(&weights)]), known);
}

#[test]
fn computed_float_weights_may_have_a_bias_and_an_activation() {
    let relu = [(0, Field::Byte(1))];
    let file = File::new("FULLY_CONNECTED")
        .input(F32, &[1, 2])
        .input(F32, &[2, 2]);
    let file = file
        .constant(F32, &[2], &floats(&[0.5, -20.0]))
        .output(F32, &[1, 2]);
    let file = file.options(FULLY_CONNECTED, &relu);
    let found = file.run(&[&floats(&[1.0, 2.0]), &floats(&[3.0, 4.0, 5.0, 6.0])]);
    assert_eq!(found[0], floats(&[11.5, 0.0]));
    let file = File::new("FULLY_CONNECTED")
        .input(I8, &[1, 2])
        .input(I8, &[2, 2]);
    let file = file.output(I8, &[1, 2]).options(FULLY_CONNECTED, &relu);
    assert!(file.read().is_err());
}

#[test]
fn products_with_known_floats_are_layers() {
    let numbers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let file = |adjoint: bool| {
        let file = File::new("BATCH_MATMUL").input(F32, &[2, 1, 3]);
        let shape = if adjoint { [1, 2, 3] } else { [1, 3, 2] };
        let file = file.constant(F32, &shape, &floats(&numbers));
        let adjoint = [(1, Field::Flag(adjoint))];
        file.output(F32, &[2, 1, 2]).options(BATCH_MATMUL, &adjoint)
    };
    let x = floats(&[1.0, 10.0, 100.0, 0.0, 0.0, 1.0]);
    assert_eq!(file(false).run(&[&x])[0], floats(&[531.0, 642.0, 5.0, 6.0]));
    assert_eq!(file(true).run(&[&x])[0], floats(&[321.0, 654.0, 3.0, 6.0]));
    let graph = file(false).read().unwrap();
    let layer = |op: &Op| matches!(op, Op::FullyConnected(_));
    assert!(graph.nodes.iter().any(|node| layer(&node.op)));
}

#[test]
fn each_arithmetic_rounds_in_its_own_way() {
    // Factors of a half: halves everywhere.
    let file = rows([1, 0, 0, 3, 0, 0], [0, 0]);
    let x = signed(&[1, 0, 0, -1, 0, 0]);
    let mut graph = file.read().unwrap();
    let mut with = |arithmetic| {
        graph.arithmetic = arithmetic;
        let draft = lower::run(&graph).unwrap();
        draft
            .steps
            .iter()
            .map(|step| step.kernel.function())
            .collect::<Vec<_>>()
    };
    assert_eq!(with(Arithmetic::TfLite), ["fully_connected_exact"]);
    assert_eq!(with(Arithmetic::Onnx), ["fully_connected_exact"]);
    assert_eq!(with(Arithmetic::Native), ["fully_connected_s8"]);
    assert_eq!(file.run(&[&x])[0], signed(&[1, 2, 0, -1]));
}

#[test]
fn quick_layers_with_limits_inside_the_range_are_exact() {
    let limits = [(0, Field::Byte(2))];
    let file = rows([1, 0, 0, 3, 0, 0], [0, 0]).options(FULLY_CONNECTED, &limits);
    let mut graph = file.read().unwrap();
    graph.arithmetic = Arithmetic::Native;
    let draft = lower::run(&graph).unwrap();
    assert_eq!(draft.steps[0].kernel.function(), "fully_connected_exact");
    let found = file.run(&[&signed(&[100, 0, 0, -100, 0, 0])]);
    assert_eq!(found[0], signed(&[2, 2, -2, -2]));
}

#[test]
fn sums_beyond_32_bits_are_refused() {
    let lowered = |file: File| lower::run(&file.read().unwrap()).is_ok();
    let most = i32::MAX - 128 * 381;
    assert!(lowered(rows([127, 127, 127, 0, 0, 0], [0, 0])));
    // The greatest sum fits, but no longer with what the kernel adds to it.
    assert!(!lowered(rows([127, 127, 127, 0, 0, 0], [most, 0])));
    assert!(!lowered(rows([127, 127, 127, 0, 0, 0], [i32::MAX, 0])));
    assert!(!lowered(rows([127, 127, 127, 0, 0, 0], [0, i32::MIN])));
    let wide = |bias: i64| {
        let file = File::new("FULLY_CONNECTED").input(I16, &[1, 1]);
        let file = file.constant(I8, &[1, 1], &[127]);
        let file = file.constant(I64, &[1], &bias.to_le_bytes());
        file.output(I16, &[1, 1]).options(FULLY_CONNECTED, &[])
    };
    assert!(lowered(wide(1 << 30)));
    for bias in [1 << 47, i64::MAX, i64::MIN] {
        assert!(!lowered(wide(bias)), "{bias}");
        let mut graph = wide(bias).read().unwrap();
        graph.arithmetic = Arithmetic::Onnx;
        assert_eq!(lower::run(&graph).is_ok(), bias == 1 << 47, "{bias}");
    }
}

#[test]
fn transposed_biases_may_have_16_bits() {
    let file = File::new("TRANSPOSE_CONV").ints(&[1, 1, 3, 1]);
    let file = file
        .constant(I8, &[1, 1, 2, 1], &signed(&[2, -3]))
        .input(I16, &[1, 1, 2, 1]);
    let file = file
        .constant(I16, &[1], &halves(&[-7]))
        .output(I16, &[1, 1, 3, 1]);
    let found = file
        .quant(0.25, 0)
        .options(TRANSPOSE, &PLAIN)
        .run(&[&halves(&[100, 1000])]);
    assert_eq!(found[0], halves(&[200 - 7, 2000 - 300 - 7, -3000 - 7]));
}

#[test]
fn outputs_longer_than_the_input_reaches_are_bias() {
    let file = File::new("TRANSPOSE_CONV").ints(&[1, 1, 4, 1]);
    let file = file
        .constant(I8, &[1, 1, 2, 1], &signed(&[2, 4]))
        .input(I8, &[1, 1, 1, 1]);
    let file = file
        .ints(&[6])
        .output(I8, &[1, 1, 4, 1])
        .options(TRANSPOSE, &PLAIN);
    assert_eq!(file.run(&[&[10]])[0], [13, 23, 3, 3]);
}

#[test]
fn what_no_kernel_does_is_an_error() {
    let x = || File::new("CONV_2D").input(I8, &[1, 2, 2, 4]);
    let end = |file: File| file.output(I8, &[1, 2, 2, 2]).options(CONV, &PLAIN).read();
    let good = |file: File| file.constant(I8, &[2, 1, 1, 4], &[0; 8]);
    assert!(end(good(x()).ints(&[1, 2])).is_ok());
    assert!(end(good(x())).is_ok());
    // A zero point, which the reference does not look at.
    assert!(end(good(x()).quant(0.5, 1).ints(&[1, 2])).is_err());
    // Filters that are computed, too deep, of another rank, empty, or of half words that came as such.
    assert!(end(x().input(I8, &[2, 1, 1, 4])).is_err());
    assert!(end(x().constant(I8, &[2, 1, 1, 3], &[0; 6])).is_err());
    assert!(end(x().constant(I8, &[2, 4], &[0; 8])).is_err());
    assert!(end(x().constant(I8, &[2, 1, 1, 0], &[])).is_err());
    assert!(end(x().constant(F32, &[2, 1, 1, 4], &[0; 32])).is_err());
    // Biases of another length or type.
    assert!(end(good(x()).ints(&[1, 2, 3])).is_err());
    assert!(end(good(x()).ints(&[1])).is_err());
    assert!(end(good(x()).constant(F32, &[2], &[0; 8])).is_err());
    assert!(end(good(x()).input(I32, &[2])).is_err());
    // An output of another shape or type.
    let file = good(x()).output(I8, &[1, 2, 2, 3]);
    assert!(file.options(CONV, &PLAIN).read().is_err());
    let file = good(x()).output(I16, &[1, 2, 2, 2]);
    assert!(file.options(CONV, &PLAIN).read().is_err());
}

#[test]
fn matrices_that_do_not_fit_are_errors() {
    let product = |a: &[i32], b: &[i32], y: &[i32]| {
        let file = File::new("BATCH_MATMUL")
            .input(I8, a)
            .input(I8, b)
            .output(I8, y);
        file.options(BATCH_MATMUL, &[]).read()
    };
    assert!(product(&[2, 3, 4], &[1, 4, 5], &[2, 3, 5]).is_ok());
    assert!(product(&[1, 3, 4], &[2, 4, 5], &[2, 3, 5]).is_ok());
    assert!(product(&[3, 4], &[4, 5], &[3, 5]).is_ok());
    assert!(product(&[4], &[4, 5], &[5]).is_err());
    assert!(product(&[3, 4], &[5, 5], &[3, 5]).is_err());
    assert!(product(&[2, 3, 4], &[3, 4, 5], &[2, 3, 5]).is_err());
    assert!(product(&[2, 3, 4], &[3, 4, 5], &[3, 3, 5]).is_err());
    assert!(product(&[3, 4], &[4, 5], &[5, 3]).is_err());
    assert!(product(&[2, 3, 4, 4], &[1, 1, 4, 5], &[3, 2, 4, 5]).is_err());
    assert!(product(&[3, 4], &[4, 5], &[i32::MAX, i32::MAX, 3, 5]).is_err());
    let rows = |x: &[i32], w: &[i32], y: &[i32], format: i8| {
        let data = vec![0; w.iter().product::<i32>() as usize];
        let file = File::new("FULLY_CONNECTED")
            .input(I8, x)
            .constant(I8, w, &data);
        let format = [(1, Field::Byte(format))];
        file.output(I8, y).options(FULLY_CONNECTED, &format).read()
    };
    assert!(rows(&[2, 2, 3], &[4, 6], &[2, 4], 0).is_ok());
    assert!(rows(&[2, 2, 3], &[4, 6], &[2, 4], 1).is_err());
    assert!(rows(&[2, 2, 3], &[4, 5], &[2, 4], 0).is_err());
    assert!(rows(&[2, 2, 3], &[4, 0], &[2, 4], 0).is_err());
    assert!(rows(&[2, 2, 3], &[1, 4, 6], &[2, 4], 0).is_err());
    assert!(rows(&[2, 2, 3], &[4, 6], &[3, 4], 0).is_err());
}
