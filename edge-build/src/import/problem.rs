//! What is wrong with one node or tensor, before its place in the file is added.

use crate::diag::{Code, Diagnostic};
use crate::ops::OpError;

/// What is wrong with one node or tensor.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    code: Code,
    found: String,
    supported: Option<String>,
    help: Option<String>,
}

impl Problem {
    fn new(code: Code, found: impl Into<String>) -> Self {
        Self {
            code,
            found: found.into(),
            supported: None,
            help: None,
        }
    }

    /// An attribute or input has a value that is not supported.
    pub(super) fn attribute(found: impl Into<String>, supported: impl Into<String>) -> Self {
        Self::new(Code::UnsupportedAttribute, found).supported(supported)
    }

    /// An element type is not supported.
    pub(super) fn dtype(found: impl Into<String>, supported: impl Into<String>) -> Self {
        Self::new(Code::UnsupportedType, found).supported(supported)
    }

    /// Shapes contradict each other.
    pub(super) fn shape(found: impl Into<String>, supported: impl Into<String>) -> Self {
        Self::new(Code::ShapeMismatch, found).supported(supported)
    }

    /// The file contradicts itself.
    pub(super) fn broken(found: impl Into<String>) -> Self {
        Self::new(Code::BrokenFile, found)
    }

    /// Weights are not there.
    pub(super) fn missing(found: impl Into<String>) -> Self {
        Self::new(Code::MissingWeights, found)
    }

    /// A tensor is too large.
    pub(super) fn too_large(found: impl Into<String>, limit: impl Into<String>) -> Self {
        Self::new(Code::TooLarge, found).supported(limit)
    }

    fn supported(mut self, supported: impl Into<String>) -> Self {
        self.supported = Some(supported.into());
        self
    }

    /// The same, with what to do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// As a diagnostic, at a place in the model.
    pub(super) fn at(self, place: String) -> Diagnostic {
        let help = self
            .help
            .unwrap_or_else(|| default_help(self.code).to_owned());
        let diagnostic = Diagnostic::error(self.code, self.found, help).in_place(place);
        match self.supported {
            Some(supported) => diagnostic.supported(supported),
            None => diagnostic,
        }
    }
}

impl From<OpError> for Problem {
    fn from(error: OpError) -> Self {
        Self::shape(error.found, error.supported)
    }
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "a problem is made with few of the codes"
)]
fn default_help(code: Code) -> &'static str {
    match code {
        Code::ShapeMismatch => {
            "check the model with `python -m onnx.checker` and shape inference, and the argument `shapes`"
        }
        Code::UnsupportedType => "export the model with float32 tensors",
        Code::MissingWeights => "export the model again with its weights",
        Code::TooLarge => {
            "check the dimensions of the model: a network for a device is much smaller"
        }
        Code::BrokenFile => "export or download the file again",
        _ => {
            "export the model differently, or cut the graph before this node with `onnx.utils.extract_model`"
        }
    }
}
