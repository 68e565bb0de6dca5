//! A gather of equally spaced rows is a slice.

use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node};
use crate::ops::{Op, Slice};

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, rule)
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (Op::Gather(op), &[input], &[output]) =
        (&node.op, node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let (first, step) = spacing(&op.rows)?;
    let shape = rewriter.shape(input);
    let mut slice = Slice {
        starts: vec![0; shape.len()],
        steps: vec![1; shape.len()],
        lens: shape.to_vec(),
    };
    *slice.starts.get_mut(op.axis)? = first;
    *slice.steps.get_mut(op.axis)? = step;
    *slice.lens.get_mut(op.axis)? = op.rows.len();
    rewriter.make_as(&node.name, slice, &[input], output)
}

/// First row and step of rows at equal distance; `None` if they are not.
fn spacing(rows: &[u32]) -> Option<(usize, isize)> {
    let &first = rows.first()?;
    let step = rows
        .get(1)
        .map_or(1, |&second| i64::from(second) - i64::from(first));
    let equal = |pair: &[u32]| i64::from(pair[1]) - i64::from(pair[0]) == step;
    (step != 0 && rows.windows(2).all(equal)).then_some((first as usize, step as isize))
}

#[cfg(test)]
mod tests {
    use crate::ops::Gather;
    use crate::passes::testing::{Build, ops};

    fn gather(rows: &[u32]) -> Build {
        let mut b = Build::new();
        let x = b.input("x", &[2, 5, 3]);
        let op = Gather {
            axis: 1,
            rows: rows.to_vec(),
        };
        let y = b.node(op, &[x]);
        b.output(y);
        b
    }

    #[test]
    fn equal_steps_become_a_slice() {
        for rows in [&[3][..], &[1, 3], &[4, 2, 0], &[0, 1, 2, 3, 4]] {
            assert_eq!(ops(&gather(rows).check(super::run)), ["Slice"]);
        }
    }

    #[test]
    fn other_rows_stay() {
        gather(&[0, 1, 3]).check_unchanged(super::run);
        gather(&[2, 2]).check_unchanged(super::run);
    }
}
