//! Which values share a quantization.

use super::observe::Observations;
use super::observer::{Distribution, Rule};
use super::params;
use super::support::clamp_of;
use super::useful;
use crate::ir::{Graph, Node, QuantParams, ValueId};
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{QuantRule, Unary};
use edge_core::params::UnaryFn;

/// A value that is used elsewhere may get a range this much wider than its own for the sake of a
/// concatenation; beyond, it is requantized for it.
const WIDENING: f32 = 1.5;

/// Values with one scale and zero point.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// What all layers that write the values allow.
    pub(super) clamp: [f32; 2],
    /// The quantization, if an operator prescribes it.
    pub(super) fixed: Option<QuantParams>,
    /// The part of the range that matters to the functions that read the values, if only tables do.
    pub(super) useful: Option<[f32; 2]>,
    /// Whether an input of the network is among the values.
    pub(super) is_input: bool,
    /// All numbers of the values that something other than data movement reads, in both halves of the data.
    pub(super) halves: [Distribution; 2],
    /// Both halves together.
    pub(super) whole: Distribution,
}

/// A part of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All.
    Whole,
    /// One half.
    Half(usize),
}

/// The groups of a graph.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    /// Index of the group of each value; `None` for constants.
    pub(super) of: Vec<Option<usize>>,
    /// The groups.
    pub(super) list: Vec<Group>,
}

impl Groups {
    /// The quantization of every group by a rule that looks at a part of the samples.
    pub(super) fn params(&self, rule: Rule, part: Part) -> Vec<QuantParams> {
        let of = |group: &Group| {
            let seen = match part {
                Part::Whole => &group.whole,
                Part::Half(half) => group.halves.get(half).unwrap_or(&group.whole),
            };
            let range = || {
                let [lo, hi] = rule.range(seen, group.is_input);
                let [least, most] = group.useful.unwrap_or(NO_CLAMP).map(f64::from);
                [lo.max(least), hi.min(most)]
            };
            group
                .fixed
                .unwrap_or_else(|| params::covering(range(), group.clamp))
        };
        self.list.iter().map(of).collect()
    }
}

/// Where a value comes from, through nodes that only move it.
#[derive(Clone, Copy)]
struct Origin {
    /// Index of the value that was computed.
    root: usize,
    /// What its layer allows.
    clamp: [f32; 2],
    /// Whether its layer prescribes the quantization.
    fixed: bool,
    /// Whether something else reads it too.
    shared: bool,
}

impl Origin {
    fn of(root: usize, uses: &[usize]) -> Self {
        Self {
            root,
            clamp: NO_CLAMP,
            fixed: false,
            shared: uses.get(root).is_some_and(|count| *count > 1),
        }
    }
}

/// Puts a requantization before every operand that cannot share the quantization of a concatenation or of a
/// padding with a value other than 0.
pub(super) fn separate(graph: &mut Graph, seen: &mut Observations) {
    let uses = count_uses(graph);
    let mut origins: Vec<Origin> = (0..graph.values.len())
        .map(|root| Origin::of(root, &uses))
        .collect();
    // A value can share with one concatenation only: two would bind all their operands to each other.
    let mut taken = vec![false; graph.values.len()];
    let nodes = std::mem::take(&mut graph.nodes);
    for mut node in nodes {
        if node.op.operator().quant_rule() == QuantRule::Unified {
            let hull = node
                .outputs
                .first()
                .map_or([0.0, 0.0], |&id| seen.range(id));
            for (index, input) in node.inputs.iter_mut().enumerate() {
                let of = *input;
                let Some(origin) = origins
                    .get(of.index())
                    .filter(|_| graph.constant(of).is_none())
                else {
                    continue;
                };
                let free = taken
                    .get_mut(origin.root)
                    .is_some_and(|taken| !std::mem::replace(taken, true));
                if !free || !can_share(origin, seen.range(of), hull) {
                    *input = requantized(graph, &format!("{}/requantize{index}", node.name), of);
                    seen.alias(*input, of);
                }
            }
        }
        for id in &node.outputs {
            let origin = origin_of(&node, *id, &origins, &uses);
            if let Some(slot) = origins.get_mut(id.index()) {
                *slot = origin;
            }
        }
        graph.nodes.push(node);
    }
}

fn count_uses(graph: &Graph) -> Vec<usize> {
    let mut uses = vec![0; graph.values.len()];
    let readers = graph.nodes.iter().flat_map(|node| &node.inputs);
    for id in readers.chain(&graph.outputs) {
        if let Some(count) = uses.get_mut(id.index()) {
            *count += 1;
        }
    }
    uses
}

fn can_share(origin: &Origin, own: [f32; 2], hull: [f32; 2]) -> bool {
    let inside = origin.clamp[0] <= hull[0].min(0.0) && origin.clamp[1] >= hull[1].max(0.0);
    let width = |range: [f32; 2]| range[1].max(0.0) - range[0].min(0.0);
    let narrow = width(hull) <= WIDENING * width(own);
    !origin.fixed && inside && (narrow || !origin.shared)
}

fn origin_of(node: &Node, output: ValueId, origins: &[Origin], uses: &[usize]) -> Origin {
    let own = Origin::of(output.index(), uses);
    let of_input = |id: &ValueId| origins.get(id.index()).copied();
    match node.op.operator().quant_rule() {
        QuantRule::Same => {
            let origin = node.inputs.first().and_then(of_input).unwrap_or(own);
            Origin {
                shared: origin.shared || own.shared,
                ..origin
            }
        }
        QuantRule::Unified => node
            .inputs
            .iter()
            .filter_map(of_input)
            .fold(own, |all, one| Origin {
                clamp: intersection(all.clamp, one.clamp),
                ..all
            }),
        QuantRule::Fixed(_) => Origin { fixed: true, ..own },
        QuantRule::Weighted { .. } | QuantRule::Calibrated | QuantRule::FloatOnly => Origin {
            clamp: clamp_of(&node.op),
            ..own
        },
    }
}

fn intersection(a: [f32; 2], b: [f32; 2]) -> [f32; 2] {
    [a[0].max(b[0]), a[1].min(b[1])]
}

/// A table that changes the quantization and nothing else.
fn requantized(graph: &mut Graph, name: &str, of: ValueId) -> ValueId {
    let ty = graph.ty(of).clone();
    let output = graph.add_value(name, ty);
    graph.nodes.push(Node {
        name: name.to_owned(),
        op: Unary::of(UnaryFn::Affine(1.0, 0.0)).into(),
        inputs: vec![of],
        outputs: vec![output],
    });
    output
}

/// Groups values that operators bind together.
pub(super) fn groups(graph: &Graph, seen: &Observations) -> Groups {
    let mut sets = Sets::new(graph.values.len());
    let computed = |id: &ValueId| graph.constant(*id).is_none();
    for node in &graph.nodes {
        let rule = node.op.operator().quant_rule();
        let bound = match rule {
            QuantRule::Same => node.inputs.get(..1).unwrap_or(&[]),
            QuantRule::Unified => node.inputs.as_slice(),
            QuantRule::Weighted { .. }
            | QuantRule::Calibrated
            | QuantRule::Fixed(_)
            | QuantRule::FloatOnly => &[],
        };
        for input in bound.iter().filter(|id| computed(id)) {
            for output in &node.outputs {
                sets.join(input.index(), output.index());
            }
        }
    }
    let mut groups = Groups {
        of: vec![None; graph.values.len()],
        list: Vec::new(),
    };
    let mut index_of_root = vec![None; graph.values.len()];
    for index in 0..graph.values.len() {
        if !computed(&ValueId(index as u32)) {
            continue;
        }
        let root = sets.root(index);
        let group = *index_of_root[root].get_or_insert_with(|| {
            groups.list.push(Group {
                clamp: NO_CLAMP,
                fixed: None,
                useful: None,
                is_input: false,
                halves: Default::default(),
                whole: Distribution::default(),
            });
            groups.list.len() - 1
        });
        groups.of[index] = Some(group);
    }
    for node in &graph.nodes {
        let rule = node.op.operator().quant_rule();
        for id in &node.outputs {
            let group = groups.of[id.index()].and_then(|group| groups.list.get_mut(group));
            if let Some(group) = group {
                group.clamp = intersection(group.clamp, clamp_of(&node.op));
                if let QuantRule::Fixed(params) = rule {
                    group.fixed = Some(params);
                }
            }
        }
    }
    look(graph, seen, &mut groups);
    useful::find(graph, &mut groups);
    groups
}

/// Merges into each group the distributions of those members that are not only moved on inside the group.
fn look(graph: &Graph, seen: &Observations, groups: &mut Groups) {
    let mut read = vec![false; graph.values.len()];
    let mut moved = vec![false; graph.values.len()];
    for id in &graph.outputs {
        read[id.index()] = true;
    }
    for node in &graph.nodes {
        let to = node.outputs.first().and_then(|id| groups.of[id.index()]);
        for id in &node.inputs {
            let inside = to.is_some() && groups.of[id.index()] == to;
            let mark = if inside { &mut moved } else { &mut read };
            mark[id.index()] = true;
        }
    }
    let mut merged = std::collections::BTreeSet::new();
    for index in 0..graph.values.len() {
        let (Some(group), Some(tracked)) = (
            groups.of[index],
            seen.index_of.get(index).copied().flatten(),
        ) else {
            continue;
        };
        if (moved[index] && !read[index]) || !merged.insert((group, tracked)) {
            continue;
        }
        if let (Some(group), Some(halves)) =
            (groups.list.get_mut(group), seen.distributions.get(tracked))
        {
            group.is_input |= graph.inputs.contains(&ValueId(index as u32));
            for (half, one) in group.halves.iter_mut().zip(halves) {
                half.merge(one);
                group.whole.merge(one);
            }
        }
    }
}

/// Sets that can be joined.
struct Sets {
    parent: Vec<usize>,
}

impl Sets {
    fn new(len: usize) -> Self {
        Self {
            parent: (0..len).collect(),
        }
    }

    /// The least member of a set.
    fn root(&self, mut of: usize) -> usize {
        while self.parent[of] != of {
            of = self.parent[of];
        }
        of
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}
