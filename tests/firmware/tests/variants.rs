//! Every kernel variant gives the bits of the reference kernel: in the compiler's executor, where it is plain Rust,
//! and on emulated cores, where it is assembly.
//!
//! The firmware links only if no panic can be reached.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_build::runner::{Job, Platform};
use edge_build::target::{self, Target};
use edge_test_support::random::Random;
use firmware::LIMIT;
use firmware::layer::{Case, Layer};
use std::collections::BTreeMap;

/// Layers that run on a core, and in the executor.
const LAYERS: [usize; 2] = [160, 400];

/// Variants that some of the layers must have.
const VARIANTS: [&str; 5] = ["packed", "packed-w16", "planar", "winograd", "winograd4"];

fn find(name: &str) -> &'static Target {
    target::find(name).expect("a known target")
}

/// Random layers, each with its cases for a target.
fn draw(target: &'static Target, layers: usize) -> Vec<(Layer, Vec<Case>)> {
    let mut random = Random::new(7);
    let one = |index: usize| {
        let layer = Layer::draw(&mut random);
        let cases = layer.cases(target, &format!("L{index}"));
        (layer, cases)
    };
    (0..layers).map(one).collect()
}

/// All variants must have been among the cases, of results that are rounded once and of others.
fn assert_all_seen(cases: &[(Layer, Vec<Case>)]) {
    let mut seen: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for (layer, cases) in cases {
        for case in cases {
            let variant = case.what.split(':').next().unwrap_or_default();
            *seen.entry((variant, layer.rounds_once())).or_default() += 1;
        }
    }
    println!("{seen:?}");
    for variant in VARIANTS {
        for once in [false, true] {
            assert!(seen.get(&(variant, once)) > Some(&2), "{variant}: {seen:?}");
        }
    }
}

/// Where outputs differ first.
fn assert_same(what: &str, found: &[u8], wanted: &[u8]) {
    let differs = found.iter().zip(wanted).position(|(a, b)| a != b);
    assert!(
        differs.is_none() && found.len() == wanted.len(),
        "{what}: byte {differs:?} of {}, {found:?} for {wanted:?}",
        wanted.len()
    );
}

fn check_executor(target: &str) {
    let cases = draw(find(target), LAYERS[1]);
    assert_all_seen(&cases);
    for (layer, cases) in &cases {
        let wanted = layer.reference();
        for case in cases {
            assert_same(&case.what, &layer.executed(case), &wanted);
        }
    }
}

fn check_core(core: &str) {
    let Some(board) = firmware::board(core) else {
        return;
    };
    let cases = draw(find(core), LAYERS[0]);
    assert_all_seen(&cases);
    let networks = cases
        .iter()
        .flat_map(|(_, cases)| cases)
        .map(|case| case.network.clone());
    let job = Job {
        networks: networks.collect(),
        platform: Platform::Emulated(board),
        plugin: None,
        forbid_panics: true,
        limit: Some(LIMIT),
    };
    let outcome = job.run(&|_| ()).unwrap_or_else(|error| panic!("{error}"));
    let mut measured = outcome.networks.iter();
    for (layer, cases) in &cases {
        let wanted = layer.reference();
        for case in cases {
            let ran = measured.next().expect("as many as networks");
            assert_same(&case.what, &ran.outputs, &wanted);
        }
    }
}

#[test]
fn executor_single_issue() {
    check_executor("cortex-m4");
}

#[test]
fn executor_dual_issue() {
    check_executor("cortex-m7");
}

#[test]
fn cortex_m4() {
    check_core("cortex-m4");
}

#[test]
fn cortex_m7() {
    check_core("cortex-m7");
}

#[test]
fn cortex_m33() {
    check_core("cortex-m33");
}
