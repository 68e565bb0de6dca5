//! Which channels reach an output of the graph.
//!
//! Channels that can only go together, such as both operands' and the result's of a sum, form a class. A class is live
//! if a channel of it is an output, goes where channels are mixed, or is read with a weight by a live channel.

use super::super::numbers::channels;
use super::flow::{self, Link};
use super::layer::{Form, Layer};
use crate::ir::{Arithmetic, DType, Graph, Node, ValueId};
use crate::lower::arithmetic;

/// For each channel of each value whether it has to stay.
#[derive(Debug)]
pub(super) struct Live {
    classes: Classes,
    live: Vec<bool>,
}

impl Live {
    /// The channels of a value: whether each stays.
    pub(super) fn of(&self, graph: &Graph, id: ValueId) -> Vec<bool> {
        let channels = 0..channels(graph.ty(id));
        channels.map(|channel| self.is_live(id, channel)).collect()
    }

    fn is_live(&self, id: ValueId, channel: usize) -> bool {
        self.live[self.classes.class(id, channel)]
    }

    /// Keeps a channel; returns whether it was dead.
    fn keep(&mut self, id: ValueId, channel: usize) -> bool {
        let class = self.classes.class(id, channel);
        !std::mem::replace(&mut self.live[class], true)
    }

    fn keep_all(&mut self, graph: &Graph, id: ValueId) {
        for channel in 0..channels(graph.ty(id)) {
            self.keep(id, channel);
        }
    }
}

/// Channels of all values in classes: a forest, each tree a class.
#[derive(Debug)]
struct Classes {
    starts: Vec<usize>,
    parents: Vec<usize>,
}

impl Classes {
    /// Each channel by itself.
    fn of(graph: &Graph) -> Self {
        let mut starts = Vec::with_capacity(graph.values.len());
        let mut next = 0;
        for value in &graph.values {
            starts.push(next);
            next += channels(&value.ty);
        }
        Self {
            starts,
            parents: (0..next).collect(),
        }
    }

    fn class(&self, id: ValueId, channel: usize) -> usize {
        let mut at = self.starts[id.index()] + channel;
        while self.parents[at] != at {
            at = self.parents[at];
        }
        at
    }

    fn unite(&mut self, a: (ValueId, usize), b: (ValueId, usize)) {
        let (a, b) = (self.class(a.0, a.1), self.class(b.0, b.1));
        // The first channel stands for its class: trees stay flat where chains are walked in order.
        self.parents[a.max(b)] = a.min(b);
    }
}

/// A dense layer with its pairs of channels that have a weight.
struct Reads {
    layer: Layer,
    /// For each pair of output and input channel.
    weighted: Vec<bool>,
    /// The factors of the channels, where layers share what these are scaled by.
    shared: Option<Vec<f64>>,
}

/// The live channels of a graph.
pub(super) fn of(graph: &Graph) -> Live {
    let mut classes = Classes::of(graph);
    let mut rigid: Vec<ValueId> = graph.inputs.iter().chain(&graph.outputs).copied().collect();
    let mut layers = Vec::new();
    for node in &graph.nodes {
        if let Some(layer) = Layer::of(graph, node) {
            unite_depthwise(&mut classes, &layer);
            layers.extend(reads(graph, layer));
        } else if let Some(links) = flow::links(graph, node) {
            unite(graph, &mut classes, node, &links, &mut rigid);
        } else {
            rigid.extend(node.inputs.iter().chain(&node.outputs));
        }
    }
    let live = vec![false; classes.parents.len()];
    let mut live = Live { classes, live };
    for &id in &rigid {
        live.keep_all(graph, id);
    }
    loop {
        spread(&mut live, &layers);
        if !keep_scales(graph, &mut live, &layers) && !keep_one(graph, &mut live) {
            return live;
        }
    }
}

fn unite_depthwise(classes: &mut Classes, layer: &Layer) {
    if let Form::Depthwise(multiplier) = layer.form {
        for output in 0..layer.outputs {
            let input = output / multiplier;
            classes.unite((layer.input, input), (layer.output, output));
        }
    }
}

fn unite(
    graph: &Graph,
    classes: &mut Classes,
    node: &Node,
    links: &[Link],
    rigid: &mut Vec<ValueId>,
) {
    let Some(&output) = node.outputs.first() else {
        return;
    };
    let to = channels(graph.ty(output));
    for (&input, &link) in node.inputs.iter().zip(links) {
        match link {
            Link::Single => rigid.push(input),
            Link::Cyclic | Link::Behind(_) => {
                for (from, to) in link.pairs(channels(graph.ty(input)), to) {
                    classes.unite((input, from), (output, to));
                }
            }
        }
    }
}

fn reads(graph: &Graph, layer: Layer) -> Option<Reads> {
    let mut weighted = Vec::new();
    if layer.form == Form::Dense {
        weighted = vec![false; layer.outputs * layer.inputs];
        for (index, &weight) in layer.weights(graph)?.iter().enumerate() {
            let place = layer.place(index);
            weighted[place.output * layer.inputs + place.input] |= weight != 0;
        }
    }
    Some(Reads {
        shared: shared_factors(graph, &layer),
        weighted,
        layer,
    })
}

/// Keeps what live channels read.
fn spread(live: &mut Live, layers: &[Reads]) {
    let mut changed = true;
    while changed {
        changed = false;
        for Reads {
            layer, weighted, ..
        } in layers.iter().rev()
        {
            let rows = weighted.chunks_exact(layer.inputs);
            for (_, row) in rows
                .enumerate()
                .filter(|&(output, _)| live.is_live(layer.output, output))
                .collect::<Vec<_>>()
            {
                for input in (0..layer.inputs).filter(|&input| row[input]) {
                    changed |= live.keep(layer.input, input);
                }
            }
        }
    }
}

/// Keeps a channel of every value: there are no empty tensors. Returns whether one was without.
fn keep_one(graph: &Graph, live: &mut Live) -> bool {
    let mut changed = false;
    for id in (0..graph.values.len() as u32).map(ValueId) {
        let count = channels(graph.ty(id));
        if count > 0 && !(0..count).any(|channel| live.is_live(id, channel)) {
            changed |= live.keep(id, 0);
        }
    }
    changed
}

/// The real factors of a layer's channels where they share a shift, as in the native arithmetic.
fn shared_factors(graph: &Graph, layer: &Layer) -> Option<Vec<f64>> {
    let to = graph.ty(layer.output);
    if graph.arithmetic != Arithmetic::Native || to.dtype != DType::I8 {
        return None;
    }
    let (from, to) = (layer.from, to.params()?);
    let scales = layer.scales(graph)?;
    let real = |scale: &f32| f64::from(from.scale) * f64::from(*scale) / f64::from(to.scale);
    Some(scales.iter().map(real).collect())
}

/// Keeps the channel with the greatest factor where the shift would differ without it, and with it the bits of all
/// other channels. Returns whether one was dead.
fn keep_scales(graph: &Graph, live: &mut Live, layers: &[Reads]) -> bool {
    let mut changed = false;
    for Reads { layer, shared, .. } in layers {
        let Some(all) = shared else {
            continue;
        };
        let left: Vec<f64> = (0..layer.outputs)
            .filter(|&output| live.is_live(layer.output, output))
            .map(|output| all[output])
            .collect();
        let zero_point = graph
            .ty(layer.output)
            .params()
            .map_or(0, |to| to.zero_point);
        let shift = |factors: &[f64]| arithmetic::requant(factors, zero_point, 0).map(|(_, r)| r);
        let greatest = (0..layer.outputs).max_by(|&a, &b| all[a].total_cmp(&all[b]));
        if let Some(greatest) = greatest.filter(|_| shift(all) != shift(&left)) {
            changed |= live.keep(layer.output, greatest);
        }
    }
    changed
}
