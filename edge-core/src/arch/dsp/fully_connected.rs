//! Fully connected layers with packed weights: the loops are in `fully_connected.s`.
#![allow(
    unsafe_code,
    reason = "whole loops in assembly, with every register laid out by hand"
)]

use crate::kernels::packed::fully_connected::scale_words;
use crate::params::{Issue, PackedFullyConnected, PackedRounding};

assembly!(include_str!("fully_connected.s"));

/// Inputs of a round of the inner loop over six outputs; all in front of the last full round.
const ROUND: usize = 16;

/// Words of a pair beside its weights: sums to start from.
const START: usize = 2;

/// What the assembly reads; passed by value, the first four words in registers.
#[repr(C)]
#[derive(Clone, Copy)]
struct Layer {
    /// Inputs.
    x: *const i8,
    /// The first block.
    weights: *const i32,
    /// End of the inputs in full rounds.
    rounds_end: *const i8,
    /// Outputs.
    y: *mut i8,
    /// Multiplier, offset and shift, as far as all outputs share them.
    scale: [i32; 3],
    /// The other inputs, filled up to whole words with zeros.
    rest: *const i8,
    /// Their end.
    rest_end: *const i8,
    /// End of the outputs.
    y_end: *mut i8,
    /// −128 times the sum of the inputs; for [`Issue::Dual`].
    correction: i32,
}

macro_rules! functions {
    ($($function:ident)*) => {
        unsafe extern "C" {
            $(fn $function(layer: Layer);)*
        }
    };
}

functions! {
    edge_fc_six_single_shared_away
    edge_fc_six_single_shared_floor
    edge_fc_six_single_shared_native
    edge_fc_six_single_own_away
    edge_fc_six_single_own_floor
    edge_fc_six_single_own_native
    edge_fc_six_dual_shared_away
    edge_fc_six_dual_shared_floor
    edge_fc_six_dual_shared_native
    edge_fc_six_dual_own_away
    edge_fc_six_dual_own_floor
    edge_fc_six_dual_own_native
    edge_fc_two_single_shared_away
    edge_fc_two_single_shared_floor
    edge_fc_two_single_shared_native
    edge_fc_two_single_own_away
    edge_fc_two_single_own_floor
    edge_fc_two_single_own_native
    edge_fc_two_dual_shared_away
    edge_fc_two_dual_shared_floor
    edge_fc_two_dual_shared_native
    edge_fc_two_dual_own_away
    edge_fc_two_dual_own_floor
    edge_fc_two_dual_own_native
}

unsafe extern "C" {
    /// Sum of the bytes from `x` to `end`, whole words, each 128 more.
    fn edge_fc_sum(x: *const i8, end: *const i8) -> i32;
}

/// One row; see [`crate::kernels::packed::fully_connected`]. Limits are the caller's.
#[inline(always)]
pub(crate) fn packed_fully_connected_s8(
    p: &PackedFullyConnected,
    x: &[i8],
    weights: &[i32],
    y: &mut [i8],
) {
    let quads = p.inputs.div_ceil(4);
    let [scales, shared] = scale_words(p);
    let pair = START + 2 * quads + scales;
    let six_outputs = p.sixes * 6;
    let words =
        3 * pair * p.sixes + pair * p.outputs.saturating_sub(six_outputs).div_ceil(2) + shared;
    if x.len() != p.inputs || y.len() != p.outputs || weights.len() != words {
        return;
    }
    let in_rounds = p.inputs / ROUND * ROUND;
    // Whole words of the rest can be read where they are.
    let mut copied = [0i8; ROUND];
    let rest = if p.inputs % 4 == 0 {
        x.get(in_rounds..).unwrap_or_default()
    } else {
        for (to, from) in copied
            .iter_mut()
            .zip(x.get(in_rounds..).unwrap_or_default())
        {
            *to = *from;
        }
        copied
            .get(..p.inputs.div_ceil(4) * 4 - in_rounds)
            .unwrap_or_default()
    };
    let scale = weights.last_chunk().copied().unwrap_or_default();
    let mut layer = Layer {
        x: x.as_ptr(),
        weights: weights.as_ptr(),
        rounds_end: x.as_ptr().wrapping_add(in_rounds),
        y: y.as_mut_ptr(),
        scale,
        rest: rest.as_ptr(),
        rest_end: rest.as_ptr_range().end,
        y_end: y.as_mut_ptr().wrapping_add(six_outputs.min(p.outputs)),
        correction: 0,
    };
    // SAFETY: the ranges of inputs are whole words inside `x` or `copied`, the stream has the words that the
    // blocks ask for and three more behind the last weights, and `y` has room for all outputs, as the
    // comparison of lengths above says. The functions keep the calling convention and write nothing but `y` and
    // their stack.
    unsafe {
        if p.issue == Issue::Dual {
            let sum =
                edge_fc_sum(layer.x, layer.rounds_end) + edge_fc_sum(layer.rest, layer.rest_end);
            layer.correction = (sum - 128 * 4 * quads as i32) * -128;
        }
        let rounding = p.requant.rounding;
        if p.sixes > 0 {
            six(p.issue, p.shared_scale, rounding, layer);
        }
        if six_outputs < p.outputs {
            layer.weights = layer.weights.wrapping_add(3 * pair * p.sixes);
            layer.y = layer.y_end;
            layer.y_end = y.as_mut_ptr_range().end;
            two(p.issue, p.shared_scale, rounding, layer);
        }
    }
}

/// Blocks of six outputs.
#[inline(always)]
unsafe fn six(issue: Issue, shared: bool, rounding: PackedRounding, layer: Layer) {
    use PackedRounding::{Away, Floor, Nearest};
    let function = match (issue, shared, rounding) {
        (Issue::Single, true, Away) => edge_fc_six_single_shared_away,
        (Issue::Single, true, Floor) => edge_fc_six_single_shared_floor,
        (Issue::Single, true, Nearest) => edge_fc_six_single_shared_native,
        (Issue::Single, false, Away) => edge_fc_six_single_own_away,
        (Issue::Single, false, Floor) => edge_fc_six_single_own_floor,
        (Issue::Single, false, Nearest) => edge_fc_six_single_own_native,
        (Issue::Dual, true, Away) => edge_fc_six_dual_shared_away,
        (Issue::Dual, true, Floor) => edge_fc_six_dual_shared_floor,
        (Issue::Dual, true, Nearest) => edge_fc_six_dual_shared_native,
        (Issue::Dual, false, Away) => edge_fc_six_dual_own_away,
        (Issue::Dual, false, Floor) => edge_fc_six_dual_own_floor,
        (Issue::Dual, false, Nearest) => edge_fc_six_dual_own_native,
    };
    // SAFETY: the caller's.
    unsafe { function(layer) }
}

/// Blocks of two outputs.
#[inline(always)]
unsafe fn two(issue: Issue, shared: bool, rounding: PackedRounding, layer: Layer) {
    use PackedRounding::{Away, Floor, Nearest};
    let function = match (issue, shared, rounding) {
        (Issue::Single, true, Away) => edge_fc_two_single_shared_away,
        (Issue::Single, true, Floor) => edge_fc_two_single_shared_floor,
        (Issue::Single, true, Nearest) => edge_fc_two_single_shared_native,
        (Issue::Single, false, Away) => edge_fc_two_single_own_away,
        (Issue::Single, false, Floor) => edge_fc_two_single_own_floor,
        (Issue::Single, false, Nearest) => edge_fc_two_single_own_native,
        (Issue::Dual, true, Away) => edge_fc_two_dual_shared_away,
        (Issue::Dual, true, Floor) => edge_fc_two_dual_shared_floor,
        (Issue::Dual, true, Nearest) => edge_fc_two_dual_shared_native,
        (Issue::Dual, false, Away) => edge_fc_two_dual_own_away,
        (Issue::Dual, false, Floor) => edge_fc_two_dual_own_floor,
        (Issue::Dual, false, Nearest) => edge_fc_two_dual_own_native,
    };
    // SAFETY: the caller's.
    unsafe { function(layer) }
}
