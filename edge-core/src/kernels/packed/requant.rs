//! From accumulators to outputs by the record of a channel.

use crate::params::PackedRequant;

/// Words of a record: bias, multiplier, offset, shift.
pub(super) const RECORD: usize = 4;

/// The output of an accumulator, which has the bias in it; see [`PackedRequant`].
#[inline(always)]
#[must_use]
pub(super) fn finish(acc: i32, record: &[i32; RECORD], r: PackedRequant) -> i8 {
    let [_, multiplier, offset, shift] = *record;
    let product = i64::from(acc.wrapping_shl(r.pre_shift)) * i64::from(multiplier);
    let mut scaled = ((product + (1 << 31)) >> 32) as i32;
    if r.ties {
        scaled = scaled.wrapping_add(scaled >> 31);
    }
    let shifted = scaled.wrapping_add(offset).wrapping_shr(shift as u32);
    let [least, greatest] = r.range;
    shifted.min(greatest).max(least) as i8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::exact::{Rounding, Scale, scale_i32};

    fn finish_exact(acc: i32, multiplier: i32, right: i32, zero: i32, least: i32) -> i8 {
        let scale = Scale {
            multiplier,
            shift: -right,
        };
        let scaled = scale_i32(acc, scale, Rounding::TfLite);
        (scaled + zero).min(127).max(least) as i8
    }

    #[test]
    fn equals_the_double_rounding_of_tflite() {
        let accs = [
            0,
            1,
            -1,
            2,
            3,
            -3,
            255,
            -256,
            99_999,
            -1_000_001,
            (1 << 29) - 1,
        ];
        let multipliers = [1 << 30, (1 << 30) + 1, 0x6000_0000, i32::MAX];
        for (&acc, &multiplier) in accs
            .iter()
            .flat_map(|a| multipliers.iter().map(move |m| (a, m)))
        {
            for right in 1..=20 {
                for zero in [-128, -5, 0, 127] {
                    let record = [0, multiplier, (zero << right) + (1 << right >> 1), right];
                    for (ties, least) in [(true, -128), (false, zero)] {
                        let r = PackedRequant {
                            pre_shift: 1,
                            ties,
                            range: [least, 127],
                        };
                        let wanted = finish_exact(acc, multiplier, right, zero, least);
                        assert_eq!(
                            finish(acc, &record, r),
                            wanted,
                            "{acc} {multiplier} {right} {zero}"
                        );
                    }
                }
            }
        }
    }
}
