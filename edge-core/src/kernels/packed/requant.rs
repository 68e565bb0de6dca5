//! From accumulators to outputs by the record of a channel.

use crate::params::{PackedRequant, PackedRounding};

/// Words of a record: bias, multiplier, offset, shift.
pub(super) const RECORD: usize = 4;

/// The output of an accumulator, which has the bias in it; see [`PackedRequant`].
#[inline(always)]
#[must_use]
pub(super) fn finish(acc: i32, record: &[i32; RECORD], r: PackedRequant) -> i8 {
    let [_, multiplier, offset, shift] = *record;
    let product = i64::from(acc.wrapping_shl(r.pre_shift)) * i64::from(multiplier);
    let nearest = ((product + (1 << 31)) >> 32) as i32;
    let scaled = match r.rounding {
        PackedRounding::Nearest => nearest,
        PackedRounding::Away => nearest.wrapping_add(nearest >> 31),
        PackedRounding::Floor => (product >> 32) as i32,
    };
    let shifted = scaled.wrapping_add(offset).wrapping_shr(shift as u32);
    let [least, greatest] = r.range;
    shifted.min(greatest).max(least) as i8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::exact::{Rounding, Scale, scale_i32};

    const ACCS: [i32; 14] = [
        0,
        1,
        -1,
        2,
        3,
        -3,
        255,
        -256,
        4,
        -48,
        80,
        99_999,
        -1_000_001,
        (1 << 29) - 1,
    ];
    const MULTIPLIERS: [i32; 4] = [1 << 30, (1 << 30) + 1, 0x6000_0000, i32::MAX];

    /// All accumulators, multipliers, right shifts and zero points.
    fn cases() -> impl Iterator<Item = [i32; 4]> {
        let pairs = ACCS
            .into_iter()
            .flat_map(|acc| MULTIPLIERS.map(|multiplier| (acc, multiplier)));
        pairs.flat_map(|(acc, multiplier)| {
            (1..=20).flat_map(move |right| {
                [-128, -5, 0, 127].map(|zero| [acc, multiplier, right, zero])
            })
        })
    }

    fn finish_packed(
        [acc, multiplier, right, zero]: [i32; 4],
        rounding: PackedRounding,
        least: i32,
    ) -> i8 {
        let record = [0, multiplier, (zero << right) + (1 << right >> 1), right];
        let r = PackedRequant {
            pre_shift: 1,
            rounding,
            range: [least, 127],
        };
        finish(acc, &record, r)
    }

    fn finish_exact(
        [acc, multiplier, right, zero]: [i32; 4],
        rounding: Rounding,
        least: i32,
    ) -> i8 {
        let scale = Scale {
            multiplier,
            shift: -right,
        };
        let scaled = scale_i32(acc, scale, rounding);
        (scaled + zero).min(127).max(least) as i8
    }

    #[test]
    fn equals_the_double_rounding_of_tflite() {
        use PackedRounding::{Away, Nearest};
        for case in cases() {
            for (rounding, least) in [(Away, -128), (Nearest, case[3])] {
                let wanted = finish_exact(case, Rounding::TfLite, least);
                assert_eq!(finish_packed(case, rounding, least), wanted, "{case:?}");
            }
        }
    }

    #[test]
    fn equals_the_single_rounding_of_onnx_but_for_halves() {
        let mut halves = 0;
        for case in cases() {
            let [acc, multiplier, right, zero] = case;
            let product = i64::from(acc) * i64::from(multiplier);
            let half = 1i64 << (30 + right);
            let rounded = (product + half) >> (31 + right);
            let wanted = finish_exact(case, Rounding::Onnx, -128);
            let got = finish_packed(case, PackedRounding::Floor, -128);
            // Up where the result lies between an even number and an odd one.
            if product & (2 * half - 1) == half && rounded & 1 != 0 {
                let clamped = (rounded + i64::from(zero)).clamp(-128, 127);
                assert_eq!(i64::from(got), clamped, "{case:?}");
                halves += i32::from(got != wanted);
            } else {
                assert_eq!(got, wanted, "{case:?}");
            }
        }
        assert!(halves > 10, "{halves}");
    }
}
