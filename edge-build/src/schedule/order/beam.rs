//! Beam search over the orders in which nodes can run: exact as long as the beam holds all sets of nodes that
//! can have run.

use super::cost::{Costs, State};

/// Orders kept after each node, for small graphs and for large ones.
const WIDE: usize = 128;
const NARROW: usize = 12;

/// Nodes beyond which the beam is narrow.
const MANY_NODES: usize = 100;

/// A beginning of an order.
#[derive(Clone, Debug)]
struct Beginning {
    order: Vec<usize>,
    /// For each node the number of nodes that must run before it and have not.
    waits_for: Vec<u32>,
    done: Vec<bool>,
    state: State,
}

/// An order with a lower peak than the order of the graph, if one is found.
pub(super) fn search(costs: &Costs) -> Option<Vec<usize>> {
    let count = costs.nodes.len();
    let peak = costs.peak(0..count);
    let followers = followers(costs);
    let width = if count > MANY_NODES { NARROW } else { WIDE };
    let mut beam = vec![Beginning {
        order: Vec::with_capacity(count),
        waits_for: costs.nodes.iter().map(|n| n.after.len() as u32).collect(),
        done: vec![false; count],
        state: costs.start(),
    }];
    for _ in 0..count {
        let mut longer: Vec<Beginning> = Vec::new();
        for beginning in &beam {
            let ready = |&node: &usize| !beginning.done[node] && beginning.waits_for[node] == 0;
            for node in (0..count).filter(ready) {
                let state = costs.advance(&beginning.state, node);
                if state.peak < peak {
                    longer.push(extend(beginning, node, state, &followers));
                }
            }
        }
        beam = best(longer, width);
    }
    // Only orders below the peak of the graph's own survive.
    beam.into_iter().next().map(|found| found.order)
}

/// The nodes that wait for each node.
fn followers(costs: &Costs) -> Vec<Vec<usize>> {
    let mut followers = vec![Vec::new(); costs.nodes.len()];
    for (index, node) in costs.nodes.iter().enumerate() {
        for &before in &node.after {
            followers[before].push(index);
        }
    }
    followers
}

fn extend(from: &Beginning, node: usize, state: State, followers: &[Vec<usize>]) -> Beginning {
    let mut next = Beginning {
        state,
        ..from.clone()
    };
    next.order.push(node);
    next.done[node] = true;
    for &follower in &followers[node] {
        next.waits_for[follower] -= 1;
    }
    next
}

/// The best beginnings, one for each set of nodes that have run: lowest peak, then fewest live bytes, then
/// the order nearest to the graph's.
fn best(mut beginnings: Vec<Beginning>, width: usize) -> Vec<Beginning> {
    let rank = |b: &Beginning| (b.state.peak, b.state.live);
    beginnings.sort_by(|a, b| {
        a.done
            .cmp(&b.done)
            .then(rank(a).cmp(&rank(b)))
            .then(a.order.cmp(&b.order))
    });
    beginnings.dedup_by(|later, earlier| later.done == earlier.done);
    beginnings.sort_by(|a, b| rank(a).cmp(&rank(b)).then(a.order.cmp(&b.order)));
    beginnings.truncate(width);
    beginnings
}
