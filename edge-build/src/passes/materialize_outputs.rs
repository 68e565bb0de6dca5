//! An output that is an input, a constant, a view of one, or another output once more gets memory of its own.

use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Reshape, Slice};

pub(super) fn run(graph: &mut Graph) -> bool {
    let mut changed = false;
    for index in 0..graph.outputs.len() {
        let Some(&output) = graph.outputs.get(index) else {
            continue;
        };
        let again = graph.outputs[..index].contains(&output);
        let root = root(graph, output);
        if again || graph.inputs.contains(&root) || graph.constant(root).is_some() {
            copy(graph, index, root);
            changed = true;
        }
    }
    changed
}

/// The value whose memory a value shares: behind all reshapes.
fn root(graph: &Graph, id: ValueId) -> ValueId {
    let mut id = id;
    for node in graph.nodes.iter().rev() {
        if let (Op::Reshape(_), &[input], &[output]) =
            (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
            && output == id
        {
            id = input;
        }
    }
    id
}

/// Makes output `index` a copy of `root`: a slice of everything, which moves int8 as it moves floats; and a
/// view of that if the output has another shape.
fn copy(graph: &mut Graph, index: usize, root: ValueId) {
    let output = graph.value(graph.outputs[index]);
    let (name, ty) = (output.name.clone(), output.ty.clone());
    let source = graph.ty(root).clone();
    let slice = Slice {
        starts: vec![0; source.shape.len()],
        steps: vec![1; source.shape.len()],
        lens: source.shape.clone(),
    };
    let copied = graph.add_value(name.clone(), source);
    push(
        graph,
        format!("{name} (copy)"),
        slice.into(),
        [root, copied],
    );
    graph.outputs[index] = copied;
    if graph.ty(copied) != &ty {
        let shape = ty.shape.clone();
        let view = graph.add_value(name.clone(), ty);
        push(graph, name, Reshape { shape }.into(), [copied, view]);
        graph.outputs[index] = view;
    }
}

fn push(graph: &mut Graph, name: String, op: Op, [input, output]: [ValueId; 2]) {
    graph.nodes.push(Node {
        name,
        op,
        inputs: vec![input],
        outputs: vec![output],
    });
}

#[cfg(test)]
mod tests {
    use crate::ops::{Reshape, Unary};
    use crate::passes::testing::{Build, ops, run};
    use edge_core::params::UnaryFn;

    #[test]
    fn inputs_and_their_views_are_copied() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let view = b.node(Reshape { shape: vec![3, 2] }, &[x]);
        let flat = b.node(Reshape { shape: vec![6] }, &[view]);
        let after = b.output(flat).output(x).check(super::run);
        assert_eq!(ops(&after), ["Slice", "Reshape", "Slice"]);
    }

    #[test]
    fn constants_are_copied() {
        let mut b = Build::new();
        let k = b.constant(&[2], &[5.0, 7.0]);
        let mut graph = b.output(k).graph();
        assert!(super::run(&mut graph));
        assert_eq!(graph.value(graph.outputs[0]).name, "constant");
        assert_eq!(run(&graph), [[5.0, 7.0]]);
    }

    #[test]
    fn computed_outputs_stay_and_twins_are_copied() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3]);
        let y = b.node(Unary::of(UnaryFn::Tanh), &[x]);
        let view = b.node(Reshape { shape: vec![6] }, &[y]);
        b.output(y).output(view).check_unchanged(super::run);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Unary", "Reshape", "Slice"]);
        let after = b.output(view).check(super::run);
        assert_eq!(
            ops(&after),
            ["Unary", "Reshape", "Slice", "Slice", "Reshape"]
        );
    }
}
