//! What the choice of kernels aims at, and choices made by hand.

use crate::diag::{Argument, Code, Diagnostic};
use crate::suggest::nearest;

/// What the compiler aims at where it has a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Optimize {
    /// Fewest cycles.
    Speed,
    /// Few cycles; flash and RAM are spent only where they buy much.
    #[default]
    Balanced,
    /// Least RAM.
    Ram,
    /// Least flash.
    Flash,
}

impl Optimize {
    /// All aims.
    pub const ALL: [Self; 4] = [Self::Speed, Self::Balanced, Self::Ram, Self::Flash];

    /// The spelling in arguments and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Speed => "speed",
            Self::Balanced => "balanced",
            Self::Ram => "ram",
            Self::Flash => "flash",
        }
    }

    /// The aim of a spelling.
    ///
    /// # Errors
    /// If there is none.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let known = Self::ALL.into_iter().find(|aim| aim.name() == text);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            let help = match nearest(text, names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "`balanced` is what it is without the argument".to_owned(),
            };
            Diagnostic::error(
                Code::BadArgument,
                format!("the aim `{text}` is not known"),
                help,
            )
            .supported(names.join(", "))
            .at(Argument::Optimize)
        })
    }
}

/// Kernels chosen by hand from text: `conv1=winograd, fc=reference`; `*` stands for all nodes.
///
/// # Errors
/// If an entry is not `node=variant`, or a node stands twice. Whether node and variant exist shows later.
pub fn parse_pins(text: &str) -> Result<Vec<(String, String)>, Diagnostic> {
    let mut pins: Vec<(String, String)> = Vec::new();
    let bad = |message: String| {
        Diagnostic::error(
            Code::BadArgument,
            message,
            "write nodes and kernel variants: `conv1=winograd, *=packed`; `cargo edge inspect` lists them",
        )
        .at(Argument::Pin)
    };
    for entry in text.split(',').map(str::trim).filter(|e| !e.is_empty()) {
        let parts = entry.rsplit_once('=').map(|(n, v)| (n.trim(), v.trim()));
        let Some((node, variant)) = parts.filter(|(n, v)| !n.is_empty() && !v.is_empty()) else {
            return Err(bad(format!("`{entry}` is not a node and a variant")));
        };
        if pins.iter().any(|(known, _)| known == node) {
            return Err(bad(format!("`{node}` is given twice")));
        }
        pins.push((node.to_owned(), variant.to_owned()));
    }
    Ok(pins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aims_are_spelled_out() {
        assert_eq!(Optimize::parse("ram"), Ok(Optimize::Ram));
        let error = Optimize::parse("sped").unwrap_err();
        assert!(error.help.contains("`speed`"), "{error}");
        assert_eq!(error.argument, Argument::Optimize);
    }

    #[test]
    fn pins_are_nodes_and_variants() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let pins = parse_pins("a=b=packed, * = reference,").unwrap();
        assert_eq!(pins, [pair("a=b", "packed"), pair("*", "reference")]);
        for text in ["conv", "=packed", "conv=", "a=x,a=y"] {
            assert_eq!(
                parse_pins(text).unwrap_err().argument,
                Argument::Pin,
                "{text}"
            );
        }
    }
}
