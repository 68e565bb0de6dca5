//! An operator run at build time, by the kernel that would run on the device.

use super::numbers::{integers, tensor};
use crate::exec::Executor;
use crate::ir::{Arithmetic, DType, Graph, Node, Tensor, TensorType, Value, ValueId};
use crate::lower;
use crate::ops::Op;
use crate::plan::{Disjoint, Planner};
use std::sync::Arc;

/// Elements beyond which an operator is not run.
const MOST: usize = 1 << 21;

/// A known input: its type, and its numbers.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub(super) ty: TensorType,
    pub(super) numbers: Arc<Tensor>,
}

impl Input {
    /// A tensor of a type; `None` if the numbers do not fit it.
    pub(super) fn of(ty: &TensorType, numbers: &[i64]) -> Option<Self> {
        Some(Self {
            ty: ty.clone(),
            numbers: Arc::new(tensor(ty.dtype, &ty.shape, numbers)?),
        })
    }
}

/// The output of an operator, which is int8 or int16; `None` if there is no kernel for it, or it is large.
pub(super) fn evaluate(
    arithmetic: Arithmetic,
    op: &Op,
    inputs: Vec<Input>,
    output: &TensorType,
) -> Option<Vec<i64>> {
    if let (Op::Reshape(_), [input]) = (op, inputs.as_slice()) {
        // Has no kernel: the numbers stay where they are.
        return integers(&input.numbers);
    }
    let elements = inputs.iter().map(|input| input.ty.len()).sum::<usize>();
    if elements.max(output.len()) > MOST {
        return None;
    }
    let graph = single(arithmetic, op, inputs, output);
    let draft = lower::run(&graph).ok()?;
    let plan = Disjoint.plan(&draft);
    let assembly = lower::assemble(&graph, &draft, &plan);
    let mut executor = Executor::new(&assembly.program);
    executor.run().ok()?;
    let bytes = executor.output(0);
    match output.dtype {
        DType::I8 => Some(bytes.iter().map(|&byte| i64::from(byte as i8)).collect()),
        DType::I16 => {
            let words = bytes.as_chunks().0.iter();
            Some(words.map(|&w| i64::from(i16::from_le_bytes(w))).collect())
        }
        DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => None,
    }
}

/// A graph of one node whose inputs are all known.
fn single(arithmetic: Arithmetic, op: &Op, inputs: Vec<Input>, output: &TensorType) -> Graph {
    let mut graph = Graph {
        arithmetic,
        ..Graph::default()
    };
    for input in inputs {
        graph.values.push(Value {
            name: String::new(),
            ty: input.ty,
            constant: Some(input.numbers),
        });
    }
    let made = graph.add_value("", output.clone());
    graph.outputs = vec![made];
    graph.nodes = vec![Node {
        name: String::new(),
        op: op.clone(),
        inputs: (0..made.0).map(ValueId).collect(),
        outputs: vec![made],
    }];
    graph
}
