//! Made-up inputs for networks without calibration data.
//!
//! What a network was trained on is guessed from its first layer: an affine map at the input tells mean and
//! deviation (it maps them to 0 and 1); weights so small that unit inputs would vanish tell that bytes of images
//! come in; otherwise inputs count as normalized. Samples are noise, flat distributions, waves and levels in turn.

use super::dataset::Dataset;
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, QuantRule};
use edge_core::params::UnaryFn;

/// Number of samples.
const SAMPLES: usize = 16;

/// Gain of a first layer for unit noise below which the network wants greater inputs.
const SMALL_GAIN: f64 = 1.0 / 16.0;

/// What an input is taken to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Guess {
    mean: f32,
    deviation: f32,
    limits: [f32; 2],
}

impl Guess {
    fn normal(mean: f32, deviation: f32) -> Self {
        let limits = [mean - 3.0 * deviation, mean + 3.0 * deviation];
        Self {
            mean,
            deviation,
            limits,
        }
    }

    const PIXELS: Self = Self {
        mean: 127.5,
        deviation: 64.0,
        limits: [0.0, 255.0],
    };
}

/// Made-up samples for all inputs; always the same for the same network.
pub(super) fn dataset(graph: &Graph) -> Dataset {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let inputs = graph.inputs.iter().map(|&id| {
        let (guess, len) = (guess(graph, id), graph.ty(id).len());
        (0..SAMPLES)
            .flat_map(|sample| self::sample(&mut random, sample, len, guess))
            .collect()
    });
    Dataset {
        count: SAMPLES,
        inputs: inputs.collect(),
        labels: None,
        made_up: true,
    }
}

fn guess(graph: &Graph, input: ValueId) -> Guess {
    let mut id = input;
    while let Some(node) = graph
        .nodes
        .iter()
        .find(|node| node.inputs.first() == Some(&id))
    {
        match (&node.op, node.op.operator().quant_rule()) {
            (Op::Unary(unary), _) => {
                let Some(&UnaryFn::Affine(scale, bias)) = unary.functions.first() else {
                    break;
                };
                if scale.is_normal() {
                    return Guess::normal(-bias / scale, 1.0 / scale.abs());
                }
            }
            (_, QuantRule::Weighted { axis }) => {
                let small = gain(graph, node, axis).is_some_and(|gain| gain < SMALL_GAIN);
                return if small {
                    Guess::PIXELS
                } else {
                    Guess::normal(0.0, 1.0)
                };
            }
            (_, QuantRule::Same) => {}
            _ => break,
        }
        let Some(&output) = node.outputs.first() else {
            break;
        };
        id = output;
    }
    Guess::normal(0.0, 1.0)
}

/// Root of the mean square of the outputs of a layer for unit noise: `√(Σ w² / outputs)`.
fn gain(graph: &Graph, node: &Node, axis: usize) -> Option<f64> {
    let weights = graph.constant(*node.inputs.get(1)?)?;
    let channels = *weights.shape().get(axis)?;
    let squares: f64 = weights
        .as_f32()?
        .iter()
        .map(|w| f64::from(*w) * f64::from(*w))
        .sum();
    Some((squares / channels.max(1) as f64).sqrt())
}

fn sample(random: &mut Random, kind: usize, len: usize, guess: Guess) -> Vec<f32> {
    let (phase, pitch, level) = (
        random.uniform() * 6.3,
        0.01 + random.uniform() * 0.3,
        random.normal(),
    );
    let number = |at: usize| {
        let unit = match kind % 4 {
            0 => random.normal(),
            1 => (random.uniform() - 0.5) * 3.4,
            2 => (at as f32 * pitch + phase).sin() * 1.3 + random.normal() * 0.2,
            _ => level + random.normal() * 0.3,
        };
        (guess.mean + guess.deviation * unit).clamp(guess.limits[0], guess.limits[1])
    };
    (0..len).map(number).collect()
}

/// xorshift64*.
struct Random(u64);

impl Random {
    /// 0 to 1.
    fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 40) as f32 / 16_777_216.0
    }

    /// Mean 0, deviation 1, by the sum of twelve.
    fn normal(&mut self) -> f32 {
        let mut sum = -6.0;
        for _ in 0..12 {
            sum += self.uniform();
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Tensor, TensorType};
    use crate::ops::{FullyConnected, Unary, conv2d::NO_CLAMP};

    fn network(weight: f32, affine: Option<[f32; 2]>) -> Graph {
        let mut graph = Graph::default();
        let mut x = graph.add_value("x", TensorType::f32([1, 4]));
        graph.inputs.push(x);
        if let Some([scale, bias]) = affine {
            let y = graph.add_value("normalized", TensorType::f32([1, 4]));
            let op = Unary::of(UnaryFn::Affine(scale, bias)).into();
            graph.nodes.push(Node {
                name: "norm".to_owned(),
                op,
                inputs: vec![x],
                outputs: vec![y],
            });
            x = y;
        }
        let w = graph.add_constant(
            "w",
            Tensor::from_f32(&[1, 4], vec![weight; 4]).expect("fits"),
        );
        let b = graph.add_constant("b", Tensor::from_f32(&[1], vec![0.0]).expect("fits"));
        let y = graph.add_value("y", TensorType::f32([1, 1]));
        let op = FullyConnected { clamp: NO_CLAMP }.into();
        graph.nodes.push(Node {
            name: "fc".to_owned(),
            op,
            inputs: vec![x, w, b],
            outputs: vec![y],
        });
        graph.outputs.push(y);
        graph
    }

    #[test]
    fn the_first_layer_tells_the_range() {
        for (graph, expected) in [
            (network(0.5, None), Guess::normal(0.0, 1.0)),
            (network(0.01, None), Guess::PIXELS),
            (network(0.5, Some([0.02, -1.0])), Guess::normal(50.0, 50.0)),
        ] {
            assert_eq!(guess(&graph, graph.inputs[0]), expected);
            let data = dataset(&graph);
            assert_eq!(data, dataset(&graph));
            let [lo, hi] = expected.limits;
            assert!(data.inputs[0].iter().all(|x| (lo..=hi).contains(x)));
            let mean = data.inputs[0].iter().sum::<f32>() / data.inputs[0].len() as f32;
            assert!(
                (mean - expected.mean).abs() < expected.deviation / 2.0,
                "{mean}"
            );
        }
    }
}
