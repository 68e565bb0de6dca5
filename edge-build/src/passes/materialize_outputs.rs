//! An output that is an input, a constant, a view of one, or another output once more gets memory of its own.

use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Slice};

pub(super) fn run(graph: &mut Graph) -> bool {
    let mut changed = false;
    for index in 0..graph.outputs.len() {
        let Some(&output) = graph.outputs.get(index) else {
            continue;
        };
        let again = graph.outputs[..index].contains(&output);
        let root = root(graph, output);
        if again || graph.inputs.contains(&root) || graph.constant(root).is_some() {
            copy(graph, index, output);
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

/// Makes output `index` a copy: a slice of everything, which moves int8 as it moves floats.
fn copy(graph: &mut Graph, index: usize, output: ValueId) {
    let value = graph.value(output);
    let (name, ty) = (value.name.clone(), value.ty.clone());
    let slice = Slice {
        starts: vec![0; ty.shape.len()],
        steps: vec![1; ty.shape.len()],
        lens: ty.shape.clone(),
    };
    let copied = graph.add_value(name.clone(), ty);
    graph.nodes.push(Node {
        name: format!("{name} (copy)"),
        op: slice.into(),
        inputs: vec![output],
        outputs: vec![copied],
    });
    graph.outputs[index] = copied;
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
        assert_eq!(ops(&after), ["Reshape", "Reshape", "Slice", "Slice"]);
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
    }
}
