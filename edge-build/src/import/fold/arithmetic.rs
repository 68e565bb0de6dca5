//! Arithmetic on constants: floats with the functions of the device, integers checked.

use super::array;
use crate::import::problem::Problem;
use crate::ir::Tensor;
use crate::lower::movement::strides;
use crate::ops::{Binary, Reduce};
use edge_core::params::{BinaryKind, ReduceKind, UnaryFn};
use edge_core::rt;
use ndarray::ArrayD;

/// An element type with arithmetic.
pub(in crate::import) trait Number: Copy + PartialOrd {
    /// A small whole number.
    fn small(number: i8) -> Self;
    /// `a op b`; `None` where it is not defined.
    fn binary(kind: BinaryKind, a: Self, b: Self) -> Option<Self>;
}

impl Number for f32 {
    fn small(number: i8) -> Self {
        number.into()
    }

    fn binary(kind: BinaryKind, a: Self, b: Self) -> Option<Self> {
        Some(match kind {
            BinaryKind::Add => a + b,
            BinaryKind::Sub => a - b,
            BinaryKind::Mul => a * b,
            BinaryKind::Div => a / b,
            BinaryKind::Min => a.min(b),
            BinaryKind::Max => a.max(b),
            BinaryKind::Pow => rt::unary(UnaryFn::Power(b), a),
            BinaryKind::PRelu => rt::unary(UnaryFn::LeakyRelu(b), a),
        })
    }
}

impl Number for i64 {
    fn small(number: i8) -> Self {
        number.into()
    }

    fn binary(kind: BinaryKind, a: Self, b: Self) -> Option<Self> {
        match kind {
            BinaryKind::Add => a.checked_add(b),
            BinaryKind::Sub => a.checked_sub(b),
            BinaryKind::Mul => a.checked_mul(b),
            BinaryKind::Div => a.checked_div(b),
            BinaryKind::Min => Some(a.min(b)),
            BinaryKind::Max => Some(a.max(b)),
            BinaryKind::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
            BinaryKind::PRelu => (if a < 0 { b } else { 1 }).checked_mul(a),
        }
    }
}

macro_rules! narrow {
    ($($type:ident),*) => {$(
        impl Number for $type {
            fn small(number: i8) -> Self {
                number as Self
            }

            fn binary(kind: BinaryKind, a: Self, b: Self) -> Option<Self> {
                i64::binary(kind, a.into(), b.into()).and_then(|x| x.try_into().ok())
            }
        }
    )*};
}

narrow!(i8, u8, i16, i32);

/// Functions of each element, of floats only.
pub(super) fn unary(x: &Tensor, functions: &[UnaryFn]) -> Option<Tensor> {
    let data = x.as_f32()?;
    let mut out = data.to_vec();
    for value in &mut out {
        for &function in functions {
            *value = rt::unary(function, *value);
        }
    }
    Tensor::from_f32(x.shape(), out)
}

/// A function of two tensors of the same element type.
pub(super) fn binary(op: &Binary, inputs: &[&Tensor], shape: &[usize]) -> Result<Tensor, Problem> {
    match inputs {
        [Tensor::F32(a), Tensor::F32(b)] => {
            let result = binary_arrays(op.kind, a, b, shape)?;
            let clamp = |x: f32| x.max(op.clamp[0]).min(op.clamp[1]);
            Ok(Tensor::F32(result.mapv_into(clamp)))
        }
        [Tensor::I8(a), Tensor::I8(b)] => binary_arrays(op.kind, a, b, shape).map(Tensor::I8),
        [Tensor::U8(a), Tensor::U8(b)] => binary_arrays(op.kind, a, b, shape).map(Tensor::U8),
        [Tensor::I16(a), Tensor::I16(b)] => binary_arrays(op.kind, a, b, shape).map(Tensor::I16),
        [Tensor::I32(a), Tensor::I32(b)] => binary_arrays(op.kind, a, b, shape).map(Tensor::I32),
        [Tensor::I64(a), Tensor::I64(b)] => binary_arrays(op.kind, a, b, shape).map(Tensor::I64),
        _ => {
            let types: Vec<String> = inputs.iter().map(|x| x.ty().to_string()).collect();
            Err(Problem::dtype(
                format!("{:?} of constants {}", op.kind, types.join(" and ")),
                "two constants of one type of numbers",
            ))
        }
    }
}

fn binary_arrays<T: Number>(
    kind: BinaryKind,
    a: &ArrayD<T>,
    b: &ArrayD<T>,
    shape: &[usize],
) -> Result<ArrayD<T>, Problem> {
    let undefined = || {
        Problem::attribute(
            format!("{kind:?} of integer constants overflows or divides by 0"),
            "results in the range of the element type",
        )
    };
    let (Some(a), Some(b)) = (a.broadcast(shape), b.broadcast(shape)) else {
        return Err(Problem::shape(
            "constants that do not broadcast",
            "the rule of NumPy",
        ));
    };
    let mut out = Vec::with_capacity(shape.iter().product());
    for (&a, &b) in a.iter().zip(b.iter()) {
        out.push(T::binary(kind, a, b).ok_or_else(undefined)?);
    }
    array(shape, out).ok_or_else(undefined)
}

/// A reduction of neighbouring axes.
pub(super) fn reduce(op: &Reduce, x: &Tensor, shape: &[usize]) -> Result<Tensor, Problem> {
    let empty = || {
        Problem::shape(
            format!("{:?} over no elements", op.kind),
            "at least one element",
        )
    };
    match x {
        Tensor::F32(a) => reduce_array(op, a, shape, |n| n as f32)
            .map(Tensor::F32)
            .ok_or_else(empty),
        Tensor::I32(a) => reduce_array(op, a, shape, |n| n as i32)
            .map(Tensor::I32)
            .ok_or_else(empty),
        Tensor::I64(a) => reduce_array(op, a, shape, |n| n as i64)
            .map(Tensor::I64)
            .ok_or_else(empty),
        Tensor::I8(_) | Tensor::U8(_) | Tensor::I16(_) | Tensor::Bool(_) => Err(Problem::dtype(
            format!("{:?} of a constant {}", op.kind, x.ty()),
            "a constant of type f32, i32 or i64",
        )),
    }
}

fn reduce_array<T: Number>(
    op: &Reduce,
    a: &ArrayD<T>,
    shape: &[usize],
    count: impl Fn(usize) -> T,
) -> Option<ArrayD<T>> {
    let step = match op.kind {
        ReduceKind::Sum | ReduceKind::Mean => BinaryKind::Add,
        ReduceKind::Max => BinaryKind::Max,
        ReduceKind::Min => BinaryKind::Min,
    };
    fold_axes(a, op.start..op.end, |total, x| T::binary(step, total, x)).and_then(|sums| {
        let axis: usize = a.shape()[op.start..op.end].iter().product();
        let mean = |x: &T| match op.kind {
            ReduceKind::Mean => T::binary(BinaryKind::Div, *x, count(axis)),
            ReduceKind::Sum | ReduceKind::Max | ReduceKind::Min => Some(*x),
        };
        array(shape, sums.iter().map(mean).collect::<Option<Vec<T>>>()?)
    })
}

/// Folds the elements along neighbouring axes; `None` if there are none or a step is not defined.
fn fold_axes<T: Number>(
    a: &ArrayD<T>,
    axes: std::ops::Range<usize>,
    step: impl Fn(T, T) -> Option<T>,
) -> Option<Vec<T>> {
    let data = a.as_slice()?;
    let inner: usize = a.shape().get(axes.end..)?.iter().product();
    let len: usize = a.shape().get(axes.clone())?.iter().product();
    let outer: usize = a.shape()[..axes.start].iter().product();
    let mut out = Vec::with_capacity(outer * inner);
    for block in 0..outer {
        for column in 0..inner {
            let first = block * len * inner + column;
            let mut total = *data.get(first)?;
            for k in 1..len {
                total = step(total, *data.get(first + k * inner)?)?;
            }
            out.push(total);
        }
    }
    Some(out)
}

/// The product over neighbouring axes; `None` if it overflows.
pub(in crate::import) fn product<T: Number>(
    a: &ArrayD<T>,
    axes: std::ops::Range<usize>,
) -> Option<Vec<T>> {
    if a.is_empty() {
        let kept: usize = strides(a.shape())
            .iter()
            .enumerate()
            .filter(|(axis, _)| !axes.contains(axis))
            .map(|(axis, _)| a.shape()[axis])
            .product();
        return Some(vec![T::small(1); kept]);
    }
    fold_axes(a, axes, |total, x| T::binary(BinaryKind::Mul, total, x))
}
