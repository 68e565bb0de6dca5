//! The choice among observers and refinements by measured error.

use super::bias;
use super::dataset::Dataset;
use super::measure::{self, Reference};
use super::network::Network;
use super::observe::Observations;
use super::observer::Observer;
use super::rewrite::{self, Scheme};
use super::share::Groups;
use super::weights::WeightScale;
use super::{Accuracy, Candidate};
use crate::diag::Diagnostics;
use crate::ir::{Graph, ValueId};
use std::collections::BTreeMap;

/// Multiply-accumulate operations spent on one candidate: unoptimised kernels need about a second for them.
const MACS_PER_CANDIDATE: u64 = 150_000_000;

/// Fewest and most samples on which a candidate is measured.
const SAMPLES: [usize; 2] = [8, 128];

/// Numbers of all layers kept for the report of each layer.
const LAYER_NUMBERS: usize = 4_000_000;

/// What all candidates have in common.
pub(super) struct Context<'a> {
    /// The float graph.
    pub(super) graph: &'a Graph,
    /// The float graph, ready to run.
    pub(super) float: &'a Network,
    /// Which of its values share a quantization.
    pub(super) groups: &'a Groups,
    /// What the float run showed.
    pub(super) seen: &'a Observations,
    /// The samples.
    pub(super) data: &'a Dataset,
}

/// A candidate that was measured.
struct Measured {
    name: String,
    observer: Observer,
    scheme: Scheme,
    graph: Graph,
    network: Network,
    db: f64,
}

/// The int8 graph with the least error, and how exact it is.
pub(super) fn run(context: &Context<'_>) -> Result<(Graph, Accuracy), Diagnostics> {
    let targets = measure::targets(context.graph);
    let samples = subset(context.data.count, context.float.macs());
    let reference = Reference::of(context.float, context.data, samples, targets)?;
    let mut candidates = Vec::new();
    let mut failure = None;
    let mut best: Option<Measured> = None;
    let mut consider =
        |name: String, observer: Observer, scheme: Scheme, best: &mut Option<Measured>| {
            match measured(context, &reference, name, observer, scheme) {
                Ok(one) => {
                    candidates.push(Candidate {
                        name: one.name.clone(),
                        sqnr_db: one.db,
                    });
                    if best.as_ref().is_none_or(|best| one.db > best.db) {
                        *best = Some(one);
                    }
                }
                Err(errors) => failure = failure.take().or(Some(errors)),
            }
        };
    let observers = if context.data.made_up {
        &[Observer::Estimate][..]
    } else {
        &Observer::ALL
    };
    for &observer in observers {
        let scheme = Scheme {
            params: context.groups.params(observer),
            weights: WeightScale::Greatest,
            bias: BTreeMap::new(),
        };
        consider(observer.name(), observer, scheme, &mut best);
    }
    for refinement in [Refinement::Weights, Refinement::Bias] {
        if let Some((name, observer, scheme)) =
            best.as_ref().map(|best| refinement.of(context, best))
        {
            consider(name, observer, scheme, &mut best);
        }
    }
    match best {
        Some(best) => {
            let accuracy = accuracy(context, &best, candidates)?;
            Ok((best.graph, accuracy))
        }
        None => Err(failure.unwrap_or(Diagnostics(Vec::new()))),
    }
}

/// What may make a scheme better.
#[derive(Clone, Copy)]
enum Refinement {
    Weights,
    Bias,
}

impl Refinement {
    fn of(self, context: &Context<'_>, best: &Measured) -> (String, Observer, Scheme) {
        let mut scheme = best.scheme.clone();
        let name = match self {
            Self::Weights => {
                scheme.weights = WeightScale::SquaredError;
                "mse weights"
            }
            Self::Bias => {
                scheme.bias =
                    bias::corrections(context.graph, context.groups, context.seen, &scheme);
                "bias correction"
            }
        };
        (format!("{}, {name}", best.name), best.observer, scheme)
    }
}

fn measured(
    context: &Context<'_>,
    reference: &Reference,
    name: String,
    observer: Observer,
    scheme: Scheme,
) -> Result<Measured, Diagnostics> {
    let graph = rewrite::run(context.graph, context.groups, &scheme)?;
    let network = Network::of(&graph)?;
    let noise = reference.noise(&network, context.data)?;
    let db = noise.iter().map(|noise| noise.db()).sum::<f64>() / noise.len().max(1) as f64;
    Ok(Measured {
        name,
        observer,
        scheme,
        graph,
        network,
        db,
    })
}

/// Samples spread evenly over the data, as many as the work allows.
fn subset(count: usize, macs: u64) -> Vec<usize> {
    let affordable = usize::try_from(MACS_PER_CANDIDATE / macs.max(1)).unwrap_or(usize::MAX);
    spread(count, affordable.clamp(SAMPLES[0], SAMPLES[1]))
}

fn spread(count: usize, wanted: usize) -> Vec<usize> {
    let wanted = wanted.clamp(1, count.max(1));
    (0..wanted).map(|at| at * count / wanted).collect()
}

fn accuracy(
    context: &Context<'_>,
    best: &Measured,
    candidates: Vec<Candidate>,
) -> Result<Accuracy, Diagnostics> {
    let (graph, data) = (context.graph, context.data);
    let samples = subset(data.count, context.float.macs());
    let outputs = Reference::of(context.float, data, samples, graph.outputs.clone())?;
    let noise = outputs.noise(&best.network, data)?;
    let output_sqnr_db = noise
        .iter()
        .map(|noise| noise.db())
        .fold(f64::INFINITY, f64::min);
    let agreement = classes(context, &best.network, &outputs)?;
    Ok(Accuracy {
        observer: best.name.clone(),
        samples: outputs.samples.len(),
        output_sqnr_db,
        layers: layers(context, best)?,
        agreement: agreement.as_ref().map(|seen| seen.agreement),
        top1: agreement.and_then(|seen| seen.top1),
        candidates,
    })
}

/// Signal to noise ratio at the output of every node.
fn layers(context: &Context<'_>, best: &Measured) -> Result<Vec<(String, f64)>, Diagnostics> {
    let outputs: Vec<(&str, ValueId)> = best
        .graph
        .nodes
        .iter()
        .filter_map(|node| Some((node.name.as_str(), *node.outputs.first()?)))
        .collect();
    let ids: Vec<ValueId> = outputs.iter().map(|(_, id)| *id).collect();
    let numbers: usize = ids.iter().map(|&id| context.graph.ty(id).len()).sum();
    let samples = spread(
        context.data.count,
        (LAYER_NUMBERS / numbers.max(1)).min(SAMPLES[0]),
    );
    let reference = Reference::of(context.float, context.data, samples, ids)?;
    let noise = reference.noise(&best.network, context.data)?;
    let named = outputs.iter().zip(noise);
    Ok(named
        .map(|((name, _), noise)| ((*name).to_owned(), noise.db()))
        .collect())
}

/// How often float and int8 see the same class, and how often each is right.
struct Classes {
    agreement: f64,
    top1: Option<[f64; 2]>,
}

/// The classes of the first output, if it looks like scores.
fn classes(
    context: &Context<'_>,
    int8: &Network,
    outputs: &Reference,
) -> Result<Option<Classes>, Diagnostics> {
    let Some(&first) = context.graph.outputs.first() else {
        return Ok(None);
    };
    if !measure::is_classes(context.graph, first) {
        return Ok(None);
    }
    let row = context.graph.ty(first).shape.last().copied().unwrap_or(1);
    let compared = outputs.compare(int8, context.data, |float, int8| {
        [measure::classes(float, row), measure::classes(int8, row)]
    })?;
    let (mut rows, mut same, mut right) = (0.0, 0.0, [0.0; 2]);
    for (&sample, values) in outputs.samples.iter().zip(&compared) {
        let Some([float, int8]) = values.first() else {
            continue;
        };
        for (at, (a, b)) in float.iter().zip(int8).enumerate() {
            let label = context
                .data
                .labels
                .as_ref()
                .and_then(|labels| labels.get(sample * float.len() + at));
            rows += 1.0;
            same += f64::from(u8::from(a == b));
            right[0] += f64::from(u8::from(label == Some(a)));
            right[1] += f64::from(u8::from(label == Some(b)));
        }
    }
    let share = |count: f64| count / f64::max(rows, 1.0);
    Ok(Some(Classes {
        agreement: share(same),
        top1: context.data.labels.as_ref().map(|_| right.map(share)),
    }))
}
