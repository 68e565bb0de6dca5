//! The float run over the samples: the distribution of every value.

use super::dataset::{Dataset, half_of};
use super::histogram::Histogram;
use super::network::{Network, View};
use super::observer::Distribution;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Graph, ValueId};
use crate::ops::QuantRule;
use crate::program::Slot;

/// Samples whose least and greatest numbers count as one in the moving average.
const BATCH: usize = 8;

/// Least weight of the newest batch in the moving average; the first ones count alike.
const NEWEST: f32 = 0.1;

/// Most samples that make the means.
const MEAN_SAMPLES: usize = 64;

/// What the float run showed.
#[derive(Clone, Debug)]
pub(super) struct Observations {
    /// Index into `distributions` of each value of the graph; `None` for constants and dead values. Values in
    /// the same memory (a reshape) share one.
    pub(super) index_of: Vec<Option<usize>>,
    /// The distributions in both halves of the data.
    pub(super) distributions: Vec<[Distribution; 2]>,
    /// For each value that enters a layer with weights: the mean of each index of its last axis.
    pub(super) means: Vec<(ValueId, Vec<f64>)>,
    /// For each value that enters a layer with weights: the greatest absolute number of each index of its last axis.
    pub(super) greatest: Vec<(ValueId, Vec<f32>)>,
}

impl Observations {
    /// Least and greatest number of a value.
    pub(super) fn range(&self, id: ValueId) -> [f32; 2] {
        let index = self.index_of.get(id.index()).copied().flatten();
        let ranges = index.and_then(|index| self.distributions.get(index));
        ranges.map_or([0.0, 0.0], |[one, other]| {
            let mut whole = one.histogram.clone();
            whole.merge(&other.histogram);
            whole.range()
        })
    }

    /// The means along the last axis of a value that enters a layer with weights.
    pub(super) fn means(&self, id: ValueId) -> Option<&[f64]> {
        let found = self.means.iter().find(|(other, _)| *other == id);
        found.map(|(_, means)| means.as_slice())
    }

    /// The greatest absolute numbers along the last axis of a value that enters a layer with weights.
    pub(super) fn channels(&self, id: ValueId) -> Option<&[f32]> {
        let found = self.greatest.iter().find(|(other, _)| *other == id);
        found.map(|(_, greatest)| greatest.as_slice())
    }

    /// Notes that a new value, the last of the graph, holds the numbers of another.
    pub(super) fn alias(&mut self, new: ValueId, of: ValueId) {
        let index = self.index_of.get(of.index()).copied().flatten();
        self.index_of.resize(new.index(), None);
        self.index_of.push(index);
    }
}

/// What one sample adds beside its histograms.
struct Sample {
    half: usize,
    ranges: Vec<[f32; 2]>,
    /// Empty for samples that do not count.
    means: Vec<Vec<f64>>,
}

/// Runs the float graph over all samples.
pub(super) fn run(
    graph: &Graph,
    network: &Network,
    data: &Dataset,
) -> Result<Observations, Diagnostics> {
    let (index_of, slots) = tracked(graph, network);
    let weighted = weighted_inputs(graph, network);
    let every = data.count.div_ceil(MEAN_SAMPLES);
    let samples: Vec<usize> = (0..data.count).collect();
    let look = |(histograms, greatest): &mut (Vec<[Histogram; 2]>, Vec<Vec<f32>>),
                sample: usize,
                view: &View<'_>| {
        for ((_, slot, _), greatest) in weighted.iter().zip(greatest) {
            channel_greatest(view.floats(*slot), greatest);
        }
        let half = half_of(sample);
        let pairs = slots.iter().zip(histograms);
        let add = |(slot, histograms): (&Slot, &mut [Histogram; 2])| {
            histograms[half].add(view.floats(*slot))
        };
        let counts = sample.is_multiple_of(every);
        let counted = weighted.iter().filter(|_| counts);
        Sample {
            half,
            ranges: pairs.map(add).collect(),
            means: counted
                .map(|(_, slot, channels)| channel_means(view.floats(*slot), *channels))
                .collect(),
        }
    };
    let (histograms, seen) = network.run(
        &samples,
        |sample, input| data.sample(sample, input),
        || {
            (
                vec![<[Histogram; 2]>::default(); slots.len()],
                weighted
                    .iter()
                    .map(|(_, _, channels)| vec![0.0; *channels])
                    .collect(),
            )
        },
        look,
    )?;
    let mut distributions = vec![<[Distribution; 2]>::default(); slots.len()];
    let mut greatest: Vec<(ValueId, Vec<f32>)> = weighted
        .iter()
        .map(|(id, _, channels)| (*id, vec![0.0; *channels]))
        .collect();
    for (core, own) in &histograms {
        for ((_, greatest), own) in greatest.iter_mut().zip(own) {
            for (x, y) in greatest.iter_mut().zip(own) {
                *x = x.max(*y);
            }
        }
        for (halves, histograms) in distributions.iter_mut().zip(core) {
            for (seen, histogram) in halves.iter_mut().zip(histograms) {
                seen.histogram.merge(histogram);
            }
        }
    }
    average(&seen, &mut distributions);
    let observations = Observations {
        index_of,
        distributions,
        means: means(&seen, &weighted),
        greatest,
    };
    check_finite(graph, &observations)?;
    Ok(observations)
}

/// Moving averages of the least and greatest numbers of batches, in the order of the samples.
fn average(samples: &[Sample], distributions: &mut [[Distribution; 2]]) {
    for half in [0, 1] {
        let ranges: Vec<&[[f32; 2]]> = samples
            .iter()
            .filter(|sample| sample.half == half)
            .map(|sample| sample.ranges.as_slice())
            .collect();
        for (at, batch) in ranges.chunks(BATCH).enumerate() {
            let newest = NEWEST.max(1.0 / (at + 1) as f32);
            for (index, halves) in distributions.iter_mut().enumerate() {
                let hull = batch
                    .iter()
                    .filter_map(|ranges| ranges.get(index))
                    .fold([f32::INFINITY, f32::NEG_INFINITY], |hull, range| {
                        [hull[0].min(range[0]), hull[1].max(range[1])]
                    });
                for (average, end) in halves[half].average.iter_mut().zip(hull) {
                    *average += newest * (end - *average);
                }
            }
        }
    }
}

/// Means over the samples that count, in their order.
fn means(samples: &[Sample], weighted: &[(ValueId, Slot, usize)]) -> Vec<(ValueId, Vec<f64>)> {
    let counted: Vec<&Sample> = samples.iter().filter(|s| !s.means.is_empty()).collect();
    let of = |(index, (id, _, channels)): (usize, &(ValueId, Slot, usize))| {
        let mut mean = vec![0.0; *channels];
        for sample in counted.iter().filter_map(|sample| sample.means.get(index)) {
            for (sum, x) in mean.iter_mut().zip(sample) {
                *sum += x / counted.len() as f64;
            }
        }
        (*id, mean)
    };
    weighted.iter().enumerate().map(of).collect()
}

/// The slots to look at, and for each value which of them is its own.
fn tracked(graph: &Graph, network: &Network) -> (Vec<Option<usize>>, Vec<Slot>) {
    let mut slots: Vec<Slot> = Vec::new();
    let mut at_offset = std::collections::BTreeMap::new();
    let mut index = |id: u32| {
        let slot = network.slot(ValueId(id))?;
        Some(*at_offset.entry(slot.offset).or_insert_with(|| {
            slots.push(slot);
            slots.len() - 1
        }))
    };
    let index_of = (0..graph.values.len() as u32).map(&mut index).collect();
    (index_of, slots)
}

/// The values that enter layers with weights, with their slots and the length of their last axis.
fn weighted_inputs(graph: &Graph, network: &Network) -> Vec<(ValueId, Slot, usize)> {
    let mut found: Vec<(ValueId, Slot, usize)> = Vec::new();
    for node in &graph.nodes {
        let QuantRule::Weighted { .. } = node.op.operator().quant_rule() else {
            continue;
        };
        let Some(&id) = node.inputs.first() else {
            continue;
        };
        if let (Some(slot), Some(&channels)) = (network.slot(id), graph.ty(id).shape.last())
            && channels > 0
            && found.iter().all(|(other, ..)| *other != id)
        {
            found.push((id, slot, channels));
        }
    }
    found
}

fn channel_greatest(numbers: &[f32], greatest: &mut [f32]) {
    let channels = greatest.len();
    let mut row = 0;
    while row + channels <= numbers.len() {
        let numbers = &numbers[row..row + channels];
        let mut channel = 0;
        while channel < channels {
            let x = numbers[channel].abs();
            if x > greatest[channel] {
                greatest[channel] = x;
            }
            channel += 1;
        }
        row += channels;
    }
}

fn channel_means(numbers: &[f32], channels: usize) -> Vec<f64> {
    let mut sums = vec![0.0f32; channels];
    let mut row = 0;
    while row + channels <= numbers.len() {
        let numbers = &numbers[row..row + channels];
        let mut channel = 0;
        while channel < channels {
            sums[channel] += numbers[channel];
            channel += 1;
        }
        row += channels;
    }
    let rows = (numbers.len() / channels).max(1) as f64;
    sums.into_iter().map(|sum| f64::from(sum) / rows).collect()
}

fn check_finite(graph: &Graph, seen: &Observations) -> Result<(), Diagnostics> {
    for node in &graph.nodes {
        for &id in &node.outputs {
            let index = seen.index_of.get(id.index()).copied().flatten();
            let distribution = index.and_then(|index| seen.distributions.get(index));
            if distribution
                .is_some_and(|halves| halves.iter().any(|seen| seen.histogram.not_finite()))
            {
                let message = format!(
                    "value `{}` is infinite or no number in float already",
                    graph.value(id).name
                );
                let help = "check that the calibration data is what the model was trained on, and the weights of the model";
                return Err(Diagnostic::error(Code::NotFinite, message, help)
                    .in_place(format!("node \"{}\" ({})", node.name, node.op.name()))
                    .into());
            }
        }
    }
    Ok(())
}
