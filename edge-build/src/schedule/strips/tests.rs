//! Random chains compute the same in strips as whole, bit for bit.

use super::cut::{self, Cut};
use super::{Bounds, chain, heights, run};
use crate::exec::Executor;
use crate::ir::Graph;
use crate::lower::{BufferId, Draft, DraftOperand, DraftStep, assemble};
use crate::options::{Optimize, Options};
use crate::plan::{Disjoint, Planner, Search, verify};
use crate::program::{Constant, Element, Kernel, Port, Program};
use crate::target::Target;
use edge_core::params::{
    Conv2dF32, Conv2dS8, DepthwiseConv2dF32, DepthwiseConv2dS8, ExactOutput, FullyConnectedExact,
    FullyConnectedS8, MaxPool2d, TableS8, UnaryFn, Window2d,
};
use edge_core::quant::{Requant, Rounding};

struct Random(u32);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % limit
    }

    /// Bytes of random numbers.
    fn numbers(&mut self, element: Element, count: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..count {
            if element == Element::F32 {
                let one = self.below(201) as f32 / 100.0 - 1.0;
                bytes.extend(one.to_le_bytes());
            } else {
                bytes.push(self.below(256) as u8);
            }
        }
        bytes
    }
}

/// A chain in the making.
struct Chain {
    random: Random,
    element: Element,
    draft: Draft,
    shape: [usize; 3],
}

impl Chain {
    fn new(seed: u32, element: Element) -> Self {
        let mut random = Random(seed);
        let shape = [
            5 + random.below(12),
            4 + random.below(4),
            1 + random.below(3),
        ];
        let mut draft = Draft::default();
        let input = draft.add_buffer(element, shape.iter().product());
        draft.inputs.push(input);
        Self {
            random,
            element,
            draft,
            shape,
        }
    }

    fn constant(&mut self, element: Element, len: usize) -> usize {
        let bytes = self.random.numbers(element, len);
        self.draft.constants.push(Constant {
            what: String::new(),
            element,
            bytes,
        });
        self.draft.constants.len() - 1
    }

    /// Biases and multipliers that leave something to see.
    fn records(&mut self, channels: usize) -> [usize; 2] {
        let mut words = |values: Vec<i32>| {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            self.draft.constants.push(Constant {
                what: String::new(),
                element: Element::I32,
                bytes,
            });
            self.draft.constants.len() - 1
        };
        let bias = words((0..channels).map(|c| c as i32 * 100 - 50).collect());
        let multipliers = words((0..channels).map(|c| 1 << (22 + c % 3)).collect());
        [bias, multipliers]
    }

    fn window(&mut self, out_c: Option<usize>) -> Window2d {
        let [in_h, in_w, in_c] = self.shape;
        let r = &mut self.random;
        let (kernel_h, stride_h, dilation_h) = (1 + r.below(3), 1 + r.below(3), 1 + r.below(2));
        let reach = (kernel_h - 1) * dilation_h + 1;
        let same = r.below(2) == 0 || reach > in_h;
        let out_h = if same {
            in_h.div_ceil(stride_h)
        } else {
            (in_h - reach) / stride_h + 1
        };
        let pad = ((out_h - 1) * stride_h + reach).saturating_sub(in_h);
        Window2d {
            batch: 1,
            in_h,
            in_w,
            in_c,
            out_h,
            out_w: in_w,
            out_c: out_c.unwrap_or(in_c),
            kernel_h,
            kernel_w: 3,
            stride_h,
            stride_w: 1,
            dilation_h,
            dilation_w: 1,
            pad_top: if same { pad / 2 } else { 0 },
            pad_left: 1,
        }
    }

    fn push(&mut self, kernel: Kernel, constants: Vec<usize>, shape: [usize; 3]) {
        let input = BufferId(self.draft.buffers.len() - 1);
        let output = self.draft.add_buffer(self.element, shape.iter().product());
        self.shape = shape;
        self.draft.steps.push(DraftStep {
            what: format!("{kernel:?}"),
            name: String::new(),
            node: 0,
            kernel,
            inputs: vec![DraftOperand::Buffer(input)],
            constants,
            scratch: None,
            output,
            lead: None,
            choice: None,
        });
    }

    fn requant() -> Requant {
        Requant {
            pre_shift: 0,
            offset: 1 << 4,
            shift: 5,
        }
    }

    fn grow(&mut self) {
        let float = self.element == Element::F32;
        let pad_value = self.random.below(7) as i8;
        match self.random.below(4) {
            0 => {
                let channels = 1 + self.random.below(4);
                let w = self.window(Some(channels));
                let weights =
                    self.constant(self.element, channels * w.kernel_h * w.kernel_w * w.in_c);
                let (kernel, constants) = if float {
                    let bias = self.constant(Element::F32, channels);
                    let clamp = [f32::NEG_INFINITY, f32::INFINITY];
                    let p = Conv2dF32 {
                        window: w,
                        groups: 1,
                        clamp,
                    };
                    (Kernel::Conv2dF32(p), vec![weights, bias])
                } else {
                    let [bias, multipliers] = self.records(channels);
                    let p = Conv2dS8 {
                        window: w,
                        groups: 1,
                        pad_value,
                        requant: Self::requant(),
                    };
                    (Kernel::Conv2dS8(p), vec![weights, bias, multipliers])
                };
                self.push(kernel, constants, [w.out_h, w.out_w, w.out_c]);
            }
            1 => {
                let w = self.window(None);
                let weights = self.constant(self.element, w.kernel_h * w.kernel_w * w.out_c);
                let (kernel, constants) = if float {
                    let bias = self.constant(Element::F32, w.out_c);
                    let clamp = [-1.0, 1.0];
                    let p = DepthwiseConv2dF32 { window: w, clamp };
                    (Kernel::DepthwiseConv2dF32(p), vec![weights, bias])
                } else {
                    let [bias, multipliers] = self.records(w.out_c);
                    let p = DepthwiseConv2dS8 {
                        window: w,
                        pad_value,
                        requant: Self::requant(),
                    };
                    (
                        Kernel::DepthwiseConv2dS8(p),
                        vec![weights, bias, multipliers],
                    )
                };
                self.push(kernel, constants, [w.out_h, w.out_w, w.out_c]);
            }
            2 => {
                let window = self.window(None);
                let p = MaxPool2d { window };
                let kernel = if float {
                    Kernel::MaxPool2dF32(p)
                } else {
                    Kernel::MaxPool2dS8(p)
                };
                self.push(kernel, vec![], [window.out_h, window.out_w, window.out_c]);
            }
            _ => {
                let len = self.shape.iter().product();
                if float {
                    self.push(Kernel::UnaryF32(UnaryFn::Tanh), vec![], self.shape);
                } else {
                    let table = self.constant(Element::I8, 256);
                    self.push(Kernel::TableS8(TableS8 { len }), vec![table], self.shape);
                }
            }
        }
    }

    /// A fully connected layer behind all images, in one of the two arithmetics.
    fn connect(&mut self, outputs: usize, exact: bool) {
        let inputs: usize = self.shape.iter().product();
        let weights = self.constant(Element::I8, inputs * outputs);
        let [bias, multipliers] = self.records(outputs);
        let mut constants = vec![weights, bias, multipliers];
        let kernel = if exact {
            constants.push(self.constant(Element::I8, 0));
            let shifts = &mut self.draft.constants[constants[3]].bytes;
            shifts.resize(outputs, -6i8 as u8);
            Kernel::FullyConnectedExactS8(FullyConnectedExact {
                batch: 1,
                inputs,
                outputs,
                output: ExactOutput {
                    rounding: Rounding::TfLite,
                    range: [-120, 127],
                    zero_point: -5,
                },
            })
        } else {
            Kernel::FullyConnectedS8(FullyConnectedS8 {
                batch: 1,
                inputs,
                outputs,
                requant: Self::requant(),
            })
        };
        self.push(kernel, constants, [1, 1, outputs]);
    }

    fn finish(mut self) -> (Draft, Vec<u8>) {
        let last = BufferId(self.draft.buffers.len() - 1);
        self.draft.outputs.push(last);
        let len = self.draft.buffers[0].len;
        let input = self.random.numbers(self.element, len);
        (self.draft, input)
    }
}

fn program(draft: &Draft, planner: &dyn Planner) -> Program {
    let plan = planner.plan(draft);
    assert_eq!(verify(draft, &plan), Ok(()));
    let mut program = assemble(&Graph::default(), draft, &plan).program;
    let port = |id: BufferId| Port {
        name: String::new(),
        shape: Vec::new(),
        slot: crate::program::Slot {
            offset: plan.offsets[id.0],
            len: draft.buffers[id.0].len,
            element: draft.buffers[id.0].element,
        },
        quant: None,
    };
    program.inputs = draft.inputs.iter().copied().map(port).collect();
    program.outputs = draft.outputs.iter().copied().map(port).collect();
    program
}

fn output(draft: &Draft, planner: &dyn Planner, input: &[u8]) -> Vec<u8> {
    let program = program(draft, planner);
    let mut executor = Executor::new(&program);
    executor.set_input(0, input);
    executor.run().unwrap();
    executor.output(0).to_vec()
}

#[test]
fn strips_compute_the_same_bits() {
    let mut cuts = 0;
    for seed in 1..90 {
        let element = if seed % 2 == 0 {
            Element::F32
        } else {
            Element::I8
        };
        let mut chain = Chain::new(seed * 7919, element);
        for _ in 0..2 + seed % 4 {
            chain.grow();
        }
        let (draft, input) = chain.finish();
        cuts += all_cuts_agree(draft, &input, false, &format!("seed {seed}"));
    }
    assert!(cuts > 300, "{cuts} cuts");
}

/// Compares every cut with the whole, or those that a fully connected layer ends; how many there were.
fn all_cuts_agree(draft: Draft, input: &[u8], dense_only: bool, name: &str) -> usize {
    let expected = output(&draft, &Disjoint, input);
    let from = Cut {
        origins: (0..draft.steps.len()).collect(),
        draft,
    };
    let mut cuts = 0;
    let chains = chain::find(&from.draft).into_iter();
    for chain in chains.filter(|chain| chain.dense.is_some() || !dense_only) {
        for height in heights(&chain.links) {
            let Some(plan) = cut::plan(&chain.links, height) else {
                continue;
            };
            let cut = cut::apply(&from, &chain, &plan);
            assert_eq!(output(&cut.draft, &Search, input), expected, "{name}");
            cuts += 1;
        }
    }
    cuts
}

#[test]
fn layers_behind_strips_sum_up_the_same_bits() {
    let mut cuts = 0;
    for seed in 1..40 {
        let mut chain = Chain::new(seed * 7919, Element::I8);
        for _ in 0..=seed % 3 {
            chain.grow();
        }
        chain.connect(1 + seed as usize % 6, seed % 2 == 0);
        let (draft, input) = chain.finish();
        cuts += all_cuts_agree(draft, &input, true, &format!("seed {seed}"));
    }
    assert!(cuts > 100, "{cuts} cuts");
}

/// A convolution makes an image that is larger than its input, of which a layer makes few numbers.
fn keyword_spotter() -> (Draft, Vec<u8>) {
    let mut chain = Chain::new(1, Element::I8);
    chain.shape = [32, 8, 8];
    chain.draft.buffers[0].len = 32 * 8 * 8;
    let mut window = chain.window(Some(16));
    (window.kernel_h, window.stride_h, window.dilation_h) = (5, 1, 1);
    (window.out_h, window.pad_top) = (32, 2);
    let weights = chain.constant(Element::I8, 5 * 3 * 8 * 16);
    let [bias, multipliers] = chain.records(16);
    let p = Conv2dS8 {
        window,
        groups: 1,
        pad_value: 3,
        requant: Chain::requant(),
    };
    chain.push(
        Kernel::Conv2dS8(p),
        vec![weights, bias, multipliers],
        [32, 8, 16],
    );
    chain.connect(1, true);
    chain.finish()
}

#[test]
fn strips_are_for_small_memory_and_shared_code() {
    let (draft, _) = keyword_spotter();
    let steps = |target: &str, aim: Optimize| {
        let mut options = Options::new(crate::target::find(target).unwrap());
        options.optimize = aim;
        let scheduled = crate::schedule::run(draft.clone(), &options).unwrap();
        scheduled.draft.steps.len()
    };
    assert!(steps("cortex-m4", Optimize::Balanced) > 2);
    assert_eq!(steps("cortex-m4", Optimize::Speed), 2);
    assert_eq!(steps("cortex-m0", Optimize::Balanced), 2);
    assert!(steps("cortex-m0", Optimize::Ram) > 2);
}

#[test]
fn what_does_not_fit_is_made_small() {
    let (draft, input) = keyword_spotter();
    let scheduled = |ram: usize| {
        let target = Target {
            ram: Some(ram),
            ..*crate::target::find("cortex-m0").unwrap()
        };
        let options = Options::new(Box::leak(Box::new(target)));
        crate::schedule::run(draft.clone(), &options).unwrap()
    };
    let (roomy, small) = (scheduled(2048 + 4096), scheduled(4096));
    assert_eq!(roomy.optimize, Optimize::Balanced);
    assert_eq!(roomy.draft.steps.len(), 2);
    assert_eq!(small.optimize, Optimize::Ram);
    assert!(Search.plan(&small.draft).arena_bytes <= 4096);
    assert_eq!(
        output(&small.draft, &Search, &input),
        output(&roomy.draft, &Search, &input)
    );
}

#[test]
fn free_strips_save_memory() {
    let (draft, input) = keyword_spotter();
    let cut = run(&draft, &draft, Bounds::FREE).unwrap();
    let bytes = |draft: &Draft| Search.plan(draft).arena_bytes;
    assert_eq!(bytes(&draft), 2048 + 4096);
    assert!(bytes(&cut) < 2500, "{}", bytes(&cut));
    assert!(cut.steps.len() <= 2 * Bounds::FREE.strips + 1);
    assert_eq!(
        output(&cut, &Search, &input),
        output(&draft, &Disjoint, &input)
    );
}

/// Two convolutions of 3 rows through 4 channels, over an image of one.
#[test]
fn strips_save_memory() {
    let mut chain = Chain::new(1, Element::I8);
    chain.shape = [32, 8, 1];
    chain.draft.buffers[0].len = 256;
    for channels in [8, 1] {
        let mut window = chain.window(Some(channels));
        (window.kernel_h, window.stride_h, window.dilation_h) = (3, 1, 1);
        (window.out_h, window.pad_top) = (32, 1);
        let weights = chain.constant(Element::I8, 9 * 8);
        let [bias, multipliers] = chain.records(channels);
        let p = Conv2dS8 {
            window,
            groups: 1,
            pad_value: 3,
            requant: Chain::requant(),
        };
        let constants = vec![weights, bias, multipliers];
        chain.push(Kernel::Conv2dS8(p), constants, [32, 8, channels]);
    }
    let (draft, input) = chain.finish();
    let cut = run(&draft, &draft, Bounds::RAM).unwrap();
    let bytes = |draft: &Draft| Search.plan(draft).arena_bytes;
    assert_eq!(bytes(&draft), 256 + 2048);
    assert!(bytes(&cut) < 700, "{}", bytes(&cut));
    assert!(cut.constants == draft.constants);
    assert_eq!(
        output(&cut, &Search, &input),
        output(&draft, &Disjoint, &input)
    );
    let again = run(&draft, &draft, Bounds::RAM).unwrap();
    assert_eq!(again.steps, cut.steps);
}

#[test]
fn images_that_others_read_stay_whole() {
    let mut chain = Chain::new(3, Element::F32);
    for _ in 0..3 {
        chain.grow();
    }
    let (mut draft, _) = chain.finish();
    draft.outputs.push(BufferId(1));
    let inner = |chain: &chain::Chain| {
        let links = chain.links.iter().take(chain.inner_images());
        links.map(|link| link.output).collect()
    };
    let all: Vec<Vec<BufferId>> = chain::find(&draft).iter().map(inner).collect();
    assert!(all.iter().all(|images| !images.contains(&BufferId(1))));
}
