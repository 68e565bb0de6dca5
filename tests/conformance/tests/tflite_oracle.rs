//! Random models of one operator each, compared with `tflite-micro`: integers are equal, floats differ by
//! less than 1e-5 of their range.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::oracle::{Scripts, Tally, only};
use edge_test_support::shared::Shared;
use std::path::PathBuf;

/// The folder of cases, made if need be.
fn cases() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("EDGE_ORACLE_DIR") {
        return Some(folder.into());
    }
    let what = "operators of tflite-micro";
    Shared::find(what)?;
    let arguments: Vec<String> = match only().join(",") {
        names if names.is_empty() => Vec::new(),
        names => vec!["--only".to_owned(), names],
    };
    Some(Scripts::find(what)?.run(env!("CARGO_TARGET_TMPDIR"), "generate.py", &arguments))
}

#[test]
fn operators_equal_tflite_micro() {
    let Some(folder) = cases() else {
        return;
    };
    let tally = Tally::of(&folder, &only());
    println!("{tally}");
    let (wrong, refused) = (tally.wrong.join("\n"), tally.refused.join("\n"));
    assert!(
        wrong.is_empty() && refused.is_empty(),
        "wrong:\n{wrong}\nrefused:\n{refused}"
    );
}
