//! Operators that yield constants, and those that exist for constants only: comparisons, logic, `Range`, …

use super::node::NodeCx;
use super::quantized;
use super::schema::DataType;
use super::tensors;
use crate::import::builder::Datum;
use crate::import::integers as to_ints;
use crate::import::problem::Problem;
use crate::ir::types::shape_text;
use crate::ir::{DType, Tensor};
use crate::ops::binary::broadcast_shape;
use ndarray::ArrayD;

/// Any of the attributes that hold the value of a `Constant`.
pub(super) fn constant(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let attrs = cx.attrs;
    if let Some(proto) = attrs.tensor("value")? {
        return Ok(vec![tensors::read(proto, cx.folder)?.into()]);
    }
    let tensor = if let Some(x) = attrs.float("value_float")? {
        Tensor::F32(ndarray::arr0(x).into_dyn())
    } else if let Some(x) = attrs.int("value_int")? {
        Tensor::I64(ndarray::arr0(x).into_dyn())
    } else if let Some(list) = attrs.floats("value_floats")? {
        Tensor::F32(ndarray::Array1::from(list.to_vec()).into_dyn())
    } else if let Some(list) = attrs.ints("value_ints")? {
        Tensor::I64(ndarray::Array1::from(list.to_vec()).into_dyn())
    } else {
        return Err(Problem::attribute(
            "a constant that is a text, sparse or empty",
            "value, value_float, value_floats, value_int, value_ints",
        ));
    };
    Ok(vec![tensor.into()])
}

pub(super) fn constant_of_shape(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let wanted = cx
        .ints(0)?
        .ok_or_else(|| Problem::broken("a shape is missing"))?;
    let dims: Result<Vec<usize>, _> = wanted.iter().map(|&dim| usize::try_from(dim)).collect();
    let shape =
        dims.map_err(|_| Problem::shape(format!("a constant of shape {wanted:?}"), "0 and above"))?;
    let value = match cx.attrs.tensor("value")? {
        Some(proto) => tensors::read(proto, cx.folder)?,
        None => Tensor::F32(ndarray::arr0(0.0).into_dyn()),
    };
    cx.builder.charge(&shape, 0)?;
    macro_rules! filled {
        ($($variant:ident),*) => {
            match &value {
                $(Tensor::$variant(one) => one
                    .first()
                    .map(|&x| Tensor::$variant(ArrayD::from_elem(shape.as_slice(), x))),)*
            }
        };
    }
    filled!(F32, I8, U8, I16, I32, I64, Bool)
        .map(|tensor| vec![tensor.into()])
        .ok_or_else(|| Problem::broken("a value without elements"))
}

pub(super) fn range(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let start = cx
        .constant(0)?
        .ok_or_else(|| Problem::broken("start is missing"))?;
    if start.as_f32().is_some() {
        let (start, limit, delta) = (cx.float(0)?, cx.float(1)?, cx.float(2)?);
        let (Some(start), Some(limit), Some(delta)) = (start, limit, delta) else {
            return Err(Problem::broken("three scalars are needed"));
        };
        let count = ((f64::from(limit) - f64::from(start)) / f64::from(delta))
            .ceil()
            .max(0.0);
        cx.builder.charge(&[count as usize], 0)?;
        let numbers = (0..count as usize).map(|k| start + k as f32 * delta);
        let list = ndarray::Array1::from(numbers.collect::<Vec<f32>>());
        return Ok(vec![Tensor::F32(list.into_dyn()).into()]);
    }
    let one = |index: usize| match cx.ints(index)?.as_deref() {
        Some(&[one]) => Ok(i128::from(one)),
        _ => Err(Problem::broken(format!("input {index} is no scalar"))),
    };
    let (first, limit, delta) = (one(0)?, one(1)?, one(2)?);
    if delta == 0 {
        return Err(Problem::attribute(
            "a range with step 0",
            "steps other than 0",
        ));
    }
    let count = (limit - first + delta - delta.signum()) / delta;
    let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
    cx.builder.charge(&[count], 0)?;
    let numbers = (0..count as i128).map(|k| (first + k * delta) as i64);
    let list: Vec<i64> = numbers.collect();
    Ok(vec![int_tensor(&start, &[count], list)?])
}

/// Integers as a constant of the type of another.
fn int_tensor(like: &Tensor, shape: &[usize], list: Vec<i64>) -> Result<Datum, Problem> {
    let tensor = match like {
        Tensor::I32(_) => Tensor::from_i32(shape, list.iter().map(|&x| x as i32).collect()),
        Tensor::I8(_) => Tensor::from_i8(shape, list.iter().map(|&x| x as i8).collect()),
        Tensor::U8(_) => Tensor::from_u8(shape, list.iter().map(|&x| x as u8).collect()),
        Tensor::I16(_) => Tensor::from_i16(shape, list.iter().map(|&x| x as i16).collect()),
        Tensor::F32(_) | Tensor::I64(_) | Tensor::Bool(_) => Tensor::from_i64(shape, list),
    };
    tensor
        .map(Datum::from)
        .ok_or_else(|| Problem::broken("a constant whose shape does not fit"))
}

/// A comparison of two constants.
pub(super) fn compare(
    cx: &mut NodeCx<'_>,
    holds: fn(std::cmp::Ordering) -> bool,
) -> Result<Vec<Datum>, Problem> {
    let (a, b) = (needed(cx, 0)?, needed(cx, 1)?);
    let shape = common_shape(cx, &a, &b)?;
    // NaN compares as nothing; an ordering that no comparison asks for stands for it.
    let bits: Option<Vec<bool>> = match (&*a, &*b) {
        (Tensor::F32(a), Tensor::F32(b)) => {
            zip(a, b, &shape, |x, y| x.partial_cmp(&y).is_some_and(holds))
        }
        (a, b) => {
            let ints = |t: &Tensor| {
                to_ints(t).and_then(|list| ArrayD::from_shape_vec(t.shape(), list).ok())
            };
            match (ints(a), ints(b)) {
                (Some(a), Some(b)) => zip(&a, &b, &shape, |x, y| holds(x.cmp(&y))),
                _ => None,
            }
        }
    };
    finish_bools(&shape, bits)
}

/// A function of two truth values.
pub(super) fn logic(
    cx: &mut NodeCx<'_>,
    function: fn(bool, bool) -> bool,
) -> Result<Vec<Datum>, Problem> {
    let (a, b) = (needed(cx, 0)?, needed(cx, 1)?);
    let shape = common_shape(cx, &a, &b)?;
    let bits = match (&*a, &*b) {
        (Tensor::Bool(a), Tensor::Bool(b)) => zip(a, b, &shape, function),
        _ => None,
    };
    finish_bools(&shape, bits)
}

pub(super) fn not(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = needed(cx, 0)?;
    if let Tensor::Bool(bits) = &*x {
        return Ok(vec![Tensor::Bool(bits.mapv(|x| !x)).into()]);
    }
    Err(Problem::dtype(format!("Not of {}", x.ty()), "bool"))
}

pub(super) fn select(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (mask, a, b) = (needed(cx, 0)?, needed(cx, 1)?, needed(cx, 2)?);
    let shape = common_shape(cx, &a, &b)?;
    let shape = broadcast_shape(mask.shape(), &shape).ok_or_else(|| {
        Problem::shape(format!("condition {}", mask.ty()), "shapes that broadcast")
    })?;
    cx.builder.charge(&shape, 0)?;
    let Tensor::Bool(mask) = &*mask else {
        return Err(Problem::dtype(format!("a condition {}", mask.ty()), "bool"));
    };
    macro_rules! chosen {
        ($($variant:ident),*) => {
            match (&*a, &*b) {
                $((Tensor::$variant(a), Tensor::$variant(b)) =>
                    choose(mask, a, b, &shape).map(Tensor::$variant),)*
                _ => None,
            }
        };
    }
    chosen!(F32, I8, U8, I16, I32, I64, Bool)
        .map(|tensor| vec![tensor.into()])
        .ok_or_else(|| {
            Problem::dtype(
                format!("a choice between {} and {}", a.ty(), b.ty()),
                "one element type",
            )
        })
}

fn choose<T: Copy>(
    mask: &ArrayD<bool>,
    a: &ArrayD<T>,
    b: &ArrayD<T>,
    shape: &[usize],
) -> Option<ArrayD<T>> {
    let (mask, a, b) = (
        mask.broadcast(shape)?,
        a.broadcast(shape)?,
        b.broadcast(shape)?,
    );
    let picked = mask.iter().zip(a.iter().zip(b.iter()));
    let data = picked.map(|(&first, (&a, &b))| if first { a } else { b });
    ArrayD::from_shape_vec(shape, data.collect()).ok()
}

pub(super) fn modulo(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (a, b) = (needed(cx, 0)?, needed(cx, 1)?);
    let shape = common_shape(cx, &a, &b)?;
    let like_c = cx.attrs.flag("fmod")?;
    let ints =
        |t: &Tensor| to_ints(t).and_then(|list| ArrayD::from_shape_vec(t.shape(), list).ok());
    let remainders = match (ints(&a), ints(&b)) {
        (Some(x), Some(y)) => zip(&x, &y, &shape, |x: i64, y: i64| {
            let rest = x.checked_rem(y)?;
            let other_sign = rest != 0 && (rest < 0) != (y < 0);
            Some(if other_sign && !like_c {
                rest + y
            } else {
                rest
            })
        }),
        _ => None,
    };
    let list = remainders.and_then(|list| list.into_iter().collect::<Option<Vec<i64>>>());
    let list = list.ok_or_else(|| {
        Problem::attribute(
            format!("Mod of {} and {}", a.ty(), b.ty()),
            "integers, divisors other than 0",
        )
    })?;
    Ok(vec![int_tensor(&a, &shape, list)?])
}

/// A conversion. Values computed on the device are floats and stay as they are.
pub(super) fn cast(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.input(0)?;
    let to = tensors::data_type(cx.attrs.int("to")?.and_then(|to| i32::try_from(to).ok()))?;
    convert(cx, &x, to)
}

/// A conversion to the type of another value.
pub(super) fn cast_like(cx: &mut NodeCx<'_>) -> Result<Vec<Datum>, Problem> {
    let (x, like) = (cx.input(0)?, cx.input(1)?);
    let to = match cx.ty(&like).dtype {
        DType::F32 => DataType::Float,
        DType::I8 => DataType::Int8,
        DType::U8 => DataType::Uint8,
        DType::I16 => DataType::Int16,
        DType::I32 => DataType::Int32,
        DType::I64 => DataType::Int64,
        DType::Bool => DataType::Bool,
    };
    convert(cx, &x, to)
}

fn convert(cx: &mut NodeCx<'_>, x: &Datum, to: DataType) -> Result<Vec<Datum>, Problem> {
    let float = matches!(
        to,
        DataType::Float | DataType::Double | DataType::Float16 | DataType::Bfloat16
    );
    let Some(tensor) = x.tensor() else {
        return if float {
            Ok(vec![quantized::cast_to_float(cx, x)?])
        } else {
            Err(Problem::dtype(
                format!("a computed value cast to {}", to.text()),
                "casts of computed values to float types",
            ))
        };
    };
    cx.builder.charge(tensor.shape(), tensor.ty().len())?;
    let converted = if float {
        Some(to_floats(tensor))
    } else {
        to_integers(tensor, to)
    };
    converted.map(|tensor| vec![tensor.into()]).ok_or_else(|| {
        Problem::dtype(
            format!("a cast of {} to {}", tensor.ty(), to.text()),
            "float, bool, and integers of 8 to 64 bits",
        )
    })
}

fn to_floats(tensor: &Tensor) -> Tensor {
    match tensor {
        Tensor::F32(a) => Tensor::F32(a.clone()),
        Tensor::I8(a) => Tensor::F32(a.mapv(f32::from)),
        Tensor::U8(a) => Tensor::F32(a.mapv(f32::from)),
        Tensor::I16(a) => Tensor::F32(a.mapv(f32::from)),
        Tensor::I32(a) => Tensor::F32(a.mapv(|x| x as f32)),
        Tensor::I64(a) => Tensor::F32(a.mapv(|x| x as f32)),
        Tensor::Bool(a) => Tensor::F32(a.mapv(|x| f32::from(u8::from(x)))),
    }
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "element types of ONNX without a counterpart here"
)]
fn to_integers(tensor: &Tensor, to: DataType) -> Option<Tensor> {
    if to == DataType::Bool {
        return Some(Tensor::Bool(match tensor {
            Tensor::F32(a) => a.mapv(|x| x != 0.0),
            Tensor::I8(a) => a.mapv(|x| x != 0),
            Tensor::U8(a) => a.mapv(|x| x != 0),
            Tensor::I16(a) => a.mapv(|x| x != 0),
            Tensor::I32(a) => a.mapv(|x| x != 0),
            Tensor::I64(a) => a.mapv(|x| x != 0),
            Tensor::Bool(a) => a.clone(),
        }));
    }
    let list = match tensor.as_f32() {
        Some(floats) => floats.iter().map(|&x| x as i64).collect(),
        None => to_ints(tensor)?,
    };
    let each =
        |f: fn(i64) -> i32| Tensor::from_i32(tensor.shape(), list.iter().map(|&x| f(x)).collect());
    match to {
        DataType::Int8 => Tensor::from_i8(tensor.shape(), list.iter().map(|&x| x as i8).collect()),
        DataType::Uint8 => Tensor::from_u8(tensor.shape(), list.iter().map(|&x| x as u8).collect()),
        DataType::Int16 => {
            Tensor::from_i16(tensor.shape(), list.iter().map(|&x| x as i16).collect())
        }
        DataType::Uint16 => each(|x| i32::from(x as u16)),
        DataType::Int32 => each(|x| x as i32),
        DataType::Int64 | DataType::Uint64 => ArrayD::from_shape_vec(tensor.shape(), list)
            .ok()
            .map(Tensor::I64),
        DataType::Uint32 => {
            let list = list.iter().map(|&x| i64::from(x as u32)).collect();
            ArrayD::from_shape_vec(tensor.shape(), list)
                .ok()
                .map(Tensor::I64)
        }
        _ => None,
    }
}

/// Input `index`, which must be there and a constant.
fn needed(cx: &NodeCx<'_>, index: usize) -> Result<std::sync::Arc<Tensor>, Problem> {
    cx.constant(index)?
        .ok_or_else(|| Problem::broken(format!("input {index} is missing")))
}

/// The shape of two constants walked together.
fn common_shape(cx: &mut NodeCx<'_>, a: &Tensor, b: &Tensor) -> Result<Vec<usize>, Problem> {
    let shape = broadcast_shape(a.shape(), b.shape()).ok_or_else(|| {
        Problem::shape(
            format!("{} and {}", shape_text(a.shape()), shape_text(b.shape())),
            "shapes that broadcast",
        )
    })?;
    cx.builder.charge(&shape, 0)?;
    Ok(shape)
}

fn zip<T: Copy, U>(
    a: &ArrayD<T>,
    b: &ArrayD<T>,
    shape: &[usize],
    function: impl Fn(T, T) -> U,
) -> Option<Vec<U>> {
    let (a, b) = (a.broadcast(shape)?, b.broadcast(shape)?);
    Some(
        a.iter()
            .zip(b.iter())
            .map(|(&a, &b)| function(a, b))
            .collect(),
    )
}

fn finish_bools(shape: &[usize], bits: Option<Vec<bool>>) -> Result<Vec<Datum>, Problem> {
    bits.and_then(|bits| ArrayD::from_shape_vec(shape, bits).ok())
        .map(|bits| vec![Tensor::Bool(bits).into()])
        .ok_or_else(|| {
            Problem::dtype(
                "a comparison of constants of different types",
                "two floats, two integers or two truth values",
            )
        })
}
