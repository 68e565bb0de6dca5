//! The report as a table for people.

use super::Report;
use crate::ir::types::shape_text;
use crate::program::{Cost, Port};
use crate::quantize::Accuracy;
use std::fmt::Write;

/// Longest node name that is shown whole.
const NAME_WIDTH: usize = 40;

/// Several lines: the head, a row per step, the accuracy.
pub(super) fn render(report: &Report) -> String {
    let mut text = format!(
        "{} ({}) for {}, quant {}\n",
        report.name, report.file, report.target, report.quant
    );
    for (kind, ports) in [("input", &report.inputs), ("output", &report.outputs)] {
        for port in ports {
            push(&mut text, &format!("  {kind:<7}{}", port_text(port)));
        }
    }
    let summary = [
        ("RAM", format!("{} bytes", group(report.ram_bytes as u64))),
        (
            "stack",
            format!("at most {} bytes", group(report.stack_bytes as u64)),
        ),
        (
            "flash",
            format!(
                "{} bytes, {} of them weights",
                group(report.flash_bytes as u64),
                group(report.weights_bytes as u64)
            ),
        ),
        ("MACs", macs(report)),
        (
            "cycles",
            format!(
                "about {}, optimize {}",
                group(report.cycles),
                report.optimize
            ),
        ),
    ];
    for (kind, value) in summary {
        push(&mut text, &format!("  {kind:<7}{value}"));
    }
    text.push('\n');
    text.push_str(&table(&rows(report)));
    text.push_str(&alternatives(report));
    if let Some(accuracy) = &report.accuracy {
        text.push('\n');
        text.push_str(&accuracy_text(accuracy));
    }
    text
}

/// The multiply-accumulates that are left, and what the file asks for where that is more.
fn macs(report: &Report) -> String {
    let left = group(report.macs);
    if report.macs == report.file_macs {
        return left;
    }
    format!("{left} of {} in the file", group(report.file_macs))
}

/// Adds a line; it stays one line whatever names from the file it holds.
fn push(text: &mut String, line: &str) {
    text.extend(line.chars().map(|c| if c.is_control() { ' ' } else { c }));
    text.push('\n');
}

fn port_text(port: &Port) -> String {
    let mut text = format!(
        "{} {}{}",
        port.name,
        port.slot.element.rust_name(),
        shape_text(&port.shape)
    );
    if let Some(quant) = port.quant {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            ", scale {}, zero point {}",
            quant.scale, quant.zero_point
        );
    }
    text
}

/// Columns of the table.
const COLUMNS: usize = 10;

const HEAD: [&str; COLUMNS] = [
    "step", "node", "operator", "kernel", "variant", "output", "MACs", "cycles", "flash", "arena",
];

fn rows(report: &Report) -> Vec<[String; COLUMNS]> {
    let mut rows = vec![HEAD.map(str::to_owned)];
    for (index, layer) in report.layers.iter().enumerate() {
        let chosen = layer.choice.as_ref().map(|choice| choice.chosen);
        rows.push([
            index.to_string(),
            shorten(&layer.node),
            layer.operator.to_owned(),
            layer.kernel.to_owned(),
            chosen.map_or(String::new(), |cost| cost.variant.name().to_owned()),
            layer.output.clone(),
            group(layer.macs),
            chosen.map_or(String::new(), |cost| group(cost.cycles)),
            group(layer.constant_bytes as u64),
            format!("{}..{}", layer.arena[0], layer.arena[1]),
        ]);
    }
    rows
}

/// Columns side by side; numbers stand to the right.
fn table(rows: &[[String; COLUMNS]]) -> String {
    const RIGHT: [bool; COLUMNS] = [
        true, false, false, false, false, false, true, true, true, true,
    ];
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for ((cell, width), right) in row.iter().zip(widths).zip(RIGHT) {
            let padding = " ".repeat(width - cell.chars().count());
            let (before, behind) = if right {
                (&*padding, "")
            } else {
                ("", &*padding)
            };
            line.push_str("  ");
            line.push_str(before);
            line.push_str(cell);
            line.push_str(behind);
        }
        push(&mut text, line.trim_end());
    }
    text
}

/// What else could compute the steps that had a choice; nothing if none had.
fn alternatives(report: &Report) -> String {
    let mut text = String::new();
    for (index, layer) in report.layers.iter().enumerate() {
        let Some(choice) = layer.choice.as_ref().filter(|c| !c.others.is_empty()) else {
            continue;
        };
        let other = |cost: &Cost| {
            format!(
                "{} ({} cycles, {} flash, {} scratch)",
                cost.variant.name(),
                group(cost.cycles),
                group(cost.flash as u64),
                group(cost.scratch as u64)
            )
        };
        let others: Vec<String> = choice.others.iter().map(other).collect();
        push(
            &mut text,
            &format!("  {index:>4}  not {}", others.join(", ")),
        );
    }
    if text.is_empty() {
        return text;
    }
    format!("\nother kernel variants, to be had by pin = \"NODE=VARIANT\"\n{text}")
}

/// The end of a long name: what tells nodes apart stands there.
fn shorten(name: &str) -> String {
    let count = name.chars().count();
    if count <= NAME_WIDTH {
        return name.to_owned();
    }
    let tail: String = name.chars().skip(count + 1 - NAME_WIDTH).collect();
    format!("…{tail}")
}

/// `1 234 567`.
fn group(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn accuracy_text(accuracy: &Accuracy) -> String {
    let mut text = format!(
        "int8 against float on {} samples, observer {}: output SQNR {:.1} dB",
        accuracy.samples, accuracy.observer, accuracy.output_sqnr_db
    );
    if let Some(share) = accuracy.agreement {
        let _ = write!(text, ", same class {:.1} %", 100.0 * share);
    }
    if let Some([float, int8]) = accuracy.top1 {
        let _ = write!(
            text,
            ", top-1 {:.2} % → {:.2} %",
            100.0 * float,
            100.0 * int8
        );
    }
    text.push('\n');
    for (node, sqnr) in &accuracy.layers {
        push(&mut text, &format!("  {sqnr:>6.1} dB  {}", shorten(node)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(group(0), "0");
        assert_eq!(group(999), "999");
        assert_eq!(group(1_234_567), "1 234 567");
    }

    #[test]
    fn long_names_keep_their_end() {
        let name = format!("{}/tail", "x".repeat(80));
        let short = shorten(&name);
        assert_eq!(short.chars().count(), NAME_WIDTH);
        assert!(short.starts_with('…') && short.ends_with("/tail"));
    }
}
