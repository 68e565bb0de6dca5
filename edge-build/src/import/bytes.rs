//! Quantized bytes while a graph is read.
//!
//! Signed and unsigned bytes with any zero point are signed ones inside the graph, and a type says what they stand
//! for. ONNX says that elsewhere: at the operator that reads the bytes. So every unsigned value has a signed
//! twin, and values that nothing has spoken of yet, the inputs of the graph, wait for their first reader.

use super::builder::{Builder, Datum};
use super::problem::Problem;
use crate::ir::{DType, Quant, QuantParams, TensorType, ValueId};
use crate::ops::{Op, Recode, Reshape};
use std::collections::{HashMap, HashSet};

/// What bytes stand for that nothing says anything of: themselves, seen from the signed side.
pub(super) fn themselves(unsigned: bool) -> QuantParams {
    QuantParams {
        scale: 1.0,
        zero_point: if unsigned { -128 } else { 0 },
    }
}

/// What is known of bytes beyond their types.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    /// The signed twins of unsigned values.
    twins: HashMap<ValueId, ValueId>,
    /// Signed values without meaning, and the value that each was moved from.
    waiting: HashMap<ValueId, Option<ValueId>>,
}

impl Builder {
    /// Takes note of an input of the graph.
    pub(super) fn note_input(&mut self, id: ValueId) {
        if self.graph.ty(id).dtype == DType::I8 {
            self.bytes.waiting.insert(id, None);
        }
    }

    /// The signed twin of unsigned bytes; of signed bytes themselves.
    pub(super) fn signed(&mut self, name: &str, id: ValueId) -> Result<ValueId, Problem> {
        if self.graph.ty(id).dtype == DType::I8 {
            return Ok(id);
        }
        if let Some(&twin) = self.bytes.twins.get(&id) {
            return Ok(twin);
        }
        let ty = TensorType::plain(DType::I8, self.graph.ty(id).shape.clone());
        let twin = self.node_of_one(name, Recode.into(), id, ty)?;
        self.bytes.twins.insert(id, twin);
        self.bytes.waiting.insert(twin, None);
        Ok(twin)
    }

    /// An unsigned value whose twin is a signed one.
    pub(super) fn unsigned(&mut self, name: &str, twin: ValueId) -> Result<ValueId, Problem> {
        let ty = TensorType::plain(DType::U8, self.graph.ty(twin).shape.clone());
        let id = self.node_of_one(name, Recode.into(), twin, ty)?;
        self.bytes.twins.insert(id, twin);
        Ok(id)
    }

    /// The signed twin of an unsigned value, if it has one already.
    pub(super) fn twin(&self, id: ValueId) -> Option<ValueId> {
        self.bytes.twins.get(&id).copied()
    }

    /// Signed bytes that stand for reals in a given way: the value itself if they do or nothing was known of
    /// it, else the same bytes under another name.
    pub(super) fn meaning(
        &mut self,
        name: &str,
        id: ValueId,
        params: QuantParams,
    ) -> Result<ValueId, Problem> {
        let known = self.graph.ty(id).params();
        if known == Some(params) || self.settle(id, params) {
            return Ok(id);
        }
        let shape = self.graph.ty(id).shape.clone();
        let ty = TensorType::i8(shape.clone(), params);
        self.node_of_one(name, Reshape { shape }.into(), id, ty)
    }

    /// Gives a waiting value, and those that it was moved from, their meaning.
    fn settle(&mut self, id: ValueId, params: QuantParams) -> bool {
        let mut chain = Vec::new();
        let mut next = Some(id);
        while let Some(id) = next {
            let Some(&from) = self.bytes.waiting.get(&id) else {
                if self.graph.ty(id).params() == Some(params) {
                    break;
                }
                return false;
            };
            chain.push(id);
            next = from;
        }
        for id in chain {
            self.bytes.waiting.remove(&id);
            if let Some(value) = self.graph.values.get_mut(id.index()) {
                value.ty.quant = Some(Quant::PerTensor(params));
            }
        }
        true
    }

    /// Applies an operator that does to bytes what it does to the reals they stand for: it moves or chooses them.
    pub(super) fn apply_to_bytes(
        &mut self,
        name: &str,
        op: Op,
        inputs: &[Datum],
    ) -> Result<Datum, Problem> {
        let types: Vec<TensorType> = inputs.iter().map(|input| self.ty(input)).collect();
        let chooses = op.only_moves() || matches!(op, Op::MaxPool2d(_));
        let mut ids = Vec::with_capacity(inputs.len());
        for (input, ty) in inputs.iter().zip(&types) {
            let Datum::Computed(id) = input else {
                return Err(unfit(&op, ty));
            };
            if !chooses || !matches!(ty.dtype, DType::I8 | DType::U8) {
                return Err(unfit(&op, ty));
            }
            ids.push(self.signed(name, *id)?);
        }
        let (first, rest) = ids
            .split_first_mut()
            .ok_or_else(|| Problem::broken("an operator without inputs"))?;
        let unsigned = types.iter().any(|ty| ty.dtype == DType::U8);
        if !rest.is_empty() && self.graph.ty(*first).params().is_none() {
            *first = self.meaning(name, *first, themselves(unsigned))?;
        }
        let first = *first;
        let params = self.graph.ty(first).params();
        for id in rest {
            *id = self.meaning(name, *id, params.unwrap_or(themselves(unsigned)))?;
        }
        let operands: Vec<Datum> = ids.iter().copied().map(Datum::Computed).collect();
        let types: Vec<&TensorType> = ids.iter().map(|&id| self.graph.ty(id)).collect();
        let mut made = op.operator().infer(&types)?;
        for ty in &mut made {
            ty.quant = params.map(Quant::PerTensor);
        }
        let made = self.add_node(name, op, &operands, made)?;
        let Some(Datum::Computed(id)) = made.first().cloned() else {
            return Err(Problem::broken("an operator without output"));
        };
        if params.is_none() {
            self.bytes.waiting.insert(id, Some(first));
        }
        Ok(Datum::Computed(if unsigned {
            self.unsigned(name, id)?
        } else {
            id
        }))
    }

    /// Bytes that nothing has spoken of stand for themselves; unsigned inputs stand for what their twins do.
    pub(super) fn finish_bytes(&mut self) {
        let twins: HashSet<ValueId> = self.bytes.twins.values().copied().collect();
        for id in self.bytes.waiting.keys() {
            if let Some(value) = self.graph.values.get_mut(id.index()) {
                let unsigned = twins.contains(id);
                value.ty.quant = Some(Quant::PerTensor(themselves(unsigned)));
            }
        }
        self.bytes.waiting.clear();
        for (id, twin) in &self.bytes.twins {
            let params = self.graph.ty(*twin).params();
            if let Some(value) = self.graph.values.get_mut(id.index()) {
                value.ty.quant = params.map(|p| {
                    Quant::PerTensor(QuantParams {
                        zero_point: p.zero_point + 128,
                        ..p
                    })
                });
            }
        }
    }

    /// Adds a node with one input and one output.
    pub(super) fn node_of_one(
        &mut self,
        name: &str,
        op: Op,
        input: ValueId,
        ty: TensorType,
    ) -> Result<ValueId, Problem> {
        let made = self.add_node(name, op, &[Datum::Computed(input)], vec![ty])?;
        match made.first() {
            Some(Datum::Computed(id)) => Ok(*id),
            Some(Datum::Constant(_)) | None => Err(Problem::broken(
                "an operator of the compiler without output",
            )),
        }
    }
}

fn unfit(op: &Op, ty: &TensorType) -> Problem {
    Problem::dtype(
        format!("{} of {ty}", op.name()),
        "f32 operands; bytes of one type where elements are only moved, or behind DequantizeLinear",
    )
}
