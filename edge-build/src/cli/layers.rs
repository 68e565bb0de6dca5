//! What each layer costs.

use super::{Failure, Network};
use crate::cache;
use crate::options::Options;
use crate::runner::counts::Counts;
use crate::runner::{Job, Watch};
use serde_json::{Value, json};

/// Counts the steps of the only network of a job, which is built once more with places for marks.
pub(super) fn count(
    network: &Network,
    job: &Job,
    watch: Watch<'_>,
) -> Result<Vec<Counts>, Failure> {
    let options = Options {
        profile: true,
        ..network.options.clone()
    };
    let compiled = cache::compile_cached(&network.source, &options)?;
    let mut job = job.clone();
    for network in &mut job.networks {
        network.code.clone_from(&compiled.code);
    }
    Ok(job.count_steps(network.sheet.layers.len(), watch)?)
}

/// The rows of the report, with counts of one inference.
pub(super) fn json(layers: &[Value], counts: &[Counts]) -> Vec<Value> {
    let row = |(layer, counts): (&Value, &Counts)| {
        let mut layer = layer.clone();
        if let Some(row) = layer.as_object_mut() {
            for (name, total) in [
                ("instructions", counts.instructions),
                ("m4_cycles", counts.m4_cycles),
                ("m7_cycles", counts.m7_cycles),
            ] {
                row.insert(name.to_owned(), json!(counts.per_inference(total)));
            }
        }
        layer
    };
    layers.iter().zip(counts).map(row).collect()
}

const HEAD: [&str; 10] = [
    "step",
    "node",
    "operator",
    "variant",
    "MACs",
    "instructions",
    "M4 cycles",
    "per MAC",
    "M7 cycles",
    "per MAC",
];

/// A table for people.
pub(super) fn text(layers: &[Value], counts: &[Counts]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    for (index, (layer, counts)) in layers.iter().zip(counts).enumerate() {
        rows.push(row(index, layer, counts));
    }
    let mut widths = [0; HEAD.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; HEAD.len()]| {
        let cell = |(index, (cell, width)): (usize, (&String, usize))| {
            let space = " ".repeat(width - cell.chars().count());
            // Names stand to the left, numbers to the right.
            match index {
                1..=3 => format!("  {cell}{space}"),
                _ => format!("  {space}{cell}"),
            }
        };
        let cells: String = row.iter().zip(widths).enumerate().map(cell).collect();
        format!("{}\n", cells.trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(index: usize, layer: &Value, counts: &Counts) -> [String; HEAD.len()] {
    let word = |name: &str| {
        let word = layer.get(name).and_then(Value::as_str).unwrap_or_default();
        word.replace(char::is_control, " ")
    };
    let macs = layer.get("macs").and_then(Value::as_u64).unwrap_or(0);
    let variant = layer.get("variant").and_then(|v| v.get("variant"));
    let [instructions, m4, m7] = [counts.instructions, counts.m4_cycles, counts.m7_cycles]
        .map(|total| counts.per_inference(total));
    let per_mac = |count: u64| {
        if macs == 0 {
            String::new()
        } else {
            format!("{:.2}", count as f64 / macs as f64)
        }
    };
    [
        index.to_string(),
        word("node"),
        word("operator"),
        variant
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        macs.to_string(),
        instructions.to_string(),
        m4.to_string(),
        per_mac(m4),
        m7.to_string(),
        per_mac(m7),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> (Vec<Value>, Vec<Counts>) {
        let layer = |node: &str, macs: u64| json!({"node": node, "operator": "Conv2d", "macs": macs, "variant": {"variant": "packed"}});
        let counts = |instructions| Counts {
            entries: 2,
            instructions,
            m4_cycles: 2 * instructions,
            m7_cycles: instructions,
        };
        (
            vec![layer("a", 100), layer("longer\n", 0)],
            vec![counts(300), counts(1000)],
        )
    }

    #[test]
    fn counts_are_those_of_one_inference() {
        let (layers, counts) = example();
        let rows = json(&layers, &counts);
        assert_eq!(rows[0]["instructions"], 150);
        assert_eq!(rows[0]["m4_cycles"], 300);
        assert_eq!(rows[1]["m7_cycles"], 500);
        assert_eq!(rows[1]["macs"], 0);
    }

    #[test]
    fn columns_stand_below_each_other() {
        let (layers, counts) = example();
        let text = text(&layers, &counts);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(
            lines[1].contains("3.00") && lines[1].ends_with("1.50"),
            "{text}"
        );
        assert_eq!(
            lines[0].find("instructions").unwrap() + 12,
            lines[1].find("150").unwrap() + 3
        );
    }
}
