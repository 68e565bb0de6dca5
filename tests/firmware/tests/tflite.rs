//! `TFLite` networks give the bits of the reference kernels on this machine and on every emulated core.
//!
//! The firmware links only if no panic can be reached, so each test here shows that as well.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_build::runner::{Job, Measured, Outcome, Platform};
use edge_test_support::shared::Shared;
use firmware::LIMIT;
use firmware::baseline::{BASELINES, Compiled};

/// Most bytes of stack that an inference of any of the networks may take.
const MOST_STACK: usize = 2048;

fn run(networks: &[Compiled], platform: Platform) -> Outcome {
    let job = Job {
        networks: networks.iter().map(|one| one.network.clone()).collect(),
        platform,
        plugin: None,
        forbid_panics: platform != Platform::Host,
        limit: Some(LIMIT),
    };
    job.run(&|_| ()).unwrap_or_else(|error| panic!("{error}"))
}

fn check(networks: &[Compiled], platform: Platform) {
    let outcome = run(networks, platform);
    println!("| network | instructions | stack | crc32 |\n| --- | ---: | ---: | --- |");
    for (baseline, ran) in BASELINES.iter().zip(&outcome.networks) {
        let (crc32, cost) = (rawzip::crc32(&ran.outputs), ran.costs[0]);
        println!(
            "| {} | {} | {} | {crc32:08x} |",
            baseline.file, cost.time, cost.stack
        );
    }
    for ((baseline, one), ran) in BASELINES.iter().zip(networks).zip(&outcome.networks) {
        assert_eq!(
            rawzip::crc32(&one.executed()),
            baseline.crc32,
            "{}: executor",
            baseline.file
        );
        assert_eq!(
            rawzip::crc32(&ran.outputs),
            baseline.crc32,
            "{}: generated code",
            baseline.file
        );
        if platform != Platform::Host {
            check_stack(one, ran);
        }
    }
    // A network that is one table may need none; that the paint is seen at all, the others tell.
    let deepest = outcome.networks.iter().map(|ran| ran.costs[0].stack).max();
    assert!(
        platform == Platform::Host || deepest > Some(0),
        "no stack was measured"
    );
}

/// The stack that was measured is within what the report says.
fn check_stack(one: &Compiled, ran: &Measured) {
    let (name, stack) = (&one.network.type_name, ran.costs[0].stack as usize);
    let most = one.artifact.report.stack_bytes;
    assert!(
        stack <= most,
        "{name}: {stack} bytes of stack, {most} planned"
    );
    assert!(most <= MOST_STACK, "{name}: {most} bytes of stack");
}

fn check_core(core: &str, target: &str) {
    let Some(shared) = Shared::find(core) else {
        return;
    };
    let Some(board) = firmware::board(core) else {
        return;
    };
    let networks = Compiled::baselines(&shared, target);
    check(&networks, Platform::Emulated(board));
}

#[test]
fn host() {
    let Some(shared) = Shared::find("host") else {
        return;
    };
    check(&Compiled::baselines(&shared, "host"), Platform::Host);
}

firmware::on_every_core!(check_core);

/// The networks that the tests above leave out: float ones, and one more in int8.
fn others(shared: &Shared, target: &str) -> Vec<Compiled> {
    let is_baseline = |path: &std::path::Path| {
        let path = path.with_extension("");
        BASELINES
            .iter()
            .any(|baseline| path.ends_with(baseline.file))
    };
    let files = shared.tflite_files();
    assert_eq!(files.len(), 14, "{files:?}");
    files
        .iter()
        .filter(|path| !is_baseline(path))
        .map(|path| Compiled::new(path, target))
        .collect()
}

fn check_others(networks: &[Compiled], platform: Platform) {
    // One at a time: together they do not fit the memory of the emulated board.
    for one in networks {
        let outcome = run(std::slice::from_ref(one), platform);
        if platform != Platform::Host {
            check_stack(one, &outcome.networks[0]);
        }
        let (expected, ran) = (one.executed(), &outcome.networks[0].outputs);
        let name = &one.network.type_name;
        if one.artifact.program.inputs[0].quant.is_some() {
            assert_eq!(*ran, expected, "{name}");
            continue;
        }
        let floats = |bytes: &[u8]| -> Vec<f32> {
            bytes
                .as_chunks()
                .0
                .iter()
                .map(|&b| f32::from_le_bytes(b))
                .collect()
        };
        let (ran, expected) = (floats(ran), floats(&expected));
        assert_eq!(ran.len(), expected.len());
        for (a, b) in ran.iter().zip(&expected) {
            assert!((a - b).abs() <= 1e-4 * b.abs().max(1.0), "{name}: {a} {b}");
        }
    }
}

#[test]
fn the_other_networks_on_the_host() {
    let Some(shared) = Shared::find("host") else {
        return;
    };
    check_others(&others(&shared, "host"), Platform::Host);
}

#[test]
fn the_other_networks_on_a_cortex_m4() {
    let Some(shared) = Shared::find("cortex-m4") else {
        return;
    };
    let Some(board) = firmware::board("cortex-m4") else {
        return;
    };
    check_others(&others(&shared, "cortex-m4"), Platform::Emulated(board));
}
