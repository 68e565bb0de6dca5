//! The numbers as Markdown.

use crate::measure::Measured;
use crate::rival::{FLASH_GOAL, Goal, Rival, Run, Verdict};
use edge_build::runner::Board;
use edge_build::runner::counts::Counts;
use edge_test_support::table::Table;
use std::collections::BTreeMap;

/// Which of the rival's runs a core is compared with, what our cycles are on it, and what they should be; cycles are
/// modelled for two cores only.
#[derive(Clone, Copy, Debug)]
struct Compared {
    theirs: Run,
    cycles: Option<(u64, Goal)>,
}

fn compared(board: &Board, rival: &Rival, counts: &Counts) -> Compared {
    match board.name {
        "cortex-m4" => Compared {
            theirs: rival.m4,
            cycles: Some((counts.m4_cycles, rival.m4_goal)),
        },
        "cortex-m7" => Compared {
            theirs: rival.m7,
            cycles: Some((counts.m7_cycles, rival.m7_goal)),
        },
        _ => Compared {
            theirs: rival.m4,
            cycles: None,
        },
    }
}

/// A share with its verdict: `0.43 limit`.
fn judged(goal: Goal, ours: u64, theirs: u64) -> String {
    let share = ours as f64 / theirs as f64;
    let verdict = match goal.verdict(share) {
        Verdict::Aim => "aim",
        Verdict::Limit => "limit",
        Verdict::Over => "over",
    };
    format!("{share:.3} {verdict}")
}

fn share(ours: u64, theirs: u64) -> String {
    format!("{:.3}", ours as f64 / theirs as f64)
}

/// All networks on a core, a row each, and a line with the mean of flash.
#[must_use]
pub fn networks(board: &Board, all: &[Measured]) -> String {
    let mut table = Table::new(&[
        board.name,
        "MACs",
        "instructions",
        "of TFLM",
        "cycles",
        "of TFLM",
        "cycles/MAC",
        "arena B",
        "of TFLM",
        "stack B",
        "reckoned",
        "code B",
        "numbers B",
        "flash of TFLM",
        "output",
    ]);
    for one in all {
        table.row(&row(board, one));
    }
    let mean = flash_mean(all);
    let verdict = match FLASH_GOAL.verdict(mean) {
        Verdict::Aim => "the aim is met",
        Verdict::Limit => "the limit is kept",
        Verdict::Over => "over the limit",
    };
    format!(
        "{table}\nFlash, geometric mean of {}: {mean:.3} of TFLM's (at most {}, aim {}): {verdict}.\n",
        all.len(),
        FLASH_GOAL.most,
        FLASH_GOAL.aim
    )
}

fn row(board: &Board, one: &Measured) -> Vec<String> {
    let (rival, report) = (&one.rival, &one.report);
    let Compared { theirs, cycles } = compared(board, rival, &one.counts);
    let absent = || "–".to_owned();
    let output = match one.equal {
        Some(true) => "equal",
        Some(false) => "WRONG",
        None => "–",
    };
    vec![
        rival.name.to_owned(),
        report.macs.to_string(),
        one.counts.instructions.to_string(),
        share(one.counts.instructions, theirs.instructions),
        cycles.map_or_else(absent, |(cycles, _)| cycles.to_string()),
        cycles.map_or_else(absent, |(cycles, goal)| judged(goal, cycles, theirs.cycles)),
        cycles.map_or_else(absent, |(cycles, _)| per_mac(cycles, report.macs)),
        report.ram_bytes.to_string(),
        judged(rival.arena_goal, report.ram_bytes as u64, rival.arena),
        one.stack.to_string(),
        report.stack_bytes.to_string(),
        one.sizes.code.to_string(),
        (one.flash_bytes() - one.sizes.code).to_string(),
        share(one.flash_bytes(), rival.flash_bytes()),
        output.to_owned(),
    ]
}

/// The geometric mean of our flash as a part of the rival's.
#[must_use]
pub fn flash_mean(all: &[Measured]) -> f64 {
    let logs = all
        .iter()
        .map(|one| (one.flash_bytes() as f64 / one.rival.flash_bytes() as f64).ln());
    (logs.sum::<f64>() / all.len() as f64).exp()
}

/// The steps of a network, a row each. Cycles are those of the core, or of a Cortex-M4.
#[must_use]
pub fn layers(board: &Board, one: &Measured, counts: &[Counts]) -> String {
    let title = format!("{}, {}", one.rival.name, board.name);
    let mut table = Table::new(&[
        &title,
        "operator",
        "output",
        "variant",
        "MACs",
        "instructions",
        "cycles",
        "cycles/MAC",
        "estimated",
    ]);
    let layers = &one.report.layers;
    for (index, (layer, counts)) in layers.iter().zip(counts).enumerate() {
        let chosen = layer.choice.as_ref().map(|choice| choice.chosen);
        let cycles = cycles_of(board, counts);
        table.row(&[
            index.to_string(),
            layer.operator.to_owned(),
            layer.output.clone(),
            chosen.map_or_else(String::new, |cost| cost.variant.name().to_owned()),
            layer.macs.to_string(),
            counts.instructions.to_string(),
            cycles.to_string(),
            per_mac(cycles, layer.macs),
            chosen.map_or_else(String::new, |cost| cost.cycles.to_string()),
        ]);
    }
    table.to_string()
}

/// Sums over all networks by operator and variant, and how well their cycles were estimated.
#[must_use]
pub fn kinds(board: &Board, all: &[(&Measured, Vec<Counts>)]) -> String {
    let mut sums: BTreeMap<(&str, &str), Sum> = BTreeMap::new();
    for (one, counts) in all {
        for (layer, counts) in one.report.layers.iter().zip(counts) {
            let Some(choice) = &layer.choice else {
                continue;
            };
            let kind = (layer.operator, choice.chosen.variant.name());
            let sum = sums.entry(kind).or_default();
            sum.layers += 1;
            sum.macs += layer.macs;
            sum.instructions += counts.instructions;
            sum.cycles += cycles_of(board, counts);
            sum.estimated += choice.chosen.cycles;
        }
    }
    let mut table = Table::new(&[
        &format!("{}, all networks", board.name),
        "variant",
        "layers",
        "MACs",
        "instructions/MAC",
        "cycles",
        "cycles/MAC",
        "estimated/counted",
    ]);
    for ((operator, variant), sum) in sums {
        table.row(&[
            operator.to_owned(),
            variant.to_owned(),
            sum.layers.to_string(),
            sum.macs.to_string(),
            per_mac(sum.instructions, sum.macs),
            sum.cycles.to_string(),
            per_mac(sum.cycles, sum.macs),
            share(sum.estimated, sum.cycles.max(1)),
        ]);
    }
    table.to_string()
}

/// What layers of a kind take together.
#[derive(Default)]
struct Sum {
    layers: u64,
    macs: u64,
    instructions: u64,
    cycles: u64,
    estimated: u64,
}

/// Cycles on the core, or on a Cortex-M4 where those of the core are not modelled.
fn cycles_of(board: &Board, counts: &Counts) -> u64 {
    match board.name {
        "cortex-m7" => counts.m7_cycles,
        _ => counts.m4_cycles,
    }
}

fn per_mac(cycles: u64, macs: u64) -> String {
    if macs == 0 {
        return "–".to_owned();
    }
    format!("{:.2}", cycles as f64 / macs as f64)
}
