//! What is wrong with a file.

use crate::diag::{Code, Diagnostic};

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SchemaError {
    /// The file does not say that it is a TFLite model.
    #[error("the file is not a TFLite model: it has no identifier `TFL3`")]
    NotTfLite,
    /// The file has another version of the schema.
    #[error("the file has version {0} of the TFLite schema")]
    Version(u32),
    /// The file is cut short, or contradicts itself.
    #[error("the file is broken: {0}")]
    Broken(#[from] Broken),
    /// The file holds no network.
    #[error("the file has no subgraph")]
    NoSubgraph,
}

/// A place in the file and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    place: String,
    what: String,
}

impl Broken {
    /// Something is wrong here.
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            place: String::new(),
            what: what.into(),
        }
    }

    /// The same, in the field of that name.
    pub(super) fn inside(mut self, field: &str) -> Self {
        let dot = if self.place.is_empty() || self.place.starts_with('[') {
            ""
        } else {
            "."
        };
        self.place = format!("{field}{dot}{}", self.place);
        self
    }

    /// The same, in an element of a list.
    pub(super) fn at(mut self, index: usize) -> Self {
        let dot = if self.place.is_empty() { "" } else { "." };
        self.place = format!("[{index}]{dot}{}", self.place);
        self
    }
}

/// `subgraphs[0].tensors[3].shape leads out of the file`
impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place.as_str() {
            "" => write!(f, "its root {}", self.what),
            place => write!(f, "`{place}` {}", self.what),
        }
    }
}

impl std::error::Error for Broken {}

impl From<SchemaError> for Diagnostic {
    fn from(error: SchemaError) -> Self {
        let (code, help) = match error {
            SchemaError::NotTfLite => (
                Code::UnknownFormat,
                "check the path, or convert the model again",
            ),
            SchemaError::Version(_) => (
                Code::UnknownFormat,
                "convert the model again with a TensorFlow of this decade",
            ),
            SchemaError::Broken(_) => (Code::BrokenFile, "convert or download the file again"),
            SchemaError::NoSubgraph => (Code::EmptyModel, "convert the model again"),
        };
        let diagnostic = Self::error(code, error.to_string(), help);
        match error {
            SchemaError::Version(_) => diagnostic.supported("version 3"),
            SchemaError::NotTfLite | SchemaError::Broken(_) | SchemaError::NoSubgraph => diagnostic,
        }
    }
}
