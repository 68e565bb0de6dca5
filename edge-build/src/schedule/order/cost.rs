//! How many bytes are alive while the nodes of a graph run in some order.
//!
//! An estimate without lowering: views share the memory of what they view, element-wise nodes overwrite an
//! input that dies, everything else takes memory of its own. The planner decides about the real thing.

use crate::ir::{Graph, Node, ValueId};
use crate::ops::Op;

/// Memory that values share, by index: an input or the output of a node, with all its views.
pub(super) type Block = usize;

/// What a node does to memory.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeCost {
    /// Blocks it reads, each once.
    pub reads: Vec<Block>,
    /// Blocks it makes.
    pub makes: Vec<Block>,
    /// The block it may overwrite if nobody reads that later.
    pub overwrites: Option<Block>,
    /// Nodes that must run before it.
    pub after: Vec<usize>,
}

/// A graph as the search sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Costs {
    /// Size of each block in bytes.
    pub bytes: Vec<usize>,
    /// Number of nodes that read each block, one more if it is an output of the network.
    pub readers: Vec<u32>,
    /// Bytes alive before the first node: the inputs.
    pub at_start: usize,
    /// The nodes in the order of the graph.
    pub nodes: Vec<NodeCost>,
}

/// What is alive after some nodes have run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Readers of each block that have not run.
    pub left: Vec<u32>,
    /// Bytes alive.
    pub live: usize,
    /// Greatest number of bytes alive so far.
    pub peak: usize,
}

impl Costs {
    /// Takes the memory of a graph apart.
    pub(super) fn of(graph: &Graph) -> Self {
        let mut costs = Self::default();
        let mut block_of: Vec<Option<Block>> = vec![None; graph.values.len()];
        let mut maker_of: Vec<Option<usize>> = vec![None; graph.values.len()];
        for &input in &graph.inputs {
            block_of[input.index()] = Some(costs.block(graph.ty(input).bytes()));
        }
        costs.at_start = costs.bytes.iter().sum();
        for (index, node) in graph.nodes.iter().enumerate() {
            let cost = costs.node(graph, node, &mut block_of, &maker_of);
            costs.nodes.push(cost);
            for output in &node.outputs {
                maker_of[output.index()] = Some(index);
            }
        }
        for output in &graph.outputs {
            if let Some(block) = block_of[output.index()] {
                costs.readers[block] += 1;
            }
        }
        costs
    }

    fn block(&mut self, bytes: usize) -> Block {
        self.bytes.push(bytes.next_multiple_of(crate::plan::ALIGN));
        self.readers.push(0);
        self.bytes.len() - 1
    }

    fn node(
        &mut self,
        graph: &Graph,
        node: &Node,
        block_of: &mut [Option<Block>],
        maker_of: &[Option<usize>],
    ) -> NodeCost {
        let mut cost = NodeCost::default();
        for input in &node.inputs {
            if let Some(block) = block_of[input.index()]
                && !cost.reads.contains(&block)
            {
                cost.reads.push(block);
                self.readers[block] += 1;
            }
            cost.after.extend(maker_of[input.index()]);
        }
        let first = node.inputs.first().and_then(|id| block_of[id.index()]);
        if let (Op::Reshape(_), Some(viewed)) = (&node.op, first) {
            for output in &node.outputs {
                block_of[output.index()] = Some(viewed);
            }
            return cost;
        }
        for output in &node.outputs {
            let block = self.block(graph.ty(*output).bytes());
            block_of[output.index()] = Some(block);
            cost.makes.push(block);
        }
        let same_size = |&block: &Block| {
            cost.makes
                .iter()
                .all(|&made| self.bytes[made] == self.bytes[block])
        };
        let read_once = |&block: &Block| {
            let reads = |id: &&ValueId| block_of[id.index()] == Some(block);
            node.inputs.iter().filter(reads).count() == 1
        };
        let element_wise = matches!(node.op, Op::Unary(_) | Op::Binary(_) | Op::Softmax(_));
        let first = first.filter(|_| element_wise);
        cost.overwrites = first.filter(same_size).filter(read_once);
        cost
    }

    /// Before the first node.
    pub(super) fn start(&self) -> State {
        State {
            left: self.readers.clone(),
            live: self.at_start,
            peak: self.at_start,
        }
    }

    /// After one more node.
    pub(super) fn advance(&self, state: &State, node: usize) -> State {
        let mut next = state.clone();
        let cost = &self.nodes[node];
        let (mut made, mut freed) = (0, 0);
        for &block in &cost.makes {
            made += self.bytes[block];
            if self.readers[block] == 0 {
                freed += self.bytes[block];
            }
        }
        for &block in &cost.reads {
            next.left[block] = next.left[block].saturating_sub(1);
            if next.left[block] == 0 {
                freed += self.bytes[block];
            }
        }
        let shared = cost
            .overwrites
            .filter(|&block| next.left[block] == 0)
            .map_or(0, |block| self.bytes[block]);
        next.peak = next.peak.max((next.live + made).saturating_sub(shared));
        next.live = (next.live + made).saturating_sub(freed);
        next
    }

    /// The peak of an order.
    pub(super) fn peak(&self, order: impl IntoIterator<Item = usize>) -> usize {
        let run = |state: State, node: usize| self.advance(&state, node);
        order.into_iter().fold(self.start(), run).peak
    }
}
