//! Files of one operator for tests, made in memory, and what they compute.

use super::schema::builtin_code;
use crate::diag::Diagnostics;
use crate::exec::Executor;
use crate::ir::{Graph, verify};
use crate::lower;
use crate::options::Options;
use crate::plan::{Disjoint, Planner};
use crate::source::Source;
use flatbuffers::{FlatBufferBuilder, Push, TableFinishedWIPOffset, VOffsetT, WIPOffset};

/// Numbers of element types in the schema.
pub(super) const F32: i8 = 0;
pub(super) const I32: i8 = 2;
pub(super) const U8: i8 = 3;
pub(super) const I64: i8 = 4;
pub(super) const BOOL: i8 = 6;
pub(super) const I16: i8 = 7;
pub(super) const I8: i8 = 9;

/// A field of a table of options.
#[derive(Clone, Copy)]
pub(super) enum Field {
    Byte(i8),
    Int(i32),
    Flag(bool),
}

struct Tensor {
    dtype: i8,
    shape: Vec<i32>,
    quant: Option<(f32, i64)>,
    data: Vec<u8>,
}

/// A file of one operator under construction. Tensors stand in the order in which they are added.
pub(super) struct File {
    name: &'static str,
    tensors: Vec<Tensor>,
    operands: Vec<i32>,
    inputs: Vec<i32>,
    outputs: Vec<i32>,
    options: Option<(u8, Vec<(u16, Field)>)>,
}

type Offset = WIPOffset<TableFinishedWIPOffset>;

impl File {
    /// A file of an operator without operands.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            tensors: Vec::new(),
            operands: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            options: None,
        }
    }

    fn add(&mut self, dtype: i8, shape: &[i32], data: Vec<u8>) -> i32 {
        // Bytes and half words stand for reals.
        let quant = matches!(dtype, I8 | U8 | I16).then_some((0.5, 0));
        self.tensors.push(Tensor {
            dtype,
            shape: shape.to_vec(),
            quant,
            data,
        });
        self.tensors.len() as i32 - 1
    }

    /// An operand that is an input of the graph.
    pub(super) fn input(mut self, dtype: i8, shape: &[i32]) -> Self {
        let index = self.add(dtype, shape, Vec::new());
        self.operands.push(index);
        self.inputs.push(index);
        self
    }

    /// An operand that is known.
    pub(super) fn constant(mut self, dtype: i8, shape: &[i32], data: &[u8]) -> Self {
        let index = self.add(dtype, shape, data.to_vec());
        self.operands.push(index);
        self
    }

    /// An operand of known integers.
    pub(super) fn ints(self, numbers: &[i32]) -> Self {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.constant(I32, &[numbers.len() as i32], &bytes)
    }

    /// A result.
    pub(super) fn output(mut self, dtype: i8, shape: &[i32]) -> Self {
        let index = self.add(dtype, shape, Vec::new());
        self.outputs.push(index);
        self
    }

    /// Scale and zero point of the tensor added last.
    pub(super) fn quant(mut self, scale: f32, zero_point: i64) -> Self {
        if let Some(tensor) = self.tensors.last_mut() {
            tensor.quant = Some((scale, zero_point));
        }
        self
    }

    /// Options: the number of their kind, and fields by their numbers.
    pub(super) fn options(mut self, kind: u8, fields: &[(u16, Field)]) -> Self {
        self.options = Some((kind, fields.to_vec()));
        self
    }

    /// The graph of the file.
    pub(super) fn read(&self) -> Result<Graph, Diagnostics> {
        let source = Source {
            path: "net.tflite".into(),
            bytes: self.bytes(),
        };
        let options = Options::new(crate::target::find("host").unwrap());
        let graph = super::run(&source, &options)?;
        verify::run(&graph)?;
        Ok(graph)
    }

    /// What the file computes from the bytes of its inputs.
    pub(super) fn run(&self, inputs: &[&[u8]]) -> Vec<Vec<u8>> {
        let graph = self.read().unwrap_or_else(|errors| panic!("{errors}"));
        let graph = crate::passes::canonicalize(graph).unwrap();
        verify::run(&graph).unwrap_or_else(|errors| panic!("{errors}"));
        let draft = lower::run(&graph).unwrap_or_else(|errors| panic!("{errors:?}"));
        let assembly = lower::assemble(&graph, &draft, &Disjoint.plan(&draft));
        let mut executor = Executor::new(&assembly.program);
        for (index, bytes) in inputs.iter().enumerate() {
            executor.set_input(index, bytes);
        }
        executor.run().unwrap();
        (0..self.outputs.len())
            .map(|index| executor.output(index).to_vec())
            .collect()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut b = FlatBufferBuilder::new();
        let none = table(&mut b, |_| {});
        let mut buffers = vec![none];
        let mut tensors = Vec::new();
        for (index, tensor) in self.tensors.iter().enumerate() {
            let data = b.create_vector(&tensor.data);
            buffers.push(table(&mut b, |b| put(b, 0, data)));
            tensors.push(self.tensor(&mut b, index, tensor));
        }
        let (tensors, buffers) = (b.create_vector(&tensors), b.create_vector(&buffers));
        let (inputs, outputs) = (
            b.create_vector(&self.inputs),
            b.create_vector(&self.outputs),
        );
        let operator = self.operator(&mut b);
        let operators = b.create_vector(&[operator]);
        let subgraph = table(&mut b, |b| {
            put(b, 0, tensors);
            put(b, 1, inputs);
            put(b, 2, outputs);
            put(b, 3, operators);
        });
        let subgraphs = b.create_vector(&[subgraph]);
        let code = builtin_code(self.name).unwrap();
        let code = table(&mut b, |b| put(b, 3, code));
        let codes = b.create_vector(&[code]);
        let root = table(&mut b, |b| {
            put(b, 0, 3u32);
            put(b, 1, codes);
            put(b, 2, subgraphs);
            put(b, 4, buffers);
        });
        b.finish(root, Some("TFL3"));
        b.finished_data().to_vec()
    }

    fn tensor(&self, b: &mut FlatBufferBuilder<'_>, index: usize, tensor: &Tensor) -> Offset {
        let name = b.create_string(&format!("{}.{index}", self.name));
        let shape = b.create_vector(&tensor.shape);
        let quant = tensor.quant.map(|(scale, zero_point)| {
            let scale = b.create_vector(&[scale]);
            let zero_point = b.create_vector(&[zero_point]);
            table(b, |b| {
                put(b, 2, scale);
                put(b, 3, zero_point);
            })
        });
        table(b, |b| {
            put(b, 0, shape);
            put(b, 1, tensor.dtype);
            put(b, 2, index as u32 + 1);
            put(b, 3, name);
            put(b, 8, true);
            if let Some(quant) = quant {
                put(b, 4, quant);
            }
        })
    }

    fn operator(&self, b: &mut FlatBufferBuilder<'_>) -> Offset {
        let (inputs, outputs) = (
            b.create_vector(&self.operands),
            b.create_vector(&self.outputs),
        );
        let options = self.options.as_ref().map(|(kind, fields)| {
            let fields = table(b, |b| {
                for &(slot, field) in fields {
                    match field {
                        Field::Byte(value) => put(b, slot, value),
                        Field::Int(value) => put(b, slot, value),
                        Field::Flag(value) => put(b, slot, value),
                    }
                }
            });
            (*kind, fields)
        });
        table(b, |b| {
            put(b, 1, inputs);
            put(b, 2, outputs);
            if let Some((kind, fields)) = options {
                put(b, 3, kind);
                put(b, 4, fields);
            }
        })
    }
}

/// A table whose fields are written by `fill`.
fn table<'a>(
    builder: &mut FlatBufferBuilder<'a>,
    fill: impl FnOnce(&mut FlatBufferBuilder<'a>),
) -> Offset {
    let start = builder.start_table();
    fill(builder);
    WIPOffset::new(builder.end_table(start).value())
}

fn put<T: Push>(builder: &mut FlatBufferBuilder<'_>, slot: VOffsetT, value: T) {
    builder.push_slot_always(4 + 2 * slot, value);
}
