//! Whether there is a kernel for an operator on integers.

use crate::ir::edit::Rewriter;
use crate::ir::{Arithmetic, Graph, Node, TensorType, Value, ValueId};
use crate::lower;
use crate::ops::Op;

/// Whether an operator of these inputs that makes such an output can be lowered.
pub(super) fn lowers(
    rewriter: &Rewriter<'_>,
    op: &Op,
    inputs: &[ValueId],
    output: TensorType,
    arithmetic: Arithmetic,
) -> bool {
    let mut graph = Graph {
        arithmetic,
        ..Graph::default()
    };
    for (index, &id) in inputs.iter().enumerate() {
        let constant = rewriter.constant(id).cloned();
        if constant.is_none() {
            graph.inputs.push(ValueId(index as u32));
        }
        graph.values.push(Value {
            name: String::new(),
            ty: rewriter.ty(id).clone(),
            constant,
        });
    }
    let output = graph.add_value("", output);
    graph.outputs = vec![output];
    graph.nodes = vec![Node {
        name: String::new(),
        op: op.clone(),
        inputs: (0..output.0).map(ValueId).collect(),
        outputs: vec![output],
    }];
    lower::run(&graph).is_ok()
}
