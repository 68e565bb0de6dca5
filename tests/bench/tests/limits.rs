//! No network takes more than its part of what `TensorFlow` Lite Micro with CMSIS-NN takes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use bench::measure::{Bench, Measured};
use bench::rival::{FLASH_GOAL, Goal, MOST_STACK, RIVALS, Rival, Verdict};
use bench::tables;
use edge_test_support::shared::required;
use std::sync::OnceLock;

/// Limits that were not kept.
#[derive(Default)]
struct Broken(Vec<String>);

impl Broken {
    fn check(&mut self, what: &str, goal: Goal, share: f64) {
        if goal.verdict(share) == Verdict::Over {
            let most = goal.most;
            self.0
                .push(format!("{what}: {share:.3} of TFLM, at most {most}"));
        }
    }

    fn check_network(&mut self, one: &Measured, cycles: (u64, u64, Goal)) {
        let (Rival { name, .. }, report) = (one.rival, &one.report);
        let share = |ours: u64, theirs: u64| ours as f64 / theirs as f64;
        let (ours, theirs, goal) = cycles;
        self.check(&format!("{name}, cycles"), goal, share(ours, theirs));
        let arena = share(report.ram_bytes as u64, one.rival.arena);
        self.check(&format!("{name}, arena"), one.rival.arena_goal, arena);
        let (stack, most) = (one.stack as usize, report.stack_bytes);
        if stack == 0 || stack > most || most > MOST_STACK {
            self.0.push(format!(
                "{name}: {stack} bytes of stack, {most} reckoned with, at most {MOST_STACK}"
            ));
        }
        if one.sizes.ram > report.ram_bytes as u64 + STATICS {
            self.0.push(format!(
                "{name}: {} bytes of memory, {} planned",
                one.sizes.ram, report.ram_bytes
            ));
        }
        if one.equal != Some(true) {
            self.0
                .push(format!("{name}: the output is not that of the reference"));
        }
    }
}

/// Bytes of memory of what measures, and to align.
const STATICS: u64 = 32;

/// All networks on a core, or those that there are as floats; `None` with a message if something is missing.
fn measure(core: &str, native: bool) -> Option<Vec<Measured>> {
    let mut bench = match Bench::find() {
        Ok(bench) => bench,
        Err(message) => {
            assert!(!required(), "{message}");
            println!("{core}: skipped; {message}");
            return None;
        }
    };
    let board = firmware::board(core)?;
    bench.native = native;
    let all: Vec<Measured> = RIVALS
        .iter()
        .filter(|rival| !native || rival.float.is_some())
        .map(|rival| bench.measure(rival, board))
        .collect();
    println!("{}", tables::networks(board, &all));
    Some(all)
}

fn check(all: &[Measured], cycles: fn(&Measured) -> (u64, u64, Goal)) {
    let mut broken = Broken::default();
    for one in all {
        broken.check_network(one, cycles(one));
    }
    broken.check("flash", FLASH_GOAL, tables::flash_mean(all));
    assert!(broken.0.is_empty(), "{}", broken.0.join("\n"));
}

/// All networks on the M4, in exact arithmetic.
fn on_m4() -> Option<&'static [Measured]> {
    static ALL: OnceLock<Option<Vec<Measured>>> = OnceLock::new();
    ALL.get_or_init(|| measure("cortex-m4", false)).as_deref()
}

/// All networks on the M7, in exact arithmetic.
fn on_m7() -> Option<&'static [Measured]> {
    static ALL: OnceLock<Option<Vec<Measured>>> = OnceLock::new();
    ALL.get_or_init(|| measure("cortex-m7", false)).as_deref()
}

#[test]
fn cortex_m4() {
    if let Some(all) = on_m4() {
        check(all, |one| {
            (one.counts.m4_cycles, one.rival.m4.cycles, one.rival.m4_goal)
        });
    }
}

#[test]
fn cortex_m7() {
    if let Some(all) = on_m7() {
        check(all, |one| {
            (one.counts.m7_cycles, one.rival.m7.cycles, one.rival.m7_goal)
        });
    }
}

/// Compares counts of networks, one by one, with what they may be at most.
fn check_counts(
    all: &[Measured],
    count: impl Fn(&Measured) -> u64,
    most: impl Fn(&Rival) -> Option<u64>,
) {
    let mut broken = Vec::new();
    for one in all {
        let name = one.rival.name;
        let (count, most) = (count(one), most(&one.rival));
        if most.is_none_or(|most| count > most) {
            broken.push(format!("{name}: {count}, at most {most:?}"));
        }
        if one.equal == Some(false) {
            broken.push(format!("{name}: the output is not that of the reference"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What `all` counts for a network.
fn of(all: &[Measured], rival: &Rival, count: impl Fn(&Measured) -> u64) -> Option<u64> {
    let same = all.iter().find(|one| one.rival.name == rival.name);
    same.map(count)
}

/// Our own quantization is no slower than the exact arithmetic of `TFLite` files.
#[test]
fn native_arithmetic() {
    let cycles = |one: &Measured| one.counts.m4_cycles;
    if let (Some(exact), Some(native)) = (on_m4(), measure("cortex-m4", true)) {
        check_counts(&native, cycles, |rival| of(exact, rival, cycles));
    }
    let cycles = |one: &Measured| one.counts.m7_cycles;
    if let (Some(exact), Some(native)) = (on_m7(), measure("cortex-m7", true)) {
        check_counts(&native, cycles, |rival| of(exact, rival, cycles));
    }
}

/// The M33 runs the kernels of the M4.
#[test]
fn cortex_m33() {
    let instructions = |one: &Measured| one.counts.instructions;
    if let (Some(m4), Some(m33)) = (on_m4(), measure("cortex-m33", false)) {
        check_counts(&m33, instructions, |rival| {
            of(m4, rival, instructions).map(|count| count + count / 10)
        });
    }
}

/// Half of what the reference kernels of `TFLite` Micro take, which is 4 to 6 times what CMSIS-NN takes on the M4.
#[test]
fn cores_without_dsp() {
    for core in ["cortex-m3", "cortex-m0"] {
        if let Some(all) = measure(core, false) {
            check_counts(
                &all,
                |one| one.counts.instructions,
                |rival| Some(rival.m4.instructions * 6 / 2),
            );
        }
    }
}
