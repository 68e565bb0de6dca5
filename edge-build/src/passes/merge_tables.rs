//! Functions of a byte in a row, and functions of two bytes that come from one, become a single table.
//!
//! The table is computed by the kernels that it replaces, so it holds their bits.

use super::evaluate::{Input, evaluate};
use super::numbers::integers;
use crate::ir::edit::{self, Rewriter};
use crate::ir::{Arithmetic, DType, Graph, Node, TensorType, ValueId};
use crate::ops::{Op, Table};

/// Functions behind one another that are looked through.
const MOST: usize = 16;

pub(super) fn run(graph: &mut Graph) -> bool {
    let arithmetic = graph.arithmetic;
    edit::sweep(graph, |rewriter, node| rule(rewriter, node, arithmetic))
}

fn rule(rewriter: &mut Rewriter<'_>, node: &Node, arithmetic: Arithmetic) -> Option<()> {
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let operands = operands(rewriter, node)?;
    let (&first, rest) = operands.split_first()?;
    let mut source = *behind(rewriter, first).iter().find(|id| {
        rest.iter()
            .all(|&other| behind(rewriter, other).contains(id))
    })?;
    let mut table = tabulated(rewriter, node, source, arithmetic, MOST)?;
    if is_identity(&table) && rewriter.ty(source) == rewriter.ty(output) {
        return rewriter.replace(output, source);
    }
    let mut merges = matches!(node.op, Op::Binary(_));
    // Nothing else needs what is between.
    if operands == [source]
        && rewriter.uses(source) == 1
        && let [_, next, ..] = behind(rewriter, source).as_slice()
    {
        source = *next;
        table = tabulated(rewriter, node, source, arithmetic, MOST)?;
        merges = true;
    }
    let entries = entries(&table).filter(|_| merges)?;
    rewriter.make_as_typed(&node.name, Table { entries }, &[source], output)
}

/// The computed operands of a node that is a function of each byte of them; `None` if it is none.
fn operands(rewriter: &Rewriter<'_>, node: &Node) -> Option<Vec<ValueId>> {
    let function = matches!(
        node.op,
        Op::Unary(_) | Op::Requantize(_) | Op::Table(_) | Op::Binary(_)
    );
    let &[output] = node.outputs.as_slice() else {
        return None;
    };
    let shape = rewriter.shape(output);
    let mut computed = Vec::new();
    for &id in &node.inputs {
        if !is_byte(rewriter.ty(id)) {
            return None;
        }
        if rewriter.constant(id).is_some() {
            // The same number everywhere.
            same(rewriter, id)?;
        } else if rewriter.shape(id) == shape {
            computed.push(id);
        } else {
            return None;
        }
    }
    (function && is_byte(rewriter.ty(output))).then_some(computed)
}

fn is_byte(ty: &TensorType) -> bool {
    ty.dtype == DType::I8 && ty.params().is_some()
}

/// The number that a constant holds everywhere.
fn same(rewriter: &Rewriter<'_>, id: ValueId) -> Option<i64> {
    let numbers = integers(rewriter.constant(id)?)?;
    let (&first, rest) = numbers.split_first()?;
    rest.iter().all(|&number| number == first).then_some(first)
}

/// A value and those of which it is a function, from back to front.
fn behind(rewriter: &Rewriter<'_>, id: ValueId) -> Vec<ValueId> {
    let mut chain = vec![id];
    let mut at = id;
    while chain.len() < MOST
        && let Some(node) = rewriter.producer(at)
        && let Some(&[next]) = operands(rewriter, node).as_deref()
    {
        chain.push(next);
        at = next;
    }
    chain
}

/// The output of a node for each byte of a source.
fn tabulated(
    rewriter: &Rewriter<'_>,
    node: &Node,
    source: ValueId,
    arithmetic: Arithmetic,
    depth: usize,
) -> Option<Vec<i64>> {
    let mut inputs = Vec::with_capacity(node.inputs.len());
    for &id in &node.inputs {
        let numbers = if let Some(number) = same(rewriter, id) {
            vec![number; 256]
        } else if id == source {
            (-128..=127).collect()
        } else {
            let producer = rewriter.producer(id)?;
            tabulated(
                rewriter,
                producer,
                source,
                arithmetic,
                depth.checked_sub(1)?,
            )?
        };
        inputs.push(Input::of(&row_of(rewriter.ty(id)), &numbers)?);
    }
    let output = row_of(rewriter.ty(*node.outputs.first()?));
    evaluate(arithmetic, &node.op, inputs, &output)
}

/// The type of a row of all bytes.
fn row_of(ty: &TensorType) -> TensorType {
    TensorType {
        shape: vec![256],
        ..ty.clone()
    }
}

/// Whether a table gives every byte back.
fn is_identity(table: &[i64]) -> bool {
    table.iter().copied().eq(-128..=127)
}

/// A table of all bytes.
pub(super) fn entries(table: &[i64]) -> Option<Box<[i8; 256]>> {
    let bytes: Option<Vec<i8>> = table.iter().map(|&x| i8::try_from(x).ok()).collect();
    bytes?.into_boxed_slice().try_into().ok()
}

#[cfg(test)]
mod tests {
    use crate::ir::{Arithmetic, Quant, QuantParams, Tensor, ValueId};
    use crate::ops::conv2d::NO_CLAMP;
    use crate::ops::{Binary, Requantize, Unary};
    use crate::passes::testing::integers::{ARITHMETICS, Build, quant};
    use crate::passes::testing::ops;
    use edge_core::params::{BinaryKind, UnaryFn};

    const GRIDS: [QuantParams; 3] = [
        QuantParams {
            scale: 0.05,
            zero_point: -7,
        },
        QuantParams {
            scale: 0.03,
            zero_point: 11,
        },
        QuantParams {
            scale: 1.0 / 256.0,
            zero_point: -128,
        },
    ];

    fn binary(kind: BinaryKind) -> Binary {
        Binary {
            kind,
            clamp: NO_CLAMP,
        }
    }

    fn input(arithmetic: Arithmetic) -> (Build, ValueId) {
        let mut b = Build::new(arithmetic, 1);
        // More elements than bytes, so that most are met.
        let x = b.input(&[1, 4, 30, 5], GRIDS[0]);
        (b, x)
    }

    fn left(b: &Build) -> Vec<&'static str> {
        let (after, _) = b.check(|graph| {
            let changed = super::run(graph);
            while super::run(graph) {}
            changed
        });
        ops(&after)
    }

    #[test]
    fn chains_become_one_table() {
        for arithmetic in ARITHMETICS {
            let (mut b, x) = input(arithmetic);
            let mut y = b.node(Unary::of(UnaryFn::Tanh), &[x], quant(1.0 / 128.0, 0));
            y = b.node(Unary::of(UnaryFn::Sigmoid), &[y], GRIDS[2]);
            let rescale = Requantize {
                dtype: crate::ir::DType::I8,
                wide: GRIDS[1],
            };
            y = b.node(rescale, &[y], GRIDS[1]);
            b.graph.outputs = vec![y];
            assert_eq!(left(&b), ["Table"], "{arithmetic:?}");
        }
    }

    #[test]
    fn a_number_times_its_sigmoid_is_a_table() {
        for arithmetic in ARITHMETICS {
            for swapped in [false, true] {
                let (mut b, x) = input(arithmetic);
                let gate = b.node(Unary::of(UnaryFn::Sigmoid), &[x], GRIDS[2]);
                let operands = if swapped { [gate, x] } else { [x, gate] };
                let y = b.node(binary(BinaryKind::Mul), &operands, GRIDS[1]);
                b.graph.outputs = vec![y];
                assert_eq!(left(&b), ["Table"], "{arithmetic:?}");
            }
        }
    }

    #[test]
    fn a_constant_number_is_part_of_the_table_and_a_row_is_not() {
        for (row, wanted) in [([9, 9, 9, 9, 9], "Table"), ([9, 9, 8, 9, 9], "Binary")] {
            let (mut b, x) = input(Arithmetic::TfLite);
            let row = Tensor::from_i8(&[5], row.to_vec()).unwrap();
            let row = b.constant(row, Some(Quant::PerTensor(GRIDS[1])));
            let y = b.node(binary(BinaryKind::Sub), &[row, x], GRIDS[1]);
            b.graph.outputs = vec![y];
            assert_eq!(left(&b), [wanted]);
        }
    }

    #[test]
    fn what_is_needed_elsewhere_stays() {
        let (mut b, x) = input(Arithmetic::Onnx);
        let one = b.node(Unary::of(UnaryFn::Sigmoid), &[x], GRIDS[2]);
        let two = b.node(Unary::of(UnaryFn::Tanh), &[one], GRIDS[1]);
        b.graph.outputs = vec![one, two];
        assert_eq!(left(&b), ["Unary", "Unary"]);
    }

    #[test]
    fn two_sources_stay_two() {
        let (mut b, x) = input(Arithmetic::TfLite);
        let other = b.input(&[1, 4, 30, 5], GRIDS[1]);
        let y = b.node(binary(BinaryKind::Add), &[x, other], GRIDS[1]);
        b.graph.outputs = vec![y];
        assert_eq!(left(&b), ["Binary"]);
    }

    #[test]
    fn functions_that_change_nothing_vanish() {
        for arithmetic in ARITHMETICS {
            let mut b = Build::new(arithmetic, 1);
            let x = b.input(&[300], quant(0.05, -128));
            let y = b.node(Unary::of(UnaryFn::Sigmoid), &[x], quant(1.0 / 256.0, -128));
            let relu = Unary::of(UnaryFn::Clip(0.0, f32::INFINITY));
            let y = b.node(relu, &[y], quant(1.0 / 256.0, -128));
            b.graph.outputs = vec![y];
            assert_eq!(left(&b), ["Unary"], "{arithmetic:?}");
        }
    }
}
