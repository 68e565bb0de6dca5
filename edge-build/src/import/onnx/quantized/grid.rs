//! Scales and zero points as nodes state them.

use crate::import::integers;
use crate::import::onnx::node::{NodeCx, resolve_axis};
use crate::import::onnx::schema::DataType;
use crate::import::onnx::tensors;
use crate::import::problem::Problem;
use crate::ir::types::shape_text;
use crate::ir::{QuantParams, Tensor};

/// The type of the integers of an activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    /// Signed bytes.
    I8,
    /// Unsigned bytes.
    U8,
}

impl Storage {
    /// The least and the greatest number.
    pub(super) fn range(self) -> [i32; 2] {
        match self {
            Self::I8 => [-128, 127],
            Self::U8 => [0, 255],
        }
    }
}

/// What integers stand for: `(q − zero) · scale`.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// One scale, or one for each index of the axis.
    pub(super) scales: Vec<f32>,
    /// As many zero points.
    pub(super) zeros: Vec<i64>,
    /// The axis that the scales belong to; `None` with one scale.
    pub(super) axis: Option<i64>,
    /// What the integers are, where the node makes them.
    pub(super) storage: Storage,
}

impl Grid {
    /// The grid of integers that stand for themselves.
    pub(super) fn of_integers() -> Self {
        Self {
            scales: vec![1.0],
            zeros: vec![0],
            axis: None,
            storage: Storage::I8,
        }
    }

    /// The grid of integers that the node reads.
    pub(super) fn of_input(
        cx: &NodeCx<'_>,
        scale: usize,
        zero: usize,
        axis: i64,
    ) -> Result<Self, Problem> {
        let tensor = cx
            .constant(scale)?
            .ok_or_else(|| Problem::broken(format!("input {scale}, a scale, is missing")))?;
        let scales = tensor
            .as_f32()
            .ok_or_else(|| Problem::dtype(format!("a scale of type {}", tensor.ty()), "floats"))?
            .to_vec();
        let blocks = cx.attrs.int("block_size")?.unwrap_or(0) != 0;
        if blocks || (tensor.shape().len() > 1 && scales.len() != 1) || scales.is_empty() {
            return Err(Problem::attribute(
                format!("scales of shape {}", shape_text(tensor.shape())),
                "one scale for all, or one per index of an axis",
            ));
        }
        let zeros = match cx.ints(zero)? {
            Some(zeros) if zeros.len() == scales.len() => zeros,
            Some(zeros) if zeros.len() == 1 => {
                vec![zeros.first().copied().unwrap_or(0); scales.len()]
            }
            Some(zeros) => {
                return Err(Problem::shape(
                    format!("{} zero points for {} scales", zeros.len(), scales.len()),
                    "as many of each",
                ));
            }
            None => vec![0; scales.len()],
        };
        Ok(Self {
            axis: (scales.len() != 1).then_some(axis),
            scales,
            zeros,
            storage: Storage::U8,
        })
    }

    /// The grid of integers that the node makes; their type is that of the zero point.
    pub(super) fn of_output(
        cx: &NodeCx<'_>,
        scale: usize,
        zero: usize,
        axis: i64,
    ) -> Result<Self, Problem> {
        let grid = Self::of_input(cx, scale, zero, axis)?;
        let storage = match cx.constant(zero)? {
            Some(tensor) => match &*tensor {
                Tensor::I8(_) => Some(Storage::I8),
                Tensor::U8(_) => Some(Storage::U8),
                Tensor::F32(_)
                | Tensor::I16(_)
                | Tensor::I32(_)
                | Tensor::I64(_)
                | Tensor::Bool(_) => None,
            },
            None => stated(cx)?,
        };
        let storage = storage.ok_or_else(|| {
            Problem::dtype("quantization to another type", "int8 and uint8 activations")
        })?;
        Ok(Self { storage, ..grid })
    }

    /// Scale and zero point of an activation, seen from signed bytes.
    pub(super) fn params(&self, storage: Storage) -> Result<QuantParams, Problem> {
        let (&[scale], &[zero]) = (self.scales.as_slice(), self.zeros.as_slice()) else {
            return Err(Problem::attribute(
                format!("an activation with {} scales", self.scales.len()),
                "one scale per activation; constants may have one per index of an axis",
            ));
        };
        let [least, greatest] = storage.range();
        let zero = i32::try_from(zero)
            .ok()
            .filter(|zero| (least..=greatest).contains(zero));
        match zero {
            Some(zero) if scale.is_finite() && scale > 0.0 => Ok(QuantParams {
                scale,
                zero_point: zero - (least + 128),
            }),
            Some(_) | None => Err(Problem::attribute(
                format!(
                    "an activation with scale {scale} and zero point {:?}",
                    self.zeros
                ),
                "positive scales, zero points of the type",
            )),
        }
    }

    /// For each element of a tensor, which scale is its own: length of the axis, elements of one index.
    pub(super) fn walk(&self, shape: &[usize]) -> Result<(usize, usize), Problem> {
        let Some(axis) = self.axis else {
            return Ok((1, 1));
        };
        let axis = resolve_axis(axis, shape.len())?;
        let len = shape.get(axis).copied().unwrap_or(0);
        if len != self.scales.len() {
            return Err(Problem::shape(
                format!(
                    "{} scales for axis {axis} of {}",
                    self.scales.len(),
                    shape_text(shape)
                ),
                "one scale per index",
            ));
        }
        let inner = shape.get(axis + 1..).unwrap_or(&[]).iter().product();
        Ok((len, inner))
    }
}

/// The type that the attribute `output_dtype` states; unsigned bytes without it.
fn stated(cx: &NodeCx<'_>) -> Result<Option<Storage>, Problem> {
    let stated = cx.attrs.int("output_dtype")?.unwrap_or(0);
    if stated == 0 {
        return Ok(Some(Storage::U8));
    }
    let ty = tensors::data_type(i32::try_from(stated).ok())?;
    Ok(if ty == DataType::Int8 {
        Some(Storage::I8)
    } else {
        (ty == DataType::Uint8).then_some(Storage::U8)
    })
}

/// The integers of a constant.
pub(super) fn ints(tensor: &Tensor) -> Result<Vec<i64>, Problem> {
    integers(tensor)
        .ok_or_else(|| Problem::dtype(format!("DequantizeLinear of {}", tensor.ty()), "integers"))
}
