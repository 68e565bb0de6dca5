//! The compiler's report, read back from its JSON: compiled networks are kept as text.

use crate::ir::QuantParams;
use crate::program::{Element, Port, Slot};
use serde_json::Value;

/// The numbers of a report that a run needs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sheet {
    /// Name of the type.
    pub(super) name: String,
    /// `target`.
    pub(super) target: String,
    /// `quant`.
    pub(super) quant: String,
    /// Inputs in the order of the file.
    pub(super) inputs: Vec<Port>,
    /// Outputs in the order of the file.
    pub(super) outputs: Vec<Port>,
    /// Size of the generated type in bytes.
    pub(super) ram_bytes: u64,
    /// Bytes of stack that an inference takes at most on a microcontroller.
    pub(super) stack_bytes: u64,
    /// Weights, biases, multipliers and tables in bytes.
    pub(super) flash_bytes: u64,
    /// Weights alone.
    pub(super) weights_bytes: u64,
    /// Multiply-accumulate operations of one inference.
    pub(super) macs: u64,
    /// A row per step, as in the report.
    pub(super) layers: Vec<Value>,
}

impl Sheet {
    /// Reads `Report::to_json`; `None` if it is something else.
    pub(super) fn parse(json: &str) -> Option<Self> {
        let report: Value = serde_json::from_str(json).ok()?;
        let text = |name: &str| Some(report.get(name)?.as_str()?.to_owned());
        let number = |name: &str| report.get(name)?.as_u64();
        let ports = |name: &str| -> Option<Vec<Port>> {
            report.get(name)?.as_array()?.iter().map(port).collect()
        };
        Some(Self {
            name: text("name")?,
            target: text("target")?,
            quant: text("quant")?,
            inputs: ports("inputs")?,
            outputs: ports("outputs")?,
            ram_bytes: number("ram_bytes")?,
            stack_bytes: number("stack_bytes")?,
            flash_bytes: number("flash_bytes")?,
            weights_bytes: number("weights_bytes")?,
            macs: number("macs")?,
            layers: report.get("layers")?.as_array()?.clone(),
        })
    }
}

fn port(port: &Value) -> Option<Port> {
    let shape = port.get("shape")?.as_array()?.iter();
    let shape: Option<Vec<usize>> = shape.map(|dim| Some(dim.as_u64()? as usize)).collect();
    let shape = shape?;
    let quant = port.get("quant")?;
    let params = || {
        Some(QuantParams {
            scale: quant.get("scale")?.as_f64()? as f32,
            zero_point: quant.get("zero_point")?.as_i64()? as i32,
        })
    };
    let dtype = port.get("dtype")?.as_str()?;
    let element = Element::ALL.into_iter().find(|e| e.rust_name() == dtype)?;
    Some(Port {
        name: port.get("name")?.as_str()?.to_owned(),
        slot: Slot {
            offset: port.get("offset")?.as_u64()? as usize,
            len: shape.iter().product(),
            element,
        },
        shape,
        quant: if quant.is_null() {
            None
        } else {
            Some(params()?)
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;

    #[test]
    fn a_report_comes_back_from_its_text() {
        let port = |name: &str, element, quant| Port {
            name: name.to_owned(),
            shape: vec![1, 3],
            slot: Slot {
                offset: 16,
                len: 3,
                element,
            },
            quant,
        };
        let quant = Some(QuantParams {
            scale: 0.1,
            zero_point: -7,
        });
        let report = Report {
            name: "Net".to_owned(),
            file: "net.onnx".to_owned(),
            target: "host",
            quant: "int8",
            inputs: vec![port("a \"x\"", Element::I8, quant)],
            outputs: Element::ALL
                .map(|element| port("y", element, None))
                .to_vec(),
            ram_bytes: 32,
            stack_bytes: 512,
            flash_bytes: 99,
            weights_bytes: 88,
            macs: 1 << 40,
            file_macs: 1 << 40,
            optimize: "balanced",
            cycles: 0,
            layers: Vec::new(),
            accuracy: None,
        };
        let sheet = Sheet::parse(&report.to_json()).unwrap();
        assert_eq!(
            (sheet.inputs, sheet.outputs),
            (report.inputs, report.outputs)
        );
        assert_eq!((&*sheet.name, &*sheet.quant), ("Net", "int8"));
        assert_eq!((sheet.ram_bytes, sheet.flash_bytes), (32, 99));
        assert_eq!(sheet.stack_bytes, 512);
        assert_eq!((sheet.weights_bytes, sheet.macs), (88, 1 << 40));
        assert_eq!(Sheet::parse("{}"), None);
    }
}
