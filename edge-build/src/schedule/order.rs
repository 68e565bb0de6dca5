//! The order of the nodes: one with a small peak of live memory.
//!
//! The order of the file stays unless another needs less memory.

mod beam;
mod cost;
#[cfg(test)]
mod tests;

use crate::ir::Graph;
use cost::Costs;

/// Reorders the nodes.
#[must_use]
pub fn run(mut graph: Graph) -> Graph {
    let costs = Costs::of(&graph);
    if let Some(order) = beam::search(&costs) {
        let mut nodes: Vec<_> = graph.nodes.drain(..).map(Some).collect();
        graph.nodes = order
            .iter()
            .filter_map(|&node| nodes[node].take())
            .collect();
    }
    graph
}
