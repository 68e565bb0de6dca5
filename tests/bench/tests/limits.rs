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
        let (Rival { name, .. }, report) = (one.rival, &one.artifact.report);
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

/// All networks on a core; `None` with a message if something is missing.
fn measure(core: &str) -> Option<Vec<Measured>> {
    let bench = match Bench::find() {
        Ok(bench) => bench,
        Err(message) => {
            assert!(!required(), "{message}");
            println!("{core}: skipped; {message}");
            return None;
        }
    };
    let board = firmware::board(core)?;
    let all: Vec<Measured> = RIVALS
        .iter()
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

#[test]
fn cortex_m4() {
    if let Some(all) = measure("cortex-m4") {
        check(&all, |one| {
            (one.counts.m4_cycles, one.rival.m4.cycles, one.rival.m4_goal)
        });
    }
}

#[test]
fn cortex_m7() {
    if let Some(all) = measure("cortex-m7") {
        check(&all, |one| {
            (one.counts.m7_cycles, one.rival.m7.cycles, one.rival.m7_goal)
        });
    }
}
