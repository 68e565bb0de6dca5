//! Random networks with filters that are zero and channels that are not read.

use super::prune;
use crate::ir::{Arithmetic, DType, QuantParams, ValueId, edit};
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{
    AveragePool2d, Binary, Concat, MaxPool2d, Pad, Reduce, Requantize, Reshape, Sliding, Sums,
    Unary,
};
use crate::passes::testing::integers::{ARITHMETICS, Build, Parts, program, quant, window};
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};

/// Networks tried in each arithmetic.
const NETWORKS: u64 = 150;

struct Net {
    build: Build,
    /// The images so far.
    images: Vec<ValueId>,
}

impl Net {
    fn new(arithmetic: Arithmetic, seed: u64) -> Self {
        let mut build = Build::new(arithmetic, seed);
        let channels = 1 + build.below(4);
        let size = [5 + build.below(3), 5 + build.below(3)];
        let to = quant(0.05, build.below(256) as i32 - 128);
        let x = build.input(&[1, size[0], size[1], channels], to);
        Self {
            build,
            images: vec![x],
        }
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.build.below(100) < percent
    }

    fn image(&mut self) -> ValueId {
        let back = self.build.below(2).min(self.images.len() - 1);
        self.images[self.images.len() - 1 - back]
    }

    fn grid(&mut self) -> QuantParams {
        let zero = [-128, 0, self.build.below(256) as i32 - 128];
        let zero = zero[self.build.below(3)];
        quant(0.05 + 0.01 * self.build.below(10) as f32, zero)
    }

    fn sliding(&mut self, x: ValueId) -> Sliding {
        let shape = self.build.graph.ty(x).shape.clone();
        let kernel = [1 + self.build.below(3), 1 + self.build.below(3)].map(|k| k.min(2));
        let kernel = [kernel[0].min(shape[1]), kernel[1].min(shape[2])];
        let mut sliding = window(kernel);
        if self.chance(50) {
            sliding.pads = [0; 4].map(|_: usize| self.build.below(2));
        }
        if self.chance(20) {
            sliding.strides = [2, 1];
        }
        sliding
    }

    /// Weights of `outputs · taps · inputs`, of which `place` says the output and the input channel.
    fn parts(
        &mut self,
        sliding: Sliding,
        [outputs, inputs, count]: [usize; 3],
        place: impl Fn(usize) -> [usize; 2],
    ) -> Parts {
        let silent: Vec<bool> = (0..outputs).map(|_| self.chance(40)).collect();
        let unread: Vec<bool> = (0..inputs).map(|_| self.chance(25)).collect();
        let mut weights = Vec::with_capacity(count);
        for index in 0..count {
            let [output, input] = place(index);
            let weight = self.build.below(255) as i32 - 127;
            let zero = silent[output] || unread[input];
            weights.push(if zero { 0 } else { weight as i8 });
        }
        let clamp = [NO_CLAMP, [0.0, f32::INFINITY], [0.0, 2.0]][self.build.below(3)];
        let great = if self.chance(15) { 40 } else { 1 };
        Parts {
            sliding,
            weights,
            bias: (0..outputs)
                .map(|_| (self.build.below(4000) as i32 - 2500) * great)
                .collect(),
            scales: (0..outputs)
                .map(|_| 0.003 * (1.0 + self.build.below(30) as f32 / 7.0))
                .collect(),
            to: self.grid(),
            clamp,
        }
    }

    fn layer(&mut self) {
        let x = self.image();
        let (sliding, inputs) = (self.sliding(x), self.build.channels(x));
        let taps = sliding.kernel[0] * sliding.kernel[1];
        let made = if self.chance(60) {
            let outputs = 1 + self.build.below(6);
            let counts = [outputs, inputs, outputs * taps * inputs];
            let parts = self.parts(sliding, counts, |i| [i / (taps * inputs), i % inputs]);
            self.build.conv(x, parts)
        } else {
            let multiplier = 1 + self.build.below(2);
            let outputs = inputs * multiplier;
            let counts = [outputs, inputs, taps * outputs];
            let parts = self.parts(sliding, counts, |i| [i % outputs, i % outputs / multiplier]);
            self.build.depthwise(x, parts)
        };
        self.images.push(made);
    }

    fn pooling(&mut self) {
        let x = self.image();
        let (sliding, same) = (self.sliding(x), self.build.params(x));
        // No window of a pooling lies in the padding alone.
        let fits = (0..4).all(|side| sliding.pads[side] < sliding.kernel[side % 2]);
        if !fits {
            return;
        }
        let clamp = NO_CLAMP;
        let made = if self.chance(50) {
            self.build.node(MaxPool2d { sliding, clamp }, &[x], same)
        } else {
            let op = AveragePool2d {
                sliding,
                count_pad: false,
                ceil_pads: [0; 2],
                clamp,
                sums: [Sums::Integers, Sums::Rows, Sums::Columns][self.build.below(3)],
            };
            self.build.node(op, &[x], same)
        };
        self.images.push(made);
    }

    fn function(&mut self) {
        let (x, to) = (self.image(), self.grid());
        let made = match self.build.below(4) {
            0 => {
                let to = self.build.params(x);
                self.build
                    .node(Unary::of(UnaryFn::Clip(0.0, 6.0)), &[x], to)
            }
            1 => {
                let to = quant(1.0 / 256.0, -128);
                self.build.node(Unary::of(UnaryFn::Sigmoid), &[x], to)
            }
            2 => {
                let op = Requantize {
                    dtype: DType::I8,
                    wide: to,
                };
                self.build.node(op, &[x], to)
            }
            _ => {
                let pad = Pad {
                    before: vec![0, 1, 0, 0],
                    after: vec![0, 0, 1, 0],
                    value: 0.0,
                };
                let to = self.build.params(x);
                self.build.node(pad, &[x], to)
            }
        };
        self.images.push(made);
    }

    fn pair(&mut self) {
        let (a, b, to) = (self.image(), self.image(), self.grid());
        let [one, two] = [a, b].map(|id| self.build.graph.ty(id).clone());
        if one.shape == two.shape && self.chance(60) {
            let kind = [BinaryKind::Add, BinaryKind::Mul, BinaryKind::Sub][self.build.below(3)];
            let clamp = NO_CLAMP;
            let made = self.build.node(Binary { kind, clamp }, &[a, b], to);
            self.images.push(made);
        } else if one.shape[..3] == two.shape[..3] && one.quant == two.quant {
            let to = self.build.params(a);
            let made = self.build.node(Concat { axis: 3 }, &[a, b], to);
            self.images.push(made);
        }
    }

    /// Ends in a fully connected layer.
    fn finish(&mut self) {
        let mut x = self.image();
        let (shape, to) = (self.build.graph.ty(x).shape.clone(), self.build.params(x));
        if self.chance(40) {
            let reduce = Reduce {
                kind: ReduceKind::Mean,
                start: 1,
                end: 3,
            };
            x = self.build.node(reduce, &[x], to);
        }
        let inputs = self.build.graph.ty(x).len();
        let flat = Reshape {
            shape: vec![1, inputs],
        };
        let flat = self.build.node(flat, &[x], to);
        let channels = shape[3];
        let parts = self.parts(window([1, 1]), [3, channels, 3 * inputs], |i| {
            [i / inputs, i % channels]
        });
        let y = self.build.dense(flat, parts);
        self.build.graph.outputs = vec![y];
    }
}

#[test]
fn no_bit_changes() {
    for arithmetic in ARITHMETICS {
        let (mut smaller, mut macs) = (0, [0; 2]);
        for seed in 0..NETWORKS {
            let mut net = Net::new(arithmetic, seed);
            net.layer();
            for _ in 0..5 {
                match net.build.below(8) {
                    0..=3 => net.layer(),
                    4 => net.pooling(),
                    5 => net.function(),
                    _ => net.pair(),
                }
            }
            net.finish();
            edit::sweep(&mut net.build.graph, |_, _| None);
            edit::compact(&mut net.build.graph);
            let (after, changed) = net.build.check(prune);
            let counts = [&net.build.graph, &after].map(|graph| program(graph).macs);
            assert!(counts[1] <= counts[0]);
            smaller += u64::from(changed && counts[1] < counts[0]);
            macs[0] += counts[0];
            macs[1] += counts[1];
            let mut settled = after;
            prune(&mut settled);
            assert_eq!(program(&settled).macs, counts[1], "a second run finds more");
        }
        println!("{arithmetic:?}: {smaller} of {NETWORKS} smaller, {macs:?}");
        assert!(smaller * 2 > NETWORKS, "{arithmetic:?}: {smaller}");
        assert!(macs[1] * 10 < macs[0] * 8, "{arithmetic:?}: {macs:?}");
    }
}
