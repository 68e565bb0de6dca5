//! Networks compared with `tflite-micro`, random ones of one operator each and real ones. Integers are
//! equal; floats differ by little, since sums are taken in another order.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::oracle::{Allowed, Case, Scripts, Tally, only};
use edge_test_support::shared::Shared;
use std::path::{Path, PathBuf};

/// The folder of cases, made if need be.
fn operators() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("EDGE_ORACLE_DIR") {
        return Some(folder.into());
    }
    let what = "operators of tflite-micro";
    Shared::find(what)?;
    let arguments: Vec<String> = match only().join(",") {
        names if names.is_empty() => Vec::new(),
        names => vec!["--only".to_owned(), names],
    };
    let scripts = Scripts::find(what)?;
    Some(scripts.run(env!("CARGO_TARGET_TMPDIR"), "generate.py", &arguments))
}

/// The folder of what whole models compute, made if need be.
fn models() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("EDGE_ORACLE_MODELS_DIR") {
        return Some(folder.into());
    }
    let what = "models by tflite-micro";
    let data = Shared::find(what)?.file("").display().to_string();
    let scripts = Scripts::find(what)?;
    let arguments = ["--data".to_owned(), data];
    Some(scripts.run(env!("CARGO_TARGET_TMPDIR"), "models.py", &arguments))
}

/// What is allowed of one operator.
fn of_operators(_: &Case) -> Allowed {
    Allowed {
        integers: 0,
        floats: 1e-5,
    }
}

/// What is allowed of a model: differences of its layers add up.
fn of_models(_: &Case) -> Allowed {
    Allowed {
        integers: 0,
        floats: 1e-4,
    }
}

fn check(folder: &Path, only: &[String], allowed: fn(&Case) -> Allowed) {
    let tally = Tally::of(folder, only, allowed);
    println!("{tally}");
    let failures = tally.failures.join("\n");
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn operators_equal_tflite_micro() {
    if let Some(folder) = operators() {
        // What the reference itself refuses.
        print!(
            "{}",
            std::fs::read_to_string(folder.join("table.md")).unwrap_or_default()
        );
        check(&folder, &only(), of_operators);
    }
}

#[test]
fn models_equal_tflite_micro() {
    if let Some(folder) = models() {
        check(&folder, &[], of_models);
    }
}
