//! What passes remove from networks that arrive quantized, and that no bit of an output changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_build::exec::Executor;
use edge_build::ir::{self, Arithmetic, Graph};
use edge_build::lower::{self, Assembly};
use edge_build::options::Options;
use edge_build::plan::{Disjoint, Planner};
use edge_build::program::Program;
use edge_build::{import, passes, qdq, target};
use edge_test_support::random::Random;
use edge_test_support::shared::Shared;
use edge_test_support::table::Table;
use std::path::{Path, PathBuf};

/// Random inputs of each network.
const INPUTS: usize = 3;

/// The network of a file before the rewrites.
fn read(path: &Path) -> Graph {
    let source = edge_test_support::source(path);
    let options = Options::new(target::find("host").expect("a known target"));
    let graph =
        import::run(&source, &options).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    qdq::run(passes::canonicalize(graph).expect("passes"))
}

fn program(graph: &Graph) -> Program {
    let draft = lower::run(graph).unwrap_or_else(|e| panic!("{e:?}"));
    let Assembly { program, .. } = lower::assemble(graph, &draft, &Disjoint.plan(&draft));
    program
}

/// Bytes in flash of everything that the weights are made of.
fn constants(program: &Program) -> usize {
    program.constants.iter().map(|c| c.bytes.len()).sum()
}

/// Outputs for inputs that are random: bytes of any value, floats of some size.
fn outputs(program: &Program, seed: u64) -> Vec<Vec<u8>> {
    let mut random = Random::new(seed);
    let mut executor = Executor::new(program);
    for (index, port) in program.inputs.iter().enumerate() {
        let bytes: Vec<u8> = match port.slot.element.rust_name() {
            "f32" => (0..port.slot.len)
                .flat_map(|_| (random.below(4001) as f32 / 1000.0 - 2.0).to_le_bytes())
                .collect(),
            _ => (0..port.slot.bytes())
                .map(|_| random.below(256) as u8)
                .collect(),
        };
        executor.set_input(index, &bytes);
    }
    executor.run().expect("a sound program");
    (0..program.outputs.len())
        .map(|index| executor.output(index).to_vec())
        .collect()
}

/// All files that arrive quantized.
fn files(shared: &Shared) -> Vec<PathBuf> {
    let tflite = shared.tflite_files().into_iter();
    let onnx = shared.quantized_variants().into_iter().map(|v| v.path);
    tflite
        .filter(|path| path.to_string_lossy().ends_with("int8.tflite"))
        .chain(onnx)
        .collect()
}

#[test]
fn outputs_stay_to_the_bit() {
    let Some(shared) = Shared::find("rewrites of quantized networks") else {
        return;
    };
    let mut table = Table::new(&["file", "MACs before", "after", "constants before", "after"]);
    let files = files(&shared);
    assert!(files.len() > 20, "{files:?}");
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let graph = read(&path);
        for arithmetic in [graph.arithmetic, Arithmetic::Native] {
            let graph = Graph {
                arithmetic,
                ..graph.clone()
            };
            let rewritten = passes::prune(graph.clone());
            ir::verify::run(&rewritten).unwrap_or_else(|e| panic!("{name}: {e}"));
            let (before, after) = (program(&graph), program(&rewritten));
            for seed in 0..INPUTS {
                let [expected, found] = [&before, &after].map(|p| outputs(p, seed as u64));
                assert!(expected == found, "{name} in {arithmetic:?}");
            }
            if arithmetic != Arithmetic::Native || graph.arithmetic == arithmetic {
                table.row(&[
                    name.clone(),
                    before.macs.to_string(),
                    after.macs.to_string(),
                    constants(&before).to_string(),
                    constants(&after).to_string(),
                ]);
            }
        }
    }
    println!("{table}");
}
