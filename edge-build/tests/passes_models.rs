//! Real networks through import and passes: what is left of them, and that they still compute the same.
//!
//! Needs the models under `EDGE_SHARED`. An optimised build compares all inputs, others the first two.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, which clippy.toml does not reach"
)]

use edge_build::exec::Executor;
use edge_build::ir::{Graph, verify};
use edge_build::ops::Op;
use edge_build::options::Options;
use edge_build::plan::{Disjoint, Planner};
use edge_build::source::Source;
use edge_build::{import, lower, npy, passes, target};
use edge_core::params::UnaryFn;
use std::path::{Path, PathBuf};

/// What must be left of all float variants of a model.
struct Case {
    folder: &'static str,
    /// Float variants, so that none is overlooked.
    variants: usize,
    /// Transposes that an image in NCHW order costs at the input.
    border: usize,
    /// Normalizations that no layer can take up.
    norms: usize,
    /// Functions of each element.
    functions: usize,
}

const fn case(folder: &'static str, variants: usize) -> Case {
    Case {
        folder,
        variants,
        border: 0,
        norms: 0,
        functions: 0,
    }
}

const CASES: &[Case] = &[
    case("kws_dscnn", 3),
    Case {
        border: 1,
        ..case("vww_mobilenetv1_025_96", 4)
    },
    Case {
        border: 1,
        ..case("ic_resnet8", 4)
    },
    case("ad_autoencoder", 3),
    Case {
        border: 1,
        ..case("sww_ds1d", 3)
    },
    // Its normalization stands between a ReLU and, behind a pooling, a padded layer.
    Case {
        norms: 1,
        ..case("digits_cnn", 3)
    },
    // Two gates of squeeze and excite, five hard swishes.
    Case {
        border: 1,
        functions: 7,
        ..case("cifar_mbv2", 3)
    },
    case("ecg_cnn1d", 3),
    Case {
        functions: 4,
        ..case("ecg_tcn", 3)
    },
];

/// Greatest difference to the golden output, as a part of its range.
const TOLERANCE: f32 = 1e-4;

/// The folder of models and goldens; `None` if the test is to be skipped.
fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("EDGE_SHARED").map(PathBuf::from);
    let required = std::env::var_os("EDGE_REQUIRE").is_some_and(|value| value == "1");
    assert!(
        folder.is_some() || !required,
        "EDGE_REQUIRE=1, but EDGE_SHARED names no folder"
    );
    if folder.is_none() {
        println!("skipped: EDGE_SHARED names no folder with models");
    }
    folder
}

fn float_variants(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    files.sort();
    let float = |file: &PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".onnx") && !name.contains("_qdq_") && !name.contains("_qoperator_")
    };
    files.retain(float);
    files
}

fn canonical(file: &Path) -> Graph {
    let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let source = Source {
        path: file.to_owned(),
        bytes,
    };
    let options = Options::new(target::find("host").expect("the host is a target"));
    let graph =
        import::run(&source, &options).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    verify::run(&graph).unwrap_or_else(|e| panic!("{} after import: {e}", file.display()));
    let start = std::time::Instant::now();
    let graph = passes::canonicalize(graph).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let took = start.elapsed();
    verify::run(&graph).unwrap_or_else(|e| panic!("{} after passes: {e}", file.display()));
    println!("{}: {} nodes, {took:?}", file.display(), graph.nodes.len());
    graph
}

fn names(graph: &Graph) -> Vec<&'static str> {
    graph.nodes.iter().map(|node| node.op.name()).collect()
}

fn check_structure(case: &Case, graph: &Graph, nchw: bool) {
    let count = |wanted: fn(&Op) -> bool| graph.nodes.iter().filter(|n| wanted(&n.op)).count();
    let names = names(graph);
    let transposes = count(|op| matches!(op, Op::Transpose(_)));
    assert_eq!(transposes, if nchw { case.border } else { 0 }, "{names:?}");
    if transposes > 0 {
        assert_eq!(names.first(), Some(&"Transpose"), "at the input: {names:?}");
    }
    let norms = count(|op| matches!(op, Op::DepthwiseConv2d(op) if op.sliding.kernel == [1, 1]));
    assert_eq!(norms, case.norms, "{names:?}");
    let clips = count(
        |op| matches!(op, Op::Unary(op) if matches!(op.functions.as_slice(), [UnaryFn::Clip(..), ..])),
    );
    assert_eq!(clips, 0, "{names:?}");
    let functions = count(|op| matches!(op, Op::Unary(_)));
    assert_eq!(functions, case.functions, "{names:?}");
    let copies = count(|op| matches!(op, Op::Pad(_) | Op::Gather(_) | Op::Expand(_)));
    assert_eq!(copies, 0, "{names:?}");
}

fn floats(file: &Path) -> (Vec<usize>, Vec<f32>) {
    let bytes = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let array = npy::read_npy(&bytes).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let data = array.data.to_f32();
    (array.shape, data)
}

/// An NHWC image in NCHW order.
fn to_nchw(image: &[f32], shape: &[usize]) -> Vec<f32> {
    let channels = shape[3];
    let channel = |c: usize| image[c..].iter().step_by(channels).copied();
    (0..channels).flat_map(channel).collect()
}

fn check_numbers(graph: &Graph, golden: &Path, file: &Path, turned: bool) {
    let (shape, inputs) = floats(&golden.join("inputs.npy"));
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let (_, expected) = floats(&golden.join(format!("{stem}.out0.npy")));
    let range = expected.iter().fold(f32::MIN, |m, x| m.max(*x))
        - expected.iter().fold(f32::MAX, |m, x| m.min(*x));
    let draft = lower::run(graph).expect("there are kernels");
    let program = lower::assemble(graph, &draft, &Disjoint.plan(&draft)).program;
    let mut executor = Executor::new(&program);
    let count = if cfg!(debug_assertions) { 2 } else { shape[0] };
    let (step, out) = (inputs.len() / shape[0], expected.len() / shape[0]);
    for sample in 0..count {
        let mut input = inputs[sample * step..][..step].to_vec();
        if turned {
            input = to_nchw(&input, &shape);
        }
        executor.set_input(0, bytemuck::cast_slice(&input));
        executor.run().expect("the program runs");
        let found: Vec<f32> = bytemuck::pod_collect_to_vec(executor.output(0));
        let expected = &expected[sample * out..][..out];
        assert_eq!(found.len(), out, "{stem}");
        for (x, y) in expected.iter().zip(&found) {
            let near = (x - y).abs() <= TOLERANCE * range;
            assert!(near, "{stem}, input {sample}: {found:?}, not {expected:?}");
        }
    }
}

#[test]
fn real_networks_become_small_and_stay_exact() {
    let Some(shared) = shared() else {
        return;
    };
    for case in CASES {
        let variants = float_variants(&shared.join("data/models").join(case.folder));
        assert_eq!(variants.len(), case.variants, "{variants:?}");
        for file in variants {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let turned = stem.ends_with("_nchw");
            // The exporters of PyTorch write NCHW, and the goldens are in that order already.
            let torch = stem.contains("_dynamo_") || stem.contains("_torchscript_");
            let graph = canonical(&file);
            check_structure(case, &graph, turned || torch);
            let golden = shared.join("data/golden").join(case.folder);
            check_numbers(&graph, &golden, &file, turned);
        }
    }
}
