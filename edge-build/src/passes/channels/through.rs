//! Between which numbers the outputs of operators without weights lie.

use super::super::evaluate::{Input, evaluate};
use super::super::numbers::channels;
use super::flow;
use super::ranges::{Range, Ranges, of_numbers};
use crate::ir::{DType, Graph, Node, TensorType, ValueId};
use crate::ops::{Op, opaque};
use edge_core::params::BinaryKind;

/// The ranges of the output; `None` if nothing is known of it.
pub(super) fn ranges(graph: &Graph, node: &Node, known: &Ranges) -> Option<Vec<Range>> {
    let links = flow::links(graph, node)?;
    let output = graph.ty(*node.outputs.first()?);
    let inputs: Vec<Vec<Range>> = node.inputs.iter().map(|&id| known.of(graph, id)).collect();
    if keeps_order(&node.op) {
        let [low, high] = [|range: &Range| range.low, |range: &Range| range.high]
            .map(|end| run(graph, node, &inputs, end, output));
        let (low, high) = (
            of_numbers(&low?, channels(output)),
            of_numbers(&high?, channels(output)),
        );
        return Some(
            low.iter()
                .zip(high)
                .map(|(low, high)| low.with(high))
                .collect(),
        );
    }
    if let (Op::Unary(_) | Op::Table(_), &[input], [ranges], DType::I8) = (
        &node.op,
        node.inputs.as_slice(),
        inputs.as_slice(),
        output.dtype,
    ) {
        return of_table(graph, &node.op, graph.ty(input), output, ranges);
    }
    // Nothing but numbers that are known makes one that is.
    let count = channels(output);
    let mut fixed = vec![true; count];
    for (ranges, link) in inputs.iter().zip(&links) {
        for (from, to) in link.pairs(ranges.len(), count) {
            fixed[to] &= ranges[from].fixed().is_some();
        }
    }
    if !fixed.contains(&true) {
        return None;
    }
    let made = run(graph, node, &inputs, |range| range.low, output)?;
    let made = of_numbers(&made, count).into_iter().zip(fixed);
    let full = Ranges::default().of(graph, *node.outputs.first()?);
    Some(
        made.zip(full)
            .map(|((made, fixed), full)| if fixed { made } else { full })
            .collect(),
    )
}

/// Whether greater inputs never make lesser outputs.
fn keeps_order(op: &Op) -> bool {
    match op {
        Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Reduce(_)
        | Op::Concat(_)
        | Op::Pad(_)
        | Op::Slice(_)
        | Op::Transpose(_)
        | Op::Reshape(_)
        | Op::Expand(_)
        | Op::Gather(_) => true,
        Op::Binary(op) => matches!(op.kind, BinaryKind::Add | BinaryKind::Min | BinaryKind::Max),
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::FullyConnected(_)
        | Op::MatMul(_)
        | Op::Unary(_)
        | Op::Softmax(_)
        | Op::ResizeLinear(_)
        | Op::Quantize(_)
        | Op::Dequantize(_)
        | opaque!() => matches!(op, Op::Requantize(_)),
    }
}

/// The output for inputs that hold an end of the range of their channel everywhere.
fn run(
    graph: &Graph,
    node: &Node,
    ranges: &[Vec<Range>],
    end: fn(&Range) -> i64,
    output: &TensorType,
) -> Option<Vec<i64>> {
    let inputs = node.inputs.iter().zip(ranges);
    let inputs = inputs.map(|(&id, ranges)| filled(graph, id, ranges, end));
    evaluate(
        graph.arithmetic,
        &node.op,
        inputs.collect::<Option<_>>()?,
        output,
    )
}

fn filled(graph: &Graph, id: ValueId, ranges: &[Range], end: fn(&Range) -> i64) -> Option<Input> {
    let ty = graph.ty(id);
    if let Some(numbers) = graph.constant(id) {
        return Some(Input {
            ty: ty.clone(),
            numbers: numbers.clone(),
        });
    }
    let row: Vec<i64> = ranges.iter().map(end).collect();
    Input::of(ty, &row.repeat(ty.len().checked_div(row.len())?))
}

/// The ranges behind a function of one byte.
fn of_table(
    graph: &Graph,
    op: &Op,
    from: &TensorType,
    to: &TensorType,
    ranges: &[Range],
) -> Option<Vec<Range>> {
    let all: Vec<i64> = (-128..=127).collect();
    let shaped = |ty: &TensorType| TensorType {
        shape: vec![all.len()],
        ..ty.clone()
    };
    let input = Input::of(&shaped(from), &all)?;
    let table = evaluate(graph.arithmetic, op, vec![input], &shaped(to))?;
    let image = |range: &Range| {
        let [low, high] = [range.low, range.high].map(|x| usize::try_from(x + 128).ok());
        let part = table.get(low?..=high?)?;
        Some(Range::of(*part.iter().min()?, *part.iter().max()?))
    };
    ranges.iter().map(image).collect()
}
