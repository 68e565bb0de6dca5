use super::weighted::{Form, Weighted};
use super::*;
use crate::lower::{Buffer, BufferId};
use crate::options::{Optimize, parse_pins};
use crate::program::Variant;
use edge_core::params::{ExactOutput, FullyConnectedExact, PackedRounding};
use edge_core::quant::Rounding;

const INPUTS: usize = 8;
const OUTPUTS: usize = 2;

fn bytes_of(words: &[i32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

pub(in crate::schedule) fn constant(element: Element, bytes: Vec<u8>) -> Constant {
    Constant {
        what: String::new(),
        element,
        bytes,
    }
}

/// Fully connected layers of 8 inputs and 2 outputs, one behind another (sizes do not matter here).
fn draft(names: &[&str], rounding: Rounding, shifts: [i8; OUTPUTS]) -> Draft {
    let mut draft = Draft::default();
    for _ in 0..=names.len() {
        draft.buffers.push(Buffer {
            len: INPUTS,
            element: Element::I8,
            part: None,
        });
    }
    for (index, name) in names.iter().enumerate() {
        let first = draft.constants.len();
        draft.constants.extend([
            constant(Element::I8, vec![3; INPUTS * OUTPUTS]),
            constant(Element::I32, bytes_of(&[100, -100])),
            constant(Element::I32, bytes_of(&[1 << 30, 0x5000_0000])),
            constant(Element::I8, shifts.map(|s| s as u8).to_vec()),
        ]);
        let output = ExactOutput {
            rounding,
            range: [-128, 127],
            zero_point: 0,
        };
        draft.steps.push(DraftStep {
            what: String::new(),
            name: (*name).to_owned(),
            node: index,
            kernel: Kernel::FullyConnectedExactS8(FullyConnectedExact {
                batch: 1,
                inputs: INPUTS,
                outputs: OUTPUTS,
                output,
            }),
            inputs: vec![DraftOperand::Buffer(BufferId(index))],
            constants: (first..first + 4).collect(),
            scratch: None,
            output: BufferId(index + 1),
            lead: None,
            choice: None,
        });
    }
    draft
}

fn layer(draft: &Draft) -> Layer<'_> {
    Layer {
        step: &draft.steps[0],
        constants: &draft.constants,
        elements: OUTPUTS,
        core: Core::CortexM4,
    }
}

fn offer(layer: &Layer<'_>, variant: Variant, cycles: u64, bytes: usize) -> Offer {
    Offer {
        variant,
        kernel: layer.step.kernel.clone(),
        constants: vec![constant(Element::I8, vec![0; bytes])],
        scratch: Some((Element::I16, bytes)),
        lead: Some(0),
        cycles,
    }
}

fn quick(layer: &Layer<'_>) -> Option<Offer> {
    (layer.core == Core::CortexM4).then(|| offer(layer, Variant::Packed, 50, 40))
}

fn quickest(layer: &Layer<'_>) -> Option<Offer> {
    (layer.core == Core::CortexM4).then(|| offer(layer, Variant::PackedW16, 49, 4_000))
}

fn options(aim: Optimize, pins: &str) -> Options {
    let mut options = Options::new(crate::target::find("cortex-m4").unwrap());
    options.optimize = aim;
    options.pins = parse_pins(pins).unwrap();
    options
}

fn variants(aim: Optimize, pins: &str) -> Vec<Variant> {
    let draft = draft(&["a", "b"], Rounding::TfLite, [-3, -4]);
    let draft = run_with(draft, &options(aim, pins), &[quick, quickest]).unwrap();
    let variant = |step: &DraftStep| step.choice.as_ref().unwrap().chosen.variant;
    draft.steps.iter().map(variant).collect()
}

#[test]
fn aims_decide() {
    assert_eq!(variants(Optimize::Speed, ""), [Variant::PackedW16; 2]);
    assert_eq!(variants(Optimize::Flash, ""), [Variant::Reference; 2]);
    // A percent of the cycles is not worth a hundred times the flash.
    assert_eq!(variants(Optimize::Balanced, ""), [Variant::Packed; 2]);
}

/// Quicker than [`quick`] for few bytes of flash and many of scratch memory.
fn vast(layer: &Layer<'_>) -> Option<Offer> {
    let scratch = Some((Element::I16, 4_000));
    let offer = quick(layer)?;
    Some(Offer {
        variant: Variant::Winograd,
        cycles: 20,
        scratch,
        ..offer
    })
}

#[test]
fn balance_keeps_memory_small_where_a_quick_kernel_does() {
    let chosen = |offers: &[MakeOffer], aim: Optimize| {
        let draft = draft(&["a"], Rounding::TfLite, [-3, -4]);
        let draft = run_with(draft, &options(aim, ""), offers).unwrap();
        draft.steps[0].choice.as_ref().unwrap().chosen.variant
    };
    assert_eq!(chosen(&[quick, vast], Optimize::Balanced), Variant::Packed);
    assert_eq!(chosen(&[quick, vast], Optimize::Speed), Variant::Winograd);
    assert_eq!(chosen(&[vast], Optimize::Balanced), Variant::Winograd);
}

#[test]
fn pins_decide_first() {
    use Variant::{PackedW16, Reference};
    assert_eq!(
        variants(Optimize::Speed, "a=reference"),
        [Reference, PackedW16]
    );
    assert_eq!(variants(Optimize::Speed, "*=reference"), [Reference; 2]);
    let draft = draft(&["a", "b"], Rounding::TfLite, [-3, -4]);
    let options = options(Optimize::Speed, "c=packed, a=winograd, b=none");
    let errors = run_with(draft, &options, &[quick]).unwrap_err();
    let messages: Vec<&str> = errors.0.iter().map(|e| e.message.as_str()).collect();
    assert_eq!(messages.len(), 3, "{errors}");
    assert!(errors.0.iter().all(|e| e.argument == Argument::Pin));
    assert_eq!(errors.0[0].supported.as_deref(), Some("a, b"));
    assert_eq!(errors.0[1].supported.as_deref(), Some("reference, packed"));
}

#[test]
fn the_end_of_a_name_will_do() {
    use Variant::{Packed, Reference};
    let draft = draft(&["m/relu;m/a", "m/ba", "a;m/c"], Rounding::TfLite, [-3, -4]);
    let pinned = |pins: &str| {
        let draft = run_with(draft.clone(), &options(Optimize::Speed, pins), &[quick]);
        let variant = |step: &DraftStep| step.choice.as_ref().unwrap().chosen.variant;
        draft.map(|draft| draft.steps.iter().map(variant).collect::<Vec<_>>())
    };
    assert_eq!(pinned("a=reference"), Ok(vec![Reference, Packed, Packed]));
    assert_eq!(pinned("m/c=reference"), Ok(vec![Packed, Packed, Reference]));
    let errors = pinned("m=reference").unwrap_err();
    assert_eq!(errors.0[0].supported.as_deref(), Some("m/a, m/ba, m/c"));
}

#[test]
fn replaced_constants_go() {
    let before = draft(&["a", "b"], Rounding::TfLite, [-3, -4]);
    let after = run_with(before, &options(Optimize::Speed, "b=reference"), &[quick]).unwrap();
    assert_eq!(after.constants.len(), 1 + 4);
    assert_eq!(after.steps[1].constants, [0, 1, 2, 3]);
    assert_eq!(after.steps[0].constants, [4]);
    assert!(after.steps[0].scratch.is_some() && after.steps[1].scratch.is_none());
}

#[test]
fn layers_become_records() {
    let draft = draft(&["a"], Rounding::TfLite, [-3, -4]);
    let weighted = Weighted::of(&layer(&draft)).unwrap();
    assert_eq!(weighted.form, Form::FullyConnected);
    assert_eq!(weighted.requant.rounding, PackedRounding::Away);
    assert_eq!(weighted.requant.pre_shift, 1);
    assert_eq!(weighted.records[0], [100, 1 << 30, 4, 3]);
    assert_eq!(weighted.records[1], [-100, 0x5000_0000, 8, 4]);
    assert_eq!(weighted.filter(1), [3; INPUTS]);
}

#[test]
fn other_arithmetics_are_left_alone() {
    for (rounding, shifts) in [
        (Rounding::Onnx, [-12, 0]),
        (Rounding::TfLite, [-3, 1]),
        (Rounding::TfLite, [-3, 0]),
    ] {
        let draft = draft(&["a"], rounding, shifts);
        assert_eq!(Weighted::of(&layer(&draft)), None);
    }
}

#[test]
fn layers_of_onnx_become_records_where_no_half_counts() {
    // Sums of -2972..=3148 and -3172..=2948.
    let weighted = |shifts: [i8; OUTPUTS], range: [i32; 2]| {
        let mut draft = draft(&["a"], Rounding::Onnx, shifts);
        if let Kernel::FullyConnectedExactS8(p) = &mut draft.steps[0].kernel {
            p.output.range = range;
        }
        Weighted::of(&layer(&draft))
    };
    let all = [-128, 127];
    let made = weighted([-12, -10], all).unwrap();
    assert_eq!(made.requant.rounding, PackedRounding::Floor);
    assert_eq!(made.requant.pre_shift, 1);
    assert_eq!(made.records[0], [100, 1 << 30, 1 << 11, 12]);
    assert_eq!(made.records[1], [-100, 0x5000_0000, 1 << 9, 10]);
    // ½ is 0, and 2½ is 2.
    assert_eq!(weighted([-11, -10], all), None);
    assert_eq!(weighted([-12, -9], all), None);
    // No difference where the least output is 1.
    assert!(weighted([-11, -10], [1, 127]).is_some());
}

#[test]
fn sums_that_could_overflow_are_left_alone() {
    let mut draft = draft(&["a"], Rounding::TfLite, [-3, -4]);
    draft.constants[1].bytes = bytes_of(&[1 << 30, 0]);
    assert_eq!(Weighted::of(&layer(&draft)), None);
}
