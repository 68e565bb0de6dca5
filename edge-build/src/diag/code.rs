//! The catalogue of codes. E01xx import, E02xx types and shapes, E03xx quantization, E04xx memory, E05xx
//! arguments and target, E09xx our own bugs.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What kind of thing went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// `E0101`.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// The file cannot be read.
    FileUnreadable = "E0101",
    /// The file is not a model of a format that is known.
    UnknownFormat = "E0102",
    /// An operator is not supported.
    UnsupportedOperator = "E0103",
    /// The file is broken or contradicts itself.
    BrokenFile = "E0104",
    /// Weights are missing.
    MissingWeights = "E0105",
    /// The graph has no node or no output.
    EmptyModel = "E0106",
    /// Nodes depend on each other in a circle, or on a value that nothing makes.
    CyclicGraph = "E0107",
    /// An attribute or input of an operator has a value that is not supported.
    UnsupportedAttribute = "E0108",
    /// An element type is not supported.
    UnsupportedType = "E0109",
    /// A dimension is unknown.
    UnknownDimension = "E0201",
    /// Shapes contradict each other.
    ShapeMismatch = "E0202",
    /// A tensor is too large.
    TooLarge = "E0203",
    /// Calibration data cannot be read.
    CalibrationUnreadable = "E0301",
    /// Calibration data has another shape than the input.
    CalibrationShape = "E0302",
    /// Calibration data holds numbers that are not finite.
    CalibrationNotFinite = "E0303",
    /// An operator has no int8 kernel.
    NoIntegerKernel = "E0304",
    /// There is no calibration data; ranges are estimated.
    CalibrationMissing = "E0305",
    /// The network itself yields numbers that are not finite.
    NotFinite = "E0306",
    /// int8 loses much accuracy.
    AccuracyLost = "E0307",
    /// The network does not fit the device.
    DoesNotFit = "E0401",
    /// The target is not known.
    UnknownTarget = "E0501",
    /// An argument is not known or has a wrong value.
    BadArgument = "E0502",
    /// The crate is built for another machine than the target says.
    TargetMismatch = "E0503",
    /// A bug of the compiler.
    Internal = "E0901",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}
