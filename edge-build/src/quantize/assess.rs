//! How exact the chosen network is, layer by layer and at the output.

use super::choose::{Chosen, spread, subset};
use super::dataset::Dataset;
use super::measure::{self, Reference};
use super::network::Network;
use super::{Accuracy, Prepared};
use crate::diag::Diagnostics;
use crate::ir::{Graph, ValueId};

/// Most samples for the report of each layer.
const LAYER_SAMPLES: usize = 8;

/// Most numbers kept for it.
const LAYER_NUMBERS: usize = 4_000_000;

/// Measures the chosen network.
pub(super) fn run(chosen: &Chosen<'_>, data: &Dataset) -> Result<Accuracy, Diagnostics> {
    let Prepared { graph, float, .. } = chosen.from;
    let int8 = Network::of(&chosen.graph)?;
    let samples = subset(data.count, float.macs());
    let outputs = Reference::of(float, data, samples, graph.outputs.clone())?;
    let noise = outputs.noise(&int8, data, |_| true)?;
    let output_sqnr_db = noise
        .iter()
        .map(|noise| noise.db())
        .fold(f64::INFINITY, f64::min);
    let agreement = classes(graph, data, &int8, &outputs)?;
    Ok(Accuracy {
        observer: chosen.name.clone(),
        samples: outputs.samples.len(),
        output_sqnr_db,
        layers: layers(chosen, data, &int8)?,
        agreement: agreement.as_ref().map(|seen| seen.agreement),
        top1: agreement.and_then(|seen| seen.top1),
        candidates: chosen.candidates.clone(),
    })
}

/// Signal to noise ratio at the output of every node.
fn layers(
    chosen: &Chosen<'_>,
    data: &Dataset,
    int8: &Network,
) -> Result<Vec<(String, f64)>, Diagnostics> {
    let Prepared { graph, float, .. } = chosen.from;
    let outputs: Vec<(&str, ValueId)> = chosen
        .graph
        .nodes
        .iter()
        .filter_map(|node| Some((node.name.as_str(), *node.outputs.first()?)))
        .collect();
    let ids: Vec<ValueId> = outputs.iter().map(|(_, id)| *id).collect();
    let numbers: usize = ids.iter().map(|&id| graph.ty(id).len()).sum();
    let samples = spread(
        data.count,
        (LAYER_NUMBERS / numbers.max(1)).min(LAYER_SAMPLES),
    );
    let reference = Reference::of(float, data, samples, ids)?;
    let noise = reference.noise(int8, data, |_| true)?;
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
    graph: &Graph,
    data: &Dataset,
    int8: &Network,
    outputs: &Reference,
) -> Result<Option<Classes>, Diagnostics> {
    let Some(&first) = graph.outputs.first() else {
        return Ok(None);
    };
    if !measure::is_classes(graph, first) {
        return Ok(None);
    }
    let row = graph.ty(first).shape.last().copied().unwrap_or(1);
    let compared = outputs.compare(
        int8,
        data,
        |_| true,
        |float, int8| [measure::classes(float, row), measure::classes(int8, row)],
    )?;
    let (mut rows, mut same, mut right) = (0.0, 0.0, [0.0; 2]);
    for (&sample, values) in outputs.samples.iter().zip(&compared) {
        let Some([float, int8]) = values.first() else {
            continue;
        };
        for (at, (a, b)) in float.iter().zip(int8).enumerate() {
            let label = data
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
        top1: data.labels.as_ref().map(|_| right.map(share)),
    }))
}
