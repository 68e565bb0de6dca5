//! Results for people and as JSON.

use super::layers;
use super::results::{Column, PerInference};
use super::sheet::Sheet;
use crate::ir::types::shape_text;
use crate::runner::Platform;
use crate::runner::counts::Counts;
use crate::runner::elf::Sizes;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// What is known after a run.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    /// The model file as it was given.
    pub(super) model: String,
    /// The report of the compiler.
    pub(super) sheet: &'a Sheet,
    /// Where the network ran.
    pub(super) platform: Platform,
    /// The input file; `None` for made-up rows.
    pub(super) input: Option<String>,
    /// Number of inferences.
    pub(super) rows: usize,
    /// Outputs.
    pub(super) columns: &'a [Column],
    /// Bytes of the firmware in flash and RAM.
    pub(super) sizes: Option<Sizes>,
    /// Counts of each step, if they were asked for.
    pub(super) layers: Option<&'a [Counts]>,
    /// Costs of one inference.
    pub(super) cost: PerInference,
}

impl Facts<'_> {
    /// Code and numbers in flash where they were measured, else the numbers alone.
    fn flash_bytes(&self) -> u64 {
        self.sizes
            .map_or(self.sheet.flash_bytes, |sizes| sizes.networks)
    }

    fn core(&self) -> Option<&'static str> {
        match self.platform {
            Platform::Host => None,
            Platform::Emulated(board) => Some(board.name),
        }
    }
}

/// One object. Numbers that were not measured are absent, but for `stack_bytes` and
/// `code_bytes`, which are null.
pub(super) fn json(facts: &Facts<'_>) -> String {
    let output = |column: &Column| {
        json!({
            "name": column.name,
            "dtype": column.dtype(),
            "shape": column.shape,
            "crc32": format!("{:08x}", column.crc32),
        })
    };
    let outputs: Vec<Value> = facts.columns.iter().map(output).collect();
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("model", json!(facts.model));
    put("name", json!(facts.sheet.name));
    put("target", json!(facts.sheet.target));
    put("quant", json!(facts.sheet.quant));
    put("on", json!(facts.core().map_or("host", |_| "qemu")));
    put("core", json!(facts.core()));
    put(
        "input",
        json!(facts.input.as_deref().unwrap_or("pseudo-random")),
    );
    put("inferences", json!(facts.rows));
    put("outputs", json!(outputs));
    put("macs", json!(facts.sheet.macs));
    put("ram_bytes", json!(facts.sheet.ram_bytes));
    put("flash_bytes", json!(facts.flash_bytes()));
    put("weights_bytes", json!(facts.sheet.weights_bytes));
    put("code_bytes", json!(facts.sizes.map(|sizes| sizes.code)));
    put("stack_bytes", json!(facts.cost.stack_bytes));
    put("stack_most_bytes", json!(facts.sheet.stack_bytes));
    let measured = [
        ("instructions", facts.cost.instructions),
        ("m4_cycles", facts.cost.m4_cycles),
        ("m7_cycles", facts.cost.m7_cycles),
        ("host_ns", facts.cost.host_ns),
    ];
    for (name, value) in measured {
        if let Some(value) = value {
            put(name, json!(value));
        }
    }
    if let Some(counts) = facts.layers {
        put("layers", json!(layers::json(&facts.sheet.layers, counts)));
    }
    Value::Object(object).to_string()
}

/// Rows whose prediction is shown.
const SHOWN_ROWS: usize = 16;

/// Elements of an output that are shown.
const SHOWN_ELEMENTS: usize = 12;

/// Lines for people.
pub(super) fn text(facts: &Facts<'_>) -> String {
    let sheet = facts.sheet;
    let place = facts.core().map_or_else(
        || "on this machine".to_owned(),
        |core| format!("on an emulated {core}"),
    );
    let mut text = format!(
        "{} for {}, quant {}, {} inference{} {place}\n\n",
        sheet.name,
        sheet.target,
        sheet.quant,
        facts.rows,
        if facts.rows == 1 { "" } else { "s" }
    );
    for column in facts.columns {
        text.push_str(&prediction(column));
    }
    text.push('\n');
    let flash = match facts.sizes {
        Some(sizes) => format!(
            "{} code and numbers, {} with start-up",
            sizes.networks, sizes.flash
        ),
        None => format!("{} numbers, code not measured", sheet.flash_bytes),
    };
    let mut line = |name: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<14}{value}");
    };
    line("RAM", format!("{} bytes", sheet.ram_bytes));
    line(
        "flash",
        format!("{flash}, {} of them weights (bytes)", sheet.weights_bytes),
    );
    if let Some(stack) = facts.cost.stack_bytes {
        let most = sheet.stack_bytes;
        line(
            "stack",
            format!("{stack} bytes, {most} to be reckoned with"),
        );
    }
    line("MACs", sheet.macs.to_string());
    if let Some(instructions) = facts.cost.instructions {
        let per_mac = instructions as f64 / sheet.macs.max(1) as f64;
        line(
            "instructions",
            format!("{instructions} per inference, {per_mac:.2} per MAC"),
        );
    }
    if let (Some(m4), Some(m7)) = (facts.cost.m4_cycles, facts.cost.m7_cycles) {
        line(
            "cycles",
            format!("{m4} on a Cortex-M4, {m7} on a Cortex-M7 (modelled)"),
        );
    }
    if let Some(ns) = facts.cost.host_ns {
        line(
            "time",
            format!("{:.3} ms per inference on this machine", ns as f64 / 1e6),
        );
    }
    if let Some(counts) = facts.layers {
        text.push('\n');
        text.push_str(&layers::text(&sheet.layers, counts));
    }
    text
}

/// The greatest element of each row, or the elements themselves if there are few rows.
fn prediction(column: &Column) -> String {
    let mut text = format!(
        "output `{}` {}{}, crc32 {:08x}\n",
        column.name.escape_debug(),
        column.dtype(),
        shape_text(&column.shape),
        column.crc32
    );
    let rows = column.rows();
    let hidden = rows.len().saturating_sub(SHOWN_ROWS);
    for (index, row) in rows.take(SHOWN_ROWS).enumerate() {
        let shown = row.iter().take(SHOWN_ELEMENTS);
        let mut elements: Vec<String> = shown.map(|x| format!("{x:.4}")).collect();
        if row.len() > SHOWN_ELEMENTS {
            elements.push("…".to_owned());
        }
        let _ = write!(text, "  row {index}: [{}]", elements.join(", "));
        if let Some((at, value)) = greatest(row).filter(|_| row.len() > 1) {
            let _ = write!(text, ", greatest {value:.4} at {at}");
        }
        text.push('\n');
    }
    if hidden > 0 {
        let _ = writeln!(text, "  and {hidden} rows more");
    }
    text
}

/// The first greatest element and its place.
fn greatest(row: &[f32]) -> Option<(usize, f32)> {
    let mut best: Option<(usize, f32)> = None;
    for (index, &x) in row.iter().enumerate() {
        if best.is_none_or(|(_, most)| x > most) {
            best = Some((index, x));
        }
    }
    best
}
