//! Recurrent layers and layers that remember, against their formulas in double precision.

use crate::numbers::Numbers;
use edge_core::kernels::gru::{gru_f32, gru_linear_f32, rnn_f32};
use edge_core::kernels::lstm::{lstm_exact, lstm_f32, lstm_peephole_f32};
use edge_core::kernels::svdf::{svdf_exact, svdf_f32};
use edge_core::params::{
    GruF32, LstmExact, LstmF32, RnnF32, Sequence, Svdf, SvdfExact, SvdfF32, UnaryFn,
};
use edge_core::quant::{Scale, TableScale};

const INFINITY: f32 = f32::INFINITY;

/// All orders of two sequences of three steps.
fn sequences() -> Vec<Sequence> {
    let mut all = Vec::new();
    for batch_major in [false, true] {
        for reverse in [false, true] {
            all.push(Sequence {
                batch: 2,
                steps: 3,
                inputs: 5,
                units: 4,
                batch_major,
                reverse,
            });
        }
    }
    all
}

/// Noise in −1..1.
fn floats(len: usize, seed: u64) -> Vec<f32> {
    let numbers = Numbers::new(seed).floats(len);
    numbers.into_iter().map(|x| x / 4.0).collect()
}

fn close(found: &[f32], wanted: &[f64]) {
    assert_eq!(found.len(), wanted.len());
    for (a, b) in found.iter().zip(wanted) {
        assert!(
            (f64::from(*a) - b).abs() < 1e-5,
            "{found:?}, not {wanted:?}"
        );
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `Σ a·b`.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A layer of some gates with weights that are noise.
struct Layer {
    p: Sequence,
    x: Vec<f32>,
    h: Vec<f32>,
    weights: Vec<f32>,
    recurrent: Vec<f32>,
    bias: Vec<f32>,
}

impl Layer {
    fn new(p: Sequence, gates: usize, biases: usize) -> Self {
        Self {
            p,
            x: floats(p.batch * p.steps * p.inputs, 1),
            h: floats(p.batch * p.units, 2),
            weights: floats(gates * p.units * p.inputs, 3),
            recurrent: floats(gates * p.units * p.units, 4),
            bias: floats(biases * p.units, 5),
        }
    }

    /// `W·x` and `R·h` of a row.
    fn products(&self, row: usize, x: &[f64], h: &[f64]) -> [f64; 2] {
        let of = |matrix: &[f32], len: usize, vector: &[f64]| {
            let row: Vec<f64> = matrix[row * len..][..len]
                .iter()
                .map(|&w| w.into())
                .collect();
            dot(&row, vector)
        };
        [
            of(&self.weights, self.p.inputs, x),
            of(&self.recurrent, self.p.units, h),
        ]
    }

    fn bias(&self, row: usize) -> f64 {
        self.bias[row].into()
    }

    /// All states if `step` gives the next from sequence, input and state.
    fn run(&self, mut step: impl FnMut(usize, &[f64], &[f64]) -> Vec<f64>) -> Vec<f64> {
        let p = &self.p;
        let mut y = vec![0.0; p.batch * p.steps * p.units];
        for batch in 0..p.batch {
            let first = &self.h[batch * p.units..][..p.units];
            let mut h: Vec<f64> = first.iter().map(|&h| h.into()).collect();
            for turn in 0..p.steps {
                let time = if p.reverse { p.steps - 1 - turn } else { turn };
                let row = if p.batch_major {
                    batch * p.steps + time
                } else {
                    time * p.batch + batch
                };
                let x: Vec<f64> = self.x[row * p.inputs..][..p.inputs]
                    .iter()
                    .map(|&x| x.into())
                    .collect();
                h = step(batch, &x, &h);
                y[row * p.units..][..p.units].copy_from_slice(&h);
            }
        }
        y
    }
}

#[test]
fn plain_layers() {
    for p in sequences() {
        let layer = Layer::new(p, 1, 1);
        let wanted = layer.run(|_, x, h| {
            let unit = |unit: usize| {
                let sum = layer.products(unit, x, h).iter().sum::<f64>() + layer.bias(unit);
                sum.clamp(-0.7, 0.7).tanh()
            };
            (0..p.units).map(unit).collect()
        });
        let rnn = RnnF32 {
            sequence: p,
            clip: 0.7,
            activation: UnaryFn::Tanh,
        };
        let mut y = vec![0.0; wanted.len()];
        let Layer {
            x,
            h,
            weights,
            recurrent,
            bias,
            ..
        } = &layer;
        rnn_f32(&rnn, x, h, weights, recurrent, bias, &mut y);
        close(&y, &wanted);
    }
}

#[test]
fn gated_units_reset_before_or_behind_the_matrix() {
    for p in sequences() {
        let layer = Layer::new(p, 3, 4);
        let u = p.units;
        for linear in [false, true] {
            let wanted = layer.run(|_, x, h| {
                let gate = |row: usize| {
                    sigmoid(layer.products(row, x, h).iter().sum::<f64>() + layer.bias(row))
                };
                let product: Vec<f64> = (0..u).map(|unit| gate(u + unit) * h[unit]).collect();
                let unit = |unit: usize| {
                    let row = 2 * u + unit;
                    let [input, hidden] = layer.products(row, x, if linear { h } else { &product });
                    let hidden = hidden + layer.bias(row + u);
                    let hidden = if linear {
                        gate(u + unit) * hidden
                    } else {
                        hidden
                    };
                    let candidate = (input + layer.bias(row) + hidden).tanh();
                    let update = gate(unit);
                    (1.0 - update) * candidate + update * h[unit]
                };
                (0..u).map(unit).collect()
            });
            let gru = GruF32 {
                sequence: p,
                clip: INFINITY,
                gate: UnaryFn::Sigmoid,
                candidate: UnaryFn::Tanh,
            };
            let mut y = vec![0.0; wanted.len()];
            let Layer {
                x,
                h,
                weights,
                recurrent,
                bias,
                ..
            } = &layer;
            if linear {
                gru_linear_f32(&gru, x, h, weights, recurrent, bias, &mut y);
            } else {
                let mut product = vec![0.0; u];
                gru_f32(&gru, x, h, weights, recurrent, bias, &mut product, &mut y);
            }
            close(&y, &wanted);
        }
    }
}

#[test]
fn long_short_term_memory_with_and_without_peepholes() {
    for p in sequences() {
        let layer = Layer::new(p, 4, 4);
        let (u, cells) = (p.units, floats(p.batch * p.units, 6));
        let holes = floats(3 * u, 7);
        for peepholes in [false, true] {
            let mut c: Vec<f64> = cells.iter().map(|&c| c.into()).collect();
            let wanted = layer.run(|batch, x, h| {
                let unit = |unit: usize| {
                    let cell = &mut c[batch * u + unit];
                    let sum = |gate: usize, cell: f64| {
                        let row = gate * u + unit;
                        let hole = if peepholes && gate < 3 {
                            holes[row]
                        } else {
                            0.0
                        };
                        let products = layer.products(row, x, h).iter().sum::<f64>();
                        products + layer.bias(row) + f64::from(hole) * cell
                    };
                    let (input, forget) = (sigmoid(sum(0, *cell)), sigmoid(sum(2, *cell)));
                    let next = forget * *cell + input * sum(3, 0.0).tanh();
                    *cell = next.clamp(-0.9, 0.9);
                    sigmoid(sum(1, *cell)) * cell.tanh()
                };
                (0..u).map(unit).collect()
            });
            let lstm = LstmF32 {
                sequence: p,
                clip: INFINITY,
                cell_clip: 0.9,
                gate: UnaryFn::Sigmoid,
                candidate: UnaryFn::Tanh,
                output: UnaryFn::Tanh,
                coupled: false,
            };
            let (mut y, mut state) = (vec![0.0; wanted.len()], cells.clone());
            let Layer {
                x,
                h,
                weights: w,
                recurrent: r,
                bias: b,
                ..
            } = &layer;
            if peepholes {
                lstm_peephole_f32(&lstm, x, h, w, r, b, &holes, &mut state, &mut y);
            } else {
                lstm_f32(&lstm, x, h, w, r, b, &mut state, &mut y);
            }
            close(&y, &wanted);
            close(&state, &c);
        }
    }
}

#[test]
fn the_newest_feature_stands_behind_the_others() {
    let shape = Svdf {
        batch: 2,
        inputs: 3,
        units: 2,
        rank: 2,
        memory: 3,
    };
    let (features, time, bias) = (floats(4 * 3, 1), floats(4 * 3, 2), floats(2, 3));
    let mut state = vec![0.0; 2 * 4 * 3];
    let mut past: Vec<Vec<f32>> = vec![vec![0.0; 6]; 3];
    for run in 0..5 {
        let x = floats(6, 10 + run);
        past.remove(0);
        past.push(x.clone());
        let mut wanted = Vec::new();
        for batch in 0..2 {
            for unit in 0..2 {
                let mut sum = f64::from(bias[unit]);
                for filter in 2 * unit..2 * unit + 2 {
                    for (step, x) in past.iter().enumerate() {
                        let feature: f64 = (0..3)
                            .map(|i| f64::from(features[filter * 3 + i] * x[batch * 3 + i]))
                            .sum();
                        sum += f64::from(time[filter * 3 + step]) * feature;
                    }
                }
                wanted.push(sum.max(0.0));
            }
        }
        let p = SvdfF32 {
            shape,
            clamp: [0.0, INFINITY],
        };
        let mut y = vec![0.0; 4];
        svdf_f32(&p, &x, &features, &time, &bias, &mut state, &mut y);
        close(&y, &wanted);
    }
}

/// The greatest and the least numbers everywhere: nothing panics in a checked build.
#[test]
fn extremes_stay_in_range() {
    let scales = [
        Scale {
            multiplier: i32::MAX,
            shift: 31,
        },
        Scale {
            multiplier: 1 << 30,
            shift: -31,
        },
        Scale {
            multiplier: 0,
            shift: 0,
        },
    ];
    let sequence = Sequence {
        batch: 1,
        steps: 4,
        inputs: 2,
        units: 2,
        batch_major: true,
        reverse: false,
    };
    for scale in scales {
        for extreme in [i8::MIN, i8::MAX] {
            let p = LstmExact {
                sequence,
                input_scales: [scale; 4],
                hidden_scales: [scale; 4],
                forget_scale: scale,
                input_scale: scale,
                cell_range: [-32768, 32767],
                cell_tanh: TableScale {
                    multiplier: 3 << 14,
                    shift: 0,
                },
                output_scale: scale,
                output_zero: i32::from(extreme),
                output_range: [-128, 127],
            };
            let (weights, bias) = ([extreme; 16], [i32::MAX; 8]);
            let (mut c, mut y) = ([i16::MIN; 2], [0; 8]);
            let x = [i8::MIN; 8];
            lstm_exact(
                &p,
                &x,
                &x[..2],
                &weights,
                &weights,
                &bias,
                &bias,
                &mut c,
                &mut y,
            );
            let p = SvdfExact {
                shape: Svdf {
                    batch: 1,
                    inputs: 2,
                    units: 1,
                    rank: 2,
                    memory: 2,
                },
                feature_scale: scale,
                memory_zero: i32::from(extreme),
                memory_range: [-32768, 32767],
                output_scale: scale,
                output_zero: i32::from(extreme),
            };
            let (time, mut state, mut y) = ([i16::MIN; 4], [i16::MAX; 4], [0; 1]);
            svdf_exact(&p, &x, &weights, &bias, &time, &bias, &mut state, &mut y);
        }
    }
}
