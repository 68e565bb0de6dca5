//! The 8-bit `HARD_SWISH` in steps of 16 bits.
//!
//! Source: `TFLite` `hard_swish_common.cc`, `hard_swish.h`.

use super::multiplier::quantize_multiplier;
use crate::ir::QuantParams;
use crate::lower::LowerError;
use edge_core::quant::exact::{reduced, saturate_i16};
use edge_core::quant::fixed_point::{
    high_mul_i16, high_mul_towards_zero_i16, rounding_divide_by_pot,
};

/// The numbers of one `HARD_SWISH`.
#[derive(Clone, Copy, Debug)]
pub(super) struct HardSwish {
    input_zero: i32,
    output_zero: i32,
    /// Brings 1/128 steps of the input to the output, in Q0, before the right shift.
    output_multiplier: i16,
    /// Right shift, 0..=31.
    output_shift: u32,
    /// Brings 1/128 steps of the input to 3/32768, in Q0.
    gate_multiplier: i16,
    /// Left shift, −31..=31.
    gate_shift: i32,
}

impl HardSwish {
    /// # Errors
    /// If the ratio of the scales is such that the reference refuses it.
    pub(super) fn new(from: QuantParams, to: QuantParams) -> Result<Self, LowerError> {
        let fine = 1.0 / 128.0 * from.scale;
        let fine = f64::from(fine);
        let output = quantize_multiplier(fine / f64::from(to.scale))?;
        let gate = quantize_multiplier(fine / (3.0 / 32768.0))?;
        if output.shift > 0 {
            return Err(LowerError::new(
                format!(
                    "a hard swish from scale {:e} to scale {:e}",
                    from.scale, to.scale
                ),
                "an output scale of at least 1/128 of that of the input",
            ));
        }
        Ok(Self {
            input_zero: from.zero_point,
            output_zero: to.zero_point,
            output_multiplier: reduced(output.multiplier) as i16,
            output_shift: output.shift.unsigned_abs(),
            gate_multiplier: reduced(gate.multiplier) as i16,
            gate_shift: gate.shift,
        })
    }

    /// The output for an input in −128..=127, not yet saturated.
    pub(super) fn of(&self, q: i32) -> i32 {
        // 9 + 7 bits.
        let fine = ((q - self.input_zero) * 128) as i16;
        let unshifted = high_mul_i16(fine, self.output_multiplier);
        let gate = (i32::from(self.gate(fine)) + (1 << 15)) >> 1;
        let product = high_mul_towards_zero_i16(gate as i16, unshifted);
        shift_right(product, self.output_shift) + self.output_zero
    }

    /// `x / 3` in Q0, saturated, for an input in steps of 1/128.
    fn gate(&self, fine: i16) -> i16 {
        let left = self.gate_shift;
        // The last bit of a left shift comes behind the product: before, it would saturate.
        let shifted = shift_left(fine, (left - 1).max(0));
        let product = high_mul_i16(shifted, self.gate_multiplier);
        if left > 0 {
            shift_left(product, 1)
        } else {
            shift_right(product, left.unsigned_abs()) as i16
        }
    }
}

/// `value · 2^left`, saturated; `left` in 0..=31.
fn shift_left(value: i16, left: i32) -> i16 {
    let wide = i64::from(value) << left.clamp(0, 31);
    saturate_i16(wide.clamp(-32768, 32767) as i32)
}

/// `value / 2^right`, halves away from zero; `right` in 0..=31.
///
/// From 16 on the reference has no mask for the bits that are shifted out: what is below zero gives −1, all
/// else 1.
fn shift_right(value: i16, right: u32) -> i32 {
    match right {
        0..16 => rounding_divide_by_pot(value.into(), right),
        _ if value < 0 => -1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_function() {
        let from = QuantParams {
            scale: 0.05,
            zero_point: -3,
        };
        let to = QuantParams {
            scale: 0.03,
            zero_point: -100,
        };
        let hard_swish = HardSwish::new(from, to).unwrap();
        for q in -128..=127 {
            let x = f64::from(q + 3) * 0.05;
            let wanted = x * ((x + 3.0) / 6.0).clamp(0.0, 1.0) / 0.03 - 100.0;
            assert!((f64::from(hard_swish.of(q)) - wanted).abs() <= 1.0, "{q}");
        }
    }

    #[test]
    fn extreme_scales_do_not_overflow() {
        let grid = |scale| QuantParams {
            scale,
            zero_point: 0,
        };
        assert!(HardSwish::new(grid(1.0), grid(1e-3)).is_err());
        assert!(HardSwish::new(grid(f32::MAX), grid(f32::MIN_POSITIVE)).is_err());
        for (from, to) in [(1.0, 1e6), (1e-12, 1e-12), (1e6, 1e6)] {
            let hard_swish = HardSwish::new(grid(from), grid(to)).unwrap();
            for q in -128..=127 {
                assert!((-128..=127).contains(&hard_swish.of(q)), "{q} at {from}");
            }
        }
    }
}
