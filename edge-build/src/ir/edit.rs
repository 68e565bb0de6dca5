//! Edits of a graph that passes share: one sweep from front to back in which a rule replaces nodes.
//!
//! A rule never changes a node in place: it emits new nodes behind all that the sweep has seen, and the
//! driver drops what nothing uses any more. So the order stays one in which the nodes can run, and a change
//! is seen by all later nodes of the same sweep.

mod compact;

pub use compact::compact;

use super::{Graph, Node, Quant, Tensor, TensorType, ValueId};
use crate::ops::Op;
use std::sync::Arc;

/// A graph in the middle of a sweep.
#[derive(Debug)]
pub struct Rewriter<'a> {
    graph: &'a mut Graph,
    /// Nodes seen or emitted so far; `None` where one was dropped.
    nodes: Vec<Option<Node>>,
    /// The index in `nodes` of the node that makes a value.
    producers: Vec<Option<usize>>,
    /// How often a value is read, by nodes and as an output of the graph.
    uses: Vec<usize>,
    /// What stands in for a value.
    replaced_by: Vec<ValueId>,
}

/// Sweeps over the nodes. The rule either returns `None` and the node stays as it is, whatever was emitted for it;
/// or it has emitted nodes for all outputs of the node (or replaced them by other values) and returns `Some(())`.
/// Nodes whose outputs nothing reads are dropped. Returns whether anything changed.
///
/// The graph must be verified.
pub fn sweep(
    graph: &mut Graph,
    mut rule: impl FnMut(&mut Rewriter<'_>, &Node) -> Option<()>,
) -> bool {
    let nodes = std::mem::take(&mut graph.nodes);
    let mut changed = false;
    let mut rewriter = Rewriter::new(graph, &nodes);
    for mut node in nodes {
        for input in &mut node.inputs {
            *input = rewriter.resolve(*input);
        }
        let seen = rewriter.nodes.len();
        let dead = node.outputs.iter().all(|&id| rewriter.uses(id) == 0);
        if dead || rule(&mut rewriter, &node).is_some() {
            rewriter.release(&node.inputs);
            changed = true;
        } else {
            rewriter.withdraw(seen);
            rewriter.push(node);
        }
    }
    let nodes = rewriter.nodes.into_iter().flatten().collect();
    graph.nodes = nodes;
    changed
}

impl<'a> Rewriter<'a> {
    fn new(graph: &'a mut Graph, nodes: &[Node]) -> Self {
        let count = graph.values.len();
        let mut uses = vec![0; count];
        let reads = nodes.iter().flat_map(|node| &node.inputs);
        for id in reads.chain(&graph.outputs) {
            uses[id.index()] += 1;
        }
        Self {
            nodes: Vec::with_capacity(nodes.len()),
            producers: vec![None; count],
            uses,
            replaced_by: (0..count as u32).map(ValueId).collect(),
            graph,
        }
    }

    fn resolve(&self, id: ValueId) -> ValueId {
        let mut id = id;
        while self.replaced_by[id.index()] != id {
            id = self.replaced_by[id.index()];
        }
        id
    }

    /// Puts a node behind the others; its uses are counted already.
    fn push(&mut self, node: Node) {
        for output in &node.outputs {
            self.producers[output.index()] = Some(self.nodes.len());
        }
        self.nodes.push(Some(node));
    }

    /// Takes back the nodes behind the first `seen`: a rule has emitted them and then given up.
    fn withdraw(&mut self, seen: usize) {
        for node in self.nodes.split_off(seen).into_iter().flatten() {
            for output in &node.outputs {
                self.producers[output.index()] = None;
            }
            for input in &node.inputs {
                self.uses[input.index()] = self.uses[input.index()].saturating_sub(1);
            }
        }
    }

    /// Takes back one use of each value, and drops nodes that only made values without use.
    fn release(&mut self, values: &[ValueId]) {
        let mut pending = values.to_vec();
        while let Some(id) = pending.pop() {
            self.uses[id.index()] = self.uses[id.index()].saturating_sub(1);
            let Some(index) = self.producers[id.index()] else {
                continue;
            };
            let dead = |node: &Node| node.outputs.iter().all(|&id| self.uses[id.index()] == 0);
            if self.nodes[index].as_ref().is_some_and(dead)
                && let Some(node) = self.nodes[index].take()
            {
                for output in &node.outputs {
                    self.producers[output.index()] = None;
                }
                pending.extend(node.inputs);
            }
        }
    }

    /// The type of a value.
    #[must_use]
    pub fn ty(&self, id: ValueId) -> &TensorType {
        self.graph.ty(id)
    }

    /// The shape of a value.
    #[must_use]
    pub fn shape(&self, id: ValueId) -> &[usize] {
        &self.graph.ty(id).shape
    }

    /// The name of a value.
    #[must_use]
    pub fn name(&self, id: ValueId) -> &str {
        &self.graph.value(id).name
    }

    /// The numbers of a value, if known.
    #[must_use]
    pub fn constant(&self, id: ValueId) -> Option<&Arc<Tensor>> {
        self.graph.constant(id)
    }

    /// The floats of a value, if known.
    #[must_use]
    pub fn floats(&self, id: ValueId) -> Option<&[f32]> {
        self.constant(id)?.as_f32()
    }

    /// The node that makes a value; `None` for inputs and constants.
    #[must_use]
    pub fn producer(&self, id: ValueId) -> Option<&Node> {
        self.producers
            .get(id.index())
            .copied()
            .flatten()
            .and_then(|index| self.nodes[index].as_ref())
    }

    /// How often a value is read, by nodes and as an output of the graph.
    #[must_use]
    pub fn uses(&self, id: ValueId) -> usize {
        self.uses[id.index()]
    }

    /// The node that makes a value which nothing but the node at hand reads.
    #[must_use]
    pub fn sole_producer(&self, id: ValueId) -> Option<&Node> {
        self.producer(id).filter(|_| self.uses(id) == 1)
    }

    /// Whether a value is an input of the graph.
    #[must_use]
    pub fn is_input(&self, id: ValueId) -> bool {
        self.graph.inputs.contains(&id)
    }

    /// Whether a value is an output of the graph.
    #[must_use]
    pub fn is_output(&self, id: ValueId) -> bool {
        self.graph.outputs.contains(&id)
    }

    /// Adds a constant.
    pub fn add_constant(&mut self, name: impl Into<String>, tensor: Tensor) -> ValueId {
        let id = self.graph.add_constant(name, tensor);
        self.track_new_values();
        id
    }

    /// Adds a constant of floats; `None` if their number does not fit the shape.
    pub fn add_floats(&mut self, name: &str, shape: &[usize], data: Vec<f32>) -> Option<ValueId> {
        Some(self.add_constant(name, Tensor::from_f32(shape, data)?))
    }

    /// Adds a constant whose numbers lie on a grid, or are integers that stand for reals.
    pub fn add_quantized(
        &mut self,
        name: impl Into<String>,
        tensor: Tensor,
        quant: Option<Quant>,
    ) -> ValueId {
        let id = self.add_constant(name, tensor);
        if let Some(value) = self.graph.values.get_mut(id.index()) {
            value.ty.quant = quant;
        }
        id
    }

    fn track_new_values(&mut self) {
        let count = self.graph.values.len();
        self.producers.resize(count, None);
        self.uses.resize(count, 0);
        let first = self.replaced_by.len() as u32;
        self.replaced_by.extend((first..count as u32).map(ValueId));
    }

    /// Emits a node that makes a new value. `None`, and nothing happens, if the operator does not take the
    /// inputs, or makes quantized numbers of which nothing says what they stand for: those that are only moved
    /// stand for what they did.
    pub fn make(&mut self, name: &str, op: impl Into<Op>, inputs: &[ValueId]) -> Option<ValueId> {
        self.make_typed(name, op, inputs, None)
    }

    /// Emits a node that makes a new value which stands for reals in a given way.
    pub fn make_typed(
        &mut self,
        name: &str,
        op: impl Into<Op>,
        inputs: &[ValueId],
        quant: Option<Quant>,
    ) -> Option<ValueId> {
        let op = op.into();
        let ty = match quant {
            Some(quant) => TensorType {
                quant: Some(quant),
                ..self.infer_any(&op, inputs)?
            },
            None => self.infer(&op, inputs)?,
        };
        let output = self.graph.add_value(name, ty);
        self.track_new_values();
        self.emit(name, op, inputs, output);
        Some(output)
    }

    /// Emits a node that makes a new value, which has the name of another and stands for reals as that does.
    /// `None`, and nothing happens, if the operator makes other elements, or computes on integers.
    pub fn make_like(
        &mut self,
        name: &str,
        op: impl Into<Op>,
        inputs: &[ValueId],
        like: ValueId,
    ) -> Option<ValueId> {
        let op = op.into();
        let wanted = self.ty(like);
        let quant = wanted.quant.clone().filter(|_| wanted.dtype.is_quantized());
        if self.infer_like(&op, inputs, like)?.dtype != wanted.dtype {
            return None;
        }
        let made = self.make_typed(name, op, inputs, quant)?;
        self.name_like(made, like);
        Some(made)
    }

    /// Gives a value the name of another, of which it is a form.
    pub fn name_like(&mut self, id: ValueId, like: ValueId) {
        let name = self.name(like).to_owned();
        if let Some(value) = self.graph.values.get_mut(id.index()) {
            value.name = name;
        }
    }

    /// Emits a node that makes a value which exists. `None`, and nothing happens, if the operator would
    /// make another type.
    pub fn make_as(
        &mut self,
        name: &str,
        op: impl Into<Op>,
        inputs: &[ValueId],
        output: ValueId,
    ) -> Option<()> {
        let op = op.into();
        let ty = self.infer_like(&op, inputs, output)?;
        (ty == *self.ty(output)).then(|| self.emit(name, op, inputs, output))
    }

    /// The same for a value that stands for reals in a way of its own: the operator quantizes, or computes on
    /// integers.
    pub fn make_as_typed(
        &mut self,
        name: &str,
        op: impl Into<Op>,
        inputs: &[ValueId],
        output: ValueId,
    ) -> Option<()> {
        let op = op.into();
        let (made, ty) = (self.infer_any(&op, inputs)?, self.ty(output));
        let same = made.dtype == ty.dtype && made.shape == ty.shape;
        same.then(|| self.emit(name, op, inputs, output))
    }

    /// The type that an operator would make; `None` if it does not take the inputs, or makes quantized numbers
    /// that it does not only move.
    #[must_use]
    pub fn infer(&self, op: &Op, inputs: &[ValueId]) -> Option<TensorType> {
        let ty = self.infer_any(op, inputs)?;
        if !ty.dtype.is_quantized() {
            return Some(ty);
        }
        let quant = self.ty(*inputs.first()?).quant.as_ref()?;
        let alike = inputs
            .iter()
            .all(|&id| self.ty(id).quant.as_ref() == Some(quant));
        let per_tensor = matches!(quant, Quant::PerTensor(_));
        (op.only_moves() && alike && per_tensor).then(|| TensorType {
            quant: Some(quant.clone()),
            ..ty
        })
    }

    /// The same, where numbers that are quantized stand for reals as another value does.
    fn infer_like(&self, op: &Op, inputs: &[ValueId], like: ValueId) -> Option<TensorType> {
        if !matches!(op, Op::Quantize(_)) {
            let ty = self.infer(op, inputs)?;
            let quantized = ty.dtype.is_quantized();
            return (!quantized || ty.quant == self.ty(like).quant).then_some(ty);
        }
        Some(TensorType {
            quant: self.ty(like).quant.clone(),
            ..self.infer_any(op, inputs)?
        })
    }

    /// The type that an operator would make, whatever its integers stand for.
    fn infer_any(&self, op: &Op, inputs: &[ValueId]) -> Option<TensorType> {
        let types: Vec<&TensorType> = inputs.iter().map(|&id| self.ty(id)).collect();
        let mut outputs = op.operator().infer(&types).ok()?;
        let ty = outputs.pop()?;
        outputs.is_empty().then_some(ty)
    }

    fn emit(&mut self, name: &str, op: Op, inputs: &[ValueId], output: ValueId) {
        for input in inputs {
            self.uses[input.index()] += 1;
        }
        self.push(Node {
            name: name.to_owned(),
            op,
            inputs: inputs.to_vec(),
            outputs: vec![output],
        });
    }

    /// Gives a value, which a node made until now, its numbers.
    pub fn set_constant(&mut self, id: ValueId, tensor: Tensor) {
        self.graph.values[id.index()].constant = Some(Arc::new(tensor));
    }

    /// Lets later nodes and the outputs read `new` where they read `old`. `None`, and nothing happens, if
    /// `old` is an output and `new` cannot take its name: then a node has to stay between them.
    pub fn replace(&mut self, old: ValueId, new: ValueId) -> Option<()> {
        if self.is_output(old) {
            let taken =
                self.is_output(new) || self.is_input(new) || self.graph.constant(new).is_some();
            if taken {
                return None;
            }
            let name = self.graph.value(old).name.clone();
            self.graph.values[new.index()].name = name;
            for output in &mut self.graph.outputs {
                if *output == old {
                    *output = new;
                }
            }
        }
        self.uses[new.index()] += std::mem::take(&mut self.uses[old.index()]);
        self.replaced_by[old.index()] = new;
        Some(())
    }
}

#[cfg(test)]
mod tests;
