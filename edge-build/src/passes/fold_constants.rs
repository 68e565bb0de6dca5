//! Nodes whose inputs are all known are computed at build time, by the kernels that would run on the device.

use super::permutation::{reshaped, transposed};
use crate::exec::Executor;
use crate::ir::edit::{self, Rewriter};
use crate::ir::{DType, Graph, Node, Tensor, Value, ValueId};
use crate::lower;
use crate::ops::Op;
use crate::plan::{Disjoint, Planner};

/// Elements beyond which a result that is larger than its inputs is rather computed on the device.
const MAX_GROWTH: usize = 1 << 16;

/// Multiply-accumulates beyond which folding would take too long.
const MAX_MACS: u64 = 1 << 25;

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let tensor = evaluate(rewriter, node, output)?;
    let ty = rewriter.ty(output);
    if tensor.dtype() != ty.dtype || tensor.shape() != ty.shape {
        return None;
    }
    rewriter.set_constant(output, tensor);
    Some(())
}

fn evaluate(rewriter: &Rewriter<'_>, node: &Node, output: ValueId) -> Option<Tensor> {
    let constants = node.inputs.iter().map(|&id| rewriter.constant(id));
    let constants = constants.collect::<Option<Vec<_>>>()?;
    let first = constants.first()?;
    // These two move elements of every type and need no kernel.
    if let Op::Reshape(op) = &node.op {
        return reshaped(first, &op.shape);
    }
    if let Op::Transpose(op) = &node.op {
        return transposed(first, &op.perm);
    }
    let ty = rewriter.ty(output);
    let read: usize = constants.iter().map(|tensor| tensor.ty().len()).sum();
    let floats = constants.iter().all(|tensor| tensor.dtype() == DType::F32);
    if !floats || ty.dtype != DType::F32 || ty.len() > read.max(MAX_GROWTH) {
        return None;
    }
    let inputs: Vec<_> = node.inputs.iter().map(|&id| rewriter.ty(id)).collect();
    if node.op.operator().macs(&inputs, &[ty]) > MAX_MACS {
        return None;
    }
    Tensor::from_f32(&ty.shape, execute(&single(rewriter, node, output))?)
}

/// A graph of one node.
fn single(rewriter: &Rewriter<'_>, node: &Node, output: ValueId) -> Graph {
    let mut graph = Graph::default();
    let value = |id: ValueId| Value {
        name: rewriter.name(id).to_owned(),
        ty: rewriter.ty(id).clone(),
        constant: rewriter.constant(id).cloned(),
    };
    graph.values = node.inputs.iter().map(|&id| value(id)).collect();
    graph.values.push(value(output));
    let last = ValueId(node.inputs.len() as u32);
    graph.nodes = vec![Node {
        inputs: (0..last.0).map(ValueId).collect(),
        outputs: vec![last],
        ..node.clone()
    }];
    graph.outputs = vec![last];
    graph
}

fn execute(graph: &Graph) -> Option<Vec<f32>> {
    let draft = lower::run(graph).ok()?;
    let plan = Disjoint.plan(&draft);
    let assembly = lower::assemble(graph, &draft, &plan);
    let mut executor = Executor::new(&assembly.program);
    executor.run().ok()?;
    let bytes = executor.output(0);
    bytes
        .len()
        .is_multiple_of(size_of::<f32>())
        .then(|| bytemuck::allocation::pod_collect_to_vec::<u8, f32>(bytes))
}

#[cfg(test)]
mod tests {
    use crate::ops::{Binary, Concat, Expand, Reshape, Transpose, conv2d::NO_CLAMP};
    use crate::passes::testing::{Build, ops};
    use edge_core::params::BinaryKind;

    #[test]
    fn known_parts_are_computed() {
        let mut b = Build::new();
        let x = b.input("x", &[3, 2]);
        let k = b.constant(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let t = b.node(Transpose { perm: vec![1, 0] }, &[k]);
        let one = b.constant(&[1], &[10.0]);
        let add = Binary {
            kind: BinaryKind::Add,
            clamp: NO_CLAMP,
        };
        let sum = b.node(add.clone(), &[t, one]);
        let y = b.node(add, &[x, sum]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Binary"]);
        let folded = after.constant(after.nodes[0].inputs[1]);
        let expected = [11.0, 14.0, 12.0, 15.0, 13.0, 16.0];
        assert_eq!(
            folded.and_then(|tensor| tensor.as_f32()),
            Some(&expected[..])
        );
    }

    #[test]
    fn a_constant_does_not_grow_without_bound() {
        let mut b = Build::new();
        let x = b.input("x", &[300, 300]);
        let k = b.constant(&[1, 1], &[2.0]);
        let shape = vec![300, 300];
        let wide = b.node(Expand { shape }, &[k]);
        let y = b.node(Concat { axis: 0 }, &[x, wide]);
        b.output(y).check_unchanged(super::run);
    }

    #[test]
    fn a_view_of_a_constant_is_folded_whatever_its_size() {
        let mut b = Build::new();
        let k = b.weights(&[300, 300]);
        let y = b.node(Reshape { shape: vec![90000] }, &[k]);
        let x = b.input("x", &[1]);
        let z = b.node(Concat { axis: 0 }, &[x, y]);
        let mut graph = b.output(z).graph();
        assert!(super::run(&mut graph));
        assert_eq!(ops(&graph), ["Concat"]);
        let folded = graph.constant(y).and_then(|tensor| tensor.as_f32());
        assert_eq!(folded, graph.constant(k).and_then(|tensor| tensor.as_f32()));
    }
}
