//! How far an int8 network is from its float original.

use super::dataset::Dataset;
use super::network::Network;
use crate::diag::Diagnostics;
use crate::ir::{Graph, ValueId};
use crate::ops::{Op, QuantRule};

/// Values of the float network on some samples.
pub(super) struct Reference {
    /// The samples.
    pub(super) samples: Vec<usize>,
    /// The values looked at.
    ids: Vec<ValueId>,
    /// For each sample the numbers of each value.
    numbers: Vec<Vec<Vec<f32>>>,
}

/// Squared sums of a value over all samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Noise {
    signal: f64,
    error: f64,
}

/// Greatest ratio that is reported, in dB: a value that is exact.
const MOST_DB: f64 = 150.0;

impl std::ops::AddAssign for Noise {
    fn add_assign(&mut self, other: Self) {
        self.signal += other.signal;
        self.error += other.error;
    }
}

impl Noise {
    fn of(float: &[f32], int8: &[f32]) -> Self {
        let (mut signal, mut error) = (0.0, 0.0);
        let len = float.len().min(int8.len());
        let mut i = 0;
        while i < len {
            let (x, difference) = (
                f64::from(float[i]),
                f64::from(int8[i]) - f64::from(float[i]),
            );
            signal += x * x;
            error += difference * difference;
            i += 1;
        }
        Self { signal, error }
    }

    /// Signal to noise ratio in dB.
    pub(super) fn db(self) -> f64 {
        if self.error <= 0.0 {
            return MOST_DB;
        }
        (10.0 * (self.signal / self.error).log10()).clamp(-MOST_DB, MOST_DB)
    }
}

impl Reference {
    /// Runs the float network.
    pub(super) fn of(
        float: &Network,
        data: &Dataset,
        samples: Vec<usize>,
        ids: Vec<ValueId>,
    ) -> Result<Self, Diagnostics> {
        let numbers = values(float, data, &samples, &ids)?;
        Ok(Self {
            samples,
            ids,
            numbers,
        })
    }

    /// The noise of an int8 network in each value, in samples that are wanted.
    pub(super) fn noise(
        &self,
        int8: &Network,
        data: &Dataset,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Vec<Noise>, Diagnostics> {
        let compared = self.compare(int8, data, wanted, Noise::of)?;
        let mut sums = vec![Noise::default(); self.ids.len()];
        for sample in compared {
            for (sum, noise) in sums.iter_mut().zip(sample) {
                *sum += noise;
            }
        }
        Ok(sums)
    }

    /// Looks at the numbers of each value in float and in an int8 network, in wanted samples, one by one.
    pub(super) fn compare<T: Send>(
        &self,
        int8: &Network,
        data: &Dataset,
        wanted: impl Fn(usize) -> bool,
        look: impl Fn(&[f32], &[f32]) -> T + Sync,
    ) -> Result<Vec<Vec<T>>, Diagnostics> {
        let sample_of = |at: usize| self.samples.get(at).copied().unwrap_or(0);
        let at: Vec<usize> = (0..self.samples.len())
            .filter(|&at| wanted(sample_of(at)))
            .collect();
        let (_, compared) = int8.run(
            &at,
            |at, input| data.sample(sample_of(at), input),
            || (),
            |(), at, view| {
                let float = self.numbers.get(at).map_or(&[][..], Vec::as_slice);
                let pairs = self.ids.iter().zip(float);
                pairs
                    .map(|(&id, float)| look(float, &view.numbers(id)))
                    .collect()
            },
        )?;
        Ok(compared)
    }
}

fn values(
    network: &Network,
    data: &Dataset,
    samples: &[usize],
    ids: &[ValueId],
) -> Result<Vec<Vec<Vec<f32>>>, Diagnostics> {
    let (_, values) = network.run(
        samples,
        |sample, input| data.sample(sample, input),
        || (),
        |(), _, view| ids.iter().map(|&id| view.numbers(id)).collect(),
    )?;
    Ok(values)
}

/// Where the error of each output is measured when schemes are compared: before a softmax or another function
/// with a prescribed range, which hides errors where it saturates.
pub(super) fn targets(graph: &Graph) -> Vec<ValueId> {
    let producer = |id: ValueId| graph.nodes.iter().find(|node| node.outputs.contains(&id));
    let back = |mut id: ValueId| {
        let output = id;
        let mut passed = false;
        while let Some(node) = producer(id) {
            let squashes = matches!(node.op.operator().quant_rule(), QuantRule::Fixed(_));
            let moves = matches!(node.op, Op::Reshape(_) | Op::Transpose(_));
            match node.inputs.first() {
                Some(&input) if (squashes && !passed) || moves => id = input,
                Some(_) | None => break,
            }
            passed |= squashes;
        }
        if passed && producer(id).is_some() {
            id
        } else {
            output
        }
    };
    graph.outputs.iter().map(|&id| back(id)).collect()
}

/// Whether a value looks like scores of classes: rows of at least two. As many numbers as an input has are a
/// reconstruction of it.
pub(super) fn is_classes(graph: &Graph, id: ValueId) -> bool {
    let ty = graph.ty(id);
    let rows = ty.shape.len() <= 2 && ty.shape.last().is_some_and(|classes| *classes >= 2);
    rows && !graph
        .inputs
        .iter()
        .any(|&input| graph.ty(input).len() == ty.len())
}

/// The index of the greatest number of each row; the first of equals.
pub(super) fn classes(numbers: &[f32], row: usize) -> Vec<usize> {
    let greatest =
        |row: &[f32]| {
            let first = (0, row.first().copied().unwrap_or(0.0));
            let best = row.iter().copied().enumerate().fold(first, |best, next| {
                if next.1 > best.1 { next } else { best }
            });
            best.0
        };
    numbers.chunks(row.max(1)).map(greatest).collect()
}
