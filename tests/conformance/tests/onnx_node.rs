//! The ONNX backend tests. `onnx_node.txt` lists those that pass, with the stages at which they do;
//! `EDGE_BLESS=1` writes it anew. A test that is taken and yields wrong numbers fails whatever the list says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use conformance::node::{Case, Failure, Form, Stage};
use edge_test_support::shared::Shared;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::catch_unwind;

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/onnx_node.txt");
const HEADER: &str = "\
# Tests of the ONNX backend suite (onnx 1.23) with outputs of floats, bytes or 32-bit integers that pass.
# open: all inputs are inputs; fixed: all but the first of floats or bytes are constants.
# raw: the graph as imported; canonical: after all passes.
# Written by `EDGE_BLESS=1 cargo test --release -p conformance --test onnx_node`.
";

#[test]
fn listed_backend_tests_pass() {
    let Some(shared) = Shared::find("ONNX backend tests") else {
        return;
    };
    let cases = Case::all(&shared.backend_tests(env!("CARGO_TARGET_TMPDIR")));
    assert!(!cases.is_empty());
    let mut list = BTreeMap::new();
    let mut wrong = Vec::new();
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for case in &cases {
        let (open, open_refusal) = stages(case, Form::Open, &mut wrong);
        if !open.is_empty() {
            list.insert(case.name.clone(), format!("{} {open}", Form::Open.name()));
            continue;
        }
        let (fixed, refusal) = stages(case, Form::Fixed, &mut wrong);
        if fixed.is_empty() {
            *refused
                .entry(refusal.or(open_refusal).unwrap_or_default())
                .or_default() += 1;
        } else {
            list.insert(case.name.clone(), format!("{} {fixed}", Form::Fixed.name()));
        }
    }
    println!("{} tests, {} pass; refused:", cases.len(), list.len());
    for (reason, count) in &refused {
        println!("{count:5} × {reason}");
    }
    assert!(wrong.is_empty(), "wrong:\n{}", wrong.join("\n"));
    check(&list);
}

/// The stages at which a test passes, and the first line of the last refusal.
fn stages(case: &Case, form: Form, wrong: &mut Vec<String>) -> (String, Option<String>) {
    let mut passed = Vec::new();
    let mut refusal = None;
    for (stage, name) in [(Stage::Raw, "raw"), (Stage::Canonical, "canonical")] {
        let outcome = catch_unwind(|| case.run(form, stage));
        match outcome.unwrap_or_else(|_| Err(Failure::Wrong("panics".to_owned()))) {
            Ok(()) => passed.push(name),
            Err(Failure::Wrong(reason)) => {
                wrong.push(format!("{} ({}, {name}): {reason}", case.name, form.name()));
            }
            Err(Failure::Refused(reason)) => {
                refusal = reason.lines().next().map(ToOwned::to_owned);
            }
        }
    }
    (passed.join(" "), refusal)
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
