//! The assembly of packed convolutions gives the bits of the reference, for any shape.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is a failed test"
)]

use edge_build::lower::{Buffer, BufferId, Draft, DraftOperand, DraftStep};
use edge_build::options::{Options, parse_pins};
use edge_build::program::{Constant, Element, Kernel};
use edge_build::schedule::variants;
use edge_build::target::find;
use edge_core::params::{
    Conv2dExact, Conv2dS8, ExactOutput, Issue, PackedConv2d, PackedRounding, Window2d,
};
use edge_core::quant::{Requant, Rounding};
use edge_core::rt::{conv2d_exact, conv2d_s8};
use edge_test_support::random::Random;
use edge_test_support::shared::Shared;
use firmware::program::{project, run};

/// Layers for each core.
const LAYERS: usize = 150;

/// What the firmware writes behind the outputs of a layer.
const UNTOUCHED: i8 = 99;

fn window(random: &mut Random) -> Window2d {
    loop {
        let [in_h, in_w] = [(); 2].map(|()| 1 + random.below(9));
        let [kernel_h, kernel_w] = [(); 2].map(|()| 1 + random.below(4));
        let [stride_h, stride_w] = [(); 2].map(|()| 1 + random.below(3));
        let [dilation_h, dilation_w] = [(); 2].map(|()| 1 + random.below(2));
        let [pad_top, pad_left, pad_bottom, pad_right] = [(); 4].map(|()| random.below(3));
        let out = |len: usize, kernel: usize, dilation: usize, stride: usize| {
            let room = len.checked_sub((kernel - 1) * dilation + 1)?;
            Some(room / stride + 1)
        };
        let out_h = out(in_h + pad_top + pad_bottom, kernel_h, dilation_h, stride_h);
        let out_w = out(in_w + pad_left + pad_right, kernel_w, dilation_w, stride_w);
        if let (Some(out_h), Some(out_w)) = (out_h, out_w) {
            return Window2d {
                batch: 1 + random.below(2),
                in_h,
                in_w,
                in_c: [1, 2, 3, 4, 8, 16, 32, 1 + random.below(20)][random.below(8)],
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
}

/// A layer: its kernel and constants, an input, and the outputs of the reference.
fn layer(random: &mut Random) -> (Kernel, Vec<Constant>, Vec<i8>, Vec<i8>) {
    let window = window(random);
    let channels = window.out_c;
    let len = window.kernel_h * window.kernel_w * window.in_c * channels;
    let x: Vec<i8> = (0..window.batch * window.in_h * window.in_w * window.in_c)
        .map(|_| random.draw() as i8)
        .collect();
    let weights: Vec<i8> = (0..len).map(|_| (random.draw() as i8).max(-127)).collect();
    let bias: Vec<i32> = (0..channels)
        .map(|_| random.below(80_000) as i32 - 40_000)
        .collect();
    let multipliers: Vec<i32> = (0..channels)
        // Odd: no result lies on a half.
        .map(|_| ((1 << 30) + random.below(1 << 30) as i32) | 1)
        .collect();
    let shifts: Vec<i8> = (0..channels).map(|_| -1 - random.below(14) as i8).collect();
    let pad_value = random.draw() as i8;
    let zero = random.below(256) as i32 - 128;
    let mut y = vec![0; window.batch * window.out_h * window.out_w * channels];
    let constant = |element: Element, bytes: Vec<u8>| Constant {
        what: String::new(),
        element,
        bytes,
    };
    let words = |words: &[i32]| words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let mut constants = vec![
        constant(Element::I8, weights.iter().map(|&w| w as u8).collect()),
        constant(Element::I32, words(&bias)),
        constant(Element::I32, words(&multipliers)),
    ];
    let kernel = if random.below(3) == 0 {
        let p = Conv2dS8 {
            window,
            groups: 1,
            pad_value,
            requant: Requant {
                offset: (zero << 8) + 128,
                shift: 8,
                pre_shift: random.below(2) as u32,
            },
        };
        conv2d_s8(&p, &x, &weights, &bias, &multipliers, &mut y);
        Kernel::Conv2dS8(p)
    } else {
        let low = [-128, zero][random.below(2)];
        let high = [127, 127.min(low + 90)][random.below(2)];
        let p = Conv2dExact {
            window,
            groups: 1,
            pad_value: pad_value.into(),
            output: ExactOutput {
                rounding: [Rounding::TfLite, Rounding::Onnx][random.below(2)],
                range: [low - zero, high - zero],
                zero_point: zero,
            },
        };
        constants.push(constant(
            Element::I8,
            shifts.iter().map(|&s| s as u8).collect(),
        ));
        conv2d_exact(&p, &x, &weights, &bias, &multipliers, &shifts, &mut y);
        Kernel::Conv2dExactS8(p)
    };
    (kernel, constants, x, y)
}

/// The layer as the compiler packs it for a target.
fn packed(
    kernel: Kernel,
    constants: Vec<Constant>,
    sizes: [usize; 2],
    target: &str,
    variant: &str,
) -> Draft {
    let buffer = |len| Buffer {
        len,
        element: Element::I8,
        part: None,
    };
    let step = DraftStep {
        what: String::new(),
        name: "conv".to_owned(),
        node: 0,
        kernel,
        inputs: vec![DraftOperand::Buffer(BufferId(0))],
        constants: (0..constants.len()).collect(),
        scratch: None,
        output: BufferId(1),
        lead: None,
        choice: None,
    };
    let draft = Draft {
        buffers: sizes.map(buffer).to_vec(),
        steps: vec![step],
        constants,
        ..Draft::default()
    };
    let mut options = Options::new(find(target).unwrap());
    options.pins = parse_pins(&format!("conv={variant}")).unwrap();
    variants::run(draft, &options).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// A layer as the firmware reads it.
fn bytes_of(draft: &Draft, x: &[i8], outputs: usize) -> Vec<u8> {
    let step = &draft.steps[0];
    let (p, wide) = if let Kernel::PackedConv2dS8(p) = &step.kernel {
        (p, false)
    } else if let Kernel::PackedConv2dS8W16(p) = &step.kernel {
        (p, true)
    } else {
        panic!("{:?}", step.kernel);
    };
    let PackedConv2d {
        window: w,
        pad_value,
        requant,
        issue,
    } = *p;
    let scratch = draft.buffers[step.scratch.unwrap().0].len;
    let [weights, records] = [0, 1].map(|i| &draft.constants[step.constants[i]]);
    let len = |constant: &Constant| constant.bytes.len() / constant.element.size();
    let sizes = [
        w.batch,
        w.in_h,
        w.in_w,
        w.in_c,
        w.out_h,
        w.out_w,
        w.out_c,
        w.kernel_h,
        w.kernel_w,
        w.stride_h,
        w.stride_w,
        w.dilation_h,
        w.dilation_w,
        w.pad_top,
        w.pad_left,
    ];
    let mut words: Vec<i32> = sizes.iter().map(|&size| size as i32).collect();
    words.extend([
        pad_value.into(),
        requant.pre_shift as i32,
        match requant.rounding {
            PackedRounding::Nearest => 0,
            PackedRounding::Away => 1,
            PackedRounding::Floor => 2,
        },
    ]);
    words.extend(requant.range);
    words.extend([i32::from(issue == Issue::Dual), i32::from(wide)]);
    words.extend([len(weights), len(records), x.len(), scratch, outputs].map(|len| len as i32));
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(&weights.bytes);
    bytes.extend(&records.bytes);
    bytes.extend(x.iter().map(|&x| x as u8));
    bytes
}

fn check(core: &str) {
    if Shared::find(core).is_none() {
        return;
    }
    let Some(board) = firmware::board(core) else {
        return;
    };
    let mut random = Random::new(5);
    let (mut input, mut expected) = (Vec::new(), Vec::new());
    for index in 0..LAYERS {
        let (kernel, constants, x, y) = layer(&mut random);
        let variant = if index % 3 == 0 {
            "packed-w16"
        } else {
            "packed"
        };
        let draft = packed(kernel, constants, [x.len(), y.len()], core, variant);
        input.extend(bytes_of(&draft, &x, y.len()));
        expected.extend(y.iter().chain(&[UNTOUCHED]).map(|&y| y as u8));
    }
    let program = project(board, include_str!("../src/programs/packed_conv.rs"));
    let found = run(&program, ("layers", &input), "outputs").unwrap();
    let differs = found.iter().zip(&expected).position(|(a, b)| a != b);
    assert_eq!(differs, None, "{core}");
    assert_eq!(found.len(), expected.len(), "{core}");
}

#[test]
fn cortex_m4() {
    check("cortex-m4");
}

#[test]
fn cortex_m7() {
    check("cortex-m7");
}

#[test]
fn cortex_m33() {
    check("cortex-m33");
}
