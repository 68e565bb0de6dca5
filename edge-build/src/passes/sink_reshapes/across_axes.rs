//! Reshapes that only add or remove axes of length 1, past operators whose attributes name axes.

use super::{emit_before, reshape_behind};
use crate::ir::edit::Rewriter;
use crate::ir::{Node, ValueId};
use crate::ops::{Concat, Gather, Op, Pad, Reduce, Slice, opaque};
use crate::passes::permutation::{contiguous, unit_axis_map};

pub(super) fn rule(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let &first = node.inputs.first()?;
    let made = reshape_behind(rewriter, first)?;
    let source = rewriter.shape(made.input).to_vec();
    let map = unit_axis_map(&source, rewriter.shape(first))?;
    let op = with_axes_before(&node.op, &source, &map)?;
    let inputs = inputs_before(rewriter, node, &source, &op)?;
    emit_before(rewriter, node, op, &inputs, &made.name)
}

/// The inputs as before their reshapes, which all remove and add the same axes.
fn inputs_before(
    rewriter: &Rewriter<'_>,
    node: &Node,
    source: &[usize],
    op: &Op,
) -> Option<Vec<ValueId>> {
    let &first = node.inputs.first()?;
    let map = unit_axis_map(source, rewriter.shape(first));
    let before = |&id: &ValueId| {
        let input = reshape_behind(rewriter, id)?.input;
        let shape = rewriter.shape(input);
        let alike = unit_axis_map(shape, rewriter.shape(id)) == map && shape.len() == source.len();
        alike.then_some(input)
    };
    let inputs: Vec<ValueId> = node.inputs.iter().map(before).collect::<Option<_>>()?;
    rewriter.infer(op, &inputs).map(|_| inputs)
}

/// The operator over the axes before a reshape: `map` gives the axis of `source` for each axis behind it.
/// `None` if the operator changes an axis that is not there.
fn with_axes_before(op: &Op, source: &[usize], map: &[Option<usize>]) -> Option<Op> {
    let rank = source.len();
    match op {
        Op::Pad(op) => Some(Op::from(Pad {
            before: carried(&op.before, map, &vec![0; rank])?,
            after: carried(&op.after, map, &vec![0; rank])?,
            value: op.value,
        })),
        Op::Slice(op) => {
            // Along an axis of length 1 there is only one thing to take.
            let short = |axis: usize| map[axis].is_none();
            let fixed = |axis: usize| op.starts[axis] == 0 && op.lens[axis] == 1;
            if !(0..map.len()).all(|axis| !short(axis) || fixed(axis)) {
                return None;
            }
            let mut slice = Slice {
                starts: vec![0; rank],
                steps: vec![1; rank],
                lens: source.to_vec(),
            };
            for (axis, &from) in map.iter().enumerate() {
                if let Some(from) = from {
                    slice.starts[from] = op.starts[axis];
                    slice.steps[from] = op.steps[axis];
                    slice.lens[from] = op.lens[axis];
                }
            }
            Some(slice.into())
        }
        Op::Reduce(op) => {
            let axes: Vec<usize> = map
                .get(op.start..op.end)?
                .iter()
                .copied()
                .flatten()
                .collect();
            let range = contiguous(source, &axes)?;
            Some(Op::from(Reduce {
                kind: op.kind,
                start: range.start,
                end: range.end,
            }))
        }
        Op::Gather(op) => Some(Op::from(Gather {
            axis: (*map.get(op.axis)?)?,
            rows: op.rows.clone(),
        })),
        Op::Concat(op) => Some(Op::from(Concat {
            axis: (*map.get(op.axis)?)?,
        })),
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Unary(_)
        | Op::Binary(_)
        | Op::Softmax(_)
        | Op::Expand(_)
        | Op::Transpose(_)
        | Op::Reshape(_)
        | Op::ResizeLinear(_)
        | Op::Quantize(_)
        | Op::Dequantize(_)
        | opaque!() => None,
    }
}

/// Numbers per axis carried over; those of axes that are not there must be neutral.
fn carried(numbers: &[usize], map: &[Option<usize>], neutral: &[usize]) -> Option<Vec<usize>> {
    let mut carried = neutral.to_vec();
    for (&number, &from) in numbers.iter().zip(map) {
        match from {
            Some(from) => *carried.get_mut(from)? = number,
            None if number == 0 => {}
            None => return None,
        }
    }
    Some(carried)
}
