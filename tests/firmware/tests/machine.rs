//! The parts under the networks: arithmetic of the cores, and that measurements measure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_build::runner::{Job, Platform};
use edge_core::quant::{Requant, requantize_reference};
use edge_test_support::random::Random;
use edge_test_support::shared::{Shared, required};
use firmware::LIMIT;
use firmware::case::{Case, MODELS};
use firmware::program::{project, run};

/// Requantizes words from a file: accumulator, multiplier, offset, shift, shift before.
const REQUANTIZE: &str = r#"
use crate::infer::Failure;
use crate::platform::File;

pub fn run() -> Result<(), Failure> {
    let mut input = File::open(c"words").ok_or(Failure)?;
    let mut output = File::create(c"bytes").ok_or(Failure)?;
    let mut row = [0u8; 20];
    while input.read(&mut row) {
        let word = |at: usize| i32::from_le_bytes([row[at], row[at + 1], row[at + 2], row[at + 3]]);
        let requant = edge_core::rt::Requant {
            offset: word(8),
            shift: word(12) as u32,
            pre_shift: word(16) as u32,
        };
        let byte = edge_core::quant::requantize(word(0), word(4), requant);
        output.write(&[byte as u8]).ok_or(Failure)?;
    }
    Ok(())
}
"#;

/// Panics if the file is missing.
const PANIC: &str = r#"
pub fn run() -> Result<(), crate::infer::Failure> {
    crate::platform::File::open(c"missing").unwrap();
    Ok(())
}
"#;

/// Runs 4 million instructions in a measured region, times the input.
const LOOP: &str = r#"
use crate::infer::{Failure, Files, infer};
use edge_core::rt::{ElementType, Model, TensorInfo};

struct Spin([u8; 1]);

const BYTE: TensorInfo = TensorInfo { name: "x", shape: &[1], element: ElementType::I8, quant: None };

impl Model for Spin {
    const NAME: &'static str = "spin";
    const TARGET: &'static str = "none";
    const INPUTS: &'static [TensorInfo] = &[BYTE];
    const OUTPUTS: &'static [TensorInfo] = &[BYTE];
    const RAM_BYTES: usize = 1;
    const STACK_BYTES: usize = 0;
    const FLASH_BYTES: usize = 0;
    const MACS: u64 = 0;

    fn run(&mut self) {
        // Two instructions a round.
        let rounds = u32::from(self.0[0]) * 2_000_000;
        #[cfg(target_arch = "arm")]
        unsafe { core::arch::asm!("0: subs {0}, {0}, #1", "bne 0b", inout(reg) rounds => _) };
        #[cfg(target_arch = "riscv32")]
        unsafe { core::arch::asm!("0: addi {0}, {0}, -1", "bnez {0}, 0b", inout(reg) rounds => _) };
    }

    fn reset(&mut self) {}

    fn input_bytes_mut(&mut self, _: usize) -> &mut [u8] {
        &mut self.0
    }

    fn output_bytes(&self, _: usize) -> &[u8] {
        &self.0
    }
}

pub fn run() -> Result<(), Failure> {
    let files = Files { input: c"x", output: c"y", costs: c"costs" };
    infer(&mut Spin([0]), &files)
}
"#;

/// Words for the firmware and the bytes that the definition gives.
fn requantize_cases(count: usize) -> (Vec<u8>, Vec<u8>) {
    let mut random = Random::new(8);
    let (mut words, mut expected) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let shift = random.below(23) as u32;
        let pre_shift = if shift == 0 {
            random.below(8) as u32
        } else {
            0
        };
        // All magnitudes, so that not everything saturates.
        let magnitude = random.below(31 - pre_shift as usize) as u32;
        let acc = (random.draw() as i32) >> (31 - magnitude) >> pre_shift;
        let multiplier = (random.draw() as i32) >> random.below(16);
        let zero_point = random.below(256) as i32 - 128;
        let offset = (zero_point << shift) + ((1 << shift) >> 1);
        for word in [acc, multiplier, offset, shift as i32, pre_shift as i32] {
            words.extend(word.to_le_bytes());
        }
        let requant = Requant {
            offset,
            shift,
            pre_shift,
        };
        expected.push(requantize_reference(acc, multiplier, requant) as u8);
    }
    (words, expected)
}

#[test]
fn requantization_is_the_same_on_every_core() {
    if Shared::find("requantization").is_none() {
        return;
    }
    let (words, expected) = requantize_cases(20_000);
    let inside = expected.iter().filter(|&&x| x != 127 && x != 128).count();
    assert!(inside > 5_000, "only {inside} values are not saturated");
    for core in [
        "cortex-m0",
        "cortex-m4",
        "cortex-m7",
        "cortex-m33",
        "riscv32",
    ] {
        let Some(board) = firmware::board(core) else {
            continue;
        };
        let found = run(&project(board, REQUANTIZE), ("words", &words), "bytes").unwrap();
        assert_eq!(found, expected, "{core}");
    }
}

#[test]
fn a_panic_is_found_by_the_linker_and_at_run_time() {
    if Shared::find("panics").is_none() {
        return;
    }
    for core in ["cortex-m4", "riscv32"] {
        let Some(board) = firmware::board(core) else {
            continue;
        };
        let mut project = project(board, PANIC);
        let error = run(&project, ("x", &[]), "y").unwrap_err().to_string();
        assert!(error.contains("panicked"), "{core}: {error}");
        project.forbid_panics = true;
        let error = project.build().unwrap_err().to_string();
        assert!(error.contains("a_panic_can_be_reached"), "{core}: {error}");
    }
}

#[test]
fn every_clock_counts_instructions() {
    if Shared::find("clocks").is_none() {
        return;
    }
    for core in [
        "cortex-m0",
        "cortex-m3",
        "cortex-m4",
        "cortex-m7",
        "cortex-m33",
        "riscv32",
    ] {
        let Some(board) = firmware::board(core) else {
            continue;
        };
        // The second makes the timer of 24 bits wrap.
        let costs = run(&project(board, LOOP), ("x", &[1, 200]), "costs").unwrap();
        let ticks =
            |at: usize| u64::from(u32::from_le_bytes(costs[at..at + 4].try_into().unwrap()));
        for (at, expected) in [(0, 4_000_000), (12, 800_000_000)] {
            let found = ticks(at) * board.instructions_per_tick;
            let more = found.abs_diff(expected);
            assert!(
                more < 200,
                "{core}: {found} instructions instead of {expected}"
            );
        }
    }
}

/// The plugin counts exactly; the timer of the board counts the same to a tick.
#[test]
fn the_plugin_and_the_timer_agree() {
    let Some(shared) = Shared::find("plugin") else {
        return;
    };
    let Some(board) = firmware::board("cortex-m4") else {
        return;
    };
    let Some(plugin) = std::env::var_os("EDGE_CYCLES") else {
        let message = "plugin: skipped; set EDGE_CYCLES to the plugin that counts cycles";
        assert!(!required(), "{message}");
        println!("{message}");
        return;
    };
    let case = Case::new(&shared, env!("CARGO_TARGET_TMPDIR"), MODELS[3], "cortex-m4");
    let mut network = case.network.clone();
    network.rows.truncate(2 * network.row_bytes);
    let job = Job {
        networks: vec![network],
        platform: Platform::Emulated(board),
        plugin: Some(plugin.into()),
        forbid_panics: false,
        limit: Some(LIMIT),
    };
    let outcome = job.run(&|_| ()).unwrap_or_else(|error| panic!("{error}"));
    let counts = outcome.counts.expect("the plugin's counts");
    assert_eq!(counts.entries, 2);
    let timer: u64 = outcome.networks[0].costs.iter().map(|cost| cost.time).sum();
    let difference = timer.abs_diff(counts.instructions);
    assert!(difference < 200, "{timer} by the timer, {counts:?}");
    assert!(counts.m4_cycles > counts.instructions);
}
