//! `TFLite` files against what their reference kernels gave: outputs, every tensor between, and accuracy.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::host;
use conformance::measure::{max_difference, range, top1_percent};
use edge_build::compile::compile;
use edge_build::exec::Executor;
use edge_build::ir::{Graph, Node};
use edge_build::npy::{self, Data};
use edge_build::options::Options;
use edge_build::plan::{Disjoint, Planner};
use edge_build::program::Program;
use edge_build::source::Source;
use edge_build::{import, lower, passes, target};
use edge_test_support::array::Array;
use edge_test_support::shared::Shared;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The int8 networks of `MLPerf` Tiny.
const INT8: [&str; 5] = [
    "kws_dscnn",
    "vww_mobilenetv1_025_96",
    "ic_resnet8",
    "ad_autoencoder",
    "sww_ds1d",
];

/// Greatest difference of a float output, in parts of its range.
const FLOAT_TOLERANCE: f32 = 1e-5;

fn options() -> Options {
    Options::new(target::find("host").expect("a known target"))
}

fn program(path: &Path) -> Program {
    let source = edge_test_support::source(path);
    let artifact = compile(&source, &options());
    artifact
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .program
}

fn model(shared: &Shared, name: &str) -> PathBuf {
    shared.file(&format!("models/{name}/{name}_int8.tflite"))
}

fn bytes(path: &Path) -> Vec<u8> {
    let file = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let array = npy::read_npy(&file).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert!(matches!(array.data, Data::I8(_)), "{}", path.display());
    array.data.little_endian()
}

fn golden(shared: &Shared, name: &str, what: &str) -> PathBuf {
    shared.file(&format!("golden/{name}/{name}_int8.tflite.{what}"))
}

#[test]
fn int8_outputs_are_those_of_the_reference_kernels() {
    let Some(shared) = Shared::find("outputs of int8 networks") else {
        return;
    };
    for name in INT8 {
        let program = program(&model(&shared, name));
        let inputs = bytes(&golden(&shared, name, "in0_int8.npy"));
        let expected = bytes(&golden(&shared, name, "out0.npy"));
        let outputs = host::predict_raw(&program, &inputs);
        assert!(!outputs.is_empty());
        assert_eq!(outputs, expected, "{name}");
        println!("{name}: {} bytes equal", outputs.len());
    }
}

/// The bytes of every value of a graph for one input, by name.
fn values(graph: &Graph, input: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let draft = lower::run(graph).unwrap_or_else(|e| panic!("{e:?}"));
    let assembly = lower::assemble(graph, &draft, &Disjoint.plan(&draft));
    let mut executor = Executor::new(&assembly.program);
    executor.set_input(0, input);
    executor.run().expect("a sound program");
    let made = graph.nodes.iter().flat_map(|node| &node.outputs);
    let of = |id: &edge_build::ir::ValueId| {
        let slot = assembly.slot_of[id.index()]?;
        Some((graph.value(*id).name.clone(), executor.slot(slot).to_vec()))
    };
    made.filter_map(of).collect()
}

/// What each operator of a file gave for the first golden input, by the name of its tensor.
fn layers(shared: &Shared, name: &str, graph: &Graph) -> BTreeMap<String, Vec<u8>> {
    let path = golden(shared, name, "layers0.npz");
    let file = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let arrays: BTreeMap<String, npy::Array> =
        npy::read_npz(&file).expect("arrays").into_iter().collect();
    assert_eq!(
        arrays.len(),
        graph.nodes.len(),
        "{name}: a node per operator"
    );
    let name_of = |node: &Node| graph.value(node.outputs[0]).name.clone();
    let names = graph.nodes.iter().map(name_of);
    names
        .zip(arrays.into_values().map(|array| array.data.little_endian()))
        .collect()
}

#[test]
fn every_tensor_is_that_of_the_reference_kernels() {
    let Some(shared) = Shared::find("tensors of int8 networks") else {
        return;
    };
    for name in INT8 {
        let source: Source = edge_test_support::source(&model(&shared, name));
        let imported = import::run(&source, &options()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let expected = layers(&shared, name, &imported);
        let inputs = bytes(&golden(&shared, name, "in0_int8.npy"));
        let first = &inputs[..inputs.len() / 8];
        let as_read = values(&imported, first);
        for (tensor, bytes) in &expected {
            assert_eq!(as_read.get(tensor), Some(bytes), "{name}: {tensor}");
        }
        // Passes may do without some tensors; those that are left are the same.
        let optimised = passes::canonicalize(imported).expect("passes");
        let left = values(&optimised, first);
        let compared = expected.iter().filter(|(tensor, bytes)| {
            left.get(*tensor).is_some_and(|own| {
                assert_eq!(own, *bytes, "{name}: {tensor} behind the passes");
                true
            })
        });
        let compared = compared.count();
        assert!(
            compared * 2 > expected.len(),
            "{name}: {compared} tensors left"
        );
        println!(
            "{name}: {} tensors equal, {compared} of them behind the passes",
            expected.len()
        );
    }
}

#[test]
fn float_outputs_are_those_of_the_reference_kernels() {
    let Some(shared) = Shared::find("outputs of float networks") else {
        return;
    };
    let floats: Vec<PathBuf> = shared
        .tflite_files()
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with("float.tflite"))
        .collect();
    assert_eq!(floats.len(), 6, "{floats:?}");
    for path in floats {
        let folder = path
            .parent()
            .and_then(Path::file_name)
            .unwrap()
            .to_string_lossy();
        let file = path.file_name().unwrap().to_string_lossy();
        let program = program(&path);
        let inputs = shared
            .golden_inputs(&folder)
            .for_input(&program.inputs[0].shape);
        let expected = Array::read(&shared.file(&format!("golden/{folder}/{file}.out0.npy")));
        let outputs = host::predict(&program, &inputs);
        let share = max_difference(&outputs, &expected.data) / range(&expected.data);
        println!("{file}: greatest difference {share:.1e} of the range");
        assert!(share <= FLOAT_TOLERANCE, "{file}: {share:e}");
    }
}

#[test]
fn keyword_spotting_is_as_accurate_as_shipped() {
    let Some(shared) = Shared::find("accuracy of kws_dscnn_int8") else {
        return;
    };
    let program = program(&model(&shared, "kws_dscnn"));
    let samples = shared
        .evaluation("kws_dscnn")
        .for_input(&program.inputs[0].shape);
    let labels = shared.labels("kws_dscnn").expect("labels");
    assert_eq!(labels.len(), 1000);
    let top1 = top1_percent(&host::predict(&program, &samples), &labels);
    println!("kws_dscnn_int8: top-1 {top1:.1} % of 1000");
    assert!((top1 - 91.5).abs() < 1e-9, "{top1}");
}

#[test]
fn every_file_compiles_for_the_host_and_for_a_cortex_m4() {
    let Some(shared) = Shared::find("all TFLite files") else {
        return;
    };
    let files = shared.tflite_files();
    assert_eq!(files.len(), 14);
    for path in files {
        let source = edge_test_support::source(&path);
        for name in ["host", "cortex-m4"] {
            let options = Options::new(target::find(name).expect("a known target"));
            let artifact = compile(&source, &options);
            artifact.unwrap_or_else(|e| panic!("{} for {name}: {e}", path.display()));
        }
    }
}
