//! What the user asks for; the same for macro, build script and command.

mod tuning;

pub use tuning::{Optimize, parse_pins};

use crate::diag::{Argument, Code, Diagnostic};
use crate::ident::is_type_name;
use crate::suggest::nearest;
use crate::target::Target;
use std::path::PathBuf;

/// Element type of the generated network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuantMode {
    /// 32-bit float, as trained.
    #[default]
    None,
    /// int8 weights and activations.
    Int8,
}

impl QuantMode {
    /// All modes.
    pub const ALL: [Self; 2] = [Self::None, Self::Int8];

    /// The spelling in arguments and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Int8 => "int8",
        }
    }

    /// The mode of a spelling.
    ///
    /// # Errors
    /// If there is none.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let known = Self::ALL.into_iter().find(|mode| mode.name() == text);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            let help = match nearest(text, names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => {
                    "`none` keeps 32-bit floats, `int8` quantizes weights and activations".into()
                }
            };
            Diagnostic::error(
                Code::BadArgument,
                format!("the quantization `{text}` is not known"),
                help,
            )
            .supported(names.join(", "))
            .at(Argument::Quant)
        })
    }
}

/// Arithmetic of networks that arrive quantized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// That of the file's format, to the bit.
    #[default]
    Exact,
    /// That of the networks which we quantize: quicker, and now and then one step off.
    Fast,
}

impl Rounding {
    /// All modes.
    pub const ALL: [Self; 2] = [Self::Exact, Self::Fast];

    /// The spelling in arguments and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Fast => "fast",
        }
    }

    /// The mode of a spelling.
    ///
    /// # Errors
    /// If there is none.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let known = Self::ALL.into_iter().find(|mode| mode.name() == text);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            let help = match nearest(text, names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "`exact` gives the bits of the file's format, `fast` may be one step off"
                    .to_owned(),
            };
            Diagnostic::error(
                Code::BadArgument,
                format!("the rounding `{text}` is not known"),
                help,
            )
            .supported(names.join(", "))
            .at(Argument::Rounding)
        })
    }
}

/// What the user asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The device.
    pub target: &'static Target,
    /// Element type of the network.
    pub quant: QuantMode,
    /// Arithmetic of networks that arrive quantized.
    pub rounding: Rounding,
    /// What the choice of kernels aims at.
    pub optimize: Optimize,
    /// Kernel variants chosen by hand: node (or `*`) and variant.
    pub pins: Vec<(String, String)>,
    /// Calibration data; without it a file beside the model is looked for.
    pub calibration: Option<PathBuf>,
    /// Name of the type; without it the name of the file in upper camel case.
    pub name: Option<String>,
    /// Dimensions by name (`batch` → `[1]`) or whole shapes of inputs (`input` → `[1, 3, 32, 32]`).
    pub shapes: Vec<(String, Vec<usize>)>,
    /// Places before and behind each step where the runner can put marks for a simulator.
    pub profile: bool,
    /// How generated code names the crate `edge-core`: `edge_core` unless the dependency is renamed. A path
    /// that begins with `crate::` is taken as it is, every other from the root of the crates.
    pub core_path: String,
}

impl Options {
    /// Float, for a target.
    #[must_use]
    pub fn new(target: &'static Target) -> Self {
        Self {
            target,
            quant: QuantMode::None,
            rounding: Rounding::Exact,
            optimize: Optimize::default(),
            pins: Vec::new(),
            calibration: None,
            name: None,
            shapes: Vec::new(),
            profile: false,
            core_path: "edge_core".to_owned(),
        }
    }
}

/// Shapes from text: `batch=1, input=1x3x32x32`.
///
/// # Errors
/// If an entry is not `name=number` or `name=numbers joined by x`, or a name stands twice.
pub fn parse_shapes(text: &str) -> Result<Vec<(String, Vec<usize>)>, Diagnostic> {
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|e| !e.is_empty()) {
        let (name, dims) = parse_entry(entry).ok_or_else(|| {
            bad_shapes(format!(
                "`{entry}` is not a name and its dimensions, each at least 1"
            ))
        })?;
        if shapes.iter().any(|(known, _)| *known == name) {
            return Err(bad_shapes(format!("`{name}` is given twice")));
        }
        shapes.push((name, dims));
    }
    Ok(shapes)
}

fn parse_entry(entry: &str) -> Option<(String, Vec<usize>)> {
    let (name, dims) = entry.rsplit_once('=')?;
    let dims: Option<Vec<usize>> = dims
        .split('x')
        .map(|dim| dim.trim().parse().ok().filter(|&dim| dim > 0))
        .collect();
    Some((name.trim().to_owned(), dims?)).filter(|(name, _)| !name.is_empty())
}

fn bad_shapes(message: String) -> Diagnostic {
    Diagnostic::error(
        Code::BadArgument,
        message,
        "write dimensions by name or whole shapes of inputs: `batch=1, input=1x3x32x32`",
    )
    .at(Argument::Shapes)
}

/// Checks that a name can name a Rust type.
///
/// # Errors
/// If it is not an identifier.
pub fn check_name(name: &str) -> Result<(), Diagnostic> {
    if is_type_name(name) {
        return Ok(());
    }
    Err(Diagnostic::error(
        Code::BadArgument,
        format!("`{name}` is not a name for a type"),
        "write a Rust identifier, `MyNet` for instance",
    )
    .at(Argument::Name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_names_and_dimensions() {
        assert_eq!(
            parse_shapes("batch=1, in:0 = 1x3x32x32,"),
            Ok(vec![
                ("batch".to_owned(), vec![1]),
                ("in:0".to_owned(), vec![1, 3, 32, 32])
            ])
        );
        assert_eq!(parse_shapes(" "), Ok(vec![]));
    }

    #[test]
    fn broken_shapes_are_errors_at_the_argument() {
        for text in [
            "batch",
            "batch=",
            "=3",
            "a=0",
            "a=-1",
            "a=1x",
            "a=1,a=2",
            "a=99999999999999999999",
        ] {
            let error = parse_shapes(text).unwrap_err();
            assert_eq!(error.argument, Argument::Shapes, "{text}");
            assert_eq!(error.code, Code::BadArgument);
        }
    }

    #[test]
    fn names_are_identifiers() {
        assert!(check_name("Net2").is_ok());
        for name in ["", "2Net", "My Net", "a-b", "_", "Self"] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn quantization_is_spelled_out() {
        assert_eq!(QuantMode::parse("int8"), Ok(QuantMode::Int8));
        let error = QuantMode::parse("in8").unwrap_err();
        assert!(error.help.contains("`int8`"));
    }
}
