//! `SVDF` over several runs.

use super::draw;
use super::fixed::{Factor, int};
use super::net::{Net, bytes, numbers, quantized, tensor};
use super::tally::Tally;
use super::wanted::Wanted;
use edge_build::exec::Executor;
use edge_build::ir::{Arithmetic, DType, Quant, QuantParams};
use edge_build::ops::Svdf;
use edge_test_support::random::Random;

/// Runs of each network.
const RUNS: usize = 3;

#[derive(Debug)]
struct Layer {
    rank: usize,
    units: usize,
    inputs: usize,
    memory: usize,
    /// Input, filters of features, filters over time, memory, output.
    quants: [QuantParams; 5],
    narrow: DType,
    features: Vec<i64>,
    time: Vec<i64>,
    bias: Vec<i64>,
}

/// Random layers.
pub fn check(random: &mut Random, cases: usize) -> Tally {
    let mut tally = Tally::new("SVDF", Arithmetic::TfLite);
    for _ in 0..cases {
        let layer = Layer::draw(random);
        let mut state = vec![i64::from(layer.quants[3].zero_point); layer.filters() * layer.memory];
        let Ok(program) = layer.compile(&state) else {
            tally.refuse();
            continue;
        };
        let mut executor = Executor::new(&program);
        for _ in 0..RUNS {
            let x = draw::elements(random, DType::I8, layer.inputs);
            executor.set_input(0, &bytes(DType::I8, &x));
            executor.run().expect("a sound program");
            let wanted = layer.run(&x, &mut state);
            let found = numbers(DType::I8, executor.output(0));
            tally.compare(&found, &wanted, || format!("{layer:?} of {x:?}"));
            if wanted
                .iter()
                .any(|wanted| matches!(wanted, Wanted::Overflow(_)))
            {
                break;
            }
        }
    }
    tally
}

impl Layer {
    fn draw(random: &mut Random) -> Self {
        let (rank, units, inputs, memory) = (
            1 + random.below(2),
            1 + random.below(4),
            [1, 5, 40, 3000][random.below(4)],
            1 + random.below(5),
        );
        let narrow = draw::one_of(random, &[DType::I8, DType::I16]);
        let symmetric = |scale| QuantParams {
            scale,
            zero_point: 0,
        };
        let x = draw::quant(random, DType::I8);
        let (features, time) = (draw::scale(random), draw::scale(random));
        let state = draw::quant_for(random, narrow, f64::from(x.scale) * f64::from(features));
        let y = draw::quant_for(random, DType::I8, f64::from(state.scale) * f64::from(time));
        Self {
            features: draw::elements(random, DType::I8, units * rank * inputs),
            time: draw::elements(random, narrow, units * rank * memory),
            bias: draw::elements(random, DType::I32, units),
            quants: [x, symmetric(features), symmetric(time), state, y],
            rank,
            units,
            inputs,
            memory,
            narrow,
        }
    }

    fn filters(&self) -> usize {
        self.units * self.rank
    }

    fn compile(&self, state: &[i64]) -> Result<edge_build::program::Program, String> {
        let [x, features, time, memory, y] = self.quants;
        let filters = self.filters();
        let mut net = Net::new(Arithmetic::TfLite);
        net.input(quantized(DType::I8, &[1, self.inputs], x));
        let weights = tensor(DType::I8, &[filters, self.inputs], &self.features);
        net.constant(weights, Some(Quant::PerTensor(features)));
        let weights = tensor(self.narrow, &[filters, self.memory], &self.time);
        net.constant(weights, Some(Quant::PerTensor(time)));
        net.constant(tensor(DType::I32, &[self.units], &self.bias), None);
        let shape = [1, filters * self.memory];
        let ty = quantized(self.narrow, &shape, memory);
        net.state(ty.clone(), tensor(self.narrow, &shape, state));
        let op = Svdf {
            rank: self.rank,
            clamp: [f32::NEG_INFINITY, f32::INFINITY],
        };
        net.compile(op, vec![quantized(DType::I8, &[1, self.units], y), ty])
    }

    /// The outputs, and what the memory becomes.
    fn run(&self, x: &[i64], state: &mut [i64]) -> Vec<Wanted> {
        let [quant, features, time, memory, y] = self.quants;
        let ends = draw::ends(self.narrow);
        let single = |a: f32, b: f32, c: f32| Factor::of(f64::from(a * b / c));
        for (filter, memory_of) in state.chunks_mut(self.memory).enumerate() {
            let weights = &self.features[filter * self.inputs..][..self.inputs];
            let mut terms = x
                .iter()
                .zip(weights)
                .map(|(&x, &w)| (i128::from(x) - i128::from(quant.zero_point)) * i128::from(w));
            let sum = terms.try_fold(0, |sum, v| int(sum + v, "a feature"));
            let factor = single(quant.scale, features.scale, memory.scale);
            let scaled = factor.and_then(|factor| factor.scale(sum?));
            memory_of.rotate_left(1);
            match Wanted::of(scaled, ends) {
                // The zero point comes behind the limits, and may wrap as in the reference.
                Wanted::Equal(steps) => {
                    let wide = steps + i64::from(memory.zero_point);
                    let narrow = if self.narrow == DType::I8 {
                        i64::from(wide as i8)
                    } else {
                        i64::from(wide as i16)
                    };
                    memory_of[self.memory - 1] = narrow;
                }
                overflow => return vec![overflow; self.units],
            }
        }
        let len = self.rank * self.memory;
        let unit = |unit: usize| {
            let pairs = state[unit * len..]
                .iter()
                .zip(&self.time[unit * len..][..len]);
            let sum: i64 = pairs
                .map(|(m, w)| (m - i64::from(memory.zero_point)) * w)
                .sum();
            // Sums over time wrap, as the page says.
            let sum = (sum + self.bias[unit]) as i32;
            let factor = single(memory.scale, time.scale, y.scale);
            let scaled = factor.and_then(|factor| factor.scale(sum.into()));
            let output = scaled.and_then(|v| int(v + i128::from(y.zero_point), "an output"));
            Wanted::of(output, draw::ends(DType::I8))
        };
        (0..self.units).map(unit).collect()
    }
}
