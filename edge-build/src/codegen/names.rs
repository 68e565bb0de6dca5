//! Identifiers from the names in the file.

use crate::ident::{KEYWORDS, camel, is_type_name, snake};
use crate::program::{Port, Program};
use crate::report::Report;
use proc_macro2::{Ident, Span};
use quote::format_ident;

/// Identifiers of a generated module.
pub(super) struct Names {
    /// The type.
    pub(super) ty: Ident,
    /// The hidden module.
    pub(super) module: Ident,
    /// Fields of the inputs.
    pub(super) inputs: Vec<Ident>,
    /// Fields of the outputs.
    pub(super) outputs: Vec<Ident>,
}

impl Names {
    pub(super) fn of(program: &Program, report: &Report) -> Self {
        let ty = if is_type_name(&report.name) {
            report.name.clone()
        } else {
            camel(&report.name)
        };
        Self {
            module: format_ident!("__edge_{}", snake(&ty)),
            ty: ident(&ty),
            inputs: fields(&program.inputs, "input"),
            outputs: fields(&program.outputs, "output"),
        }
    }

    /// A type beside the type: `NetInputs`.
    pub(super) fn beside(&self, suffix: &str) -> Ident {
        format_ident!("{}{suffix}", self.ty)
    }
}

/// Fields for ports: snake case, unique, never a keyword.
fn fields(ports: &[Port], fallback: &str) -> Vec<Ident> {
    let mut names: Vec<String> = Vec::new();
    for (index, port) in ports.iter().enumerate() {
        let ascii: String = port
            .name
            .chars()
            .map(|c| if c.is_ascii() { c } else { '_' })
            .collect();
        let mut name = snake(&ascii);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name = format!(
                "{fallback}_{}",
                if name.is_empty() {
                    index.to_string()
                } else {
                    name
                }
            );
        }
        if KEYWORDS.contains(&&*name) {
            name.push('_');
        }
        while names.contains(&name) {
            name = format!("{}_{index}", name.trim_end_matches('_'));
        }
        names.push(name);
    }
    names.iter().map(|name| ident(name)).collect()
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Element, Slot};

    #[test]
    fn fields_are_unique_and_no_keywords() {
        let port = |name: &str| Port {
            name: name.to_owned(),
            shape: vec![1],
            slot: Slot {
                offset: 0,
                len: 1,
                element: Element::F32,
            },
            quant: None,
        };
        let ports: Vec<Port> = ["x:0", "x.0", "type", "3", "ü", "serving/Input_1"]
            .map(port)
            .into();
        let names: Vec<String> = fields(&ports, "input")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            names,
            [
                "x_0",
                "x_0_1",
                "type_",
                "input_3",
                "input_4",
                "serving_input_1"
            ]
        );
    }
}
