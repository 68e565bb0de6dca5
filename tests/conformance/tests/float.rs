//! Float networks through generated code equal onnxruntime.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::measure::{max_difference, range};
use conformance::models::MODELS;
use conformance::zoo::{Entry, Zoo};
use edge_build::compile::compile;
use edge_build::options::Options;
use edge_test_support::shared::{Shared, Variant};
use edge_test_support::table::Table;

/// Greatest difference allowed, as a part of the range of the golden outputs.
const TOLERANCE: f32 = 1e-4;

#[test]
fn every_float_file_equals_onnxruntime() {
    let Some(shared) = Shared::find("float conformance") else {
        return;
    };
    let variants: Vec<Variant> = MODELS
        .iter()
        .flat_map(|model| shared.float_variants(model.name))
        .collect();
    let mut failures = Vec::new();
    let mut entries = Vec::new();
    for variant in &variants {
        match input_shape(variant) {
            Ok(shape) => entries.push((entry(variant), variant, shape)),
            Err(error) => failures.push(format!("{}: {error}", variant.name)),
        }
    }
    let networks: Vec<Entry> = entries.iter().map(|(entry, ..)| entry.clone()).collect();
    let zoo = Zoo::build(env!("CARGO_TARGET_TMPDIR"), "zoo-float", &networks);
    let mut table = Table::new(&["file", "of the range", "RAM B", "flash B", "MACs"]);
    for (entry, variant, shape) in &entries {
        let inputs = shared.golden_inputs(&variant.model).for_input(shape);
        let golden = shared.golden_outputs(variant).data;
        let outputs = zoo.predict(&entry.name, &inputs);
        let difference = max_difference(&outputs, &golden) / range(&golden);
        let costs = zoo.costs(&entry.name);
        table.row(&[
            variant.name.clone(),
            format!("{difference:.1e}"),
            costs.ram.to_string(),
            costs.flash.to_string(),
            costs.macs.to_string(),
        ]);
        if difference.is_nan() || difference > TOLERANCE {
            failures.push(format!("{}: {difference:e} of the range", variant.name));
        }
    }
    println!("\n{table}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn entry(variant: &Variant) -> Entry {
    Entry {
        name: variant.name.clone(),
        model: variant.path.clone(),
        calibration: None,
    }
}

/// Compiles the file here as well, so that one bad file does not hide what the others do.
fn input_shape(variant: &Variant) -> Result<Vec<usize>, String> {
    let source = edge_test_support::source(&variant.path);
    let target = edge_build::target::find("host").map_err(|error| error.to_string())?;
    let artifact = compile(&source, &Options::new(target)).map_err(|error| error.to_string())?;
    Ok(artifact.program.inputs[0].shape.clone())
}
