//! int8 networks give the same bits on this machine, on every emulated core and in the compiler's executor.
//!
//! The firmware links only if no panic can be reached, so each test here shows that as well.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_build::runner::{Job, Outcome, Platform};
use edge_test_support::shared::Shared;
use firmware::LIMIT;
use firmware::case::{Case, ROWS};
use std::sync::OnceLock;

/// The outputs of the executor for the networks compiled for this machine.
fn reference(shared: &Shared) -> &'static [Vec<u8>] {
    static REFERENCE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    REFERENCE.get_or_init(|| {
        let cases = Case::all(shared, env!("CARGO_TARGET_TMPDIR"), "host");
        cases.iter().map(Case::executed).collect()
    })
}

fn run(cases: &[Case], platform: Platform) -> Outcome {
    let job = Job {
        networks: cases.iter().map(|case| case.network.clone()).collect(),
        platform,
        plugin: None,
        forbid_panics: platform != Platform::Host,
        limit: Some(LIMIT),
    };
    job.run(&|_| ()).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs all networks and compares with their executor and with the reference.
fn check(cases: &[Case], platform: Platform, reference: &[Vec<u8>]) -> Outcome {
    let outcome = run(cases, platform);
    for ((case, ran), reference) in cases.iter().zip(&outcome.networks).zip(reference) {
        assert_eq!(ran.costs.len(), ROWS, "{}", case.name);
        assert_eq!(ran.outputs.len() % ROWS, 0, "{}", case.name);
        assert!(
            distinct_rows(&ran.outputs) > 1,
            "{}: all rows are equal",
            case.name
        );
        assert_eq!(case.executed(), *reference, "{}: executor", case.name);
        assert_eq!(ran.outputs, *reference, "{}: generated code", case.name);
    }
    outcome
}

/// A comparison of outputs that do not depend on the input would show nothing.
fn distinct_rows(outputs: &[u8]) -> usize {
    let rows = outputs.chunks_exact(outputs.len() / ROWS);
    rows.collect::<std::collections::BTreeSet<_>>().len()
}

fn check_core(core: &str, target: &str) {
    let Some(shared) = Shared::find(core) else {
        return;
    };
    let Some(board) = firmware::board(core) else {
        return;
    };
    let cases = Case::all(&shared, env!("CARGO_TARGET_TMPDIR"), target);
    let outcome = check(&cases, Platform::Emulated(board), reference(&shared));
    println!("| {core} | instructions per inference | stack |\n| --- | ---: | ---: |");
    for (case, ran) in cases.iter().zip(&outcome.networks) {
        let time: u64 = ran.costs.iter().map(|cost| cost.time).sum();
        let stack = ran.costs.iter().map(|cost| cost.stack).max().unwrap_or(0);
        println!("| {} | {} | {stack} |", case.name, time / ROWS as u64);
        assert!(
            time / ROWS as u64 > case.artifact.report.macs / 8,
            "{}: nothing ran",
            case.name
        );
        assert!(stack > 0, "{}: the stack was not measured", case.name);
        let most = case.artifact.report.stack_bytes;
        assert!(
            stack as usize <= most,
            "{}: {stack} bytes of stack, {most} planned",
            case.name
        );
    }
    let sizes = outcome.sizes.expect("a firmware");
    let numbers: usize = cases
        .iter()
        .map(|case| case.artifact.report.flash_bytes)
        .sum();
    println!("{sizes:?}, {numbers} of them numbers");
    assert!(sizes.networks > numbers as u64);
}

#[test]
fn host() {
    let Some(shared) = Shared::find("host") else {
        return;
    };
    let cases = Case::all(&shared, env!("CARGO_TARGET_TMPDIR"), "host");
    check(&cases, Platform::Host, reference(&shared));
}

firmware::on_every_core!(check_core);
