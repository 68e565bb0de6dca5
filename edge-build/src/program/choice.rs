//! Which kernel variant a step runs, and what it was chosen from.

/// A way to compute a step: the reference kernel or one that is made for some cores and shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// The kernel in plain Rust that runs everywhere.
    Reference,
    /// int8 weights in the order in which the loop eats them.
    Packed,
    /// [`Self::Packed`] with weights widened to 16 bits in flash.
    PackedW16,
    /// Depthwise, channel by channel.
    Planar,
    /// 3×3 by tiles of 2×2 outputs: fewer multiplications for more weights.
    Winograd,
    /// 3×3 by tiles of 4×4 outputs: still fewer for still more.
    Winograd4,
    /// A sum of two tensors as a linear form.
    Linear,
}

impl Variant {
    /// All variants.
    pub const ALL: [Self; 7] = [
        Self::Reference,
        Self::Packed,
        Self::PackedW16,
        Self::Planar,
        Self::Winograd,
        Self::Winograd4,
        Self::Linear,
    ];

    /// The spelling in arguments and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Packed => "packed",
            Self::PackedW16 => "packed-w16",
            Self::Planar => "planar",
            Self::Winograd => "winograd",
            Self::Winograd4 => "winograd4",
            Self::Linear => "linear",
        }
    }
}

/// What a variant of a step costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The variant.
    pub variant: Variant,
    /// Estimated cycles on the target's core.
    pub cycles: u64,
    /// Bytes of its constants.
    pub flash: usize,
    /// Bytes of memory beside input and output.
    pub scratch: usize,
}

/// The variant that runs, and what else there was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What runs.
    pub chosen: Cost,
    /// What else could.
    pub others: Vec<Cost>,
}
