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
use edge_build::ops::Op;
use edge_build::options::Options;
use edge_build::plan::{Disjoint, Planner};
use edge_build::program::Program;
use edge_build::source::Source;
use edge_build::{import, lower, passes, target};
use edge_test_support::array::Array;
use edge_test_support::shared::Shared;
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
        assert!(outputs == expected, "{name}");
        println!("{name}: {} bytes equal", outputs.len());
    }
}

/// A tensor with its name.
type Named = (String, Vec<u8>);

/// The first output of every node of a graph for one input, in the order of the nodes.
fn tensors(graph: &Graph, input: &[u8]) -> Vec<Named> {
    let draft = lower::run(graph).unwrap_or_else(|e| panic!("{e:?}"));
    let assembly = lower::assemble(graph, &draft, &Disjoint.plan(&draft));
    let mut executor = Executor::new(&assembly.program);
    executor.set_input(0, input);
    // A later step may write over a tensor, so each is looked at when it is made; a node without steps is its input.
    let mut made: Vec<Vec<u8>> = vec![Vec::new(); graph.nodes.len()];
    let steps = &assembly.program.steps;
    let run = executor.run_watched(|step, bytes| made[steps[step].node] = bytes.to_vec());
    run.expect("a sound program");
    for index in 0..made.len() {
        if made[index].is_empty() {
            let from = graph.nodes[index].inputs[0];
            let maker = graph
                .nodes
                .iter()
                .position(|node| node.outputs.contains(&from));
            let same = made[maker.expect("a reshape of a tensor")].clone();
            made[index] = same;
        }
    }
    let name = |node: &Node| graph.value(node.outputs[0]).name.clone();
    graph.nodes.iter().map(name).zip(made).collect()
}

/// What each operator of a file gave for the first golden input, in the order of the file.
fn layers(shared: &Shared, name: &str) -> Vec<Vec<u8>> {
    let path = golden(shared, name, "layers0.npz");
    let file = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut arrays = npy::read_npz(&file).expect("arrays");
    // Their names begin with the number of the operator.
    arrays.sort_by(|a, b| a.0.cmp(&b.0));
    let bytes = arrays
        .into_iter()
        .map(|(_, array)| array.data.little_endian());
    bytes.collect()
}

#[test]
fn every_tensor_is_that_of_the_reference_kernels() {
    let Some(shared) = Shared::find("tensors of int8 networks") else {
        return;
    };
    for name in INT8 {
        let source: Source = edge_test_support::source(&model(&shared, name));
        let imported = import::run(&source, &options()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let expected = layers(&shared, name);
        let inputs = bytes(&golden(&shared, name, "in0_int8.npy"));
        let first = &inputs[..inputs.len() / 8];
        let as_read = tensors(&imported, first);
        assert_eq!(as_read.len(), expected.len(), "{name}: a node per operator");
        let mut hidden = 0;
        for (index, (tensor, bytes)) in as_read.iter().enumerate() {
            // The reference has written some sums over their first operand, which the file therefore does not show.
            let sum = matches!(
                imported.nodes.get(index + 1).map(|n| &n.op),
                Some(Op::Binary(_))
            );
            if sum && expected.get(index) == expected.get(index + 1) {
                hidden += 1;
            } else {
                assert!(*bytes == expected[index], "{name}: {tensor}");
            }
        }
        assert!(hidden <= 3, "{name}: {hidden} tensors hidden");
        // Passes may do without some tensors; those that are left are the same.
        let optimised = passes::canonicalize(imported).expect("passes");
        let left = tensors(&optimised, first);
        for tensor in &left {
            assert!(
                as_read.contains(tensor),
                "{name}: {} behind the passes",
                tensor.0
            );
        }
        assert!(
            left.len() * 2 > expected.len(),
            "{name}: {} tensors left",
            left.len()
        );
        println!(
            "{name}: {} tensors equal, {} of them behind the passes",
            expected.len() - hidden,
            left.len()
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
