//! What the user asks for; the same for macro, build script and command.

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
    /// The spelling in arguments and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Int8 => "int8",
        }
    }
}

/// What the user asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The device.
    pub target: &'static Target,
    /// Element type of the network.
    pub quant: QuantMode,
    /// Calibration data; without it a file beside the model is looked for.
    pub calibration: Option<PathBuf>,
    /// Name of the type; without it the name of the file in upper camel case.
    pub name: Option<String>,
    /// Dimensions by name (`batch` → `[1]`) or whole shapes of inputs (`input` → `[1, 3, 32, 32]`).
    pub shapes: Vec<(String, Vec<usize>)>,
    /// How generated code names the crate `edge-core`: `edge_core` unless the dependency is renamed.
    pub core_path: String,
}

impl Options {
    /// Float, for a target.
    #[must_use]
    pub fn new(target: &'static Target) -> Self {
        Self {
            target,
            quant: QuantMode::None,
            calibration: None,
            name: None,
            shapes: Vec::new(),
            core_path: "edge_core".to_owned(),
        }
    }
}
