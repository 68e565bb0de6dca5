//! Parameters of sums of two int8 tensors as a linear form.

/// `y = clamp((offset + (256·a·first >> 16) + (256·b·second >> 16)) >> 16, −128, 127)` for each pair of elements.
///
/// The compiler has compared it with the sum that it stands for in all 65536 pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearAdd {
    /// Number of elements.
    pub len: usize,
    /// Steps of the first operand in 2⁻²⁴ output steps.
    pub first: i32,
    /// Steps of the second operand in 2⁻²⁴ output steps.
    pub second: i32,
    /// Zero points and rounding in 2⁻¹⁶ output steps.
    pub offset: i32,
}
