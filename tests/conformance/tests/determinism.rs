//! The same input gives the same bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::models::MODELS;
use edge_build::compile::{Artifact, compile};
use edge_build::options::{Options, QuantMode};
use edge_test_support::shared::Shared;
use edge_test_support::workspace;
use std::path::Path;
use std::process::Command;

#[test]
fn the_quickstart_network_compiles_to_the_same_bytes_twice() {
    let folder = workspace().join("examples/quickstart");
    let model = first_model(&folder);
    for quant in [QuantMode::None, QuantMode::Int8] {
        assert_same(&model, quant, None);
    }
}

#[test]
fn real_networks_compile_to_the_same_bytes_twice() {
    let Some(shared) = Shared::find("determinism") else {
        return;
    };
    for model in MODELS {
        let variant = &shared.float_variants(model.name)[0];
        assert_same(&variant.path, QuantMode::None, None);
    }
    let digits = shared.float_variants("digits_cnn");
    let calibration = shared.file("calib/digits_cnn/calib_x.npy");
    for variant in &digits {
        assert_same(&variant.path, QuantMode::Int8, Some(&calibration));
    }
}

/// Calibration uses all cores; a process that may use one of them comes to the same.
#[test]
fn one_core_comes_to_the_same_bytes() {
    const PRINT: &str = "EDGE_PRINT_FINGERPRINT";
    let model = first_model(&workspace().join("examples/quickstart"));
    let mine = format!("fingerprint {:016x}", fingerprint(&model));
    if std::env::var_os(PRINT).is_some() {
        println!("{mine}");
        return;
    }
    let mut command = Command::new("taskset");
    command
        .args(["-c", "0"])
        .arg(std::env::current_exe().unwrap())
        .args(["one_core_comes_to_the_same_bytes", "--exact", "--nocapture"])
        .env(PRINT, "1");
    let Ok(output) = command.output() else {
        println!("skipped: there is no taskset here");
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}");
    assert!(text.contains(&mine), "{mine}, on one core: {text}");
}

/// FNV-1a of the code of the int8 network.
fn fingerprint(model: &Path) -> u64 {
    let source = edge_test_support::source(model);
    let mut options = Options::new(edge_build::target::find("cortex-m4").expect("a target"));
    options.quant = QuantMode::Int8;
    let artifact = compile(&source, &options).expect("a network that compiles");
    text(&artifact)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

/// The model of the example.
fn first_model(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("digits.onnx");
    assert!(path.exists(), "{}", path.display());
    path
}

fn assert_same(model: &Path, quant: QuantMode, calibration: Option<&Path>) {
    let source = edge_test_support::source(model);
    let mut options = Options::new(edge_build::target::find("cortex-m4").expect("a target"));
    options.quant = quant;
    options.calibration = calibration.map(Path::to_path_buf);
    let run = || compile(&source, &options).expect("a network that compiles");
    let [first, second] = [run(), run()];
    assert_eq!(first.report, second.report, "{}", model.display());
    assert!(text(&first) == text(&second), "{}", model.display());
    assert!(
        constants(&first).eq(constants(&second)),
        "{}",
        model.display()
    );
}

fn text(artifact: &Artifact) -> String {
    artifact.tokens.to_string()
}

fn constants(artifact: &Artifact) -> impl Iterator<Item = &[u8]> {
    artifact
        .program
        .constants
        .iter()
        .map(|constant| constant.bytes.as_slice())
}
