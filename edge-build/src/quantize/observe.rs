//! The float run over the samples: the distribution of every value.

use super::dataset::Dataset;
use super::histogram::Histogram;
use super::network::Network;
use super::observer::Distribution;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{Graph, ValueId};
use crate::ops::QuantRule;
use crate::program::Slot;

/// Weight of the newest sample in the moving average.
const NEWEST: f32 = 0.1;

/// What the float run showed.
#[derive(Clone, Debug)]
pub(super) struct Observations {
    /// Index into `distributions` of each value of the graph; `None` for constants and dead values. Values in
    /// the same memory (a reshape) share one.
    pub(super) index_of: Vec<Option<usize>>,
    /// The distributions.
    pub(super) distributions: Vec<Distribution>,
    /// For each value that enters a layer with weights: the mean of each index of its last axis.
    pub(super) means: Vec<(ValueId, Vec<f64>)>,
}

impl Observations {
    /// Least and greatest number of a value.
    pub(super) fn range(&self, id: ValueId) -> [f32; 2] {
        let index = self.index_of.get(id.index()).copied().flatten();
        index
            .and_then(|index| self.distributions.get(index))
            .map_or([0.0, 0.0], |seen| seen.histogram.range())
    }

    /// The means along the last axis of a value that enters a layer with weights.
    pub(super) fn means(&self, id: ValueId) -> Option<&[f64]> {
        let found = self.means.iter().find(|(other, _)| *other == id);
        found.map(|(_, means)| means.as_slice())
    }

    /// Notes that a new value, the last of the graph, holds the numbers of another.
    pub(super) fn alias(&mut self, new: ValueId, of: ValueId) {
        let index = self.index_of.get(of.index()).copied().flatten();
        self.index_of.resize(new.index(), None);
        self.index_of.push(index);
    }
}

/// Runs the float graph over all samples.
pub(super) fn run(
    graph: &Graph,
    network: &Network,
    data: &Dataset,
) -> Result<Observations, Diagnostics> {
    let (index_of, slots) = tracked(graph, network);
    let weighted = weighted_inputs(graph, network);
    let samples: Vec<usize> = (0..data.count).collect();
    let (histograms, per_sample) = network.run(
        &samples,
        |sample, input| data.sample(sample, input),
        || vec![Histogram::default(); slots.len()],
        |histograms, _, view| {
            let ranges: Vec<[f32; 2]> = slots
                .iter()
                .zip(histograms)
                .map(|(slot, histogram)| histogram.add(view.floats(*slot)))
                .collect();
            let means: Vec<Vec<f64>> = weighted
                .iter()
                .map(|(_, slot, channels)| channel_means(view.floats(*slot), *channels))
                .collect();
            (ranges, means)
        },
    )?;
    let mut distributions = vec![Distribution::default(); slots.len()];
    for core in &histograms {
        for (seen, histogram) in distributions.iter_mut().zip(core) {
            seen.histogram.merge(histogram);
        }
    }
    let mut means: Vec<(ValueId, Vec<f64>)> = weighted
        .iter()
        .map(|(id, _, channels)| (*id, vec![0.0; *channels]))
        .collect();
    for (at, (ranges, sample_means)) in per_sample.iter().enumerate() {
        for (seen, range) in distributions.iter_mut().zip(ranges) {
            for (average, newest) in seen.average.iter_mut().zip(range) {
                *average = if at == 0 {
                    *newest
                } else {
                    *average + NEWEST * (newest - *average)
                };
            }
        }
        for ((_, mean), sample) in means.iter_mut().zip(sample_means) {
            for (sum, x) in mean.iter_mut().zip(sample) {
                *sum += x / per_sample.len() as f64;
            }
        }
    }
    let observations = Observations {
        index_of,
        distributions,
        means,
    };
    check_finite(graph, &observations)?;
    Ok(observations)
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
            if distribution.is_some_and(|seen| seen.histogram.not_finite()) {
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
