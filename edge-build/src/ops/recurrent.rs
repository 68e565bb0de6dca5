//! What recurrent operators have in common: sequences, and states that go from step to step.

use super::OpError;
use crate::ir::{DType, Tensor, TensorType};
use crate::lower::movement::{Axis, copy};
use crate::lower::{DraftOperand, LowerError, NodeLowering};
use crate::program::Element;
use edge_core::params::Sequence;

/// How a layer walks through its sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Whether the first dimension counts sequences and the second steps, else the other way round.
    pub batch_major: bool,
    /// Whether the last step is taken first.
    pub reverse: bool,
}

/// The shapes of a layer with `[gates, units, inputs]`, `[gates, units, units]` and a state `[batch, units]`.
///
/// # Errors
/// If they do not fit together.
pub fn sequence(
    walk: Walk,
    gates: usize,
    x: &TensorType,
    weights: &TensorType,
    recurrent: &TensorType,
    state: &TensorType,
) -> Result<Sequence, OpError> {
    let (&[first, second, inputs], &[batch, units]) = (x.shape.as_slice(), state.shape.as_slice())
    else {
        return Err(OpError::new(
            format!("input {x} and state {state}"),
            "sequences of rank 3 and a state of rank 2",
        ));
    };
    let (own_batch, steps) = if walk.batch_major {
        (first, second)
    } else {
        (second, first)
    };
    expect(weights, &[gates, units, inputs])?;
    expect(recurrent, &[gates, units, units])?;
    if own_batch != batch || [batch, steps, inputs, units].contains(&0) {
        return Err(OpError::new(
            format!("input {x} and state {state}"),
            "one state for each sequence",
        ));
    }
    Ok(Sequence {
        batch,
        steps,
        inputs,
        units,
        batch_major: walk.batch_major,
        reverse: walk.reverse,
    })
}

/// Checks a shape.
///
/// # Errors
/// If it is another.
pub fn expect(ty: &TensorType, shape: &[usize]) -> Result<(), OpError> {
    if ty.shape == shape {
        return Ok(());
    }
    Err(OpError::new(
        ty.to_string(),
        format!("shape {}", crate::ir::types::shape_text(shape)),
    ))
}

/// Checks that all tensors are float.
///
/// # Errors
/// If one is not.
pub fn expect_floats(types: &[&TensorType]) -> Result<(), OpError> {
    match types.iter().find(|ty| ty.dtype != DType::F32) {
        None => Ok(()),
        Some(other) => Err(OpError::new(other.to_string(), "floats")),
    }
}

/// Type of all outputs, one behind the other.
#[must_use]
pub fn sequence_type(p: &Sequence, dtype: DType) -> TensorType {
    let lead = if p.batch_major {
        [p.batch, p.steps]
    } else {
        [p.steps, p.batch]
    };
    let [first, second] = lead;
    TensorType::plain(dtype, [first, second, p.units])
}

/// Types of all states and the last, of float layers.
#[must_use]
pub fn outputs(p: &Sequence) -> Vec<TensorType> {
    vec![
        sequence_type(p, DType::F32),
        TensorType::f32([p.batch, p.units]),
    ]
}

/// Multiply-accumulate operations of a layer.
#[must_use]
pub fn macs(inputs: &[&TensorType], outputs: &[&TensorType]) -> u64 {
    let (Some(y), Some(weights), Some(recurrent)) = (outputs.first(), inputs.get(1), inputs.get(2))
    else {
        return 0;
    };
    let rows: usize = y.shape.iter().take(2).product();
    rows as u64 * (weights.len() + recurrent.len()) as u64
}

/// The floats of a constant input for flash.
///
/// # Errors
/// If they are no constant.
pub fn floats(node: &mut NodeLowering<'_>, input: usize, what: &str) -> Result<usize, LowerError> {
    let tensor = node.input_tensor(input)?;
    let floats = tensor
        .as_f32()
        .ok_or_else(|| LowerError::of_dtype(tensor.dtype()))?;
    Ok(node.add_constant(what, Element::F32, floats))
}

/// The bytes of a constant input for flash.
///
/// # Errors
/// If they are no constant.
pub fn bytes(node: &mut NodeLowering<'_>, input: usize, what: &str) -> Result<usize, LowerError> {
    let tensor = node.input_tensor(input)?;
    let bytes = tensor
        .as_i8()
        .ok_or_else(|| LowerError::of_dtype(tensor.dtype()))?;
    Ok(node.add_constant(what, Element::I8, bytes))
}

/// The integers of a constant.
///
/// # Errors
/// If it holds something else.
pub fn integers(tensor: &Tensor) -> Result<Vec<i64>, LowerError> {
    match tensor {
        Tensor::I8(a) => Ok(a.iter().map(|&x| x.into()).collect()),
        Tensor::I16(a) => Ok(a.iter().map(|&x| x.into()).collect()),
        Tensor::I32(a) => Ok(a.iter().map(|&x| x.into()).collect()),
        Tensor::I64(a) => Ok(a.iter().copied().collect()),
        Tensor::F32(_) | Tensor::U8(_) | Tensor::Bool(_) => {
            Err(LowerError::of_dtype(tensor.dtype()))
        }
    }
}

/// The shapes of a node that is lowered.
///
/// # Errors
/// If they do not fit together.
pub fn lowered<T>(
    node: &NodeLowering<'_>,
    shapes: impl Fn(&[&TensorType]) -> Result<T, OpError>,
) -> Result<T, LowerError> {
    let types: Vec<&TensorType> = (0..node.node().inputs.len())
        .map(|index| node.input_type(index))
        .collect::<Result<_, _>>()?;
    shapes(&types).map_err(|error| LowerError::new(error.found, error.supported))
}

/// Sequences and state; weights, recurrent weights and bias, of float layers.
///
/// # Errors
/// If an input is missing or no constant.
pub fn operands(
    node: &mut NodeLowering<'_>,
) -> Result<(Vec<DraftOperand>, Vec<usize>), LowerError> {
    let inputs = vec![node.operand(0)?, node.operand(4)?];
    let constants = vec![
        floats(node, 1, "weights")?,
        floats(node, 2, "recurrent weights")?,
        floats(node, 3, "bias")?,
    ];
    Ok((inputs, constants))
}

/// Copies what the last step has left to output 1, the state, if anything reads it. `from` is the input that
/// holds the state before the first step.
///
/// # Errors
/// If an output is missing.
pub fn keep_state(
    node: &mut NodeLowering<'_>,
    p: &Sequence,
    from: usize,
) -> Result<(), LowerError> {
    if !node.is_read(1) {
        return Ok(());
    }
    let (to, y) = (node.replaced(from, 1)?, node.output_at(0)?);
    let last = if p.reverse { 0 } else { p.steps - 1 };
    let (start, step) = if p.batch_major {
        (last * p.units, p.steps * p.units)
    } else {
        (last * p.batch * p.units, p.units)
    };
    let axes = [
        Axis {
            len: p.batch,
            source: step as isize,
            target: p.units,
        },
        Axis {
            len: p.units,
            source: 1,
            target: 1,
        },
    ];
    let p = copy(&axes, start, 0)?;
    crate::lower::movement::emit(node, p, DraftOperand::Buffer(y), to)
}
