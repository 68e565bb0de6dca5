//! The choice among ways to quantize by measured error.

use super::bias;
use super::dataset::{Dataset, half_of};
use super::measure::{self, Noise, Reference};
use super::network::Network;
use super::observer::Rule;
use super::rewrite::{self, Scheme};
use super::share::Part;
use super::{Candidate, Prepared};
use crate::diag::Diagnostics;
use crate::ir::Graph;
use std::collections::BTreeMap;

/// Multiply-accumulate operations of the samples on which a way is measured: half a second of unoptimised
/// kernels.
const MACS: u64 = 150_000_000;

/// Fewest and most of these samples.
const SAMPLES: [usize; 2] = [8, 128];

/// Rules that are tried again on the equalized graph: the best on the plain one.
const EQUALIZED_RULES: usize = 3;

/// What a way must gain in dB to be taken where it departs from the rule, which is to correct biases and to
/// leave the weights as they were trained: less is chance.
const LEAST_GAIN_DB: f64 = 1.0;

/// What the choice looks at.
pub(super) struct Context<'a> {
    /// The graph as it came.
    pub(super) plain: &'a Prepared,
    /// The graph with equalized channels, if there are any to equalize.
    pub(super) equalized: Option<&'a Prepared>,
    /// The samples.
    pub(super) data: &'a Dataset,
}

/// A way to quantize.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Way {
    rule: Rule,
    equalizes: bool,
    corrects_bias: bool,
}

impl Way {
    fn name(self) -> String {
        let equalized = if self.equalizes { ", equalized" } else { "" };
        let corrected = if self.corrects_bias {
            ", bias correction"
        } else {
            ""
        };
        format!("{}{equalized}{corrected}", self.rule.name())
    }

    /// In how many respects it departs from the rule.
    fn departures(self) -> u8 {
        u8::from(self.equalizes) + u8::from(!self.corrects_bias)
    }

    fn prepared<'a>(self, context: &Context<'a>) -> &'a Prepared {
        context
            .equalized
            .filter(|_| self.equalizes)
            .unwrap_or(context.plain)
    }

    fn graph(self, context: &Context<'_>, part: Part) -> Result<Graph, Diagnostics> {
        let prepared = self.prepared(context);
        let mut scheme = Scheme {
            params: prepared.groups.params(self.rule, part),
            bias: BTreeMap::new(),
        };
        if self.corrects_bias {
            scheme.bias = bias::corrections(prepared, &scheme);
        }
        rewrite::run(&prepared.graph, &prepared.groups, &scheme)
    }
}

/// The int8 graph that was chosen.
pub(super) struct Chosen<'a> {
    /// The graph.
    pub(super) graph: Graph,
    /// The float graph it comes from.
    pub(super) from: &'a Prepared,
    /// Name of the way that led to it.
    pub(super) name: String,
    /// All ways that were tried.
    pub(super) candidates: Vec<Candidate>,
}

/// The int8 graph of the way with the least error.
pub(super) fn run<'a>(context: &Context<'a>) -> Result<Chosen<'a>, Diagnostics> {
    let float = &context.plain.float;
    let samples = subset(context.data.count, float.macs());
    let targets = measure::targets(&context.plain.graph);
    let mut trial = Trial {
        context,
        reference: Reference::of(float, context.data, samples, targets)?,
        measured: Vec::new(),
        failure: None,
    };
    let rules = if context.data.made_up {
        &[Rule::ESTIMATE][..]
    } else {
        &Rule::ALL
    };
    for &rule in rules {
        trial.consider(Way {
            rule,
            equalizes: false,
            corrects_bias: true,
        });
    }
    if context.equalized.is_some() {
        for (_, way) in trial.ranked().into_iter().take(EQUALIZED_RULES) {
            trial.consider(Way {
                equalizes: true,
                ..way
            });
        }
    }
    if let Some(&(_, best)) = trial.ranked().first() {
        trial.consider(Way {
            corrects_bias: false,
            ..best
        });
    }
    let Some(&(_, best)) = trial.ranked().first() else {
        return Err(trial.failure.unwrap_or(Diagnostics(Vec::new())));
    };
    let candidate = |&(sqnr_db, way): &(f64, Way)| Candidate {
        name: way.name(),
        sqnr_db,
    };
    Ok(Chosen {
        graph: best.graph(context, Part::Whole)?,
        from: best.prepared(context),
        name: best.name(),
        candidates: trial.measured.iter().map(candidate).collect(),
    })
}

/// Ways that were tried.
struct Trial<'a, 'b> {
    context: &'b Context<'a>,
    reference: Reference,
    measured: Vec<(f64, Way)>,
    failure: Option<Diagnostics>,
}

impl Trial<'_, '_> {
    /// What was measured, the best first; of equals the one that was tried first.
    fn ranked(&self) -> Vec<(f64, Way)> {
        let merit = |&(db, way): &(f64, Way)| db - LEAST_GAIN_DB * f64::from(way.departures());
        let mut ranked = self.measured.clone();
        ranked.sort_by(|a, b| merit(b).total_cmp(&merit(a)));
        ranked
    }

    fn consider(&mut self, way: Way) {
        match self.judge(way) {
            Ok(db) => self.measured.push((db, way)),
            Err(errors) => self.failure = self.failure.take().or(Some(errors)),
        }
    }

    /// Signal to noise ratio in dB: with ranges from all samples, averaged with ranges from either half
    /// and noise in the other, which shows what does not carry over to samples that were not seen.
    fn judge(&self, way: Way) -> Result<f64, Diagnostics> {
        let whole = self.noise(way, Part::Whole)?;
        if !self.context.data.can_be_halved() {
            return Ok(mean_db(&whole));
        }
        let mut across = self.noise(way, Part::Half(0))?;
        for (sum, noise) in across.iter_mut().zip(self.noise(way, Part::Half(1))?) {
            *sum += noise;
        }
        Ok(f64::midpoint(mean_db(&whole), mean_db(&across)))
    }

    /// Noise with ranges from a part of the samples in those that are not in it; in all if it is the whole.
    fn noise(&self, way: Way, part: Part) -> Result<Vec<Noise>, Diagnostics> {
        let network = Network::of(&way.graph(self.context, part)?)?;
        let wanted = |sample| match part {
            Part::Whole => true,
            Part::Half(half) => half_of(sample) != half,
        };
        self.reference.noise(&network, self.context.data, wanted)
    }
}

fn mean_db(noise: &[Noise]) -> f64 {
    noise.iter().map(|noise| noise.db()).sum::<f64>() / noise.len().max(1) as f64
}

/// Samples spread evenly over the data, as many as the work allows.
pub(super) fn subset(count: usize, macs: u64) -> Vec<usize> {
    let affordable = usize::try_from(MACS / macs.max(1)).unwrap_or(usize::MAX);
    spread(count, affordable.clamp(SAMPLES[0], SAMPLES[1]))
}

pub(super) fn spread(count: usize, wanted: usize) -> Vec<usize> {
    let wanted = wanted.clamp(1, count.max(1));
    (0..wanted).map(|at| at * count / wanted).collect()
}
