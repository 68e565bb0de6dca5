//! The report as JSON.

use super::{Layer, Report};
use crate::program::{Choice, Cost, Port};
use crate::quantize::Accuracy;
use std::fmt::Write;

/// One JSON object on one line.
pub(super) fn render(report: &Report) -> String {
    object(&[
        ("name", string(&report.name)),
        ("file", string(&report.file)),
        ("target", string(report.target)),
        ("quant", string(report.quant)),
        ("inputs", array(&report.inputs, port)),
        ("outputs", array(&report.outputs, port)),
        ("ram_bytes", report.ram_bytes.to_string()),
        ("stack_bytes", report.stack_bytes.to_string()),
        ("flash_bytes", report.flash_bytes.to_string()),
        ("weights_bytes", report.weights_bytes.to_string()),
        ("macs", report.macs.to_string()),
        ("file_macs", report.file_macs.to_string()),
        ("optimize", string(report.optimize)),
        ("cycles", report.cycles.to_string()),
        ("layers", array(&report.layers, layer)),
        ("accuracy", optional(report.accuracy.as_ref(), accuracy)),
    ])
}

fn port(port: &Port) -> String {
    let quant = optional(port.quant.as_ref(), |quant| {
        object(&[
            ("scale", number(f64::from(quant.scale))),
            ("zero_point", quant.zero_point.to_string()),
        ])
    });
    object(&[
        ("name", string(&port.name)),
        ("shape", array(&port.shape, ToString::to_string)),
        ("dtype", string(port.slot.element.rust_name())),
        ("offset", port.slot.offset.to_string()),
        ("quant", quant),
    ])
}

fn layer(layer: &Layer) -> String {
    object(&[
        ("node", string(&layer.node)),
        ("operator", string(layer.operator)),
        ("kernel", string(layer.kernel)),
        ("variant", optional(layer.choice.as_ref(), variant)),
        ("others", array(others(layer), cost)),
        ("output", string(&layer.output)),
        ("macs", layer.macs.to_string()),
        ("constant_bytes", layer.constant_bytes.to_string()),
        ("arena", array(&layer.arena, ToString::to_string)),
    ])
}

fn variant(choice: &Choice) -> String {
    cost(&choice.chosen)
}

fn others(layer: &Layer) -> &[Cost] {
    layer.choice.as_ref().map_or(&[], |choice| &choice.others)
}

fn cost(cost: &Cost) -> String {
    object(&[
        ("variant", string(cost.variant.name())),
        ("cycles", cost.cycles.to_string()),
        ("constant_bytes", cost.flash.to_string()),
        ("scratch_bytes", cost.scratch.to_string()),
    ])
}

fn accuracy(accuracy: &Accuracy) -> String {
    let layer = |(node, sqnr_db): &(String, f64)| {
        object(&[("node", string(node)), ("sqnr_db", number(*sqnr_db))])
    };
    let top1 =
        |[float, int8]: &[f64; 2]| object(&[("float", number(*float)), ("int8", number(*int8))]);
    object(&[
        ("observer", string(&accuracy.observer)),
        ("samples", accuracy.samples.to_string()),
        ("output_sqnr_db", number(accuracy.output_sqnr_db)),
        ("layers", array(&accuracy.layers, layer)),
        (
            "agreement",
            optional(accuracy.agreement.as_ref(), |share| number(*share)),
        ),
        ("top1", optional(accuracy.top1.as_ref(), top1)),
    ])
}

fn object(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn array<T>(items: &[T], render: impl FnMut(&T) -> String) -> String {
    let items: Vec<String> = items.iter().map(render).collect();
    format!("[{}]", items.join(","))
}

fn optional<T>(item: Option<&T>, render: impl FnOnce(&T) -> String) -> String {
    item.map_or_else(|| "null".to_owned(), render)
}

/// JSON has no infinities: they become `null`.
fn number(value: f64) -> String {
    if value.is_finite() {
        value.to_string()
    } else {
        "null".to_owned()
    }
}

fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c < ' ' || c == '\u{7f}' || c == '\u{2028}' || c == '\u{2029}' => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        assert_eq!(
            string("a\"b\\c\nd\u{1}é"),
            "\"a\\\"b\\\\c\\u000ad\\u0001é\""
        );
    }

    #[test]
    fn numbers_without_json_form_are_null() {
        assert_eq!(number(f64::INFINITY), "null");
        assert_eq!(number(f64::NAN), "null");
        assert_eq!(number(-1.5e-9), "-0.0000000015");
    }
}
