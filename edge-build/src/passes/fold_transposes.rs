//! A transpose between a fully connected layer and the flattening beside it goes into the order of the weights.

use super::permutation::{inverse, permute};
use super::weights::{emit_layer, take_rows};
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Graph, Node, Quant, Tensor, ValueId};
use crate::ops::{Op, Reshape, Transpose, opaque};
use ndarray::ArrayD;

pub(super) fn run(graph: &mut Graph) -> bool {
    edit::sweep(graph, |rewriter, node| match &node.op {
        Op::FullyConnected(_) => into_columns(rewriter, node),
        Op::Transpose(op) => into_rows(rewriter, node, op),
        Op::Conv2d(_)
        | Op::DepthwiseConv2d(_)
        | Op::ConvTranspose2d(_)
        | Op::MatMul(_)
        | Op::MaxPool2d(_)
        | Op::AveragePool2d(_)
        | Op::Reduce(_)
        | Op::Unary(_)
        | Op::Binary(_)
        | Op::Softmax(_)
        | Op::Concat(_)
        | Op::Pad(_)
        | Op::Slice(_)
        | Op::Reshape(_)
        | Op::Expand(_)
        | Op::Gather(_)
        | Op::ResizeLinear(_)
        | Op::Quantize(_)
        | Op::Dequantize(_)
        | opaque!() => None,
    })
}

/// Transpose, flatten, layer: the layer reads the flattened original with its columns in another order.
fn into_columns(rewriter: &mut Rewriter<'_>, node: &Node) -> Option<()> {
    let (&[rows, weights, bias], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice())
    else {
        return None;
    };
    let flatten = reshape_behind(rewriter, rows)?;
    let made = super::sink_transposes::transpose_behind(rewriter, flatten)?;
    let &[batch, columns] = rewriter.shape(rows) else {
        return None;
    };
    let (shape, perm) = without_batch(batch, rewriter.shape(flatten), &inverse(&made.perm))?;
    let order = element_order(columns, &shape, &perm)?;
    let data = rewriter.floats(weights)?;
    let outputs = data.len().checked_div(columns)?;
    let mut moved = Vec::with_capacity(data.len());
    for row in 0..outputs {
        let row = data.get(row * columns..(row + 1) * columns)?;
        moved.extend(order.iter().filter_map(|&column| row.get(column)));
    }
    let name = rewriter.name(weights).to_owned();
    // Columns have no scales of their own, so none is out of place.
    let quant = by_rows(rewriter.ty(weights).quant.as_ref());
    let moved = Tensor::from_f32(&[outputs, columns], moved)?;
    let weights = rewriter.add_quantized(name, moved, quant);
    let shape = vec![batch, columns];
    let rows = rewriter.make(&made.name, Reshape { shape }, &[made.input])?;
    rewriter.make_as(&node.name, node.op.clone(), &[rows, weights, bias], output)
}

/// Layer, element-wise functions, reshape, transpose: the layer makes its outputs in another order.
fn into_rows(rewriter: &mut Rewriter<'_>, node: &Node, op: &Transpose) -> Option<()> {
    let (&[input], &[output]) = (node.inputs.as_slice(), node.outputs.as_slice()) else {
        return None;
    };
    if rewriter.uses(input) != 1 {
        return None;
    }
    let mut below = reshape_behind(rewriter, input)?;
    let mut functions = Vec::new();
    let layer = loop {
        let producer = rewriter.sole_producer(below)?;
        match (&producer.op, producer.inputs.as_slice()) {
            (Op::FullyConnected(_), _) => break producer.clone(),
            (Op::Unary(_), &[x]) => {
                functions.push(producer.clone());
                below = x;
            }
            _ => return None,
        }
    };
    let &[rows, weights, bias] = layer.inputs.as_slice() else {
        return None;
    };
    let &[batch, outputs] = rewriter.shape(*layer.outputs.first()?) else {
        return None;
    };
    let (shape, perm) = without_batch(batch, rewriter.shape(input), &op.perm)?;
    let order = element_order(outputs, &shape, &perm)?;
    let weights = take_rows(rewriter, weights, &order)?;
    let bias = take_rows(rewriter, bias, &order)?;
    let mut value = emit_layer(rewriter, &layer, [rows, weights, bias], None)?;
    for function in functions.iter().rev() {
        value = rewriter.make(&function.name, function.op.clone(), &[value])?;
    }
    let shape = rewriter.shape(output).to_vec();
    rewriter.make_as(&node.name, Reshape { shape }, &[value], output)
}

/// Scales of weights whose columns change places.
fn by_rows(quant: Option<&Quant>) -> Option<Quant> {
    quant
        .filter(|quant| !matches!(quant, Quant::PerChannel { axis: 1.., .. }))
        .cloned()
}

/// What the reshape that makes a value reads.
fn reshape_behind(rewriter: &Rewriter<'_>, id: ValueId) -> Option<ValueId> {
    let node = rewriter.producer(id)?;
    match (&node.op, node.inputs.as_slice()) {
        (Op::Reshape(_), &[input]) => Some(input),
        _ => None,
    }
}

/// Shape and permutation of one row of a batch; `None` if rows mix.
fn without_batch(
    batch: usize,
    shape: &[usize],
    perm: &[usize],
) -> Option<(Vec<usize>, Vec<usize>)> {
    if batch == 1 {
        return Some((shape.to_vec(), perm.to_vec()));
    }
    let ((&first, shape), (&0, perm)) = (shape.split_first()?, perm.split_first()?) else {
        return None;
    };
    (first == batch).then(|| (shape.to_vec(), perm.iter().map(|axis| axis - 1).collect()))
}

/// For each element of a transposed tensor, in order, where it stood before; `None` if there are not `count`.
fn element_order(count: usize, shape: &[usize], perm: &[usize]) -> Option<Vec<usize>> {
    permute(shape, perm)?;
    let places = ArrayD::from_shape_vec(shape, (0..count).collect()).ok()?;
    Some(
        places
            .permuted_axes(perm.to_vec())
            .iter()
            .copied()
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use crate::ops::{FullyConnected, Reshape, Transpose, Unary, conv2d::NO_CLAMP};
    use crate::passes::testing::{Build, ops};
    use edge_core::params::UnaryFn;

    const LAYER: FullyConnected = FullyConnected { clamp: NO_CLAMP };

    fn columns(batch: usize) -> Vec<&'static str> {
        let mut b = Build::new();
        let x = b.input("x", &[batch, 2, 3, 4]);
        let perm = vec![0, 3, 1, 2];
        let t = b.node(Transpose { perm }, &[x]);
        let shape = vec![batch, 24];
        let rows = b.node(Reshape { shape }, &[t]);
        let (w, bias) = (b.weights(&[5, 24]), b.weights(&[5]));
        let y = b.node(LAYER, &[rows, w, bias]);
        ops(&b.output(y).check(super::run))
    }

    #[test]
    fn columns_take_the_order() {
        assert_eq!(columns(1), ["Reshape", "FullyConnected"]);
        assert_eq!(columns(2), ["Reshape", "FullyConnected"]);
    }

    #[test]
    fn rows_take_the_order() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 7]);
        let (w, bias) = (b.weights(&[12, 7]), b.weights(&[12]));
        let y = b.node(LAYER, &[x, w, bias]);
        let y = b.node(Unary::of(UnaryFn::Tanh), &[y]);
        let shape = vec![2, 3, 2, 2];
        let y = b.node(Reshape { shape }, &[y]);
        let perm = vec![0, 2, 3, 1];
        let y = b.node(Transpose { perm }, &[y]);
        let after = b.output(y).check(super::run);
        assert_eq!(ops(&after), ["FullyConnected", "Unary", "Reshape"]);
    }

    #[test]
    fn mixed_rows_stay() {
        let mut b = Build::new();
        let x = b.input("x", &[2, 3, 4]);
        let perm = vec![1, 0, 2];
        let t = b.node(Transpose { perm }, &[x]);
        let shape = vec![2, 12];
        let rows = b.node(Reshape { shape }, &[t]);
        let (w, bias) = (b.weights(&[5, 12]), b.weights(&[5]));
        let y = b.node(LAYER, &[rows, w, bias]);
        b.output(y).check_unchanged(super::run);
    }
}
