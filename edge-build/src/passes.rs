//! Passes over the float graph: each file holds one idea, this one the order.

mod channel_affine;
mod channels;
mod constants;
mod evaluate;
mod fold_affines_ahead;
mod fold_affines_back;
mod fold_constants;
mod fold_pads;
mod fold_transposes;
mod fuse_activations;
mod fuse_limits;
mod materialize_outputs;
mod merge_affines;
mod merge_duplicates;
mod merge_reduces;
mod merge_reshapes;
mod merge_tables;
mod merge_transposes;
mod merge_unaries;
mod normalize_binaries;
mod numbers;
mod permutation;
mod raise_activations;
mod raise_transposes;
mod recognize_activations;
mod remove_identity;
mod replace_bytes;
mod replace_channel_constants;
mod replace_depthwise_convs;
mod replace_gathers;
mod replace_grouped_convs;
mod replace_poolings;
mod sink_reshapes;
mod sink_transposes;
#[cfg(test)]
pub(crate) mod testing;
mod weights;

use crate::diag::Diagnostics;
use crate::ir::{Graph, Node, Value, edit};
use crate::ops::Op;

/// A change of the graph that keeps what it computes.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// The name of its file.
    pub name: &'static str,
    /// Applies it everywhere; returns whether anything changed.
    pub run: fn(&mut Graph) -> bool,
}

macro_rules! passes {
    ($($name:ident),* $(,)?) => { &[$(Pass { name: stringify!($name), run: $name::run }),*] };
}

/// Run again and again, in this order, until none changes anything.
pub const CANONICALIZE: &[Pass] = passes![
    fold_constants,
    remove_identity,
    merge_duplicates,
    replace_gathers,
    replace_poolings,
    replace_grouped_convs,
    replace_depthwise_convs,
    merge_reshapes,
    merge_transposes,
    sink_transposes,
    fold_transposes,
    sink_reshapes,
    normalize_binaries,
    fold_pads,
    fold_affines_back,
    merge_affines,
    fuse_activations,
    raise_activations,
    recognize_activations,
    fold_affines_ahead,
    merge_unaries,
    merge_reduces,
];

/// Run once behind the others: what would keep those from settling.
pub const FINISH: &[Pass] = passes![
    raise_transposes,
    merge_duplicates,
    replace_channel_constants,
    merge_reshapes,
    remove_identity,
    materialize_outputs,
];

/// Run behind the fusion of quantized operators, which moves what moves elements.
const TIDY: &[Pass] = passes![
    merge_transposes,
    merge_reshapes,
    remove_identity,
    merge_duplicates,
    materialize_outputs,
];

/// Rounds of [`CANONICALIZE`] after which it stops even if something still changes. A graph that wanders is
/// right, if not as small as it could be. Every round carries a change through the whole graph, so real
/// networks settle in a few.
const MAX_ROUNDS: usize = 50;

/// Folds, fuses and cancels until nothing changes. The graph must be verified.
///
/// Never leaves more elements for transposes to move than there were.
///
/// # Errors
/// None so far: what cannot be simplified stays.
pub fn canonicalize(graph: Graph) -> Result<Graph, Diagnostics> {
    let most = transposed_elements(&graph);
    let small = settled(graph.clone(), CANONICALIZE);
    if transposed_elements(&small) <= most {
        return Ok(small);
    }
    let resting: Vec<Pass> = CANONICALIZE
        .iter()
        .filter(|pass| pass.name != "sink_transposes")
        .copied()
        .collect();
    Ok(settled(graph, &resting))
}

/// Merges what moves elements and drops what nothing uses. The graph must be verified.
#[must_use]
pub fn tidy(mut graph: Graph) -> Graph {
    run_all(TIDY, &mut graph);
    edit::sweep(&mut graph, |_, _| None);
    edit::compact(&mut graph);
    graph
}

/// Rewrites of graphs of integers that change no bit, run again and again until none changes anything.
const REWRITE: &[Pass] = passes![
    replace_depthwise_convs,
    merge_transposes,
    merge_reshapes,
    fold_pads,
    remove_identity,
    fuse_limits,
    merge_tables,
    replace_bytes,
];

/// Makes a graph with quantized layers smaller: tables for chains of functions, no channels that no output depends
/// on. It computes the same bits. Float graphs stay as they are. The graph must be verified.
#[must_use]
pub fn prune(mut graph: Graph) -> Graph {
    let quantized = |value: &Value| value.ty.dtype.is_quantized();
    if !graph.values.iter().any(quantized) {
        return graph;
    }
    repeat(REWRITE, &mut graph);
    // Finds all at once.
    if channels::run(&mut graph) {
        repeat(REWRITE, &mut graph);
    }
    run_all(TIDY, &mut graph);
    edit::sweep(&mut graph, |_, _| None);
    edit::compact(&mut graph);
    graph
}

/// Prepares a graph fresh from the quantizer for [`prune`]: what is known of its numbers no longer decides about the
/// scaling of others.
pub fn free_scales(graph: &mut Graph) {
    channels::free_scales(graph);
}

/// Runs passes until none changes anything.
fn repeat(passes: &[Pass], graph: &mut Graph) {
    for _ in 0..MAX_ROUNDS {
        if !run_all(passes, graph) {
            break;
        }
    }
}

fn settled(mut graph: Graph, passes: &[Pass]) -> Graph {
    repeat(passes, &mut graph);
    run_all(FINISH, &mut graph);
    edit::sweep(&mut graph, |_, _| None);
    edit::compact(&mut graph);
    graph
}

/// Elements that all transposes move.
fn transposed_elements(graph: &Graph) -> usize {
    let of = |node: &Node| match (&node.op, node.outputs.as_slice()) {
        (Op::Transpose(_), &[output]) => graph.ty(output).len(),
        _ => 0,
    };
    graph.nodes.iter().map(of).sum()
}

/// Runs each pass once; returns whether anything changed.
fn run_all(passes: &[Pass], graph: &mut Graph) -> bool {
    let mut changed = false;
    for pass in passes {
        changed |= (pass.run)(graph);
    }
    changed
}

#[cfg(test)]
mod tests;
