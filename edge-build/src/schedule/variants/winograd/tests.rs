use super::*;
use crate::schedule::variants::weighted::Record;
use edge_core::params::{PackedRequant, PackedRounding, Window2d};
use edge_core::quant::{Rounding, Scale, exact::scale_i32};
use edge_core::rt;
use std::cell::Cell;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }

    fn below(&mut self, end: u32) -> usize {
        (self.next() % end) as usize
    }

    fn bytes(&mut self, len: usize, extreme: bool) -> Vec<i8> {
        let byte = |random: &mut Self| match random.next() {
            word if extreme => [-128, 127][word as usize % 2],
            word => word as i8,
        };
        (0..len).map(|_| byte(self)).collect()
    }
}

fn window(random: &mut Random) -> Window2d {
    let [pad_top, pad_bottom, pad_left, pad_right] = [(); 4].map(|()| random.below(3));
    let [in_h, in_w] = [(); 2].map(|()| 3 + random.below(8));
    Window2d {
        batch: 1 + random.below(2),
        in_h,
        in_w,
        in_c: 4 * (1 + random.below(5)),
        out_h: in_h + pad_top + pad_bottom - 2,
        out_w: in_w + pad_left + pad_right - 2,
        out_c: 1 + random.below(9),
        kernel_h: 3,
        kernel_w: 3,
        stride_h: 1,
        stride_w: 1,
        dilation_h: 1,
        dilation_w: 1,
        pad_top,
        pad_left,
    }
}

/// A layer with double rounding or, every third, with a single one; every third with ReLU, every third with other limits.
fn weighted(window: Window2d, random: &mut Random, extreme: bool) -> Weighted {
    let zero = random.next() as i8;
    let range = match random.below(3) {
        0 => [i32::from(zero), 127],
        1 => [i32::from(zero) - 20, i32::from(zero) + 20].map(|limit| limit.clamp(-128, 127)),
        _ => [-128, 127],
    };
    let rounding = match random.below(3) {
        0 => PackedRounding::Floor,
        _ if range[0] < i32::from(zero) => PackedRounding::Away,
        _ => PackedRounding::Nearest,
    };
    let record = |random: &mut Random| -> Record {
        let right = 6 + random.below(7) as i32;
        // Odd: no result lies on a half.
        let multiplier = ((1 << 30) + (random.next() >> 2) as i32) | 1;
        let offset = (i32::from(zero) << right) + (1 << right >> 1);
        [random.next() as i32 % 100_000, multiplier, offset, right]
    };
    Weighted {
        form: Form::Convolution,
        window,
        pad_value: random.next() as i8,
        weights: random.bytes(window.out_c * 9 * window.in_c, extreme),
        records: (0..window.out_c).map(|_| record(random)).collect(),
        requant: PackedRequant {
            pre_shift: 1,
            rounding,
            range,
        },
    }
}

/// The convolution as its definition has it.
fn convolve(layer: &Weighted, x: &[i8]) -> Vec<i8> {
    let w = layer.window;
    let mut y = Vec::new();
    for index in 0..w.batch * w.out_h * w.out_w * w.out_c {
        let [pixel, channel] = [index / w.out_c, index % w.out_c];
        let [batch, top, left] = [
            pixel / w.out_w / w.out_h,
            pixel / w.out_w % w.out_h,
            pixel % w.out_w,
        ];
        let [bias, multiplier, offset, right] = layer.records[channel];
        let mut sum = bias;
        for (tap, &weight) in layer.filter(channel).iter().enumerate() {
            let row = (top + tap / w.in_c / 3).wrapping_sub(w.pad_top);
            let column = (left + tap / w.in_c % 3).wrapping_sub(w.pad_left);
            let at = ((batch * w.in_h + row.min(w.in_h)) * w.in_w + column.min(w.in_w)) * w.in_c;
            let inside = row < w.in_h && column < w.in_w;
            let value = if inside {
                x[at + tap % w.in_c]
            } else {
                layer.pad_value
            };
            sum += i32::from(value) * i32::from(weight);
        }
        let scale = Scale {
            multiplier,
            shift: -right,
        };
        let rounding = match layer.requant.rounding {
            PackedRounding::Nearest | PackedRounding::Away => Rounding::TfLite,
            PackedRounding::Floor => Rounding::Onnx,
        };
        let scaled = scale_i32(sum, scale, rounding) + (offset >> right);
        y.push(scaled.clamp(layer.requant.range[0], layer.requant.range[1]) as i8);
    }
    y
}

/// Runs the kernel with the output `lead` bytes before the input in one memory.
fn run(layer: &Weighted, p: &WinogradConv2d, x: &[i8], lead: usize) -> Vec<i8> {
    let weights = pack(layer, p.tile);
    let channels: Vec<i32> = layer.records.iter().flatten().copied().collect();
    let w = p.window;
    let len = w.batch * w.out_h * w.out_w * w.out_c;
    let mut memory = vec![0; len.max(lead + x.len())];
    memory[lead..lead + x.len()].copy_from_slice(x);
    let cells = Cell::from_mut(memory.as_mut_slice()).as_slice_of_cells();
    let mut scratch = vec![0x5a5a_5a5a; p.scratch_len()];
    let (x, y) = (&cells[lead..lead + x.len()], &cells[..len]);
    rt::winograd_conv2d_s8(p, x, &weights, &channels, &mut scratch, y);
    memory[..len].to_vec()
}

#[test]
fn equals_the_convolution_wherever_the_output_may_lie() {
    let mut random = Random(1);
    for round in 0..150 {
        let extreme = round % 3 == 0;
        let layer = weighted(window(&mut random), &mut random, extreme);
        let w = layer.window;
        let x = random.bytes(w.batch * w.in_h * w.in_w * w.in_c, extreme);
        let wanted = convolve(&layer, &x);
        for tile in [2, 4] {
            let p = params(&layer, tile, Issue::Single).expect("small sums fit");
            let lead = lead(&p);
            assert_eq!(run(&layer, &p, &x, lead), wanted, "{tile} {w:?}");
            let apart = run(&layer, &p, &x, wanted.len());
            assert_eq!(apart, wanted, "{tile} {w:?} apart");
        }
    }
}

#[test]
fn a_shorter_lead_would_not_do() {
    let mut random = Random(2);
    let mut too_short = 0;
    for _ in 0..60 {
        let layer = weighted(window(&mut random), &mut random, false);
        let w = layer.window;
        let x = random.bytes(w.batch * w.in_h * w.in_w * w.in_c, false);
        for tile in [2, 4] {
            let p = params(&layer, tile, Issue::Single).expect("small sums fit");
            let lead = lead(&p);
            if lead > 0 {
                // The last byte that is written comes to lie on the first that is read later.
                let differs = run(&layer, &p, &x, lead - 1) != convolve(&layer, &x);
                too_short += usize::from(differs);
            }
        }
    }
    assert!(too_short > 30, "{too_short}");
}

#[test]
fn greatest_weights_and_inputs_come_through() {
    for (x, weight) in [(-128, -128), (-128, 127), (127, -128), (127, 127)] {
        let mut random = Random(3);
        let mut layer = weighted(window(&mut random), &mut random, false);
        layer.weights.fill(weight);
        layer.pad_value = x;
        let w = layer.window;
        let x = vec![x; w.batch * w.in_h * w.in_w * w.in_c];
        let wanted = convolve(&layer, &x);
        for tile in [2, 4] {
            let p = params(&layer, tile, Issue::Single).expect("small sums fit");
            assert_eq!(run(&layer, &p, &x, wanted.len()), wanted);
        }
    }
}

#[test]
fn sums_that_do_not_fit_are_not_offered() {
    let mut random = Random(4);
    let mut layer = weighted(window(&mut random), &mut random, false);
    layer.weights.fill(0);
    let offered = |layer: &Weighted, tile| params(layer, tile, Issue::Dual).is_some();
    for (tile, spare) in [(2, 2), (4, 7)] {
        layer.records[0][0] = i32::MAX >> spare;
        assert!(offered(&layer, tile));
        layer.records[0][0] += 1;
        assert!(!offered(&layer, tile));
        layer.records[0][0] = -(i32::MAX >> spare) - 1;
        assert!(!offered(&layer, tile));
    }
}

#[test]
fn other_shapes_are_not_offered() {
    let mut random = Random(5);
    let layer = weighted(window(&mut random), &mut random, false);
    let with = |change: fn(&mut Window2d)| {
        let mut layer = layer.clone();
        change(&mut layer.window);
        params(&layer, 2, Issue::Single).is_some()
    };
    assert!(with(|_| ()));
    assert!(!with(|w| w.stride_h = 2));
    assert!(!with(|w| w.stride_w = 2));
    assert!(!with(|w| w.dilation_w = 2));
    assert!(!with(|w| w.in_c += 2));
    assert!(!with(|w| w.kernel_h = 1));
}
