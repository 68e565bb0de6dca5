//! Float networks through generated code equal onnxruntime.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::host;
use conformance::measure::{max_difference, range};
use conformance::models::{FLOAT_ONLY, MODELS};
use conformance::zoo::{Entry, Zoo};
use edge_build::compile::compile;
use edge_build::options::Options;
use edge_build::program::Program;
use edge_test_support::array::Array;
use edge_test_support::shared::{Shared, Variant};
use edge_test_support::table::Table;

/// Greatest difference allowed, as a part of the range of the golden outputs.
const TOLERANCE: f32 = 1e-4;

#[test]
fn the_executor_equals_onnxruntime_on_every_float_file() {
    let Some(shared) = Shared::find("float executor") else {
        return;
    };
    let mut failures = Vec::new();
    let mut table = Table::new(&["file", "of the range", "steps", "RAM B"]);
    for variant in variants(&shared) {
        let program = match compile_float(&variant) {
            Ok(program) => program,
            Err(error) => {
                failures.push(format!("{}: {error}", variant.name));
                continue;
            }
        };
        let outputs = host::predict(&program, &inputs(&shared, &variant, &program));
        let difference = check(&shared, &variant, &outputs, &mut failures);
        table.row(&[
            variant.name.clone(),
            difference,
            program.steps.len().to_string(),
            program.arena_bytes.to_string(),
        ]);
    }
    println!("\n{table}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn generated_code_equals_onnxruntime_on_every_float_file() {
    let Some(shared) = Shared::find("float conformance") else {
        return;
    };
    let networks: Vec<(Variant, Program)> = variants(&shared)
        .into_iter()
        .filter_map(|variant| {
            compile_float(&variant)
                .ok()
                .map(|program| (variant, program))
        })
        .collect();
    let entries: Vec<Entry> = networks.iter().map(|(variant, _)| entry(variant)).collect();
    let zoo = Zoo::build(env!("CARGO_TARGET_TMPDIR"), "zoo-float", &entries);
    let mut failures = Vec::new();
    let mut table = Table::new(&["file", "of the range", "RAM B", "flash B", "MACs"]);
    for (variant, program) in &networks {
        let outputs = zoo.predict(&variant.name, &inputs(&shared, variant, program));
        let difference = check(&shared, variant, &outputs, &mut failures);
        let costs = zoo.costs(&variant.name);
        table.row(&[
            variant.name.clone(),
            difference,
            costs.ram.to_string(),
            costs.flash.to_string(),
            costs.macs.to_string(),
        ]);
    }
    println!("\n{table}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn variants(shared: &Shared) -> Vec<Variant> {
    let names = MODELS.iter().map(|model| model.name);
    let all = names.chain(FLOAT_ONLY.iter().copied());
    all.flat_map(|name| shared.float_variants(name)).collect()
}

/// The golden inputs in the layout of the file.
fn inputs(shared: &Shared, variant: &Variant, program: &Program) -> Array {
    let inputs = shared.golden_inputs(&variant.model);
    inputs.for_input(&program.inputs[0].shape)
}

/// The greatest difference as a part of the range; too great a one is a failure.
fn check(
    shared: &Shared,
    variant: &Variant,
    outputs: &[f32],
    failures: &mut Vec<String>,
) -> String {
    let golden = shared.golden_outputs(variant).data;
    let difference = max_difference(outputs, &golden) / range(&golden);
    if difference.is_nan() || difference > TOLERANCE {
        failures.push(format!("{}: {difference:e} of the range", variant.name));
    }
    format!("{difference:.1e}")
}

fn entry(variant: &Variant) -> Entry {
    Entry {
        name: variant.name.clone(),
        model: variant.path.clone(),
        calibration: None,
    }
}

fn compile_float(variant: &Variant) -> Result<Program, String> {
    let source = edge_test_support::source(&variant.path);
    let target = edge_build::target::find("host").map_err(|error| error.to_string())?;
    let artifact = compile(&source, &Options::new(target)).map_err(|error| error.to_string())?;
    Ok(artifact.program)
}
