//! The ONNX backend tests. `onnx_node.txt` lists those that pass, with the stages at which they do;
//! `EDGE_BLESS=1` writes it anew. A test that is taken and yields wrong numbers fails whatever the list says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::node::{Case, Failure, Stage};
use edge_test_support::scratch::succeed;
use edge_test_support::shared::Shared;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/onnx_node.txt");
const HEADER: &str = "\
# Tests of the ONNX backend suite (onnx 1.23) with float inputs and outputs that pass.
# raw: the graph as imported; canonical: after all passes.
# Written by `EDGE_BLESS=1 cargo test --release -p conformance --test onnx_node`.
";

#[test]
fn listed_backend_tests_pass() {
    let Some(shared) = Shared::find("ONNX backend tests") else {
        return;
    };
    let cases = Case::all(&unpack(&shared.file("onnx_node_tests.tar.xz")));
    assert!(!cases.is_empty());
    let mut list = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for case in &cases {
        let mut stages = Vec::new();
        for (stage, name) in [(Stage::Raw, "raw"), (Stage::Canonical, "canonical")] {
            match run(case, stage) {
                Ok(()) => stages.push(name),
                Err(Failure::Wrong(reason)) => {
                    wrong.push(format!("{} ({name}): {reason}", case.name));
                }
                Err(Failure::Refused(reason)) if stage == Stage::Canonical => {
                    let line = reason.lines().next().unwrap_or_default().to_owned();
                    *refused.entry(line).or_default() += 1;
                }
                Err(Failure::Refused(_)) => {}
            }
        }
        if !stages.is_empty() {
            list.insert(case.name.clone(), stages.join(" "));
        }
    }
    println!("{} tests, {} pass; refused:", cases.len(), list.len());
    for (reason, count) in &refused {
        println!("{count:5} × {reason}");
    }
    assert!(wrong.is_empty(), "wrong:\n{}", wrong.join("\n"));
    check(&list);
}

fn run(case: &Case, stage: Stage) -> Result<(), Failure> {
    catch_unwind(|| case.run(stage)).unwrap_or_else(|_| Err(Failure::Wrong("panics".to_owned())))
}

/// Compares with the committed list, or writes it.
fn check(list: &BTreeMap<String, String>) {
    let mut text = HEADER.to_owned();
    for (name, stages) in list {
        writeln!(text, "{name} {stages}").expect("writing to a string");
    }
    if std::env::var("EDGE_BLESS").is_ok_and(|value| value == "1") {
        std::fs::write(LIST, text).expect("the list can be written");
        return;
    }
    let committed = std::fs::read_to_string(LIST).expect("the list is committed");
    let lost: Vec<&str> = committed
        .lines()
        .filter(|line| !text.lines().any(|l| l == *line))
        .collect();
    let new: Vec<&str> = text
        .lines()
        .filter(|line| !committed.lines().any(|l| l == *line))
        .collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "no longer as listed: {lost:#?}\nnot in the list: {new:#?}\nEDGE_BLESS=1 writes the list anew"
    );
}

/// The folder with the tests, unpacked once.
fn unpack(archive: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("onnx-backend-tests");
    if !folder.join("onnx_node").is_dir() {
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        succeed(
            Command::new("tar")
                .arg("-xf")
                .arg(archive)
                .arg("-C")
                .arg(&folder),
        );
    }
    folder.join("onnx_node")
}
