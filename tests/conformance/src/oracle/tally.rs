//! Verdicts by operator and type.

use super::{Case, Difference, Verdict, case};
use edge_test_support::table::Table;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Verdicts of many cases.
#[derive(Debug, Default)]
pub struct Tally {
    rows: BTreeMap<(String, String), Row>,
    /// What is wrong, one line per case.
    pub wrong: Vec<String>,
    /// What is refused, one line per case.
    pub refused: Vec<String>,
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
    pub fn of(folder: &Path, only: &[String]) -> Self {
        let cases = case::all(folder, only);
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
            tally.add(case, verdict);
        }
        tally
    }

    fn add(&mut self, case: &Case, verdict: &Verdict) {
        let key = (case.operator.clone(), case.kind.clone());
        let row = self.rows.entry(key).or_default();
        row.cases += 1;
        let line = |text: &str| {
            let Case {
                operator,
                name,
                note,
                ..
            } = case;
            format!("{operator}/{name} ({note}): {text}")
        };
        match verdict {
            Verdict::Right(difference) => row.most.join(*difference),
            Verdict::Wrong(reason) => {
                row.wrong += 1;
                self.wrong.push(line(reason));
            }
            Verdict::Refused(reason) => {
                row.refused += 1;
                // Extreme scales may be more than 32 bits can hold: an error is right then.
                if !case.kind.ends_with("extreme") {
                    self.refused
                        .push(line(reason.lines().next().unwrap_or_default()));
                }
            }
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
            "float difference",
        ];
        let mut table = Table::new(&headings);
        for ((operator, kind), row) in &self.rows {
            table.row(&[
                operator.clone(),
                kind.clone(),
                row.cases.to_string(),
                row.wrong.to_string(),
                row.refused.to_string(),
                format!("{:.1e}", row.most.floats),
            ]);
        }
        table.fmt(f)
    }
}
