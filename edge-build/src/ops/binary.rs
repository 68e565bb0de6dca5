//! A function of two tensors with broadcasting.
//!
//! Source: ONNX `Add`, `Sub`, `Mul`, `Div`, `Min`, `Max`, `Pow`, `PRelu`; `TFLite` namesakes.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::Kernel;
use edge_core::params::{self, BinaryKind, Broadcast, MAX_RANK};

/// A function of two tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// The function.
    pub kind: BinaryKind,
    /// Limits of the result: a fused activation.
    pub clamp: [f32; 2],
}

/// The shape of two tensors walked together, by the rule of NumPy; `None` if they do not fit.
#[must_use]
pub fn broadcast_shape(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let dim = |shape: &[usize], axis: usize| {
        (axis + shape.len())
            .checked_sub(rank)
            .map_or(1, |i| shape[i])
    };
    let along = |axis| match (dim(a, axis), dim(b, axis)) {
        (x, y) if x == y => Some(x),
        (1, y) => Some(y),
        (x, 1) => Some(x),
        _ => None,
    };
    (0..rank).map(along).collect()
}

/// Strides of a tensor that is repeated to `shape`: 0 along repeated axes. Right-aligned.
fn strides(of: &[usize], shape: &[usize]) -> [usize; MAX_RANK] {
    let mut strides = [0; MAX_RANK];
    let mut step = 1;
    for (back, &dim) in of.iter().rev().enumerate() {
        if dim != 1 || shape[shape.len() - 1 - back] == 1 {
            strides[MAX_RANK - 1 - back] = if dim == 1 { 0 } else { step };
        }
        step *= dim;
    }
    strides
}

/// How two tensors are walked to a common shape.
///
/// # Errors
/// If they do not fit or have too many axes.
pub fn walk(a: &[usize], b: &[usize]) -> Result<Broadcast, LowerError> {
    let shape = broadcast_shape(a, b)
        .filter(|shape| shape.len() <= MAX_RANK)
        .ok_or_else(|| {
            LowerError::new(
                format!("shapes {a:?} and {b:?}"),
                format!("shapes that broadcast to at most {MAX_RANK} axes"),
            )
        })?;
    let mut padded = [1; MAX_RANK];
    padded[MAX_RANK - shape.len()..].copy_from_slice(&shape);
    Ok(Broadcast {
        shape: padded,
        first: strides(a, &shape),
        second: strides(b, &shape),
    }
    .joined())
}

impl Operator for Binary {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[a, b] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "two tensors",
            ));
        };
        let shape = broadcast_shape(&a.shape, &b.shape)
            .filter(|shape| shape.len() <= MAX_RANK)
            .ok_or_else(|| {
                OpError::new(
                    format!("{a} and {b}"),
                    format!("shapes that broadcast to at most {MAX_RANK} axes"),
                )
            })?;
        Ok(vec![TensorType {
            dtype: a.dtype,
            shape,
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        match self.kind {
            BinaryKind::Add
            | BinaryKind::Sub
            | BinaryKind::Min
            | BinaryKind::Max
            | BinaryKind::Mul => QuantRule::Calibrated,
            BinaryKind::Div | BinaryKind::Pow | BinaryKind::PRelu => QuantRule::FloatOnly,
        }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (a, b, y) = (node.input_type(0)?, node.input_type(1)?, node.output_type());
        let walk = walk(&a.shape, &b.shape)?;
        let kernel = match (y.dtype, self.kind) {
            (DType::F32, kind) => Kernel::BinaryF32(params::BinaryF32 {
                kind,
                walk,
                clamp: self.clamp,
            }),
            (DType::I8, BinaryKind::Mul) => Kernel::MulS8(mul_s8(a, b, y, walk)?),
            (DType::I8, BinaryKind::Add | BinaryKind::Sub | BinaryKind::Min | BinaryKind::Max) => {
                Kernel::AddS8(add_s8(self.kind, a, b, y, walk)?)
            }
            (DType::I8, BinaryKind::Div | BinaryKind::Pow | BinaryKind::PRelu) => {
                return Err(LowerError::new(
                    format!("{:?} of int8 tensors", self.kind),
                    "Add, Sub, Mul, Min, Max",
                ));
            }
            (other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool), _) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let operands = [node.operand(0)?, node.operand(1)?];
        node.step(kernel, &operands, &[]);
        Ok(())
    }
}

fn mul_s8(
    a: &TensorType,
    b: &TensorType,
    y: &TensorType,
    walk: Broadcast,
) -> Result<params::MulS8, LowerError> {
    let (a, b, y) = (
        arithmetic::params_of(a)?,
        arithmetic::params_of(b)?,
        arithmetic::params_of(y)?,
    );
    let real = f64::from(a.scale) * f64::from(b.scale) / f64::from(y.scale);
    let (multipliers, requant) = arithmetic::requant(&[real], y.zero_point, 1 << 16)?;
    Ok(params::MulS8 {
        walk,
        first_zero: a.zero_point,
        second_zero: b.zero_point,
        multiplier: multipliers[0],
        requant,
    })
}

fn add_s8(
    kind: BinaryKind,
    a: &TensorType,
    b: &TensorType,
    y: &TensorType,
    walk: Broadcast,
) -> Result<params::AddS8, LowerError> {
    /// Bits of a multiplier: a sum of two products with numbers of 9 bits stays below 2³¹.
    const BITS: f64 = 21.0;
    let (a, b, y) = (
        arithmetic::params_of(a)?,
        arithmetic::params_of(b)?,
        arithmetic::params_of(y)?,
    );
    let real = [a, b].map(|p| f64::from(p.scale) / f64::from(y.scale));
    let greatest = real[0].max(real[1]);
    let room = BITS - greatest.log2().ceil();
    if !(0.0..=1e9).contains(&room) {
        return Err(LowerError::new(
            format!(
                "scales {} and {} for an output of scale {}",
                a.scale, b.scale, y.scale
            ),
            "an output scale of the order of the input scales",
        ));
    }
    let shift = room.min(22.0) as u32;
    let [first, second] =
        real.map(|factor| (factor * f64::from(shift).exp2()).round_ties_even() as i32);
    Ok(params::AddS8 {
        kind,
        walk,
        first_multiplier: first,
        first_offset: -a.zero_point * first,
        second_multiplier: second,
        second_offset: -b.zero_point * second,
        offset: arithmetic::offset(y.zero_point, shift),
        shift,
    })
}
