//! What kernels with packed weights share.

/// How accumulators become outputs, beside what each channel has for itself.
///
/// The record of a channel is `[bias, multiplier, offset, shift]`. With `round(a·b) = (a·b + 2³¹) >> 32`:
///
/// ```text
/// t = round((acc << pre_shift) · multiplier)
/// t = t + (t >> 31)                 if `ties`
/// y = clamp((t + offset) >> shift)
/// ```
///
/// The compiler offers a packed kernel only where nothing here can overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedRequant {
    /// Left shift of accumulators.
    pub pre_shift: u32,
    /// Whether halves of the last shift go away from zero; up if not.
    pub ties: bool,
    /// Least and greatest output.
    pub range: [i32; 2],
}

/// How a core issues instructions; decides the order of loads and multiplications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Issue {
    /// One a cycle, loads in a row are cheap: Cortex-M4, M33.
    Single,
    /// Two a cycle, a load beside a multiplication is free: Cortex-M7.
    Dual,
}
