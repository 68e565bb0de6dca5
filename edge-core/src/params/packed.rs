//! What kernels with packed weights share.

/// How accumulators become outputs, beside what each channel has for itself.
///
/// The record of a channel is `[bias, multiplier, offset, shift]`:
///
/// ```text
/// t = high((acc << pre_shift) · multiplier)
/// y = clamp((t + offset) >> shift)
/// ```
///
/// where `rounding` says what `high` is. The compiler offers a packed kernel only where nothing here can overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedRequant {
    /// Left shift of accumulators.
    pub pre_shift: u32,
    /// How a product loses its lower 32 bits.
    pub rounding: PackedRounding,
    /// Least and greatest output.
    pub range: [i32; 2],
}

/// How a product of 64 bits becomes `high(product)` of 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackedRounding {
    /// `(product + 2³¹) >> 32`: the product is rounded, and the result again by the last shift, both times halves up.
    Nearest,
    /// The same, and one less if that is negative: halves of the last shift go away from zero.
    Away,
    /// `product >> 32`: the result is rounded once, by the last shift, halves up.
    Floor,
}

/// How a core issues instructions; decides the order of loads and multiplications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issue {
    /// One a cycle, loads in a row are cheap: Cortex-M4, M33.
    Single,
    /// Two a cycle, a load beside a multiplication is free: Cortex-M7.
    Dual,
}
