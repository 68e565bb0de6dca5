//! Functions of two tensors on integers whose arithmetic a file format defines, and conversions.

use super::Broadcast;
use crate::quant::{Rounding, Scale};

/// An operand and what brings it to the unit in which two operands meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rescale {
    /// Taken off every element.
    pub zero_point: i32,
    /// The factor.
    pub scale: Scale,
}

/// What becomes of two operands in one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumKind {
    /// `a + b`.
    Add,
    /// `a − b`.
    Sub,
    /// `(a − b)²`.
    SquaredDifference,
}

/// `ADD`, `SUB` and `SQUARED_DIFFERENCE` of `TFLite`: both operands are shifted to the left and scaled, then
/// their sum is scaled to the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddExact {
    /// What is computed.
    pub kind: SumKind,
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// First operand; its factor is below one.
    pub first: Rescale,
    /// Second operand; its factor is below one.
    pub second: Rescale,
    /// Left shift of both operands: 20 for bytes, 15 for half words; of squares 7 and 0.
    pub left_shift: u32,
    /// What brings the sum to the output.
    pub output: Scale,
    /// Zero point of the output.
    pub zero_point: i32,
    /// Limits of the result.
    pub range: [i32; 2],
}

/// An operand in steps of `2^-shift` of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Taken off every element.
    pub zero_point: i32,
    /// Steps of one unit.
    pub multiplier: i32,
}

/// Functions of two operands in one unit that are rounded at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnceKind {
    /// `a + b`.
    Add,
    /// `a − b`.
    Sub,
    /// The lesser.
    Min,
    /// The greater.
    Max,
}

/// Sum, difference, minimum or maximum as the real number, rounded once with halves to even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddOnce {
    /// What is computed.
    pub kind: OnceKind,
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// First operand.
    pub first: Steps,
    /// Second operand.
    pub second: Steps,
    /// Right shift from the steps of the operands to those of the output, 0..=63.
    pub shift: u32,
    /// Zero point of the output.
    pub zero_point: i32,
    /// Limits of the result.
    pub range: [i32; 2],
}

/// Product or quotient of two operands without their zero points, scaled to the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MulExact {
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// Zero point of the first operand.
    pub first_zero: i32,
    /// Zero point of the second operand.
    pub second_zero: i32,
    /// What brings the product or quotient to the output.
    pub scale: Scale,
    /// How it is rounded.
    pub rounding: Rounding,
    /// Zero point of the output.
    pub zero_point: i32,
    /// Limits of the result.
    pub range: [i32; 2],
}

/// `PReLU`: elements from zero on are scaled by one factor, those below times their slope by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PReluExact {
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// Zero point of the input.
    pub input_zero: i32,
    /// Zero point of the slopes.
    pub slope_zero: i32,
    /// Factor of elements from zero on.
    pub positive: Scale,
    /// Factor of elements below zero times slopes.
    pub negative: Scale,
    /// How they are rounded.
    pub rounding: Rounding,
    /// Zero point of the output.
    pub zero_point: i32,
}

/// The lesser or the greater of two numbers of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choose {
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// Whether the greater is wanted.
    pub greater: bool,
}

/// Functions of two plain integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegerKind {
    /// `a + b`, wrapping.
    Add,
    /// `a − b`, wrapping.
    Sub,
    /// `a · b`, wrapping.
    Mul,
    /// `a / b` towards zero; 0 where `b` is 0.
    Div,
    /// `(a − b)²`, wrapping.
    SquaredDifference,
}

/// Function of two tensors of plain 32-bit integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integers {
    /// What is computed.
    pub kind: IntegerKind,
    /// How the tensors are walked.
    pub walk: Broadcast,
    /// Limits of the result.
    pub range: [i32; 2],
}

/// Relations of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `a = b`.
    Equal,
    /// `a ≠ b`.
    NotEqual,
    /// `a > b`.
    Greater,
    /// `a ≥ b`.
    GreaterEqual,
    /// `a < b`.
    Less,
    /// `a ≤ b`.
    LessEqual,
}

/// Comparison of two tensors of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compare {
    /// What is asked.
    pub relation: Relation,
    /// How the tensors are walked.
    pub walk: Broadcast,
}

/// Comparison of two quantized tensors: both are shifted to the left and scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompareScaled {
    /// What is asked and how the tensors are walked.
    pub compare: Compare,
    /// First operand; its factor is below one.
    pub first: Rescale,
    /// Second operand; its factor is below one.
    pub second: Rescale,
    /// Left shift of both operands.
    pub left_shift: u32,
}

/// Functions of two truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogicalKind {
    /// Both.
    And,
    /// One or both.
    Or,
}

/// Function of two tensors of truth values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logical {
    /// What is computed.
    pub kind: LogicalKind,
    /// How the tensors are walked.
    pub walk: Broadcast,
}

/// Elements of one tensor where a condition holds, of another where not; all three are repeated to one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Select {
    /// How the condition and the first tensor are walked.
    pub first: Broadcast,
    /// How the condition and the second tensor are walked.
    pub second: Broadcast,
}

/// An operation on each element without numbers of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Each {
    /// Number of elements.
    pub len: usize,
}

/// From one scale and zero point to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requantize {
    /// Zero point of the input.
    pub input_zero: i32,
    /// What brings the input to the output.
    pub scale: Scale,
    /// How it is rounded.
    pub rounding: Rounding,
    /// Zero point of the output.
    pub zero_point: i32,
}
