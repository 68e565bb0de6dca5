//! ONNX files that arrive quantized, against onnxruntime without optimisations: every 8-bit tensor, and accuracy.
//!
//! `EDGE_ORACLE_ONLY` takes parts of names of files, joined by commas.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::host;
use conformance::measure::{max_difference, range};
use conformance::models::MODELS;
use conformance::onnx_tensors::{self, Case, Found, Oracle};
use conformance::zoo::{Entry, Zoo};
use edge_build::compile::compile;
use edge_build::options::Options;
use edge_build::target;
use edge_test_support::array::Array;
use edge_test_support::shared::{Shared, Variant};
use edge_test_support::table::Table;
use std::path::Path;

/// Samples of which every tensor is compared.
const SAMPLES: usize = 16;
/// Greatest difference of an 8-bit tensor that an operator computes from those of onnxruntime.
const TOLERANCE: u8 = 1;
/// From the samples on: the greatest difference, and unequal elements per million.
const THROUGH: (u8, f64) = (1, 40.0);
/// The same of networks in which single steps, where float sums of a convolution fell to the other side of a half,
/// grow on their way. Measured against an onnxruntime that fuses products and sums; it differs from itself as
/// much where the processor cannot.
const GROWING: &[(&str, u8, f64)] = &[
    ("ic_resnet8_qdq_from_tflite_int8", 2, 2.0),
    ("ic_resnet8_qdq_ort_s8s8_pc", 4, 280.0),
    ("ic_resnet8_qdq_ort_s8s8_pc_symact", 3, 750.0),
    ("vww_mobilenetv1_025_96_qdq_ort_s8s8_pc", 6, 950.0),
];
/// Points of top-1 that may be lost against the column of onnxruntime.
const BELOW: f64 = 0.3;

/// The samples of a model as its input takes them: all for evaluation, or the golden ones.
fn samples(shared: &Shared, variant: &Variant, shape: &[usize]) -> Array {
    let folder = shared.file(&format!("calib/{}", variant.model));
    let evaluated = ["eval_x.npy", "eval_x_u8.npy"]
        .iter()
        .any(|name| folder.join(name).exists());
    let scale = MODELS
        .iter()
        .find(|model| model.name == variant.model)
        .map_or(1.0, |model| model.evaluation_scale);
    if evaluated {
        shared.evaluation(&variant.model).scaled(scale)
    } else {
        shared.golden_inputs(&variant.model)
    }
    .for_input(shape)
}

fn cases(shared: &Shared) -> (Vec<Case>, Vec<String>) {
    let (mut cases, mut failures) = (Vec::new(), Vec::new());
    for variant in shared.quantized_variants() {
        if !onnx_tensors::is_wanted(&variant.name) {
            continue;
        }
        match Case::new(&variant.path, |shape| samples(shared, &variant, shape)) {
            Ok(case) => cases.push(case),
            Err(error) => failures.push(format!("{}: {error}", variant.name)),
        }
    }
    (cases, failures)
}

#[test]
fn every_tensor_is_that_of_onnxruntime() {
    let Some(shared) = Shared::find("quantized ONNX networks") else {
        return;
    };
    let Some(oracle) = Oracle::find("quantized ONNX networks") else {
        return;
    };
    let (cases, mut failures) = cases(&shared);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("qdq");
    let mut table = Table::new(&[
        "file",
        "tensors",
        "compared",
        "elements",
        "alone: unequal per million",
        "greatest",
        "network: unequal per million",
        "greatest",
        "float steps",
        "top-1 %",
        "onnxruntime %",
        "stated %",
    ]);
    for case in &cases {
        let expected = oracle.run(&folder, case, SAMPLES);
        let [whole, alone] = case.compare(&expected);
        let present = case.present(&expected);
        let accuracy = accuracy(&shared, case, &expected, &mut failures);
        let share = |found: &Found| format!("{:.1}", unequal(found));
        let mut row = vec![
            case.name.clone(),
            expected.tensors.len().to_string(),
            present.to_string(),
            whole.elements.to_string(),
            share(&alone),
            alone.greatest.to_string(),
            share(&whole),
            whole.greatest.to_string(),
            case.float_steps().len().to_string(),
        ];
        row.extend(accuracy);
        table.row(&row);
        for step in case.float_steps() {
            println!("{}: {step} computes floats", case.name);
        }
        if alone.greatest > TOLERANCE {
            let worst = &alone.worst;
            failures.push(format!(
                "{}: {worst} differs by {}",
                case.name, alone.greatest
            ));
        }
        failures.extend(grown(&case.name, &whole));
        if 2 * present < expected.tensors.len() {
            failures.push(format!("{}: {present} tensors are there", case.name));
        }
    }
    println!("\n{table}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Unequal elements per million.
fn unequal(found: &Found) -> f64 {
    1e6 * (found.elements - found.equal) as f64 / found.elements.max(1) as f64
}

/// What is wrong with a network as a whole.
fn grown(name: &str, whole: &Found) -> Option<String> {
    let growing = GROWING.iter().find(|(growing, ..)| *growing == name);
    let (greatest, share) = growing.map_or(THROUGH, |&(_, greatest, share)| (greatest, share));
    let worse = whole.greatest > greatest || unequal(whole) > share;
    worse.then(|| {
        format!(
            "{name} as a whole: {} differs by {}, {:.1} elements per million differ",
            whole.worst,
            whole.greatest,
            unequal(whole)
        )
    })
}

/// Models whose activations are quantized at run time.
const DYNAMIC: &[(&str, &str)] = &[
    ("ad_autoencoder", "ad_autoencoder_h5_tf2onnx_nhwc"),
    ("digits_cnn", "digits_cnn_torchscript_op13"),
    ("kws_gru", "kws_gru_torchscript_op14"),
    ("kws_tinyformer", "kws_tinyformer_dynamo_op18"),
];
/// Greatest difference of their outputs, in parts of the range: a number in the middle between two steps may go
/// to the other.
const DYNAMIC_TOLERANCE: f32 = 1e-3;

#[test]
fn networks_quantized_at_run_time_are_those_of_onnxruntime() {
    let what = "networks quantized at run time";
    let (Some(shared), Some(oracle)) = (Shared::find(what), Oracle::find(what)) else {
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dynamic");
    let mut failures = Vec::new();
    for (model, file) in DYNAMIC {
        let variant = shared.variant(model, file);
        let path = oracle.quantize_dynamic(&folder.join(model), &variant.path);
        let case = Case::new(&path, |shape| {
            samples(&shared, &variant, shape).take(SAMPLES)
        });
        let case = case.unwrap_or_else(|error| panic!("{file}: {error}"));
        let [own, other] = case.outputs(&oracle.run(&folder, &case, 0));
        let share = max_difference(&own, &other) / range(&other);
        println!("{file}: greatest difference {share:.1e} of the range");
        if share.is_nan() || share > DYNAMIC_TOLERANCE {
            failures.push(format!("{file}: {share:e}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Files whose generated code is run: each kind of them, with ports of floats and of bytes.
const GENERATED: &[(&str, &str)] = &[
    ("ad_autoencoder", "ad_autoencoder_qdq_from_tflite_int8"),
    ("digits_unet", "digits_unet_qdq_ort_s8s8_pc"),
    ("kws_dscnn", "kws_dscnn_qoperator_ort_u8s8_pc"),
    ("kws_dscnn", "kws_dscnn_qdq_from_tflite_int8"),
    ("motion_lstm", "motion_lstm_qdq_ort_s8s8_pc"),
];

#[test]
fn generated_code_is_the_network_that_the_executor_runs() {
    let what = "generated code of quantized ONNX networks";
    let (Some(shared), Some(oracle)) = (Shared::find(what), Oracle::find(what)) else {
        return;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dynamic-code");
    let (model, file) = DYNAMIC[1];
    let dynamic = oracle.quantize_dynamic(&folder, &shared.variant(model, file).path);
    let entry = |name: &str, path: &Path| Entry {
        name: name.to_owned(),
        model: path.to_owned(),
        calibration: None,
    };
    let mut networks = vec![(model, entry(&format!("{file}_dynamic"), &dynamic))];
    for (model, file) in GENERATED {
        networks.push((model, entry(file, &shared.variant(model, file).path)));
    }
    let entries: Vec<Entry> = networks.iter().map(|(_, entry)| entry.clone()).collect();
    let zoo = Zoo::build(env!("CARGO_TARGET_TMPDIR"), "zoo-qdq", &entries);
    let options = Options::new(target::find("host").expect("a known target"));
    for (model, entry) in &networks {
        let source = edge_test_support::source(&entry.model);
        let artifact = compile(&source, &options);
        let program = artifact
            .unwrap_or_else(|errors| panic!("{}: {errors}", entry.name))
            .program;
        let variant = shared.variant(model, &entry.name);
        let samples = samples(&shared, &variant, &program.inputs[0].shape).take(SAMPLES);
        let found = zoo.predict(&entry.name, &samples);
        assert_eq!(found, host::predict(&program, &samples), "{}", entry.name);
        println!("{}: {} numbers equal", entry.name, found.len());
    }
}

/// Top-1 of ours, of onnxruntime, and as it is stated for onnxruntime's own quantization.
fn accuracy(
    shared: &Shared,
    case: &Case,
    expected: &onnx_tensors::Expected,
    failures: &mut Vec<String>,
) -> [String; 3] {
    let none = || "–".to_owned();
    let Some(labels) = shared.labels(&case.model) else {
        return [none(), none(), none()];
    };
    let [own, other] = case.top1(expected, &labels);
    let stated = MODELS
        .iter()
        .find(|model| model.name == case.model)
        .and_then(|model| model.onnxruntime_top1)
        .filter(|_| case.name.contains("_pc"));
    if own < other - BELOW - 1e-9 || stated.is_some_and(|stated| own < stated - BELOW - 0.05) {
        failures.push(format!(
            "{}: top-1 {own:.2} %, onnxruntime {other:.2} %, stated {stated:?}",
            case.name
        ));
    }
    [
        format!("{own:.1}"),
        format!("{other:.1}"),
        stated.map_or_else(none, |stated| format!("{stated:.1}")),
    ]
}
