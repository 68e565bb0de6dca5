use super::super::{Layer, tests::constant};
use super::*;
use crate::lower::{BufferId, DraftOperand, DraftStep};
use edge_core::params::{ExactOutput, FullyConnectedExact, FullyConnectedS8};
use edge_core::quant::{Requant, Rounding};
use edge_core::rt;

const CORES: [(Core, Issue); 2] = [
    (Core::CortexM4, Issue::Single),
    (Core::CortexM7, Issue::Dual),
];

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
    batch: usize,
    inputs: usize,
    outputs: usize,
    x: Vec<i8>,
    weights: Vec<i8>,
    bias: Vec<i32>,
    multipliers: Vec<i32>,
    shifts: Vec<i8>,
    zero: i32,
    least: i32,
}

impl Case {
    fn random(random: &mut Random) -> Self {
        let (batch, inputs) = (1 + random.below(2), 1 + random.below(70));
        let outputs = 1 + random.below(if inputs > 60 { 90 } else { 20 });
        let shared = random.below(2) == 0;
        let zero = i32::from(random.byte());
        let least = if random.below(3) == 0 { zero } else { -128 };
        let mut scale = |_| {
            // Odd: no result lies on a half.
            let multiplier = ((1 << 30) + random.below(1 << 30) as i32) | 1;
            (multiplier, -1 - random.below(14) as i8)
        };
        let mut scales: Vec<_> = (0..outputs).map(&mut scale).collect();
        if shared {
            let first = scales[0];
            scales.fill(first);
        }
        let extreme = random.below(8) == 0;
        let mut byte = |limit: i8| match (extreme, random.below(2)) {
            (false, _) => random.byte().max(limit),
            (true, 0) => limit,
            (true, _) => 127,
        };
        Self {
            batch,
            inputs,
            outputs,
            x: (0..batch * inputs).map(|_| byte(-128)).collect(),
            weights: (0..inputs * outputs).map(|_| byte(-127)).collect(),
            bias: (0..outputs)
                .map(|_| random.below(80_000) as i32 - 40_000)
                .collect(),
            multipliers: scales.iter().map(|scale| scale.0).collect(),
            shifts: scales.iter().map(|scale| scale.1).collect(),
            zero,
            least,
        }
    }

    fn constants(&self, exact: bool) -> Vec<Constant> {
        let words = |words: &[i32]| words.iter().flat_map(|w| w.to_le_bytes()).collect();
        let bytes = |bytes: &[i8]| bytes.iter().map(|&b| b as u8).collect();
        let mut constants = vec![
            constant(Element::I8, bytes(&self.weights)),
            constant(Element::I32, words(&self.bias)),
            constant(Element::I32, words(&self.multipliers)),
        ];
        if exact {
            constants.push(constant(Element::I8, bytes(&self.shifts)));
        }
        constants
    }

    fn exact(&self, rounding: Rounding) -> (Kernel, Vec<i8>) {
        let p = FullyConnectedExact {
            batch: self.batch,
            inputs: self.inputs,
            outputs: self.outputs,
            output: ExactOutput {
                rounding,
                range: [self.least - self.zero, 127 - self.zero],
                zero_point: self.zero,
            },
        };
        let mut y = vec![0; self.batch * self.outputs];
        let (multipliers, shifts) = (&self.multipliers, &self.shifts);
        rt::fully_connected_exact(
            &p,
            &self.x,
            &self.weights,
            &self.bias,
            multipliers,
            shifts,
            &mut y,
        );
        (Kernel::FullyConnectedExactS8(p), y)
    }

    fn native(&self) -> (Kernel, Vec<i8>) {
        let shift = self.shifts[0].unsigned_abs().into();
        let p = FullyConnectedS8 {
            batch: self.batch,
            inputs: self.inputs,
            outputs: self.outputs,
            requant: Requant {
                offset: (self.zero << shift) + (1 << shift >> 1),
                shift,
                pre_shift: 0,
            },
        };
        let mut y = vec![0; self.batch * self.outputs];
        rt::fully_connected_s8(
            &p,
            &self.x,
            &self.weights,
            &self.bias,
            &self.multipliers,
            &mut y,
        );
        (Kernel::FullyConnectedS8(p), y)
    }

    /// The parameters and the stream of the offer for a core.
    fn packed(&self, kernel: Kernel, core: Core) -> Option<(PackedFullyConnected, Vec<i32>)> {
        let constants = self.constants(matches!(kernel, Kernel::FullyConnectedExactS8(_)));
        let step = DraftStep {
            what: String::new(),
            name: String::new(),
            node: 0,
            kernel,
            inputs: vec![DraftOperand::Buffer(BufferId(0))],
            constants: (0..constants.len()).collect(),
            scratch: None,
            output: BufferId(1),
            lead: None,
            choice: None,
        };
        let offer = offer(&Layer {
            step: &step,
            constants: &constants,
            elements: self.batch * self.outputs,
            core,
        })?;
        let Kernel::PackedFullyConnectedS8(p) = offer.kernel else {
            panic!("{:?}", offer.kernel);
        };
        let word = |bytes: &[u8]| i32::from_le_bytes(bytes.try_into().unwrap());
        let stream = offer.constants[0].bytes.chunks_exact(4).map(word).collect();
        Some((p, stream))
    }

    /// The parameters of the offer for a core, and what its kernel gives.
    fn offered(&self, kernel: Kernel, core: Core) -> Option<(PackedFullyConnected, Vec<i8>)> {
        let (p, stream) = self.packed(kernel, core)?;
        let mut y = vec![0; self.batch * self.outputs];
        rt::packed_fully_connected_s8(&p, &self.x, &stream, &mut y);
        Some((p, y))
    }
}

#[test]
fn packed_layers_give_the_bits_of_the_reference() {
    let mut random = Random(1);
    let (mut sixes, mut shared) = (0, 0);
    for _ in 0..200 {
        let case = Case::random(&mut random);
        for (core, issue) in CORES {
            let exact = [Rounding::TfLite, Rounding::Onnx].map(|rounding| case.exact(rounding));
            for (kernel, wanted) in exact.into_iter().chain([case.native()]) {
                let (p, y) = case.offered(kernel.clone(), core).unwrap();
                assert_eq!(y, wanted, "{kernel:?} as {p:?}");
                assert_eq!(p.issue, issue);
                sixes += usize::from(p.sixes > 0);
                shared += usize::from(p.shared_scale);
            }
        }
    }
    assert!(sixes > 20 && shared > 50, "{sixes} {shared}");
}

#[test]
fn native_outputs_have_one_word_of_scale() {
    let mut case = Case::random(&mut Random(5));
    for (index, multiplier) in case.multipliers.iter_mut().enumerate() {
        *multiplier = (1 << 30) + index as i32;
    }
    let words = |kernel: Kernel| case.packed(kernel, Core::CortexM4).unwrap().1.len();
    let (exact, native) = (
        words(case.exact(Rounding::TfLite).0),
        words(case.native().0),
    );
    // Beside the multipliers an offset and a shift for each, or for all.
    let outputs = case.outputs.next_multiple_of(2);
    assert!(outputs > 2, "{outputs}");
    assert_eq!(exact - native, 2 * outputs - 2);
}

#[test]
fn least_weights_take_the_signs_of_dual_issue() {
    let mut case = Case::random(&mut Random(2));
    case.weights.fill(-128);
    let (kernel, wanted) = case.exact(Rounding::TfLite);
    let (p, y) = case.offered(kernel, Core::CortexM4).unwrap();
    assert_eq!((p.issue, y), (Issue::Dual, wanted));
}

#[test]
fn sums_beyond_24_bits_are_left_alone() {
    let mut case = Case::random(&mut Random(3));
    case.outputs = 2;
    case.weights = vec![0; 2 * case.inputs];
    for name in [&mut case.bias, &mut case.multipliers] {
        name.truncate(2);
        name.resize(2, 1 << 30);
    }
    case.shifts = vec![-10; 2];
    for (bias, offered) in [
        ([1 << 24, (1 << 23) - 1], true),
        ([0, 1 << 23], false),
        ([0, -(1 << 23)], true),
        ([0, -(1 << 23) - 1], false),
    ] {
        case.bias = bias.to_vec();
        let (kernel, _) = case.exact(Rounding::TfLite);
        let found = case.offered(kernel, Core::CortexM7);
        assert_eq!(found.is_some(), offered, "{bias:?}");
    }
}

#[test]
fn cores_without_dual_multiplication_keep_the_reference() {
    let case = Case::random(&mut Random(4));
    for core in [Core::CortexM0, Core::CortexM3, Core::Riscv32Imc, Core::Host] {
        assert_eq!(case.offered(case.exact(Rounding::TfLite).0, core), None);
    }
}
