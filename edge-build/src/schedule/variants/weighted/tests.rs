use super::*;
use edge_core::quant::{Scale, exact::scale_i32};

/// A layer of one input and one output with weight 1: its sums are the bias and what is next to it.
fn layer([bias, multiplier, right]: [i32; 3], zero: i32, range: [i32; 2]) -> Weighted {
    Weighted {
        form: Form::FullyConnected,
        window: rows_of_pixels(1, 1, 1),
        pad_value: 0,
        weights: vec![1],
        records: vec![[bias, multiplier, (zero << right) + (1 << right >> 1), right]],
        requant: PackedRequant {
            pre_shift: 1,
            rounding: PackedRounding::Floor,
            range,
        },
    }
}

/// Whether halves up and halves to even give the same for all inputs.
fn agree(layer: &Weighted) -> bool {
    let [bias, multiplier, offset, right] = layer.records[0];
    let [least, greatest] = layer.requant.range;
    (-128..128).all(|x| {
        let sum = bias + x;
        let high = (2 * i64::from(sum) * i64::from(multiplier)) >> 32;
        let up = (high as i32 + offset) >> right;
        let scale = Scale {
            multiplier,
            shift: -right,
        };
        let even = scale_i32(sum, scale, Rounding::Onnx) + (offset >> right);
        up.min(greatest).max(least) == even.min(greatest).max(least)
    })
}

#[test]
fn halves_decide_whether_rounding_up_will_do() {
    let multipliers = [
        1 << 30,
        3 << 29,
        5 << 28,
        0x7f00_0000,
        (1 << 30) + (1 << 20),
        0x5555_5555,
        i32::MAX,
    ];
    let mut found = [0; 2];
    for multiplier in multipliers {
        for right in 1..=14 {
            for bias in [0, 300, -300, 1 << 11, -5000, 77_777] {
                for (zero, range) in [
                    (0, [-128, 127]),
                    (-128, [-128, 127]),
                    (5, [5, 20]),
                    (3, [4, 127]),
                    (100, [-128, 98]),
                ] {
                    let layer = layer([bias, multiplier, right], zero, range);
                    let wanted = agree(&layer);
                    assert_eq!(layer.rounds(), wanted, "{layer:?}");
                    found[usize::from(wanted)] += 1;
                }
            }
        }
    }
    assert!(found.iter().all(|&cases| cases > 100), "{found:?}");
}

#[test]
fn channels_that_never_leave_the_zero_point_need_no_shift() {
    let output = ExactOutput {
        rounding: Rounding::Onnx,
        range: [-128, 127],
        zero_point: 0,
    };
    let records = |multiplier: i32, shift: i8, most: i64| {
        let sums = |_: usize, _: i32| [-most, most / 2];
        once_records(&[7], &[multiplier], &[shift], output, sums).map(|(records, _)| records[0])
    };
    let still = Some([7, 0, 1, 1]);
    assert_eq!(records(0, 0, 1 << 20), still);
    assert_eq!(records(1 << 30, -31, (1 << 31) - 1), still);
    assert_eq!(records(1 << 30, -31, 1 << 31), None);
    assert_eq!(records(i32::MAX, i8::MIN, 1 << 31), still);
    // A half may be a step.
    assert_eq!(records(1 << 30, -24, (1 << 24) - 1), still);
    let moves = |right: i32| Some([7, 1 << 30, 1 << (right - 1), right]);
    assert_eq!(records(1 << 30, -24, 1 << 24), moves(24));
    assert_eq!(records(1 << 30, -10, 10), moves(10));
    assert_eq!(records(1 << 30, 0, 1 << 20), None);
}
