//! Float graphs become int8 graphs.
//!
//! | step | module | what |
//! | --- | --- | --- |
//! | check | `support` | every node has an int8 kernel |
//! | data | `dataset`, `synthetic` | samples from a file, or made up |
//! | observe | `observe` | a float run over all samples: distribution of every value |
//! | equalize | `equalize` | channels brought to like ranges where that costs nothing |
//! | share | `share`, `useful` | values that must have one quantization, and what of their range matters |
//! | observers | `observer`, `params` | distribution → range → scale and zero point |
//! | rewrite | `rewrite`, `weights`, `bias` | the int8 graph of a scheme |
//! | choose | `choose`, `measure` | the scheme with the least measured error |
//! | free | `passes::free_scales` | channels that are known have no say in the scaling of others |
//! | assess | `assess` | signal to noise of every layer, agreement, top-1 |
//!
//! The result does not depend on the number of cores. The arithmetic is specified in `docs/src/arithmetic.md`.

mod assess;
mod bias;
mod choose;
mod dataset;
mod equalize;
mod histogram;
mod measure;
mod network;
mod observe;
mod observer;
mod params;
mod rewrite;
mod share;
mod support;
mod synthetic;
mod useful;
mod weights;

pub use dataset::calibration_path;

use crate::diag::{Argument, Code, Diagnostic, Diagnostics};
use crate::ir::Graph;
use crate::options::{Options, QuantMode};
use crate::passes;
use crate::source::Source;
use dataset::Dataset;
use network::Network;
use observe::Observations;
use share::Groups;

/// A graph ready to be lowered, and how exact it is.
#[derive(Clone, Debug)]
pub struct Quantized {
    /// The graph; the same as before if float was asked for.
    pub graph: Graph,
    /// How exact it is; `None` if float was asked for.
    pub accuracy: Option<Accuracy>,
    /// What the user should know.
    pub warnings: Vec<Diagnostic>,
}

/// How exact an int8 network is, measured on the calibration data.
#[derive(Clone, Debug, PartialEq)]
pub struct Accuracy {
    /// What was chosen: the observer (`min-max`, `percentile 99.99`, `mse`, …) and the refinements that paid.
    pub observer: String,
    /// Number of samples measured.
    pub samples: usize,
    /// Signal to quantization noise in dB at the output; the least of several outputs.
    pub output_sqnr_db: f64,
    /// The same at the output of each node of the int8 graph: node name, dB.
    pub layers: Vec<(String, f64)>,
    /// Share of samples whose greatest output is the same as in float, for outputs that look like classes.
    pub agreement: Option<f64>,
    /// Top-1 accuracy of float and int8 where labels are known.
    pub top1: Option<[f64; 2]>,
    /// Everything that was tried, in the order in which it was.
    pub candidates: Vec<Candidate>,
}

/// A way to quantize that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its observer and refinements.
    pub name: String,
    /// Signal to quantization noise in dB where candidates are compared: at the outputs, or before their
    /// softmax. Partly on samples that did not set the ranges, so it may differ from `output_sqnr_db`.
    pub sqnr_db: f64,
}

/// Signal to noise ratio at the output below which the user is warned, in dB.
const LEAST_SQNR_DB: f64 = 10.0;

/// Share of samples with the same class as in float below which the user is warned.
const LEAST_AGREEMENT: f64 = 0.9;

/// Quantizes a graph if the options ask for it.
///
/// # Errors
/// Unreadable calibration data, operators without int8 kernel, a network that is not finite in float.
pub fn run(graph: Graph, source: &Source, options: &Options) -> Result<Quantized, Diagnostics> {
    let quantized = graph.values.iter().any(|v| v.ty.dtype.is_quantized());
    match options.quant {
        // The file says what its numbers are.
        _ if quantized => Ok(Quantized {
            graph,
            accuracy: None,
            warnings: Vec::new(),
        }),
        QuantMode::None => Ok(Quantized {
            graph,
            accuracy: None,
            warnings: Vec::new(),
        }),
        QuantMode::Int8 => int8(graph, source, options),
    }
}

fn int8(mut graph: Graph, source: &Source, options: &Options) -> Result<Quantized, Diagnostics> {
    support::check(&graph)?;
    support::split_clamps(&mut graph);
    let mut warnings = Vec::new();
    let data = if let Some(path) = calibration_path(source, options) {
        dataset::read(&path, &graph)?
    } else {
        warnings.push(no_data(source));
        synthetic::dataset(&graph)
    };
    let (graph, accuracy) = with_data(graph, &data)?;
    warnings.extend(lost(&accuracy));
    Ok(Quantized {
        graph,
        accuracy: Some(accuracy),
        warnings,
    })
}

fn with_data(graph: Graph, data: &Dataset) -> Result<(Graph, Accuracy), Diagnostics> {
    let plain = Prepared::of(graph.clone(), data)?;
    let equalized = equalize::run(graph, &plain.seen)
        .map(|graph| Prepared::of(graph, data))
        .transpose()?;
    let mut chosen = choose::run(&choose::Context {
        plain: &plain,
        equalized: equalized.as_ref(),
        data,
    })?;
    passes::free_scales(&mut chosen.graph);
    let accuracy = assess::run(&chosen, data)?;
    Ok((chosen.graph, accuracy))
}

/// A float graph about which everything is known that the rewriting needs.
struct Prepared {
    /// The graph, with tables wherever a value must change its quantization.
    graph: Graph,
    /// The same, ready to run.
    float: Network,
    /// What the samples showed.
    seen: Observations,
    /// Which of its values share a quantization.
    groups: Groups,
}

impl Prepared {
    fn of(mut graph: Graph, data: &Dataset) -> Result<Self, Diagnostics> {
        let mut seen = observe::run(&graph, &Network::of(&graph)?, data)?;
        share::separate(&mut graph, &mut seen);
        Ok(Self {
            float: Network::of(&graph)?,
            groups: share::groups(&graph, &seen),
            graph,
            seen,
        })
    }
}

fn no_data(source: &Source) -> Diagnostic {
    let stem = source
        .path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    Diagnostic::warning(
        Code::CalibrationMissing,
        "there is no calibration data; the ranges of all activations are estimated from made-up inputs",
        format!(
            "give some 100 real inputs: calibration = \"inputs.npy\", or a file `{stem}.calib.npy` or \
             `{stem}.calib.npz` beside the model, written with numpy.save"
        ),
    )
    .at(Argument::Quant)
}

/// The warning about a network that int8 changes much.
fn lost(accuracy: &Accuracy) -> Option<Diagnostic> {
    let agreement = accuracy.agreement.filter(|share| *share < LEAST_AGREEMENT);
    if accuracy.output_sqnr_db >= LEAST_SQNR_DB && agreement.is_none() {
        return None;
    }
    let worst = accuracy.layers.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let worst = worst.map_or(String::new(), |(name, db)| {
        format!("; the least exact layer is \"{name}\" with {db:.1} dB")
    });
    let classes = accuracy.agreement.map_or(String::new(), |share| {
        format!(
            ", {:.1} % of the samples have the same greatest output",
            share * 100.0
        )
    });
    let message = format!(
        "int8 is far from float: {:.1} dB signal to noise at the output{classes} ({} samples{worst})",
        accuracy.output_sqnr_db, accuracy.samples
    );
    let help = "check that the calibration data is what the firmware feeds, give more of it, or use quant = \"none\"";
    Some(Diagnostic::warning(Code::AccuracyLost, message, help).at(Argument::Quant))
}

#[cfg(test)]
mod tests;
