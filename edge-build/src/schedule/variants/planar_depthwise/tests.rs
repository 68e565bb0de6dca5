use super::super::tests::constant;
use super::*;
use crate::lower::{BufferId, DraftOperand, DraftStep};
use edge_core::params::{
    DepthwiseConv2dExact, DepthwiseConv2dS8, ExactOutput, PackedRequant, PackedRounding,
};
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
        [-128, 127, self.below(256) as u8 as i8][self.below(6).min(2)]
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

fn window(image: [usize; 2], channels: usize, stride: usize, pads: [usize; 4]) -> Window2d {
    let [in_h, in_w] = image;
    let out = |len: usize, before: usize, behind: usize| (len + before + behind - 3) / stride + 1;
    Window2d {
        batch: 1,
        in_h,
        in_w,
        in_c: channels,
        out_h: out(in_h, pads[0], pads[1]),
        out_w: out(in_w, pads[2], pads[3]),
        out_c: channels,
        kernel_h: 3,
        kernel_w: 3,
        stride_h: stride,
        stride_w: stride,
        dilation_h: 1,
        dilation_w: 1,
        pad_top: pads[0],
        pad_left: pads[2],
    }
}

fn random_window(random: &mut Random) -> Window2d {
    let image = [0; 2].map(|_| 3 + random.below(22));
    let stride = 1 + random.below(2);
    let pads = [0; 4].map(|_| random.below(3));
    let pads = [pads, [1; 4]][random.below(2)];
    Window2d {
        batch: 1 + random.below(2),
        ..window(image, 4 + random.below(7), stride, pads)
    }
}

impl Case {
    fn of(window: Window2d, random: &mut Random) -> Self {
        let channels = 0..window.out_c;
        let inputs = window.batch * window.in_h * window.in_w * window.in_c;
        Self {
            window,
            pad_value: random.byte(),
            x: (0..inputs).map(|_| random.byte()).collect(),
            weights: (0..9 * window.out_c).map(|_| random.byte()).collect(),
            bias: channels
                .clone()
                .map(|_| random.below(80_000) as i32 - 40_000)
                .collect(),
            multipliers: channels
                .clone()
                .map(|_| ((1 << 30) + random.below(1 << 30) as i32) | 1)
                .collect(),
            shifts: channels.map(|_| -(random.below(14) as i8)).collect(),
            zero: -128,
            range: [-128, 127],
        }
    }

    fn outputs(&self) -> usize {
        let w = &self.window;
        w.batch * w.out_h * w.out_w * w.out_c
    }

    fn exact(&self, rounding: Rounding) -> (Kernel, Vec<i8>) {
        let p = DepthwiseConv2dExact {
            window: self.window,
            pad_value: self.pad_value.into(),
            output: ExactOutput {
                rounding,
                range: self.range.map(|bound| bound - self.zero),
                zero_point: self.zero,
            },
        };
        let mut y = vec![0; self.outputs()];
        rt::depthwise_conv2d_exact(
            &p,
            &self.x,
            &self.weights,
            &self.bias,
            &self.multipliers,
            &self.shifts,
            &mut y,
        );
        (Kernel::DepthwiseConv2dExactS8(p), y)
    }

    fn native(&self, pre_shift: u32) -> (Kernel, Vec<i8>) {
        let shift = self.shifts[0].unsigned_abs().into();
        let p = DepthwiseConv2dS8 {
            window: self.window,
            pad_value: self.pad_value,
            requant: Requant {
                offset: (self.zero << shift) + (1 << shift >> 1),
                shift,
                pre_shift,
            },
        };
        let mut y = vec![0; self.outputs()];
        rt::depthwise_conv2d_s8(
            &p,
            &self.x,
            &self.weights,
            &self.bias,
            &self.multipliers,
            &mut y,
        );
        (Kernel::DepthwiseConv2dS8(p), y)
    }

    /// What is offered to a core.
    fn offered(&self, kernel: &Kernel, core: Core) -> Option<Offer> {
        let words = |words: &[i32]| words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let bytes = |bytes: &[i8]| bytes.iter().map(|&b| b as u8).collect();
        let constants = [
            constant(Element::I8, bytes(&self.weights)),
            constant(Element::I32, words(&self.bias)),
            constant(Element::I32, words(&self.multipliers)),
            constant(Element::I8, bytes(&self.shifts)),
        ];
        let native = matches!(kernel, Kernel::DepthwiseConv2dS8(_));
        let step = DraftStep {
            what: String::new(),
            name: String::new(),
            node: 0,
            kernel: kernel.clone(),
            inputs: vec![DraftOperand::Buffer(BufferId(0))],
            constants: (0..if native { 3 } else { 4 }).collect(),
            scratch: None,
            output: BufferId(1),
            lead: None,
            choice: None,
        };
        offer(&Layer {
            step: &step,
            constants: &constants,
            elements: self.outputs(),
            core,
        })
    }
}

/// What the kernel of an offer gives; the output lies where the input does if it may.
fn run(offer: &Offer, x: &[i8], outputs: usize) -> Vec<i8> {
    let Kernel::PlanarDepthwiseS8(p) = &offer.kernel else {
        panic!("{:?}", offer.kernel);
    };
    let lead = if planar::may_overwrite(p) { 0 } else { outputs };
    let mut memory = vec![99i8; (lead + x.len()).max(outputs)];
    memory[lead..lead + x.len()].copy_from_slice(x);
    let mut scratch = vec![i32::MIN; offer.scratch.map_or(0, |(_, len)| len)];
    let words = offer.constants[1].bytes.chunks_exact(4);
    let words: Vec<i32> = words
        .map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    let weights = offer.constants[0].bytes.iter();
    let weights: Vec<i8> = weights.map(|&b| b as i8).collect();
    let cells = Cell::from_mut(memory.as_mut_slice()).as_slice_of_cells();
    let (x, y) = (&cells[lead..lead + x.len()], &cells[..outputs]);
    rt::planar_depthwise_s8(p, x, &weights, &words, &mut scratch, y);
    y.iter().map(Cell::get).collect()
}

#[test]
fn gives_the_bits_of_the_reference() {
    let mut random = Random(5);
    let [mut transposed, mut over] = [0; 2];
    for index in 0..400 {
        let window = random_window(&mut random);
        let mut case = Case::of(window, &mut random);
        let (kernel, expected) = match index % 4 {
            0 => case.native(0),
            1 => case.native(1),
            2 => case.exact(Rounding::TfLite),
            _ => {
                // Zero points below which no output lies are not the only ones here.
                case.zero = i32::from(random.byte());
                case.shifts.iter_mut().for_each(|shift| *shift -= 1);
                case.exact(Rounding::Onnx)
            }
        };
        let offer = case.offered(&kernel, Core::CortexM4).unwrap();
        let Kernel::PlanarDepthwiseS8(p) = &offer.kernel else {
            panic!("{:?}", offer.kernel);
        };
        transposed += usize::from(p.transposed);
        over += usize::from(planar::may_overwrite(p));
        let got = run(&offer, &case.x, case.outputs());
        assert_eq!(got, expected, "{index} {window:?}");
    }
    assert!(transposed > 50 && over > 100, "{transposed} {over}");
}

#[test]
fn bands_must_not_overwrite_what_is_read_later() {
    let may = |window: Window2d, transposed: bool| {
        planar::may_overwrite(&PlanarDepthwise {
            window,
            pad_value: 0,
            requant: PackedRequant {
                pre_shift: 0,
                rounding: PackedRounding::Nearest,
                range: [-128, 127],
            },
            transposed,
            issue: Issue::Single,
        })
    };
    for transposed in [false, true] {
        assert!(may(window([30, 30], 4, 1, [1; 4]), transposed));
        // One band: all pixels are in scratch memory before the first output.
        assert!(may(window([8, 8], 4, 1, [0; 4]), transposed));
    }
    assert!(may(window([30, 30], 4, 2, [1; 4]), false));
    // Columns of a narrower image are not those of the input.
    assert!(may(window([30, 30], 4, 1, [0; 4]), false));
    assert!(!may(window([30, 30], 4, 1, [0; 4]), true));
    // A result that is larger runs ahead.
    assert!(!may(window([30, 30], 4, 1, [4; 4]), false));
    // The second result would begin before the end of the first image.
    let pair = |pads| Window2d {
        batch: 2,
        ..window([5, 5], 4, 1, pads)
    };
    assert!(may(pair([1; 4]), false));
    assert!(!may(pair([2; 4]), false));
}

#[test]
fn other_layers_are_left_alone() {
    let mut random = Random(9);
    let base = window([9, 9], 4, 1, [1; 4]);
    let offered = |case: &Case, core| {
        case.offered(&case.exact(Rounding::TfLite).0, core)
            .is_some()
    };
    let simple = Case::of(base, &mut random);
    assert!(offered(&simple, Core::CortexM33));
    assert!(!offered(&simple, Core::CortexM3));
    // Halves below the zero point would count.
    let mut linear = Case::of(base, &mut random);
    linear.zero = 3;
    linear.shifts = vec![-4; 4];
    assert!(!offered(&linear, Core::CortexM4));
    linear.range = [3, 127];
    assert!(!offered(&linear, Core::CortexM4));
    assert!(
        simple
            .offered(&simple.native(2).0, Core::CortexM4)
            .is_none()
    );
    for other in [
        window([9, 9], 3, 1, [1; 4]),
        Window2d {
            dilation_w: 2,
            out_w: 7,
            ..base
        },
        Window2d {
            stride_w: 2,
            out_w: 5,
            ..base
        },
    ] {
        assert!(!offered(&Case::of(other, &mut random), Core::CortexM4));
    }
}
