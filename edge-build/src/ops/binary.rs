//! A function of two tensors with broadcasting.
//!
//! Source: ONNX `Add`, `Sub`, `Mul`, `Div`, `Min`, `Max`, `Pow`, `PRelu`; `TFLite` namesakes.

use super::{OpError, Operator, QuantRule};
use crate::ir::{Arithmetic, DType, TensorType};
use crate::lower::exact::binary::{self as exact, Triple};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::Kernel;
use edge_core::params::{
    self, AddExact, AddOnce, BinaryKind, Broadcast, Choose, IntegerKind, Integers, MAX_RANK,
    MulExact, OnceKind, PReluExact, SumKind,
};
use edge_core::quant::Rounding;

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

/// The type of two tensors of one element type walked together.
pub(super) fn broadcast_type(inputs: &[&TensorType]) -> Result<TensorType, OpError> {
    let &[a, b] = inputs else {
        return Err(OpError::new(
            format!("{} inputs", inputs.len()),
            "two tensors",
        ));
    };
    if a.dtype != b.dtype {
        return Err(OpError::new(
            format!("{a} and {b}"),
            "two tensors of one element type",
        ));
    }
    let shape = broadcast_shape(&a.shape, &b.shape)
        .filter(|shape| shape.len() <= MAX_RANK)
        .ok_or_else(|| {
            OpError::new(
                format!("{a} and {b}"),
                format!("shapes that broadcast to at most {MAX_RANK} axes"),
            )
        })?;
    Ok(TensorType::plain(a.dtype, shape))
}

/// Strides of a tensor that is repeated to `shape`: 0 along repeated axes. Right-aligned.
pub(super) fn strides(of: &[usize], shape: &[usize]) -> [usize; MAX_RANK] {
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
        // Slopes of 16-bit numbers have 8 bits.
        if let (BinaryKind::PRelu, &[x, slope]) = (self.kind, inputs)
            && (x.dtype, slope.dtype) == (DType::I16, DType::I8)
        {
            let slope = TensorType::plain(x.dtype, slope.shape.clone());
            return broadcast_type(&[x, &slope]).map(|ty| vec![ty]);
        }
        broadcast_type(inputs).map(|ty| vec![ty])
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
        let kernel = match y.dtype {
            DType::F32 => Kernel::BinaryF32(params::BinaryF32 {
                kind: self.kind,
                walk,
                clamp: self.clamp,
            }),
            DType::I8 | DType::I16 => self.quantized(node.arithmetic(), [a, b, y], walk)?,
            DType::I32 => self.integers(walk)?,
            DType::I64 => match self.kind {
                BinaryKind::Min | BinaryKind::Max => Kernel::ChooseS64(self.choose(walk)),
                BinaryKind::Add
                | BinaryKind::Sub
                | BinaryKind::Mul
                | BinaryKind::Div
                | BinaryKind::Pow
                | BinaryKind::PRelu => return Err(self.unsupported(y.dtype)),
            },
            other @ (DType::U8 | DType::Bool) => return Err(LowerError::of_dtype(other)),
        };
        let operands = [node.operand(0)?, node.operand(1)?];
        node.step(kernel, &operands, &[]);
        Ok(())
    }
}

impl Binary {
    fn unsupported(&self, dtype: DType) -> LowerError {
        LowerError::new(
            format!("{:?} of {dtype} tensors", self.kind),
            "Add, Sub, Mul, Div, Min, Max and PRelu of quantized tensors, the first six of i32, Min and Max of i64",
        )
    }

    fn choose(&self, walk: Broadcast) -> Choose {
        Choose {
            walk,
            greater: self.kind == BinaryKind::Max,
        }
    }

    /// Plain 32-bit integers, in every arithmetic the same.
    fn integers(&self, walk: Broadcast) -> Result<Kernel, LowerError> {
        let kind = match self.kind {
            BinaryKind::Add => IntegerKind::Add,
            BinaryKind::Sub => IntegerKind::Sub,
            BinaryKind::Mul => IntegerKind::Mul,
            BinaryKind::Div => IntegerKind::Div,
            BinaryKind::Min | BinaryKind::Max => return Ok(Kernel::ChooseS32(self.choose(walk))),
            BinaryKind::Pow | BinaryKind::PRelu => return Err(self.unsupported(DType::I32)),
        };
        Ok(Kernel::IntegersS32(Integers {
            kind,
            walk,
            // Limits that are not finite saturate.
            range: self.clamp.map(|bound| bound as i32),
        }))
    }

    /// Quantized tensors; natively where that has a kernel and an activation leaves no trace.
    fn quantized(
        &self,
        arithmetic: Arithmetic,
        [a, b, y]: [&TensorType; 3],
        walk: Broadcast,
    ) -> Result<Kernel, LowerError> {
        let rounding = exact::rounding(arithmetic);
        if self.kind == BinaryKind::PRelu {
            let p = exact::prelu_exact(rounding, a, b, y, walk)?;
            return Ok(prelu_kernel(y.dtype, p));
        }
        let t = Triple::of(a, b, y)?;
        let native =
            arithmetic == Arithmetic::Native && y.dtype == DType::I8 && t.is_open(self.clamp);
        let once = |kind| {
            Ok(once_kernel(
                y.dtype,
                exact::add_once(kind, t, self.clamp, walk)?,
            ))
        };
        let sum = |kind| {
            Ok(sum_kernel(
                y.dtype,
                exact::add_exact(kind, t, self.clamp, walk)?,
            ))
        };
        match (self.kind, rounding) {
            (BinaryKind::Mul, _) if native => Ok(Kernel::MulS8(mul_s8(a, b, y, walk)?)),
            (BinaryKind::Add | BinaryKind::Sub | BinaryKind::Min | BinaryKind::Max, _)
                if native =>
            {
                Ok(Kernel::AddS8(add_s8(self.kind, a, b, y, walk)?))
            }
            (BinaryKind::Add, Rounding::TfLite) => sum(SumKind::Add),
            (BinaryKind::Sub, Rounding::TfLite) => sum(SumKind::Sub),
            (BinaryKind::Min | BinaryKind::Max, Rounding::TfLite) => {
                Ok(choose_kernel(y.dtype, self.choose(walk)))
            }
            (BinaryKind::Add, Rounding::Onnx) => once(OnceKind::Add),
            (BinaryKind::Sub, Rounding::Onnx) => once(OnceKind::Sub),
            (BinaryKind::Min, Rounding::Onnx) => once(OnceKind::Min),
            (BinaryKind::Max, Rounding::Onnx) => once(OnceKind::Max),
            (BinaryKind::Mul, _) => {
                let p = exact::mul_exact(rounding, t, self.clamp, walk)?;
                Ok(product_kernel(y.dtype, p))
            }
            (BinaryKind::Div, _) => {
                let p = exact::div_exact(rounding, t, self.clamp, walk)?;
                Ok(quotient_kernel(y.dtype, p))
            }
            (BinaryKind::Pow | BinaryKind::PRelu, _) => Err(self.unsupported(y.dtype)),
        }
    }
}

/// The kernel for bytes or half words.
macro_rules! of_width {
    ($($name:ident($params:ty): $narrow:ident or $wide:ident;)*) => { $(
        fn $name(dtype: DType, p: $params) -> Kernel {
            if dtype == DType::I16 { Kernel::$wide(p) } else { Kernel::$narrow(p) }
        }
    )* };
}

of_width! {
    sum_kernel(AddExact): AddExactS8 or AddExactS16;
    once_kernel(AddOnce): AddOnceS8 or AddOnceS16;
    product_kernel(MulExact): MulExactS8 or MulExactS16;
    quotient_kernel(MulExact): DivExactS8 or DivExactS16;
    prelu_kernel(PReluExact): PReluExactS8 or PReluExactS16;
    choose_kernel(Choose): ChooseS8 or ChooseS16;
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

#[cfg(test)]
mod tests;
