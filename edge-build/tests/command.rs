//! `cargo edge` as a user calls it, with the network of the quickstart.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use edge_build::npy::{Array, Data, read_npy, read_npz, write_npy};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn digits() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("examples/quickstart/digits.onnx")
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn edge(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-edge"))
        .arg("edge")
        .args(arguments)
        .env("EDGE_CACHE_DIR", temporary("cache"))
        .output()
        .unwrap()
}

/// Standard output of a call that succeeds.
fn printed(arguments: &[&str]) -> String {
    let output = edge(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Exit code and standard error of a call that fails and prints nothing else.
fn refused(arguments: &[&str]) -> (i32, String) {
    let output = edge(arguments);
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!errors.contains("panicked"), "{errors}");
    (output.status.code().unwrap(), errors)
}

#[test]
fn inspect_shows_layers_and_costs() {
    let model = digits();
    let model = model.to_str().unwrap();
    let text = printed(&["inspect", model, "--target", "cortex-m4", "--quant", "int8"]);
    for word in ["Digits", "conv2d_s8", "arena", "RAM", "flash", "MACs"] {
        assert!(text.contains(word), "no {word} in\n{text}");
    }
    let json: Value = serde_json::from_str(&printed(&["inspect", model, "--json"])).unwrap();
    assert_eq!(json["quant"], "none");
    let layers = json["layers"].as_array().unwrap();
    let sum: u64 = layers.iter().map(|l| l["macs"].as_u64().unwrap()).sum();
    assert_eq!(json["macs"].as_u64(), Some(sum));
}

/// One build of the generated crate serves all that is asked here.
#[test]
fn run_feeds_rows_and_writes_outputs() {
    let model = digits();
    let data = model.with_file_name("digits.calib.npy");
    let samples = read_npy(&std::fs::read(data).unwrap()).unwrap();
    let row: usize = samples.shape[1..].iter().product();
    let Data::F32(numbers) = samples.data else {
        panic!("not floats");
    };
    let mut shape = samples.shape.clone();
    shape[0] = 3;
    let (input, output) = (temporary("digits.in.npy"), temporary("digits.out.npz"));
    let three = Array {
        shape,
        data: numbers[..3 * row].to_vec().into(),
    };
    write_npy(&input, &three).unwrap();
    let (input, output) = (input.to_str().unwrap(), output.to_str().unwrap());
    let common = ["run", model.to_str().unwrap(), "--quant", "int8", "--json"];
    let text = printed(&[&common[..], &["--input", input, "--output", output]].concat());
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["inferences"], 3);
    assert_eq!(json["target"], "host");
    assert_eq!(json["stack_bytes"], Value::Null);
    for name in ["macs", "ram_bytes", "flash_bytes", "weights_bytes"] {
        assert!(json[name].as_u64().unwrap() > 0, "{name}");
    }
    let arrays = read_npz(&std::fs::read(output).unwrap()).unwrap();
    let name = json["outputs"][0]["name"].as_str().unwrap();
    let array = |name: &str| &arrays.iter().find(|(known, _)| known == name).unwrap().1;
    let (floats, raw) = (array(name), array(&format!("{name}_int8")));
    assert_eq!(floats.shape, [3, 10]);
    let Data::I8(raw) = &raw.data else {
        panic!("not int8");
    };
    let last: Vec<u8> = raw[20..].iter().map(|&x| x as u8).collect();
    let crc32 = format!("{:08x}", rawzip::crc32(&last));
    assert_eq!(json["outputs"][0]["crc32"], crc32);
    assert!(
        raw[..10] != raw[10..20] || raw[10..20] != raw[20..],
        "rows are equal"
    );

    // Without input: the same made-up row every time, and it is said.
    let made_up = edge(&common);
    assert!(String::from_utf8_lossy(&made_up.stderr).contains("0x12345678"));
    let made_up: Value = serde_json::from_slice(&made_up.stdout).unwrap();
    assert_eq!(made_up["input"], "pseudo-random");
    assert_eq!(made_up["inferences"], 1);
}

#[test]
fn mistakes_get_one_readable_error() {
    let model = digits();
    let model = model.to_str().unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["run", "no.onnx"], 1, "E0101"),
        (&["run", model, "--target", "stm32h743"], 1, "stm32h7"),
        (&["run", model, "--quant", "int4"], 1, "int8"),
        (&["run", model, "--core", "cortex-m1"], 2, "cortex-m33"),
        (&["run", model, "--on", "qemu"], 2, "--core"),
        (
            &["run", model, "--core", "cortex-m4", "--cycles", "no.so"],
            2,
            "no.so",
        ),
        (&["run", model, "--input", "no.npy"], 1, "no.npy"),
        (&["run", model, "--input", model], 1, "not an .npy"),
        (&["run", model, "--shapes", "x"], 1, "shapes"),
        (&["run"], 2, "MODEL"),
        (&["walk", model], 2, "walk"),
    ];
    for (arguments, code, word) in cases {
        let (found, errors) = refused(arguments);
        assert!(errors.contains(word), "{arguments:?}: {errors}");
        assert_eq!(found, *code, "{arguments:?}: {errors}");
    }
}
