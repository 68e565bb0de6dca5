//! Dead values removed.

use crate::ir::{Graph, Value, ValueId};

/// Removes values that no node, input or output names; ids change, order stays.
pub fn compact(graph: &mut Graph) {
    let mut used = vec![false; graph.values.len()];
    let named = graph
        .nodes
        .iter()
        .flat_map(|node| node.inputs.iter().chain(&node.outputs));
    for id in named.chain(&graph.inputs).chain(&graph.outputs) {
        used[id.index()] = true;
    }
    let mut next = 0;
    let ids: Vec<ValueId> = used
        .iter()
        .map(|&used| {
            let id = ValueId(next);
            next += u32::from(used);
            id
        })
        .collect();
    let values: Vec<Value> = std::mem::take(&mut graph.values);
    graph.values = values
        .into_iter()
        .zip(&used)
        .filter_map(|(value, &used)| used.then_some(value))
        .collect();
    let rename = |id: &mut ValueId| *id = ids[id.index()];
    for node in &mut graph.nodes {
        node.inputs.iter_mut().for_each(rename);
        node.outputs.iter_mut().for_each(rename);
    }
    graph.inputs.iter_mut().for_each(rename);
    graph.outputs.iter_mut().for_each(rename);
}
