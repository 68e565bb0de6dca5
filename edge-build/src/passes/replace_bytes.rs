//! What computes a single byte from a single byte, by whatever layers, becomes a table.
//!
//! Networks of one input and one output, such as those that straighten a sensor, are nothing else.

use super::merge_tables::entries;
use crate::exec::Executor;
use crate::ir::{DType, Graph, Node, TensorType, ValueId, edit};
use crate::lower;
use crate::ops::{Op, Reshape, Table};
use crate::plan::{Disjoint, Planner};

/// Multiply-accumulates of all 256 runs beyond which it would take too long.
const MAX_MACS: u64 = 1 << 26;

pub(super) fn run(graph: &mut Graph) -> bool {
    let sources = sources(graph);
    // From back to front, so that the longest stretch is found.
    for index in (0..graph.nodes.len()).rev() {
        let &[output] = graph.nodes[index].outputs.as_slice() else {
            continue;
        };
        let Some(Source::Byte(source)) = sources[output.index()] else {
            continue;
        };
        let found = source != output && is_byte(graph.ty(output));
        if found && replace(graph, index, source, output).is_some() {
            return edit::sweep(graph, |_, _| None);
        }
    }
    false
}

/// What a value is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// Constants.
    Nothing,
    /// A single byte, and constants.
    Byte(ValueId),
}

/// What each value is computed from; `None` for more than a single byte.
fn sources(graph: &Graph) -> Vec<Option<Source>> {
    let mut sources: Vec<Option<Source>> = vec![None; graph.values.len()];
    for (value, source) in graph.values.iter().zip(&mut sources) {
        *source = value.constant.as_ref().map(|_| Source::Nothing);
    }
    for &id in &graph.inputs {
        sources[id.index()] = is_byte(graph.ty(id)).then_some(Source::Byte(id));
    }
    for node in &graph.nodes {
        let common = common(node, &sources);
        for &output in &node.outputs {
            let ty = graph.ty(output);
            let own = is_byte(ty).then_some(Source::Byte(output));
            let exact = ty.dtype != DType::F32;
            sources[output.index()] = common.filter(|_| exact).or(own);
        }
    }
    sources
}

/// What all inputs of a node are computed from.
fn common(node: &Node, sources: &[Option<Source>]) -> Option<Source> {
    let mut common = Source::Nothing;
    for id in &node.inputs {
        match (common, sources[id.index()]?) {
            (_, Source::Nothing) => {}
            (Source::Nothing, byte @ Source::Byte(_)) => common = byte,
            (Source::Byte(a), Source::Byte(b)) if a == b => {}
            (Source::Byte(_), Source::Byte(_)) => return None,
        }
    }
    (common != Source::Nothing).then_some(common)
}

fn is_byte(ty: &TensorType) -> bool {
    ty.dtype == DType::I8 && ty.len() == 1 && ty.params().is_some()
}

/// Lets a table make an output; `None` if it would save nothing, or something between is needed elsewhere.
fn replace(graph: &mut Graph, index: usize, source: ValueId, output: ValueId) -> Option<()> {
    let stretch = stretch(graph, index, source);
    let within = |id: ValueId| {
        let mut readers = graph.nodes.iter().enumerate();
        let outside = readers.any(|(at, node)| node.inputs.contains(&id) && !stretch.contains(&at));
        id == output || !outside && !graph.outputs.contains(&id)
    };
    let sound = stretch
        .iter()
        .all(|&at| graph.nodes[at].outputs.iter().all(|&id| within(id)));
    let simple = stretch.iter().all(|&at| {
        let op = &graph.nodes[at].op;
        matches!(op, Op::Table(_) | Op::Unary(_) | Op::Reshape(_))
    });
    if !sound || simple {
        return None;
    }
    let table = entries(&tabulated(graph, &stretch, source, output)?)?;
    let name = graph.nodes[index].name.clone();
    let (from, to) = (graph.ty(source).clone(), graph.ty(output).clone());
    let node = |op: Op, input: ValueId, output: ValueId| Node {
        name: name.clone(),
        op,
        inputs: vec![input],
        outputs: vec![output],
    };
    let op = Op::from(Table { entries: table });
    if from.shape == to.shape {
        graph.nodes[index] = node(op, source, output);
        return Some(());
    }
    let shape = to.shape.clone();
    let flat = TensorType {
        shape: from.shape,
        ..to
    };
    let made = graph.add_value(name.clone(), flat);
    graph.nodes[index] = node(op, source, made);
    let view = node(Reshape { shape }.into(), made, output);
    graph.nodes.insert(index + 1, view);
    Some(())
}

/// The nodes between a source and the output of a node, in order.
fn stretch(graph: &Graph, index: usize, source: ValueId) -> Vec<usize> {
    let mut wanted = vec![false; graph.values.len()];
    for id in &graph.nodes[index].inputs {
        wanted[id.index()] = true;
    }
    wanted[source.index()] = false;
    let mut stretch = vec![index];
    for (at, node) in graph.nodes.iter().enumerate().take(index).rev() {
        if node.outputs.iter().any(|id| wanted[id.index()]) {
            for id in &node.inputs {
                wanted[id.index()] |= *id != source;
            }
            stretch.push(at);
        }
    }
    stretch.reverse();
    stretch
}

/// The output for each byte of the source, computed by the kernels of the device.
fn tabulated(
    graph: &Graph,
    stretch: &[usize],
    source: ValueId,
    output: ValueId,
) -> Option<Vec<i64>> {
    let part = Graph {
        values: graph.values.clone(),
        nodes: stretch.iter().map(|&at| graph.nodes[at].clone()).collect(),
        inputs: vec![source],
        outputs: vec![output],
        states: Vec::new(),
        arithmetic: graph.arithmetic,
    };
    let draft = lower::run(&part).ok()?;
    let plan = Disjoint.plan(&draft);
    let program = lower::assemble(&part, &draft, &plan).program;
    if program.macs.checked_mul(256)? > MAX_MACS {
        return None;
    }
    let mut executor = Executor::new(&program);
    let mut table = Vec::with_capacity(256);
    for byte in i8::MIN..=i8::MAX {
        executor.set_input(0, &byte.to_le_bytes());
        executor.run().ok()?;
        table.push(i64::from(*executor.output(0).first()? as i8));
    }
    Some(table)
}

#[cfg(test)]
mod tests {
    use crate::ir::{Arithmetic, ValueId};
    use crate::ops::Reshape;
    use crate::passes::testing::integers::{ARITHMETICS, Build, Parts, quant, window};
    use crate::passes::testing::ops;

    fn dense(b: &mut Build, x: ValueId, outputs: usize) -> ValueId {
        let count = outputs * b.channels(x);
        let weights: Vec<i8> = (0..count).map(|_| b.below(255) as u8 as i8).collect();
        let bias: Vec<i32> = (0..outputs).map(|_| b.below(900) as i32 - 450).collect();
        let parts = Parts {
            scales: vec![0.02; outputs],
            to: quant(0.1, -3),
            clamp: [-4.0, f32::INFINITY],
            ..Parts::of(window([1, 1]), &weights, &bias)
        };
        b.dense(x, parts)
    }

    fn network(arithmetic: Arithmetic) -> (Build, ValueId, ValueId) {
        let mut b = Build::new(arithmetic, 1);
        let x = b.input(&[1, 1], quant(0.05, 4));
        let hidden = dense(&mut b, x, 7);
        let wide = dense(&mut b, hidden, 5);
        let y = dense(&mut b, wide, 1);
        (b, wide, y)
    }

    #[test]
    fn a_network_of_one_number_is_a_table() {
        for arithmetic in ARITHMETICS {
            let (mut b, _, y) = network(arithmetic);
            b.graph.outputs = vec![y];
            assert_eq!(ops(&b.check(super::run).0), ["Table"], "{arithmetic:?}");
        }
    }

    #[test]
    fn the_shape_of_the_output_stays() {
        let (mut b, _, y) = network(Arithmetic::TfLite);
        let shape = vec![1, 1, 1];
        let y = b.node(Reshape { shape }, &[y], quant(0.1, -3));
        b.graph.outputs = vec![y];
        assert_eq!(ops(&b.check(super::run).0), ["Table", "Reshape"]);
    }

    #[test]
    fn what_is_read_elsewhere_stays() {
        let (mut b, wide, y) = network(Arithmetic::TfLite);
        b.graph.outputs = vec![y, wide];
        let (after, changed) = b.check(super::run);
        assert!(!changed, "{:?}", ops(&after));
    }

    #[test]
    fn two_numbers_are_too_many() {
        let mut b = Build::new(Arithmetic::TfLite, 1);
        let x = b.input(&[1, 2], quant(0.05, 4));
        let y = dense(&mut b, x, 1);
        b.graph.outputs = vec![y];
        assert!(!b.check(super::run).1);
    }
}
