use super::super::tests::constant;
use super::*;
use crate::lower::{BufferId, DraftOperand, DraftStep};
use edge_core::params::{Conv2dExact, Conv2dS8, ExactOutput};
use edge_core::quant::{Requant, Rounding};
use edge_core::rt;
use std::cell::Cell;

/// A repeatable generator of numbers below a bound.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn byte(&mut self) -> i8 {
        self.below(256) as u8 as i8
    }
}

/// A layer with all that belongs to it.
struct Case {
    window: Window2d,
    pad_value: i8,
    x: Vec<i8>,
    weights: Vec<i8>,
    bias: Vec<i32>,
    multipliers: Vec<i32>,
    shifts: Vec<i8>,
    zero: i32,
    range: [i32; 2],
}

fn random_window(random: &mut Random) -> Window2d {
    loop {
        let [in_h, in_w] = [0; 2].map(|_| 1 + random.below(9));
        let [kernel_h, kernel_w] = [0; 2].map(|_| 1 + random.below(4));
        let [stride_h, stride_w] = [0; 2].map(|_| 1 + random.below(3));
        let [dilation_h, dilation_w] = [0; 2].map(|_| 1 + random.below(2));
        let [pad_top, pad_left, pad_bottom, pad_right] = [0; 4].map(|_| random.below(3));
        let out = |len: usize, kernel: usize, dilation: usize, stride: usize| {
            let room = len.checked_sub((kernel - 1) * dilation + 1)?;
            Some(room / stride + 1)
        };
        let out_h = out(in_h + pad_top + pad_bottom, kernel_h, dilation_h, stride_h);
        let out_w = out(in_w + pad_left + pad_right, kernel_w, dilation_w, stride_w);
        let (Some(out_h), Some(out_w)) = (out_h, out_w) else {
            continue;
        };
        let in_c = [1, 2, 3, 4, 8, 16, 1 + random.below(20)][random.below(7)];
        return Window2d {
            batch: 1 + random.below(2),
            in_h,
            in_w,
            in_c,
            out_h,
            out_w,
            out_c: 1 + random.below(9),
            kernel_h,
            kernel_w,
            stride_h,
            stride_w,
            dilation_h,
            dilation_w,
            pad_top,
            pad_left,
        };
    }
}

impl Case {
    fn random(random: &mut Random) -> Self {
        let window = random_window(random);
        let taps = window.kernel_h * window.kernel_w * window.in_c;
        let extreme = random.below(8) == 0;
        let mut byte = |limit: i8| match (extreme, random.below(2)) {
            (false, _) => random.byte().max(limit),
            (true, 0) => limit,
            (true, _) => 127,
        };
        let inputs = window.batch * window.in_h * window.in_w * window.in_c;
        let x = (0..inputs).map(|_| byte(-128)).collect();
        let weights = (0..taps * window.out_c).map(|_| byte(-127)).collect();
        let zero = i32::from(random.byte());
        let low = [-128, zero, zero.max(-100)][random.below(3)];
        let high = [127, 127.min(low + 90)][random.below(2)];
        let channels = 0..window.out_c;
        // Where powers of two abound, results lie on halves.
        let coarse = [1, 1, 1, 1 << 26][random.below(4)];
        Self {
            window,
            pad_value: random.byte(),
            x,
            weights,
            bias: channels
                .clone()
                .map(|_| random.below(80_000) as i32 - 40_000)
                .collect(),
            multipliers: channels
                .clone()
                .map(|_| (1 << 30) + random.below(1 << 30) as i32 / coarse * coarse)
                .collect(),
            shifts: channels.map(|_| -1 - random.below(14) as i8).collect(),
            zero,
            range: [low, high],
        }
    }

    fn outputs(&self) -> usize {
        self.window.batch * self.window.out_h * self.window.out_w * self.window.out_c
    }

    fn exact(&self, rounding: Rounding) -> (Kernel, Vec<i8>) {
        let p = Conv2dExact {
            window: self.window,
            groups: 1,
            pad_value: self.pad_value.into(),
            output: ExactOutput {
                rounding,
                range: self.range.map(|bound| bound - self.zero),
                zero_point: self.zero,
            },
        };
        let mut y = vec![0; self.outputs()];
        let (weights, multipliers) = (&self.weights, &self.multipliers);
        rt::conv2d_exact(
            &p,
            &self.x,
            weights,
            &self.bias,
            multipliers,
            &self.shifts,
            &mut y,
        );
        (Kernel::Conv2dExactS8(p), y)
    }

    fn native(&self, pre_shift: u32) -> (Kernel, Vec<i8>) {
        let shift = self.shifts[0].unsigned_abs().into();
        let p = Conv2dS8 {
            window: self.window,
            groups: 1,
            pad_value: self.pad_value,
            requant: Requant {
                offset: (self.zero << shift) + (1 << shift >> 1),
                shift,
                pre_shift,
            },
        };
        let mut y = vec![0; self.outputs()];
        rt::conv2d_s8(
            &p,
            &self.x,
            &self.weights,
            &self.bias,
            &self.multipliers,
            &mut y,
        );
        (Kernel::Conv2dS8(p), y)
    }

    /// What is offered to a core.
    fn offered(&self, kernel: &Kernel, core: Core, variant: Variant) -> Option<Offer> {
        let words = |words: &[i32]| words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let bytes = |bytes: &[i8]| bytes.iter().map(|&b| b as u8).collect();
        let constants = [
            constant(Element::I8, bytes(&self.weights)),
            constant(Element::I32, words(&self.bias)),
            constant(Element::I32, words(&self.multipliers)),
            constant(Element::I8, bytes(&self.shifts)),
        ];
        let count = if matches!(kernel, Kernel::Conv2dS8(_)) {
            3
        } else {
            4
        };
        let step = DraftStep {
            what: String::new(),
            name: String::new(),
            node: 0,
            kernel: kernel.clone(),
            inputs: vec![DraftOperand::Buffer(BufferId(0))],
            constants: (0..count).collect(),
            scratch: None,
            output: BufferId(1),
            lead: None,
            choice: None,
        };
        let layer = Layer {
            step: &step,
            constants: &constants,
            elements: self.outputs(),
            core,
        };
        offer_of(&layer, variant)
    }
}

/// What the kernel of an offer gives, with the output as far in the input as it may reach.
fn run(offer: &Offer, x: &[i8], outputs: usize) -> Vec<i8> {
    let lead = offer.lead.unwrap_or(outputs);
    let mut memory = vec![99i8; (lead + x.len()).max(outputs)];
    memory[lead..lead + x.len()].copy_from_slice(x);
    let mut scratch = vec![i16::MIN; offer.scratch.map_or(0, |(_, len)| len)];
    let words: Vec<i32> = offer.constants[1]
        .bytes
        .chunks_exact(4)
        .map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    let weights = &offer.constants[0].bytes;
    let cells = Cell::from_mut(memory.as_mut_slice()).as_slice_of_cells();
    let (x, y) = (&cells[lead..lead + x.len()], &cells[..outputs]);
    if let Kernel::PackedConv2dS8(p) = &offer.kernel {
        let weights: Vec<i8> = weights.iter().map(|&b| b as i8).collect();
        rt::packed_conv2d_s8(p, x, &weights, &words, &mut scratch, y);
    } else if let Kernel::PackedConv2dS8W16(p) = &offer.kernel {
        let halves = weights
            .chunks_exact(2)
            .map(|b| i16::from_le_bytes([b[0], b[1]]));
        let weights: Vec<i16> = halves.collect();
        rt::packed_conv2d_s8w16(p, x, &weights, &words, &mut scratch, y);
    }
    y.iter().map(Cell::get).collect()
}

#[test]
fn gives_the_bits_of_the_reference() {
    let mut random = Random(2);
    let mut ways = [0; 2];
    for index in 0..750 {
        let case = Case::random(&mut random);
        let (kernel, expected) = match index % 3 {
            0 => case.native(0),
            1 => case.exact(Rounding::TfLite),
            _ => case.exact(Rounding::Onnx),
        };
        for (way, variant) in [Variant::Packed, Variant::PackedW16]
            .into_iter()
            .enumerate()
        {
            for core in [Core::CortexM4, Core::CortexM7] {
                let Some(offer) = case.offered(&kernel, core, variant) else {
                    continue;
                };
                ways[way] += 1;
                let got = run(&offer, &case.x, case.outputs());
                assert_eq!(
                    got, expected,
                    "{index} {variant:?} {core:?} {:?}",
                    case.window
                );
            }
        }
    }
    assert!(ways.iter().all(|&offers| offers > 1000), "{ways:?}");
}

fn simple(in_c: usize, weights: Vec<i8>, bias: Vec<i32>) -> Case {
    let out_c = bias.len();
    let window = Window2d {
        batch: 1,
        in_h: 1,
        in_w: 4,
        in_c,
        out_h: 1,
        out_w: 4,
        out_c,
        kernel_h: 1,
        kernel_w: 1,
        stride_h: 1,
        stride_w: 1,
        dilation_h: 1,
        dilation_w: 1,
        pad_top: 0,
        pad_left: 0,
    };
    Case {
        window,
        pad_value: 0,
        x: vec![-128; 4 * in_c],
        weights,
        bias,
        multipliers: vec![1 << 30; out_c],
        shifts: vec![-10; out_c],
        zero: 0,
        range: [-128, 127],
    }
}

#[test]
fn eight_bits_only_where_both_channels_fit() {
    let offers = |case: &Case| {
        let (kernel, _) = case.exact(Rounding::TfLite);
        [Variant::Packed, Variant::PackedW16]
            .map(|variant| case.offered(&kernel, Core::CortexM4, variant).is_some())
    };
    assert_eq!(offers(&simple(4, vec![-127; 8], vec![0; 2])), [true, true]);
    // 256·−128 − 1 leaves 16 bits.
    let b = [vec![-1; 4], vec![-128; 4]].concat();
    assert_eq!(offers(&simple(4, b, vec![0; 2])), [false, true]);
    // The sum of the second channel leaves 24 bits with its bias, that of the first may.
    let bias = (1 << 23) - 4 * 128;
    assert_eq!(
        offers(&simple(4, vec![1; 8], vec![bias + 4096, bias])),
        [true, true]
    );
    assert_eq!(
        offers(&simple(4, vec![1; 8], vec![0, bias + 4096])),
        [false, true]
    );
}

#[test]
fn pixels_are_read_before_their_place_is_written() {
    let mut window = simple(4, vec![0; 16], vec![0; 4]).window;
    window.in_w = 12;
    window.out_w = 12;
    assert_eq!(lead(&window), 0);
    // Behind the third tile 9 pixels of 6 bytes are written and as many of 4 read.
    window.out_c = 6;
    assert_eq!(lead(&window), 9 * 6 - 9 * 4);
    // The window of the fourth pixel starts with the third, that of the tenth with the ninth.
    window = Window2d {
        out_c: 4,
        kernel_w: 3,
        pad_left: 1,
        ..window
    };
    assert_eq!(lead(&window), 4);
}

#[test]
fn matrices_of_one_row_are_left_to_fully_connected_layers() {
    let p = |batch| edge_core::params::FullyConnectedExact {
        batch,
        inputs: 4,
        outputs: 2,
        output: ExactOutput {
            rounding: Rounding::TfLite,
            range: [-128, 127],
            zero_point: 0,
        },
    };
    let case = simple(4, vec![3; 8], vec![0; 2]);
    let offered = |batch| {
        let kernel = Kernel::FullyConnectedExactS8(p(batch));
        case.offered(&kernel, Core::CortexM4, Variant::Packed)
    };
    assert!(offered(1).is_none());
    assert!(offered(2).is_some());
}
