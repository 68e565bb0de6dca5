//! What the user is told: one diagnostic type at the border, whatever went wrong inside.

mod code;

pub use code::Code;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// Code is generated; the user should know.
    Warning,
}

/// The argument of the macro (or the option of the command) at fault: where the message points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The model file.
    Model,
    /// `target`.
    Target,
    /// `quant`.
    Quant,
    /// `rounding`.
    Rounding,
    /// `optimize`.
    Optimize,
    /// `pin`.
    Pin,
    /// `calibration`; the model file if the data was found beside it.
    Calibration,
    /// `name`.
    Name,
    /// `shapes`; the model file if there is no such argument.
    Shapes,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of thing went wrong; each has a page in `docs/src/errors.md`.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Where the message points.
    pub argument: Argument,
    /// The place in the model: `node "/layer1/conv" (Conv), input "x" f32[1,8,8,3]`.
    pub place: Option<String>,
    /// What was found, in one sentence without a full stop.
    pub message: String,
    /// What is supported instead, if that is a question.
    pub supported: Option<String>,
    /// What to do.
    pub help: String,
}

impl Diagnostic {
    /// An error about the model file.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            argument: Argument::Model,
            place: None,
            message: message.into(),
            supported: None,
            help: help.into(),
        }
    }

    /// A warning about the model file.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message, help)
        }
    }

    /// The same, pointing at another argument.
    #[must_use]
    pub fn at(mut self, argument: Argument) -> Self {
        self.argument = argument;
        self
    }

    /// The same, with a place in the model.
    #[must_use]
    pub fn in_place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same, with what is supported.
    #[must_use]
    pub fn supported(mut self, supported: impl Into<String>) -> Self {
        self.supported = Some(supported.into());
        self
    }
}

/// `error[E0103]: message`, then the place, what is supported, and the help, a line each.
impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{severity}[{}]: {}", self.code, self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n  --> {place}")?;
        }
        if let Some(supported) = &self.supported {
            write!(f, "\n  supported: {supported}")?;
        }
        write!(f, "\n  help: {}", self.help)
    }
}

impl std::error::Error for Diagnostic {}

/// All errors of a phase; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self(vec![one])
    }
}

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
