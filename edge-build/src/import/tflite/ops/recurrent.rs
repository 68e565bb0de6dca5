//! Layers with memory from run to run: `SVDF`, `UNIDIRECTIONAL_SEQUENCE_LSTM`.

use super::Reader;
use crate::import::builder::{Constant, Datum};
use crate::import::problem::Problem;
use crate::import::tflite::activation;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::{SVDFOptions, UnidirectionalSequenceLSTMOptions};
use crate::import::tflite::states::Key;
use crate::ir::{DType, Quant, Tensor, TensorType};
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::recurrent::Walk;
use crate::ops::{Lstm, Svdf, Unary};
use edge_core::params::UnaryFn;
use std::sync::Arc;

pub(super) const OPS: &[(&str, Reader)] = &[("SVDF", svdf), ("UNIDIRECTIONAL_SEQUENCE_LSTM", lstm)];

/// Number of the fused activation `TANH`.
const TANH: i8 = 4;

fn svdf(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options: &SVDFOptions = cx.options()?;
    let (rank, fused) = (options.rank, options.fused_activation_function);
    let rank = usize::try_from(rank)
        .ok()
        .filter(|&rank| rank > 0)
        .ok_or_else(|| Problem::broken(format!("a rank of {rank}")))?;
    let (x, state) = (cx.input(0)?, cx.input(4)?);
    let is_float = cx.ty(&x).dtype == DType::F32;
    // Integers have limits of their own, which no activation narrows.
    let is_tanh = is_float && fused == TANH;
    let clamp = if is_float && !is_tanh {
        activation::clamp(fused)?
    } else {
        NO_CLAMP
    };
    let (features, time) = (weights(cx, 1, is_float)?, weights(cx, 2, is_float)?);
    let bias = match cx.optional(3) {
        Some(bias) => bias,
        None => no_bias(cx, &time, rank, is_float)?,
    };
    let outputs = vec![cx.output(0)?.clone(), cx.ty(&state)];
    let inputs = [x, features, time, bias, state];
    let made = cx
        .builder
        .add_node(cx.name, Svdf { rank, clamp }.into(), &inputs, outputs)?;
    let [y, new] = made.as_slice() else {
        return Err(Problem::broken("an operator without outputs"));
    };
    keep(cx, 4, new)?;
    if !is_tanh {
        return Ok(vec![y.clone()]);
    }
    cx.finish(Unary::of(UnaryFn::Tanh), std::slice::from_ref(y))
}

/// A bias of zeros for the filters over time of a layer.
fn no_bias(cx: &OpCx<'_>, time: &Datum, rank: usize, is_float: bool) -> Result<Datum, Problem> {
    let units = cx.shape(time).first().copied().unwrap_or(0) / rank;
    let zeros = if is_float {
        Tensor::from_f32(&[units], vec![0.0; units])
    } else {
        Tensor::from_i32(&[units], vec![0; units])
    };
    zeros
        .map(Datum::from)
        .ok_or_else(|| Problem::broken("a bias of an impossible shape"))
}

/// Notes what a variable tensor that is input `index` holds behind the node.
fn keep(cx: &mut OpCx<'_>, index: usize, new: &Datum) -> Result<(), Problem> {
    let tensor = cx.def.inputs.get(index).copied().flatten();
    let is_variable = |tensor: usize| {
        cx.graph
            .tensors
            .get(tensor)
            .is_some_and(|def| def.is_variable)
    };
    let tensor = tensor
        .filter(|&tensor| is_variable(tensor))
        .ok_or_else(|| Problem::broken(format!("input {index} keeps nothing from run to run")))?;
    cx.states.assign(&Key::Tensor(tensor), new.clone())
}

/// Weights; among floats those of 8 bits count as floats.
fn weights(cx: &OpCx<'_>, index: usize, as_floats: bool) -> Result<Datum, Problem> {
    let Datum::Constant(constant) = cx.input(index)? else {
        return Err(Problem::attribute(
            format!("input {index} is computed at run time"),
            "constant weights",
        ));
    };
    if !as_floats || constant.tensor.dtype() == DType::F32 {
        return Ok(Datum::Constant(constant));
    }
    let scale = single_scale(&constant.ty())?;
    let bytes = constant
        .tensor
        .as_i8()
        .ok_or_else(|| Problem::dtype(format!("weights {}", constant.ty()), "floats or 8 bits"))?;
    let floats = bytes.iter().map(|&w| f32::from(w) * scale).collect();
    Tensor::from_f32(constant.tensor.shape(), floats)
        .map(Datum::from)
        .ok_or_else(|| Problem::broken("weights of an impossible shape"))
}

/// The scale of weights without a zero point.
fn single_scale(ty: &TensorType) -> Result<f32, Problem> {
    ty.params()
        .filter(|p| p.zero_point == 0)
        .map(|p| p.scale)
        .ok_or_else(|| {
            Problem::attribute(
                format!("weights {ty} with a zero point or scales per channel"),
                "one scale per tensor",
            )
        })
}

/// What the inputs of the operator are, by number.
mod inputs {
    /// Input weights for the gates input, output, forget, candidate.
    pub(super) const WEIGHTS: [usize; 4] = [1, 4, 2, 3];
    /// Recurrent weights in the same order.
    pub(super) const RECURRENT: [usize; 4] = [5, 8, 6, 7];
    /// Biases in the same order.
    pub(super) const BIAS: [usize; 4] = [12, 15, 13, 14];
    /// Peepholes, projection, layer normalization.
    pub(super) const UNUSED: [usize; 9] = [9, 10, 11, 16, 17, 20, 21, 22, 23];
    /// The hidden state.
    pub(super) const HIDDEN: usize = 18;
    /// The cell.
    pub(super) const CELL: usize = 19;
}

fn lstm(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let options: &UnidirectionalSequenceLSTMOptions = cx.options()?;
    let (batch_major, clip) = (!options.time_major, options.cell_clip);
    if options.fused_activation_function != TANH || options.diagonal_recurrent_tensors {
        return Err(Problem::attribute(
            "an LSTM with another activation than tanh, or diagonal weights",
            "tanh and full matrices",
        ));
    }
    if inputs::UNUSED
        .iter()
        .any(|&index| cx.optional(index).is_some())
    {
        return Err(Problem::attribute(
            "an LSTM with peepholes, a projection or layer normalization",
            "the plain LSTM",
        ));
    }
    let x = cx.input(0)?;
    let (state, cell) = (cx.input(inputs::HIDDEN)?, cx.input(inputs::CELL)?);
    let x_type = cx.ty(&x);
    let is_float = x_type.dtype == DType::F32;
    let op = Lstm {
        walk: Walk {
            batch_major,
            reverse: false,
        },
        clip: f32::INFINITY,
        cell_clip: if clip > 0.0 { clip } else { f32::INFINITY },
        gate: UnaryFn::Sigmoid,
        candidate: UnaryFn::Tanh,
        output: UnaryFn::Tanh,
        coupled: false,
    };
    let mut operands = vec![x];
    for gates in [inputs::WEIGHTS, inputs::RECURRENT] {
        let gates = gates.map(|index| weights(cx, index, is_float));
        operands.push(matrices(gates)?);
    }
    operands.push(biases(cx, x_type.dtype)?);
    let batch = x_type.shape.get(usize::from(!batch_major)).copied();
    let (hidden, hidden_shape) = with_batch(cx, &state, batch)?;
    let (cell, cell_shape) = with_batch(cx, &cell, batch)?;
    let outputs = vec![cx.output(0)?.clone(), cx.ty(&hidden), cx.ty(&cell)];
    operands.extend([hidden, cell]);
    let made = cx
        .builder
        .add_node(cx.name, op.into(), &operands, outputs)?;
    let [y, hidden, cell] = made.as_slice() else {
        return Err(Problem::broken("an operator without outputs"));
    };
    let hidden = cx.reshape(hidden, &hidden_shape)?;
    let cell = cx.reshape(cell, &cell_shape)?;
    keep(cx, inputs::HIDDEN, &hidden)?;
    keep(cx, inputs::CELL, &cell)?;
    Ok(vec![y.clone()])
}

/// A state as `[batch, units]`, and its own shape, which may lack the axis of the batch.
fn with_batch(
    cx: &mut OpCx<'_>,
    state: &Datum,
    batch: Option<usize>,
) -> Result<(Datum, Vec<usize>), Problem> {
    let shape = cx.shape(state);
    let batch = batch.unwrap_or(1).max(1);
    let units = shape.iter().product::<usize>() / batch;
    Ok((cx.reshape(state, &[batch, units])?, shape))
}

/// The matrices of four gates as one, with a scale per gate if they are integers.
fn matrices(gates: [Result<Datum, Problem>; 4]) -> Result<Datum, Problem> {
    let (mut floats, mut bytes, mut scales) = (Vec::new(), Vec::new(), Vec::new());
    let mut shape = Vec::new();
    for gate in gates {
        let Datum::Constant(gate) = gate? else {
            return Err(Problem::broken("computed weights"));
        };
        let own = gate.tensor.shape().to_vec();
        if own.len() != 2 || (!shape.is_empty() && shape != own) {
            return Err(Problem::shape(
                format!("weights {} of a gate", gate.ty()),
                "matrices of one shape for all gates",
            ));
        }
        shape = own;
        match &*gate.tensor {
            Tensor::F32(a) => floats.extend(a.iter().copied()),
            Tensor::I8(a) => {
                bytes.extend(a.iter().copied());
                scales.push(single_scale(&gate.ty())?);
            }
            Tensor::U8(_) | Tensor::I16(_) | Tensor::I32(_) | Tensor::I64(_) | Tensor::Bool(_) => {
                return Err(Problem::dtype(
                    format!("weights {}", gate.ty()),
                    "floats or 8 bits",
                ));
            }
        }
    }
    shape.insert(0, 4);
    let (tensor, quant) = if scales.is_empty() {
        (Tensor::from_f32(&shape, floats), None)
    } else {
        let quant = Quant::PerChannel { axis: 0, scales };
        (Tensor::from_i8(&shape, bytes), Some(quant))
    };
    let tensor = tensor.ok_or_else(|| Problem::broken("gates of different types"))?;
    Ok(Datum::Constant(Constant {
        tensor: Arc::new(tensor),
        quant,
    }))
}

/// The biases of four gates, `[4, units]`: floats, or integers of the type that goes with the input.
fn biases(cx: &OpCx<'_>, x: DType) -> Result<Datum, Problem> {
    let (mut floats, mut integers) = (Vec::new(), Vec::new());
    let mut units = None;
    for index in inputs::BIAS {
        let tensor = cx
            .constant(index)?
            .ok_or_else(|| Problem::broken(format!("input {index} is missing")))?;
        if *units.get_or_insert(tensor.shape().to_vec()) != tensor.shape() {
            return Err(Problem::shape(
                format!("bias {} of a gate", tensor.ty()),
                "biases of one shape for all gates",
            ));
        }
        match &*tensor {
            Tensor::F32(a) => floats.extend(a.iter().copied()),
            Tensor::I8(_)
            | Tensor::U8(_)
            | Tensor::I16(_)
            | Tensor::I32(_)
            | Tensor::I64(_)
            | Tensor::Bool(_) => {
                integers.extend(crate::import::integers(&tensor).unwrap_or_default());
            }
        }
    }
    let units = units.map_or(0, |shape| shape.iter().product());
    let shape = [4, units];
    let tensor = match x {
        DType::F32 => Tensor::from_f32(&shape, floats),
        DType::I16 => Tensor::from_i64(&shape, integers),
        DType::I8 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => {
            let narrow: Result<Vec<i32>, _> = integers.into_iter().map(i32::try_from).collect();
            narrow
                .ok()
                .and_then(|narrow| Tensor::from_i32(&shape, narrow))
        }
    };
    tensor.map(Datum::from).ok_or_else(|| {
        Problem::dtype(
            format!("biases of an LSTM over {x}"),
            "floats among floats, integers of 32 bits over int8, of 64 bits over int16",
        )
    })
}
