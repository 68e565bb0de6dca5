//! What the macro costs at build time, in the dev profile and without overrides.
//!
//! `EDGE_SLOW=3` allows three times the time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_test_support::scratch::{Scratch, succeed};
use edge_test_support::shared::Shared;
use edge_test_support::workspace;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::Instant;

/// Crates that a user of the macro builds.
const CRATES: usize = 45;
/// Seconds of a build from nothing of a crate with one small network.
const COLD_BUILD: f64 = 60.0;
/// Seconds of the macro with a large network and nothing in the cache.
const MACRO_COLD: f64 = 60.0;
/// Seconds of the same when the network is in the cache.
const MACRO_CACHED: f64 = 2.0;
/// The memory that the compiler may take meanwhile.
const MEMORY_KIB: u64 = 2 << 20;

/// One measurement at a time.
static ONE: Mutex<()> = Mutex::new(());

#[test]
fn the_tree_of_the_macro_is_small() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace()).args([
        "tree",
        "--package",
        "edge-macros",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--no-dedupe",
    ]);
    let output = succeed(&mut command);
    let text = String::from_utf8(output.stdout).expect("text");
    let crates: BTreeSet<String> = text
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some(format!("{} {}", words.next()?, words.next()?))
        })
        .collect();
    println!("crates: {}", crates.len());
    assert!(
        crates.len() <= CRATES,
        "{} crates: {crates:#?}",
        crates.len()
    );
}

#[test]
fn a_cold_build_of_one_line_is_short() {
    let _one = alone();
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "one-line").cold();
    let folder = workspace().join("examples/quickstart");
    for file in ["digits.onnx", "digits.calib.npy"] {
        std::fs::copy(folder.join(file), scratch.path(file)).expect("the files of the example");
    }
    scratch.write(
        "src/main.rs",
        "edge_macros::include_model!(\"digits.onnx\", target = \"host\", quant = \"int8\");\nfn main() {}\n",
    );
    succeed(&mut scratch.cargo(&["fetch", "--quiet"]));
    let start = Instant::now();
    let log = build(&scratch);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "cold build of one line: {seconds:.1} s, {} crates",
        log.len()
    );
    assert!(seconds <= COLD_BUILD * slow(), "{seconds} s: {log:#?}");
}

#[test]
fn calibration_of_a_large_network_is_short_and_cached() {
    let Some(shared) = Shared::find("build cost of a large network") else {
        return;
    };
    let _one = alone();
    let scratch = Scratch::new(env!("CARGO_TARGET_TMPDIR"), "large");
    let model = shared.variant(
        "vww_mobilenetv1_025_96",
        "vww_mobilenetv1_025_96_tf2onnx_nhwc",
    );
    std::fs::copy(&model.path, scratch.path("net.onnx")).expect("a model");
    let calibration = shared.file("calib/vww_mobilenetv1_025_96/calib_x.npy");
    std::fs::copy(calibration, scratch.path("net.calib.npy")).expect("calibration data");
    let main = "edge_macros::include_model!(\"net.onnx\", target = \"host\", quant = \"int8\");\nfn main() {}\n";
    scratch.write("src/main.rs", "fn main() {}\n");
    build(&scratch);

    scratch.write("src/main.rs", main);
    let [cold] = &build(&scratch)[..] else {
        panic!("one crate is built");
    };
    scratch.write("src/main.rs", format!("// touched\n{main}"));
    let [cached] = &build(&scratch)[..] else {
        panic!("one crate is built");
    };
    println!("large network, nothing in the cache: {cold:?}\nlarge network, cached: {cached:?}");
    assert!(cold.seconds <= MACRO_COLD * slow(), "{cold:?}");
    assert!(cached.seconds <= MACRO_CACHED * slow(), "{cached:?}");
    assert!(cold.peak_kib.max(cached.peak_kib) <= MEMORY_KIB, "{cold:?}");
}

/// What the compiler took for one crate.
#[derive(Debug)]
struct Rustc {
    #[allow(dead_code, reason = "shown when a limit is broken")]
    name: String,
    seconds: f64,
    #[allow(
        dead_code,
        reason = "shown: tells what others of the machine had no part in"
    )]
    cpu_seconds: f64,
    peak_kib: u64,
}

/// Builds a crate and tells what the compiler took for each crate that it compiled.
fn build(scratch: &Scratch) -> Vec<Rustc> {
    let log: PathBuf = scratch.path("rustc.log");
    std::fs::write(&log, "").expect("a log can be written");
    let mut command = scratch.cargo(&["build", "--quiet"]);
    command
        .env("RUSTC_WRAPPER", env!("CARGO_BIN_EXE_measure-rustc"))
        .env("MEASURE_RUSTC", &log);
    succeed(&mut command);
    let text = std::fs::read_to_string(log).expect("a log");
    let lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines
        .filter(|words| words[0] != "___")
        .map(|words| Rustc {
            name: words[0].to_owned(),
            seconds: words[1].parse().expect("seconds"),
            cpu_seconds: words[2].parse().expect("seconds"),
            peak_kib: words[3].parse().expect("KiB"),
        })
        .collect()
}

fn alone() -> impl Drop {
    ONE.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What times are multiplied with on a slow machine.
fn slow() -> f64 {
    let factor = std::env::var("EDGE_SLOW")
        .ok()
        .and_then(|text| text.parse().ok());
    factor.unwrap_or(1.0)
}
