//! A transpose of a transpose is one transpose, also with a reshape in between that it can pass; one that moves
//! only axes of length 1 is a reshape.

use super::permutation::{exchanged, inverse, keeps_elements, permute};
use super::sink_transposes::transpose_behind;
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, ValueId};
use crate::ops::{Op, Reshape, Transpose};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Transpose(Transpose { perm }), &[input], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    if let Some(first) = transpose_behind(rewriter, input) {
        let perm = permute(&first.perm, perm)?;
        return turn(rewriter, &node.name, first.input, perm, output);
    }
    if keeps_elements(rewriter.shape(input), perm) {
        return turn(rewriter, &node.name, input, perm.clone(), output);
    }
    across_reshape(rewriter, node, perm)
}

/// Emits a transpose, as a reshape if that does.
fn turn(
    rewriter: &mut Rewriter<'_>,
    name: &str,
    input: ValueId,
    perm: Vec<usize>,
    output: ValueId,
) -> Option<()> {
    if keeps_elements(rewriter.shape(input), &perm) {
        let shape = rewriter.shape(output).to_vec();
        return rewriter.make_as(name, Reshape { shape }, &[input], output);
    }
    rewriter.make_as(name, Transpose { perm }, &[input], output)
}

/// Transpose, reshape, transpose: one transpose and a reshape, if the second transpose can pass the reshape.
fn across_reshape(rewriter: &mut Rewriter<'_>, node: &Node, perm: &[usize]) -> Option<()> {
    let (&[input], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
        return None;
    };
    let reshape = rewriter.sole_producer(input)?;
    let (Op::Reshape(_), &[middle]) = (&reshape.op, reshape.inputs.as_slice()) else {
        return None;
    };
    let name = reshape.name.clone();
    let first = transpose_behind(rewriter, middle).filter(|_| rewriter.uses(middle) == 1)?;
    // Seen from the output: back through the transpose, then back through the reshape.
    let target = rewriter.shape(output).to_vec();
    let (back, undo) = exchanged(
        &target,
        &inverse(perm),
        rewriter.shape(input),
        rewriter.shape(middle),
    )?;
    let perm = permute(&first.perm, &inverse(&undo))?;
    let turned = rewriter.make(&node.name, Transpose { perm }, &[first.input])?;
    if rewriter.shape(turned) != back {
        return None;
    }
    rewriter.make_as(&name, Reshape { shape: target }, &[turned], output)
}

#[cfg(test)]
mod tests {
    use crate::ops::{Reshape, Transpose};
    use crate::passes::testing::{Build, ops};

    #[test]
    fn transposes_merge_and_cancel() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3, 4]);
        let a = b.node(
            Transpose {
                perm: vec![1, 2, 0],
            },
            &[x],
        );
        let c = b.node(
            Transpose {
                perm: vec![0, 2, 1],
            },
            &[a],
        );
        let d = b.node(
            Transpose {
                perm: vec![1, 0, 2],
            },
            &[c],
        );
        let after = b.output(d).check(super::run);
        assert_eq!(ops(&after), ["Reshape"], "the three cancel");
    }

    #[test]
    fn a_single_channel_moves_for_free() {
        let mut b = Build::new();
        let x = b.input("x", &[1, 1, 4, 5]);
        let y = b.node(
            Transpose {
                perm: vec![0, 2, 3, 1],
            },
            &[x],
        );
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["Reshape"]);
    }

    #[test]
    fn a_channel_shuffle_is_one_transpose() {
        let mut b = Build::new();
        let x = b.input("x", &[1, 3, 2, 8]);
        let to_nchw = b.node(
            Transpose {
                perm: vec![0, 3, 1, 2],
            },
            &[x],
        );
        let shape = vec![1, 2, 4, 3, 2];
        let groups = b.node(Reshape { shape }, &[to_nchw]);
        let perm = vec![0, 2, 1, 3, 4];
        let shuffled = b.node(Transpose { perm }, &[groups]);
        let shape = vec![1, 8, 3, 2];
        let merged = b.node(Reshape { shape }, &[shuffled]);
        let perm = vec![0, 2, 3, 1];
        let y = b.node(Transpose { perm }, &[merged]);
        let graph = b.output(y).graph();
        let mut after = graph.clone();
        for _ in 0..3 {
            crate::passes::sink_transposes::run(&mut after);
            super::run(&mut after);
        }
        crate::passes::testing::assert_same(&graph, &after);
        let after = ops(&after);
        let transposes = after.iter().filter(|name| **name == "Transpose");
        assert_eq!(transposes.count(), 1, "{after:?}");
    }
}
