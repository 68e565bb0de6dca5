//! A crate is built again when its model or its calibration data changes, and only then.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_test_support::array::Array;
use edge_test_support::scratch::{Scratch, succeed};
use edge_test_support::workspace;
use std::path::PathBuf;

/// Prints the outputs of the float network and the quantization of the int8 network.
const MAIN: &str = r#"
edge_macros::include_model!("net.onnx", target = "host", quant = "none", name = "Float");
edge_macros::include_model!("net.onnx", target = "host", quant = "int8");

fn main() {
    let input: [f32; 64] = core::array::from_fn(|i| (i % 7) as f32 / 7.0);
    println!("{:?}", Float::new().predict(&input));
    println!("{:?}", <Net as edge_core::model::Model>::INPUTS);
}
"#;

#[test]
fn a_changed_model_and_changed_calibration_data_are_seen() {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "rebuild");
    let model = std::fs::read(example("digits.onnx")).unwrap();
    let calibration = Array::read(&example("digits.calib.npy"));
    scratch.write("src/main.rs", MAIN);
    scratch.write("net.onnx", &model);
    calibration.write(&scratch.path("net.calib.npy"));
    let first = run(&scratch);
    assert_eq!(run(&scratch), first);

    scratch.write("net.onnx", other_weights(&model));
    let second = run(&scratch);
    assert_ne!(first, second, "the model changed and the program did not");

    calibration
        .scaled(3.0)
        .write(&scratch.path("net.calib.npy"));
    let third = run(&scratch);
    assert_ne!(
        second, third,
        "the calibration data changed and the program did not"
    );
}

#[test]
fn calibration_data_that_appears_later_is_seen() {
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "rebuild-later");
    scratch.write("src/main.rs", MAIN);
    scratch.write("net.onnx", std::fs::read(example("digits.onnx")).unwrap());
    let estimated = run(&scratch);
    Array::read(&example("digits.calib.npy"))
        .scaled(3.0)
        .write(&scratch.path("net.calib.npy"));
    // A file that did not exist cannot be tracked by a macro; touching the source is what a user does.
    scratch.write("src/main.rs", format!("{MAIN}\n"));
    assert_ne!(run(&scratch), estimated);
}

fn example(file: &str) -> PathBuf {
    workspace().join("examples/quickstart").join(file)
}

fn run(scratch: &Scratch) -> String {
    let output = succeed(&mut scratch.cargo(&["run", "--quiet"]));
    String::from_utf8(output.stdout).expect("text")
}

/// The model with other weights: the middle of the file is inside of a tensor, and the lowest bits of the
/// bytes of a float change it by a factor of four at most.
fn other_weights(model: &[u8]) -> Vec<u8> {
    let mut changed = model.to_vec();
    let middle = changed.len() / 2;
    for byte in &mut changed[middle..middle + 400] {
        *byte ^= 1;
    }
    changed
}
