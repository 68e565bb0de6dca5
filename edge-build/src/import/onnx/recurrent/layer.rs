//! What the recurrent operators share: directions, shapes, weights, states.

use super::functions;
use crate::import::builder::{Datum, MAX_ELEMENTS, checked_len};
use crate::import::onnx::node::{NodeCx, node_name};
use crate::import::problem::Problem;
use crate::ir::{Tensor, TensorType};
use crate::ops::recurrent::Walk;
use crate::ops::{Concat, Op, Slice};
use edge_core::params::UnaryFn;

/// A layer of one or two directions.
pub(super) struct Layer {
    /// Whether each direction starts with the last step.
    reverse: Vec<bool>,
    /// Whether the axes of the batch come first.
    batch_major: bool,
    x: Datum,
    steps: usize,
    batch: usize,
    inputs: usize,
    /// Numbers of the state.
    pub(super) units: usize,
    gates: usize,
    /// Bound of the numbers that go into functions; infinite for none.
    pub(super) clip: f32,
    functions: Vec<UnaryFn>,
}

impl Layer {
    /// Reads what all operators have, for a number of gates; `default` are the functions if none are chosen.
    pub(super) fn read(
        cx: &NodeCx<'_>,
        gates: usize,
        default: &[UnaryFn],
    ) -> Result<Self, Problem> {
        let reverse = match cx.attrs.text("direction")?.unwrap_or("forward") {
            "forward" => vec![false],
            "reverse" => vec![true],
            "bidirectional" => vec![false, true],
            other => {
                return Err(Problem::attribute(
                    format!("direction `{other}`"),
                    "`forward`, `reverse` and `bidirectional`",
                ));
            }
        };
        let batch_major = cx.attrs.flag("layout")?;
        let (x, recurrent) = (cx.input(0)?, cx.shape(&cx.input(2)?));
        let (&[first, second, inputs], &[_, _, units]) =
            (cx.shape(&x).as_slice(), recurrent.as_slice())
        else {
            return Err(Problem::shape(
                format!("input {}, recurrent weights {recurrent:?}", cx.ty(&x)),
                "tensors of rank 3",
            ));
        };
        let (batch, steps) = if batch_major {
            (first, second)
        } else {
            (second, first)
        };
        checked_len(&[batch, units], MAX_ELEMENTS)?;
        let clip = cx.attrs.float("clip")?.filter(|&clip| clip > 0.0);
        let functions = functions::read(cx.attrs, default, reverse.len())?;
        let layer = Self {
            reverse,
            batch_major,
            x,
            steps,
            batch,
            inputs,
            units,
            gates,
            clip: clip.unwrap_or(f32::INFINITY),
            functions,
        };
        layer.check_lengths(cx)?;
        Ok(layer)
    }

    /// Sequences must be as long as the tensor that holds them.
    fn check_lengths(&self, cx: &NodeCx<'_>) -> Result<(), Problem> {
        let lengths = cx.ints(4)?.unwrap_or_default();
        match lengths.iter().find(|&&len| len != self.steps as i64) {
            None => Ok(()),
            Some(len) => Err(Problem::attribute(
                format!("a sequence of {len} steps among {}", self.steps),
                "sequences of full length",
            )),
        }
    }

    /// The functions of a direction.
    pub(super) fn functions(&self, direction: usize) -> &[UnaryFn] {
        let len = self.functions.len() / self.reverse.len().max(1);
        self.functions
            .get(direction * len..(direction + 1) * len)
            .unwrap_or_default()
    }

    /// How a direction walks.
    pub(super) fn walk(&self, direction: usize) -> Walk {
        Walk {
            batch_major: self.batch_major,
            reverse: self.reverse.get(direction).copied().unwrap_or(false),
        }
    }

    /// The numbers of a direction in input `index`, a constant `[directions, …]`, under a shape; `None` if the input is
    /// left out.
    pub(super) fn part(
        &self,
        cx: &NodeCx<'_>,
        index: usize,
        direction: usize,
        shape: &[usize],
    ) -> Result<Option<Tensor>, Problem> {
        let Some(floats) = cx.floats(index)? else {
            return Ok(None);
        };
        let len = checked_len(shape, MAX_ELEMENTS)?;
        let wrong = || {
            Problem::shape(
                format!(
                    "input {index} ({}) with {} elements",
                    cx.input_name(index),
                    floats.len()
                ),
                format!("{len} for each of {} directions", self.reverse.len()),
            )
        };
        if len.checked_mul(self.reverse.len()) != Some(floats.len()) {
            return Err(wrong());
        }
        let part = floats.get(direction * len..(direction + 1) * len);
        let tensor = part.and_then(|part| Tensor::from_f32(shape, part.to_vec()));
        tensor.map(Some).ok_or_else(wrong)
    }

    /// The bias of a direction, made from those of inputs and of states, and zeros if there is none. `make` gives the
    /// numbers of a tensor `[rows, units]` in pieces.
    pub(super) fn bias(
        &self,
        cx: &NodeCx<'_>,
        direction: usize,
        make: impl Fn(&[f32], &[f32]) -> Vec<Vec<f32>>,
    ) -> Result<Datum, Problem> {
        let len = checked_len(&[self.gates, self.units], MAX_ELEMENTS)?;
        let both = self.part(cx, 3, direction, &[2, len])?;
        let zeros = vec![0.0; if both.is_none() { 2 * len } else { 0 }];
        let both = both.as_ref().and_then(Tensor::as_f32).unwrap_or(&zeros);
        let (own, other) = both.split_at(len.min(both.len()));
        let numbers = make(own, other).concat();
        let rows = numbers.len().checked_div(self.units).unwrap_or(0);
        Tensor::from_f32(&[rows, self.units], numbers)
            .map(Datum::from)
            .ok_or_else(|| Problem::broken("a bias of an impossible shape"))
    }

    /// The state `[batch, units]` of a direction before the first step, input `index`; zeros if it is left out.
    pub(super) fn state(
        &self,
        cx: &mut NodeCx<'_>,
        index: usize,
        direction: usize,
    ) -> Result<Datum, Problem> {
        let shape = [self.batch, self.units];
        let Some(state) = cx.optional(index) else {
            let len = checked_len(&shape, MAX_ELEMENTS)?;
            return Tensor::from_f32(&shape, vec![0.0; len])
                .map(Datum::from)
                .ok_or_else(|| Problem::broken("a state of an impossible shape"));
        };
        let axis = self.direction_axis();
        let mut lens = vec![self.batch, self.units];
        lens.insert(axis, self.reverse.len());
        if cx.shape(&state) != lens {
            return Err(Problem::shape(
                format!("initial state {}", cx.ty(&state)),
                format!("{lens:?}"),
            ));
        }
        let mut starts = vec![0; 3];
        starts[axis] = direction;
        lens[axis] = 1;
        let op = Slice {
            starts,
            steps: vec![1; 3],
            lens,
        };
        let part = cx.slice(&state, op)?;
        cx.reshape(&part, &shape)
    }

    /// The axis of states that counts directions.
    fn direction_axis(&self) -> usize {
        usize::from(self.batch_major)
    }

    /// Adds a node for each direction and puts their outputs together. `make` gives the operator, and its operands
    /// behind the recurrent weights.
    pub(super) fn each_direction(
        &self,
        cx: &mut NodeCx<'_>,
        make: impl Fn(&mut NodeCx<'_>, usize) -> Result<(Op, Vec<Datum>), Problem>,
    ) -> Result<Vec<Datum>, Problem> {
        let mut outputs: Vec<Vec<Datum>> = Vec::new();
        for direction in 0..self.reverse.len() {
            let missing = || Problem::broken("weights are missing");
            let weights = [self.gates, self.units, self.inputs];
            let weights = self.part(cx, 1, direction, &weights)?.ok_or_else(missing)?;
            let recurrent = [self.gates, self.units, self.units];
            let recurrent = self
                .part(cx, 2, direction, &recurrent)?
                .ok_or_else(missing)?;
            let (op, others) = make(cx, direction)?;
            let mut inputs = vec![self.x.clone(), weights.into(), recurrent.into()];
            inputs.extend(others);
            let types: Vec<TensorType> = inputs.iter().map(|input| cx.ty(input)).collect();
            let types: Vec<&TensorType> = types.iter().collect();
            let types = op.operator().infer(&types)?;
            let made = cx
                .builder
                .add_node(node_name(cx.proto), op, &inputs, types)?;
            outputs.resize(made.len(), Vec::new());
            for (output, made) in outputs.iter_mut().zip(made) {
                output.push(made);
            }
        }
        let axis = self.direction_axis();
        let joined = outputs.iter().enumerate().map(|(index, parts)| {
            // All states have the axis of directions behind those of steps and sequences, or between them.
            let axis = if index > 0 { axis } else { axis + 1 };
            join(cx, parts, axis)
        });
        joined.collect()
    }
}

/// Tensors one behind the other along a new axis.
fn join(cx: &mut NodeCx<'_>, parts: &[Datum], axis: usize) -> Result<Datum, Problem> {
    let mut typed = Vec::with_capacity(parts.len());
    for part in parts {
        let mut shape = cx.shape(part);
        shape.insert(axis.min(shape.len()), 1);
        typed.push(cx.reshape(part, &shape)?);
    }
    match typed.as_slice() {
        [one] => Ok(one.clone()),
        _ => cx.apply(Concat { axis }, &typed),
    }
}
