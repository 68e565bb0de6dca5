//! Verdicts by operator and type.

use super::{Allowed, Case, Difference, Verdict, cases};
use edge_test_support::table::Table;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Failing cases that are shown of each operator and type.
const SHOWN: usize = 8;

/// Verdicts of many cases.
#[derive(Debug, Default)]
pub struct Tally {
    rows: BTreeMap<(String, String), Row>,
    /// The first cases of each operator and type that fail, one line per case.
    pub failures: Vec<String>,
}

#[derive(Debug, Default)]
struct Row {
    cases: usize,
    wrong: usize,
    refused: usize,
    most: Difference,
}

impl Tally {
    /// Judges all cases below a folder, on all cores.
    #[must_use]
    pub fn of(folder: &Path, only: &[String], allowed: fn(&Case) -> Allowed) -> Self {
        let cases = cases(folder, only);
        assert!(!cases.is_empty(), "no cases in {}", folder.display());
        let next = AtomicUsize::new(0);
        let verdicts = Mutex::new(BTreeMap::new());
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let verdict = case.judge();
                        let key = (case.operator.clone(), case.name.clone());
                        verdicts.lock().unwrap().insert(key, verdict);
                    }
                });
            }
        });
        let mut tally = Self::default();
        for (case, verdict) in cases.iter().zip(verdicts.into_inner().unwrap().values()) {
            tally.add(case, verdict, allowed(case));
        }
        tally
    }

    fn add(&mut self, case: &Case, verdict: &Verdict, allowed: Allowed) {
        let key = (case.operator.clone(), case.kind.clone());
        let row = self.rows.entry(key).or_default();
        row.cases += 1;
        let failure = match verdict {
            Verdict::Runs(difference) => {
                row.most.join(difference.clone());
                if difference.is_within(allowed) {
                    return;
                }
                row.wrong += 1;
                format!("wrong: {}", difference.first.as_deref().unwrap_or_default())
            }
            Verdict::Broken(reason) => {
                row.wrong += 1;
                format!("wrong: {reason}")
            }
            Verdict::Refused(reason) => {
                row.refused += 1;
                // Extreme scales may be more than 32 bits can hold: an error is right then.
                if case.kind.ends_with("extreme") {
                    return;
                }
                format!("refused: {}", reason.lines().next().unwrap_or_default())
            }
        };
        if row.wrong + row.refused <= SHOWN {
            let Case {
                operator,
                name,
                note,
                ..
            } = case;
            self.failures
                .push(format!("{operator}/{name} ({note}) {failure}"));
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let headings = [
            "operator",
            "type",
            "cases",
            "wrong",
            "refused",
            "difference of integers",
            "of floats, by range",
        ];
        let mut table = Table::new(&headings);
        for ((operator, kind), row) in &self.rows {
            table.row(&[
                operator.clone(),
                kind.clone(),
                row.cases.to_string(),
                row.wrong.to_string(),
                row.refused.to_string(),
                row.most.integers.to_string(),
                format!("{:.1e}", row.most.floats),
            ]);
        }
        table.fmt(f)
    }
}
