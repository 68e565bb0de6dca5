//! What int8 costs in accuracy, through generated code.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::host;
use conformance::measure::{max_difference, mean_squared_error, range, sqnr_db, top1_percent};
use conformance::models::{MODELS, Model};
use conformance::zoo::{Entry, Zoo};
use edge_build::compile::compile;
use edge_build::options::{Options, QuantMode};
use edge_build::program::Program;
use edge_test_support::array::Array;
use edge_test_support::random::Random;
use edge_test_support::shared::Shared;
use edge_test_support::table::Table;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Points of top-1 that int8 may be below float on sets of [`LARGE_SET`] samples and more.
const BELOW_FLOAT: f64 = 0.5;
const LARGE_SET: usize = 500;
/// Points of top-1 that int8 may be below onnxruntime's int8.
const BELOW_ONNXRUNTIME: f64 = 0.3;
/// How much greater the mean squared error of a reconstruction may be than that of float.
const RECONSTRUCTION: f64 = 1.03;

/// A model with its two networks.
struct Case {
    model: &'static Model,
    file: PathBuf,
    calibration: PathBuf,
    float_program: Program,
    int8_program: Program,
    observer: String,
}

impl Case {
    /// Brings the calibration data into the layout of the file and compiles the int8 network here as well.
    fn new(shared: &Shared, model: &'static Model) -> Result<Self, String> {
        let file = shared.variant(model.name, model.int8).path;
        let text = |error: &dyn std::fmt::Display| format!("{}: {error}", model.int8);
        let source = edge_test_support::source(&file);
        let target = edge_build::target::find("host").map_err(|error| text(&error))?;
        let mut options = Options::new(target);
        let float = compile(&source, &options).map_err(|error| text(&error))?;
        let shape = &float.program.inputs[0].shape;
        let calibration =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.calib.npy", model.int8));
        shared
            .calibration(model.name)
            .for_input(shape)
            .write(&calibration);
        options.quant = QuantMode::Int8;
        options.calibration = Some(calibration.clone());
        let int8 = compile(&source, &options).map_err(|error| text(&error))?;
        Ok(Self {
            model,
            file,
            calibration,
            float_program: float.program,
            observer: int8
                .report
                .accuracy
                .map_or_else(String::new, |a| a.observer),
            int8_program: int8.program,
        })
    }

    fn float(&self) -> Entry {
        Entry {
            name: format!("{}_float", self.model.name),
            model: self.file.clone(),
            calibration: None,
        }
    }

    fn int8(&self) -> Entry {
        Entry {
            name: format!("{}_int8", self.model.name),
            model: self.file.clone(),
            calibration: Some(self.calibration.clone()),
        }
    }

    /// Samples for evaluation; the golden inputs where there are no others.
    fn samples(&self, shared: &Shared) -> Array {
        let path = shared.file(&format!("calib/{}", self.model.name));
        let named = ["eval_x.npy", "eval_x_u8.npy"]
            .iter()
            .any(|name| path.join(name).exists());
        let samples = if named {
            shared
                .evaluation(self.model.name)
                .scaled(self.model.evaluation_scale)
        } else {
            shared.golden_inputs(self.model.name)
        };
        samples.for_input(&self.float_program.inputs[0].shape)
    }
}

/// All models, compiled once, and what did not compile.
fn cases(shared: &Shared) -> &'static (Vec<Case>, Vec<String>) {
    static CASES: OnceLock<(Vec<Case>, Vec<String>)> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut cases = Vec::new();
        let mut failures = Vec::new();
        for model in MODELS {
            match Case::new(shared, model) {
                Ok(case) => cases.push(case),
                Err(error) => failures.push(error),
            }
        }
        (cases, failures)
    })
}

fn accuracy_table() -> Table {
    Table::new(&[
        "file",
        "samples",
        "float",
        "int8",
        "onnxruntime int8",
        "SQNR dB",
        "observer",
    ])
}

#[test]
fn the_executor_keeps_the_accuracy() {
    let Some(shared) = Shared::find("int8 accuracy of the executor") else {
        return;
    };
    let (cases, failures) = cases(&shared);
    let mut failures = failures.clone();
    let mut table = accuracy_table();
    for case in cases {
        let samples = case.samples(&shared);
        let float = host::predict(&case.float_program, &samples);
        let int8 = host::predict(&case.int8_program, &samples);
        failures.extend(check_accuracy(case, &shared, [&float, &int8], &mut table));
    }
    println!("\n{table}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn generated_code_keeps_the_accuracy_and_fits_where_tflite_micro_fits() {
    let Some(shared) = Shared::find("int8 accuracy") else {
        return;
    };
    let (cases, failures) = cases(&shared);
    let mut failures = failures.clone();
    let entries: Vec<Entry> = cases
        .iter()
        .flat_map(|case| [case.float(), case.int8()])
        .collect();
    let zoo = Zoo::build(env!("CARGO_TARGET_TMPDIR"), "zoo-int8", &entries);
    let mut accuracy = accuracy_table();
    let mut memory = Table::new(&[
        "file",
        "RAM B",
        "TFLM arena B",
        "flash B, no code",
        "TFLM flash B",
        "MACs",
    ]);
    for case in cases {
        let samples = case.samples(&shared);
        let [float, int8] =
            [case.float(), case.int8()].map(|entry| zoo.predict(&entry.name, &samples));
        failures.extend(check_accuracy(
            case,
            &shared,
            [&float, &int8],
            &mut accuracy,
        ));
        failures.extend(check_memory(case, &zoo, &mut memory));
        failures.extend(check_bits(case, &zoo));
    }
    println!("\n{accuracy}\n{memory}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check_accuracy(
    case: &Case,
    shared: &Shared,
    outputs: [&[f32]; 2],
    table: &mut Table,
) -> Vec<String> {
    let model = case.model;
    let samples = case.samples(shared);
    let [float, int8] = outputs;
    let labels = shared.labels(model.name);
    let mut failures = Vec::new();
    let mut fail = |message: String| failures.push(format!("{}: {message}", model.int8));
    let (float_text, int8_text) = if let Some(labels) = &labels {
        let [float, int8] = outputs.map(|outputs| top1_percent(outputs, labels));
        if labels.len() >= LARGE_SET && int8 < float - BELOW_FLOAT - 1e-6 {
            fail(format!(
                "top-1 {int8:.2} % is too far below float's {float:.2} %"
            ));
        }
        if model
            .onnxruntime_top1
            .is_some_and(|other| int8 < other - BELOW_ONNXRUNTIME - 1e-6)
        {
            fail(format!("top-1 {int8:.2} % is too far below onnxruntime's"));
        }
        (format!("{float:.1} %"), format!("{int8:.1} %"))
    } else if float.len() == samples.data.len() {
        let [float, int8] =
            [&float, &int8].map(|outputs| mean_squared_error(outputs, &samples.data));
        if int8 > float * RECONSTRUCTION {
            fail(format!(
                "error of reconstruction {int8:.3}, float {float:.3}"
            ));
        }
        (format!("MSE {float:.3}"), format!("MSE {int8:.3}"))
    } else {
        ("–".to_owned(), "–".to_owned())
    };
    table.row(&[
        model.int8.to_owned(),
        samples.samples().to_string(),
        float_text,
        int8_text,
        model
            .onnxruntime_top1
            .map_or("–".to_owned(), |top1| format!("{top1} %")),
        format!("{:.1}", sqnr_db(float, int8)),
        case.observer.clone(),
    ]);
    if int8.iter().any(|x| !x.is_finite()) || max_difference(float, int8) > range(float) {
        fail("int8 has nothing in common with float".to_owned());
    }
    failures
}

fn check_memory(case: &Case, zoo: &Zoo, table: &mut Table) -> Option<String> {
    let model = case.model;
    let costs = zoo.costs(&case.int8().name);
    let text = |number: Option<usize>| number.map_or("–".to_owned(), |n| n.to_string());
    table.row(&[
        model.int8.to_owned(),
        costs.ram.to_string(),
        text(model.tflm_arena),
        costs.flash.to_string(),
        text(model.tflm_flash),
        costs.macs.to_string(),
    ]);
    let fits = model.tflm_arena.is_none_or(|arena| costs.ram <= arena)
        && model.tflm_flash.is_none_or(|bytes| costs.flash <= bytes);
    (!fits).then(|| {
        format!(
            "{}: needs more memory than TensorFlow Lite Micro: {costs:?}",
            model.int8
        )
    })
}

/// Generated code and the executor of the build give the same bytes for random bytes.
fn check_bits(case: &Case, zoo: &Zoo) -> Option<String> {
    let program = &case.int8_program;
    let mut random = Random::new(case.model.name.len() as u64);
    let len = program.inputs[0].slot.bytes();
    let input: Vec<u8> = (0..8 * len).map(|_| random.draw() as u8).collect();
    let expected = host::predict_raw(program, &input);
    let found = zoo.predict_quantized(&case.int8().name, &input);
    (found != expected).then(|| format!("{}: generated code and executor differ", case.model.int8))
}
