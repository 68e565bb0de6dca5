//! Element types of operands.

use edge_core::model::ElementType;

/// Element type of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// 32-bit float.
    F32,
    /// Signed byte.
    I8,
    /// Signed word.
    I32,
    /// Unsigned word.
    U32,
    /// Unsigned half word.
    U16,
    /// Unsigned byte; also truth values, 0 or 1.
    U8,
    /// Signed half word.
    I16,
    /// Signed double word.
    I64,
}

impl Element {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::F32,
        Self::I8,
        Self::I32,
        Self::U32,
        Self::U16,
        Self::U8,
        Self::I16,
        Self::I64,
    ];

    /// Bytes of one element.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::I64 => 8,
        }
    }

    /// Name of the Rust type.
    #[must_use]
    pub fn rust_name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::I8 => "i8",
            Self::I32 => "i32",
            Self::U32 => "u32",
            Self::U16 => "u16",
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::I64 => "i64",
        }
    }

    /// What the border of a network calls it, if it may stand there.
    #[must_use]
    pub fn at_border(self) -> Option<ElementType> {
        match self {
            Self::F32 => Some(ElementType::F32),
            Self::I8 => Some(ElementType::I8),
            Self::U8 => Some(ElementType::U8),
            Self::I16 => Some(ElementType::I16),
            Self::I32 => Some(ElementType::I32),
            Self::I64 => Some(ElementType::I64),
            Self::U32 | Self::U16 => None,
        }
    }
}
