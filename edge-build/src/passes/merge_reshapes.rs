//! A reshape of a reshape is one reshape.

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};
use crate::ops::Op;

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Reshape(outer), &[input], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let inner = rewriter.producer(input)?;
    let (Op::Reshape(_), &[source]) = (&inner.op, inner.inputs.as_slice()) else {
        return None;
    };
    rewriter.make_as(&node.name, outer.clone(), &[source], output)
}

#[cfg(test)]
mod tests {
    use crate::ops::{Reshape, Transpose};
    use crate::passes::testing::{Build, ops};

    #[test]
    fn reshapes_merge() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 6]);
        let a = b.node(Reshape { shape: vec![12] }, &[x]);
        let c = b.node(Reshape { shape: vec![3, 4] }, &[a]);
        let y = b.node(Transpose { perm: vec![1, 0] }, &[c]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Reshape", "Transpose"]);
    }
}
