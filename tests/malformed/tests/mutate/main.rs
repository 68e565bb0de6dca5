//! Files that are cut short or have wrong bytes: an error or a program; no panic, no hang, no allocation of a
//! size that the file dictates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

mod bytes;
mod counting;
mod mutants;
mod tree;
mod words;

use counting::Counting;
use edge_build::compile::{check, compile};
use edge_build::exec::Executor;
use edge_build::npy::{npz_bytes, read_npy, read_npz};
use edge_build::options::{Options, QuantMode};
use edge_build::source::Source;
use edge_test_support::random::Random;
use edge_test_support::shared::Shared;
use edge_test_support::workspace;
use mutants::{Break, Mutants, Summary};
use std::path::{Path, PathBuf};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Programs with more multiplications than this are not run.
const RUN_MACS: u64 = 1 << 20;
/// Of files above this size one in sixteen becomes Rust source, which takes most of the time, the others a program
/// that is not written out.
const SMALL: usize = 32 << 10;
/// How often a real file is broken, and how often it is cut.
const BROKEN: usize = 1_000;
const CUT: usize = 100;

#[test]
fn mutants_of_the_quickstart_network() {
    let path = workspace().join("examples/quickstart/digits.onnx");
    let compiled = Mutants::of(&path, fields_or_bytes, compiles);
    println!("quickstart: {}", compiled.attempt_all(rounds(500)));
    let quantized = Mutants::of(&path, fields_or_bytes, quantizes);
    println!(
        "quickstart, quantized: {}",
        quantized.attempt_all(rounds(20))
    );
}

#[test]
fn mutants_of_calibration_data() {
    let path = workspace().join("examples/quickstart/digits.calib.npy");
    let array = Mutants::of(&path, bytes::mutant, |file, _| {
        read_npy(&file.bytes).is_ok()
    });
    println!("calibration data: {}", array.attempt_all(rounds(500)));
    let numbers = read_npy(&array.bytes).unwrap();
    let archive = Mutants {
        path,
        bytes: npz_bytes(&[("images".to_owned(), numbers)]).unwrap(),
        mutate: bytes::mutant,
        accepts: |file, _| read_npz(&file.bytes).is_ok(),
    };
    println!(
        "calibration data, .npz: {}",
        archive.attempt_all(rounds(500))
    );
}

#[test]
fn mutants_of_onnx_networks() {
    let Some(shared) = Shared::find("mutants of ONNX networks") else {
        return;
    };
    for path in onnx_files(&shared) {
        attempt_real(&path, fields_or_bytes);
    }
}

#[test]
fn mutants_of_tflite_networks() {
    let Some(shared) = Shared::find("mutants of TFLite networks") else {
        return;
    };
    for path in files(&shared, "tflite") {
        let whole = Source::read(&path).unwrap();
        assert!(compiles(&whole, 0), "{} is not accepted", path.display());
        attempt_real(&path, words::mutant);
    }
}

#[test]
fn mutants_of_backend_tests() {
    let Some(shared) = Shared::find("mutants of the ONNX backend tests") else {
        return;
    };
    let folder = shared.backend_tests(env!("CARGO_TARGET_TMPDIR"));
    let mut all = Summary::default();
    for name in names(&folder) {
        let path = folder.join(name).join("model.onnx");
        let mutants = Mutants::of(&path, fields_or_bytes, compiles);
        all.add(mutants.attempt_all(rounds(2)));
    }
    println!("ONNX backend tests: {all}");
}

fn attempt_real(path: &Path, mutate: Break) {
    let mutants = Mutants::of(path, mutate, compiles);
    let mut all = mutants.attempt_all(rounds(BROKEN));
    all.add(mutants.attempt_cuts(rounds(CUT)));
    println!("{}: {all}", path.display());
}

/// How many mutants to try: `EDGE_MUTANTS` multiplies.
fn rounds(usual: usize) -> usize {
    let factor = std::env::var("EDGE_MUTANTS")
        .ok()
        .and_then(|text| text.parse().ok());
    usual * factor.unwrap_or(1)
}

/// Of each model the smallest file with floats and the smallest with integers; with `EDGE_MUTANTS_OF=all` all files.
fn onnx_files(shared: &Shared) -> Vec<PathBuf> {
    let mut small: Vec<PathBuf> = Vec::new();
    let mut kinds = Vec::new();
    let mut files = files(shared, "onnx");
    if std::env::var("EDGE_MUTANTS_OF").is_ok_and(|value| value == "all") {
        return files;
    }
    files.sort_by_key(|path| path.metadata().map_or(u64::MAX, |data| data.len()));
    for path in files {
        let name = path.to_string_lossy();
        let quantized = name.contains("qdq") || name.contains("qoperator");
        let kind = (path.parent().map(Path::to_path_buf), quantized);
        if !kinds.contains(&kind) {
            kinds.push(kind);
            small.push(path);
        }
    }
    small
}

/// All files of models with an extension, sorted.
fn files(shared: &Shared, extension: &str) -> Vec<PathBuf> {
    let folder = shared.file("models");
    let folders = names(&folder).into_iter().map(|name| folder.join(name));
    let files = folders.flat_map(|folder| names(&folder).into_iter().map(move |n| folder.join(n)));
    files
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect()
}

/// What is in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("a readable folder").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
}

/// An ONNX file with wrong fields, or with wrong bytes.
fn fields_or_bytes(file: &[u8], random: &mut Random) -> Vec<u8> {
    let fields = if random.below(2) == 0 {
        tree::mutant(file, random)
    } else {
        None
    };
    fields.unwrap_or_else(|| bytes::mutant(file, random))
}

/// Compiles for float; a program that comes out runs.
fn compiles(source: &Source, round: usize) -> bool {
    attempt(source, round, QuantMode::None)
}

fn quantizes(source: &Source, round: usize) -> bool {
    attempt(source, round, QuantMode::Int8)
}

fn attempt(source: &Source, round: usize, quant: QuantMode) -> bool {
    let mut options = Options::new(edge_build::target::find("host").expect("a target"));
    options.quant = quant;
    let outcome = if source.bytes.len() < SMALL || round.is_multiple_of(16) {
        compile(source, &options)
    } else {
        check(source, &options)
    };
    let Ok(artifact) = outcome else {
        return false;
    };
    if artifact.report.macs < RUN_MACS {
        Executor::new(&artifact.program)
            .run()
            .expect("a program that runs");
    }
    true
}
