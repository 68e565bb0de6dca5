mod build;

use super::*;
use crate::diag::Severity;
use crate::ir::{DType, Quant, ValueId};
use crate::ops::conv2d::{NO_CLAMP, Sliding};
use crate::ops::{Binary, Concat, FullyConnected, MaxPool2d, Op, Pad, Softmax, Unary};
use build::Build;
use edge_core::params::{BinaryKind, UnaryFn};
use std::path::PathBuf;

const RELU: [f32; 2] = [0.0, f32::INFINITY];

fn params(graph: &Graph, id: ValueId) -> crate::ir::QuantParams {
    graph.ty(id).params().expect("quantized")
}

/// Convolutions, a pool, a residual sum, a softmax.
fn residual() -> (Build, ValueId) {
    let mut b = Build::default();
    let x = b.input("x", &[1, 8, 8, 3]);
    let stem = b.conv("stem", x, 8, RELU);
    let branch = b.conv("branch", stem, 8, NO_CLAMP);
    let sum = b.node(
        "sum",
        Binary {
            kind: BinaryKind::Add,
            clamp: RELU,
        },
        &[stem, branch],
    );
    let pool = Sliding {
        kernel: [2, 2],
        strides: [2, 2],
        dilations: [1, 1],
        pads: [0; 4],
    };
    let pooled = b.node(
        "pool",
        MaxPool2d {
            sliding: pool,
            clamp: NO_CLAMP,
        },
        &[sum],
    );
    let flat = b.flat(pooled);
    let logits = b.dense("logits", flat, 10);
    let y = b.node(
        "softmax",
        Softmax {
            start: 1,
            end: 2,
            log: false,
            beta: 1.0,
            wide: false,
        },
        &[logits],
    );
    (b, y)
}

#[test]
fn a_network_becomes_int8_throughout_and_stays_close() {
    let (b, y) = residual();
    let (graph, accuracy) = b.quantized(&[y]);
    for node in &graph.nodes {
        for &id in &node.outputs {
            assert_eq!(graph.ty(id).dtype, DType::I8, "{}", node.name);
            assert!(params(&graph, id).scale > 0.0);
        }
    }
    assert_eq!(graph.ty(graph.inputs[0]).dtype, DType::I8);
    let conv = &graph.nodes[0];
    let [_, w, bias] = conv.inputs[..] else {
        panic!("three inputs")
    };
    assert!(
        matches!(&graph.ty(w).quant, Some(Quant::PerChannel { axis: 0, scales }) if scales.len() == 8)
    );
    assert_eq!(graph.ty(bias).dtype, DType::I32);
    assert_eq!(params(&graph, y).zero_point, -128);
    assert!(accuracy.output_sqnr_db > 25.0, "{accuracy:?}");
    assert!(
        accuracy.agreement.is_some_and(|share| share > 0.9),
        "{accuracy:?}"
    );
    assert_eq!(accuracy.layers.len(), graph.nodes.len());
    assert_eq!(
        accuracy.candidates.len(),
        8 + 1,
        "rules, and one without bias correction"
    );
    let best = accuracy
        .candidates
        .iter()
        .max_by(|a, b| a.sqnr_db.total_cmp(&b.sqnr_db))
        .expect("some");
    assert_eq!(accuracy.observer, best.name);
}

#[test]
fn the_result_is_the_same_every_time() {
    let run = || {
        let (b, y) = residual();
        let (graph, accuracy) = b.quantized(&[y]);
        (format!("{:?}", graph.values), accuracy)
    };
    assert_eq!(run(), run());
}

#[test]
fn fused_activations_are_the_ends_of_the_range() {
    let mut b = Build::default();
    let x = b.input("x", &[1, 4, 4, 2]);
    let relu = b.conv("relu", x, 3, RELU);
    let six = b.conv("six", relu, 3, [0.0, 0.5]);
    let odd = b.conv("odd", six, 3, [0.1, 0.4]);
    let (graph, _) = b.quantized(&[relu, six, odd]);
    assert_eq!(params(&graph, relu).zero_point, -128);
    assert_eq!(params(&graph, six).zero_point, -128);
    assert!(255.0 * params(&graph, six).scale <= 0.500_001);
    let last = graph.nodes.last().expect("nodes");
    assert!(matches!(&last.op, Op::Unary(unary) if unary.functions == [UnaryFn::Clip(0.1, 0.4)]));
    assert_eq!(last.outputs, [odd]);
}

#[test]
fn pools_and_reshapes_keep_the_quantization() {
    let (b, y) = residual();
    let (graph, _) = b.quantized(&[y]);
    for node in graph
        .nodes
        .iter()
        .filter(|node| matches!(node.op, Op::MaxPool2d(_) | Op::Reshape(_)))
    {
        assert_eq!(
            graph.ty(node.inputs[0]).quant,
            graph.ty(node.outputs[0]).quant
        );
    }
}

#[test]
fn concatenated_tensors_share_or_are_requantized() {
    let mut b = Build::default();
    let x = b.input("x", &[1, 4, 4, 2]);
    let wide = b.conv("wide", x, 4, NO_CLAMP);
    let relu = b.conv("relu", x, 4, RELU);
    let free = b.conv("free", relu, 4, NO_CLAMP);
    let fixed = b.node("sigmoid", Unary::of(UnaryFn::Sigmoid), &[free]);
    let y = b.node("concat", Concat { axis: 3 }, &[wide, relu, fixed]);
    let (graph, accuracy) = b.quantized(&[y]);
    let concat = graph.nodes.last().expect("nodes");
    for &id in &concat.inputs {
        assert_eq!(params(&graph, id), params(&graph, y));
    }
    assert_eq!(
        concat.inputs[0], wide,
        "a layer that nothing binds takes the common range"
    );
    let inserted: Vec<&str> = graph
        .nodes
        .iter()
        .map(|n| n.name.as_str())
        .filter(|name| name.contains("requantize"))
        .collect();
    assert_eq!(
        inserted,
        ["concat/requantize1", "concat/requantize2"],
        "ReLU and sigmoid are bound"
    );
    assert!(accuracy.output_sqnr_db > 30.0, "{accuracy:?}");
}

#[test]
fn a_tensor_in_two_concatenations_binds_only_one() {
    let mut b = Build::default();
    let x = b.input("x", &[1, 4, 4, 2]);
    let [p, q, r] = ["p", "q", "r"].map(|name| b.conv(name, x, 2, NO_CLAMP));
    let first = b.node("first", Concat { axis: 3 }, &[p, q]);
    let second = b.node("second", Concat { axis: 3 }, &[q, r]);
    let (graph, accuracy) = b.quantized(&[first, second]);
    assert!(
        graph
            .nodes
            .iter()
            .any(|node| node.name == "second/requantize0")
    );
    assert!(accuracy.output_sqnr_db > 30.0, "{accuracy:?}");
}

#[test]
fn constants_of_sums_and_concatenations_become_int8() {
    let mut b = Build::default();
    let x = b.input("x", &[1, 4]);
    let one = b.constant(&[4], 2.0);
    let sum = b.node(
        "sum",
        Binary {
            kind: BinaryKind::Add,
            clamp: NO_CLAMP,
        },
        &[x, one],
    );
    let two = b.constant(&[1, 3], 4.0);
    let joined = b.node("join", Concat { axis: 1 }, &[sum, two]);
    let y = b.node(
        "pad",
        Pad {
            before: vec![0, 1],
            after: vec![0, 0],
            value: 9.0,
        },
        &[joined],
    );
    let (graph, accuracy) = b.quantized(&[y]);
    let constant = graph.nodes[1].inputs[1];
    assert_eq!(params(&graph, constant), params(&graph, joined));
    assert!(
        graph
            .constant(constant)
            .is_some_and(|tensor| tensor.as_i8().is_some())
    );
    let top = params(&graph, y);
    assert!(
        (127 - top.zero_point) as f32 * top.scale >= 8.9,
        "the padding is in the range"
    );
    assert!(accuracy.output_sqnr_db > 30.0, "{accuracy:?}");
}

#[test]
fn a_dead_layer_does_no_harm() {
    let mut b = Build::default();
    let x = b.input("x", &[1, 4]);
    let (w, bias) = (b.constant(&[3, 4], 0.0), b.constant(&[3], 0.0));
    let dead = b.node("dead", FullyConnected { clamp: RELU }, &[x, w, bias]);
    let y = b.dense("live", dead, 2);
    let (graph, accuracy) = b.quantized(&[y]);
    assert_eq!(params(&graph, dead).zero_point, -128);
    assert!(
        accuracy.output_sqnr_db > 30.0,
        "only the bias comes through: {accuracy:?}"
    );
}

fn options(calibration: Option<PathBuf>) -> Options {
    let target = crate::target::TARGETS.first().expect("a target");
    Options {
        quant: QuantMode::Int8,
        calibration,
        ..Options::new(target)
    }
}

fn source() -> Source {
    Source {
        path: PathBuf::from("/nowhere/net.onnx"),
        bytes: Vec::new(),
    }
}

#[test]
fn without_data_ranges_are_estimated_and_the_user_is_told() {
    let (mut b, y) = residual();
    b.graph.outputs = vec![y];
    let quantized = run(b.graph, &source(), &options(None)).expect("quantizes");
    let warning = quantized.warnings.first().expect("a warning");
    assert_eq!(
        (warning.code, warning.severity),
        (Code::CalibrationMissing, Severity::Warning)
    );
    assert!(warning.help.contains("net.calib.npy"));
    let chosen = quantized.accuracy.expect("measured").observer;
    assert!(chosen.starts_with("min-max + 25 %"), "{chosen}");
}

#[test]
fn operators_without_integer_kernel_are_all_named() {
    let mut b = Build::default();
    let x = b.input("x", &[1, 4]);
    let div = b.node(
        "div",
        Binary {
            kind: BinaryKind::Div,
            clamp: NO_CLAMP,
        },
        &[x, x],
    );
    let y = b.node(
        "log",
        Softmax {
            start: 1,
            end: 2,
            log: true,
            beta: 1.0,
            wide: false,
        },
        &[div],
    );
    b.graph.outputs = vec![y];
    let errors = run(b.graph, &source(), &options(None)).expect_err("no kernels");
    assert!(
        errors
            .0
            .iter()
            .all(|error| error.code == Code::NoIntegerKernel)
    );
    let places: Vec<_> = errors
        .0
        .iter()
        .filter_map(|error| error.place.clone())
        .collect();
    assert!(
        places[0].contains("\"div\"") && places[1].contains("\"log\""),
        "{places:?}"
    );
}

#[test]
fn a_network_that_is_not_finite_is_an_error() {
    let mut b = Build::default();
    let x = b.input("x", &[1, 4]);
    let y = b.node("log", Unary::of(UnaryFn::Log), &[x]);
    b.graph.outputs = vec![y];
    let data = b.data(4);
    let errors = with_data(b.graph, &data).expect_err("log of negative numbers");
    assert_eq!(errors.0[0].code, Code::NotFinite);
    assert!(
        errors.0[0]
            .place
            .as_ref()
            .is_some_and(|place| place.contains("log"))
    );
}

#[test]
fn much_noise_is_worth_a_warning() {
    let accuracy = Accuracy {
        observer: "min-max".to_owned(),
        samples: 8,
        output_sqnr_db: 30.0,
        layers: vec![("good".to_owned(), 40.0), ("bad".to_owned(), 4.0)],
        agreement: Some(0.95),
        top1: None,
        candidates: Vec::new(),
    };
    assert_eq!(lost(&accuracy), None);
    let noisy = Accuracy {
        output_sqnr_db: 9.0,
        ..accuracy.clone()
    };
    assert!(
        lost(&noisy).is_some_and(|w| w.code == Code::AccuracyLost && w.message.contains("\"bad\""))
    );
    assert!(
        lost(&Accuracy {
            agreement: Some(0.8),
            ..accuracy
        })
        .is_some()
    );
}

#[test]
fn a_reconstruction_has_no_classes() {
    let mut b = Build::default();
    let x = b.input("x", &[1, 6]);
    let code = b.dense("code", x, 3);
    let y = b.dense("y", code, 6);
    assert!(measure::is_classes(&b.graph, code));
    assert!(!measure::is_classes(&b.graph, y));
}
