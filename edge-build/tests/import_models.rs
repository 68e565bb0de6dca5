//! Float ONNX models of real exporters: imported, run as they are imported, compared with their goldens.
//!
//! Needs the models under `EDGE_SHARED`. Without it the test says so and passes, unless `EDGE_REQUIRE=1`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_build::exec::Executor;
use edge_build::ir::{Arithmetic, Graph};
use edge_build::options::Options;
use edge_build::plan::{Disjoint, Planner};
use edge_build::program::Program;
use edge_build::source::Source;
use edge_build::{import, lower, npy, target};
use std::path::{Path, PathBuf};

/// Greatest difference from the golden output, in parts of its range.
const TOLERANCE: f32 = 1e-4;

/// Families whose float variants must run.
const FAMILIES: &[&str] = &[
    "kws_dscnn",
    "vww_mobilenetv1_025_96",
    "ic_resnet8",
    "ad_autoencoder",
    "sww_ds1d",
    "digits_cnn",
    "digits_unet",
    "cifar_mbv2",
    "ecg_cnn1d",
    "ecg_tcn",
];

/// The folder of models and data; `None` if the tests that need it are to be skipped.
fn shared() -> Option<PathBuf> {
    let required = std::env::var_os("EDGE_REQUIRE").is_some_and(|value| value == "1");
    let folder = std::env::var_os("EDGE_SHARED").map(|shared| PathBuf::from(shared).join("data"));
    if folder.is_none() {
        assert!(!required, "EDGE_REQUIRE=1 and EDGE_SHARED is not set");
        eprintln!("skipped: set EDGE_SHARED to the folder with the models");
    }
    folder
}

/// The ONNX files of a family, sorted; quantized ones if `quantized`.
fn files(data: &Path, family: &str, quantized: bool) -> Vec<PathBuf> {
    let folder = data.join("models").join(family);
    let entries = std::fs::read_dir(&folder).expect("the folder of a family");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "onnx"))
        .filter(|path| {
            let name = path.to_string_lossy();
            quantized == (name.contains("_qdq_") || name.contains("_qoperator_"))
        })
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> Source {
    Source {
        path: path.to_owned(),
        bytes: std::fs::read(path).expect("a model"),
    }
}

fn options() -> Options {
    Options::new(target::find("host").expect("the target host"))
}

fn program(graph: &Graph) -> Program {
    let draft = lower::run(graph)
        .map_err(|errors| lower::diagnostics(graph, errors))
        .unwrap_or_else(|errors| panic!("{errors}"));
    let plan = Disjoint.plan(&draft);
    lower::assemble(graph, &draft, &plan).program
}

/// Rows of a `.npy` file as floats.
fn rows(path: &Path, len: usize) -> Vec<Vec<f32>> {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let array = npy::read_npy(&bytes).expect("a golden array");
    array
        .data
        .to_f32()
        .chunks(len)
        .map(<[f32]>::to_vec)
        .collect()
}

/// Input and output orders that exporters change: `[n,h,w,c]` goldens against `[n,c,h,w]` models.
fn to_channels_second(row: &[f32], shape: &[usize]) -> Vec<f32> {
    let &[_, c, h, w] = shape else {
        return row.to_vec();
    };
    let mut out = Vec::with_capacity(row.len());
    for channel in 0..c {
        for pixel in 0..h * w {
            out.push(row[pixel * c + channel]);
        }
    }
    out
}

/// The greatest difference from the goldens, in parts of their range.
fn difference(data: &Path, family: &str, file: &Path) -> f32 {
    let graph = import::run(&read(file), &options())
        .unwrap_or_else(|errors| panic!("{}: {errors}", file.display()));
    let program = program(&graph);
    let golden = data.join("golden").join(family);
    let stem = file.file_stem().expect("a name").to_string_lossy();
    let input = &program.inputs[0];
    let inputs = rows(&golden.join("inputs.npy"), input.slot.len);
    let expected = rows(
        &golden.join(format!("{stem}.out0.npy")),
        program.outputs[0].slot.len,
    );
    assert_eq!(inputs.len(), expected.len(), "{stem}");
    let mut executor = Executor::new(&program);
    let (mut worst, mut least, mut most) = (0f32, f32::INFINITY, f32::NEG_INFINITY);
    for (row, expected) in inputs.iter().zip(&expected) {
        let row = if stem.ends_with("_nchw") {
            to_channels_second(row, &input.shape)
        } else {
            row.clone()
        };
        executor.set_input(0, bytemuck::cast_slice(&row));
        executor.run().expect("a program that runs");
        let found: Vec<f32> = bytemuck::pod_collect_to_vec(executor.output(0));
        for (found, expected) in found.iter().zip(expected) {
            worst = worst.max((found - expected).abs());
            assert!(found.is_finite(), "{stem}");
            least = least.min(*expected);
            most = most.max(*expected);
        }
    }
    worst / (most - least)
}

#[test]
fn float_models_equal_their_goldens() {
    let Some(data) = shared() else { return };
    let mut failures = Vec::new();
    for family in FAMILIES {
        let files = files(&data, family, false);
        assert!(!files.is_empty(), "{family}");
        for file in files {
            let difference = difference(&data, family, &file);
            let name = file.file_name().expect("a name").to_string_lossy();
            eprintln!("{name}: {difference:.1e}");
            if difference > TOLERANCE {
                failures.push(format!("{name}: {difference:.1e}"));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn quantized_models_compute_on_integers() {
    let Some(data) = shared() else { return };
    for family in FAMILIES {
        for file in files(&data, family, true) {
            let graph = import::run(&read(&file), &options())
                .unwrap_or_else(|errors| panic!("{}: {errors}", file.display()));
            assert_eq!(graph.arithmetic, Arithmetic::Onnx, "{}", file.display());
            program(&graph);
        }
    }
}
