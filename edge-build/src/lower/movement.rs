//! Movement of elements: one strided copy serves transpose, slice, concatenation, padding and expansion.

use super::builder::element_of;
use super::{BufferId, DraftOperand, LowerError, NodeLowering};
use crate::ir::{DType, TensorType};
use crate::program::{Element, Kernel};
use edge_core::params::{CopyStrided, FillF32, FillS8, Gather, MAX_RANK};

/// One axis of a copy: how many elements, and the steps in source and target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Elements copied.
    pub len: usize,
    /// Step in the source.
    pub source: isize,
    /// Step in the target.
    pub target: usize,
}

/// Row-major strides of a shape.
#[must_use]
pub fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The numbers of a copy along `axes`, outermost first; neighbouring axes that one walk covers are joined.
///
/// # Errors
/// If more axes remain than a kernel walks.
pub fn copy(
    axes: &[Axis],
    source_start: usize,
    target_start: usize,
) -> Result<CopyStrided, LowerError> {
    let joined = join(axes);
    if joined.len() > MAX_RANK {
        return Err(LowerError::new(
            format!("a copy along {} axes", joined.len()),
            format!("{MAX_RANK} axes"),
        ));
    }
    let mut p = CopyStrided {
        shape: [1; MAX_RANK],
        source_start,
        source: [0; MAX_RANK],
        target_start,
        target: [0; MAX_RANK],
    };
    for (slot, axis) in (MAX_RANK - joined.len()..).zip(&joined) {
        p.shape[slot] = axis.len;
        p.source[slot] = axis.source;
        p.target[slot] = axis.target;
    }
    Ok(p)
}

fn join(axes: &[Axis]) -> Vec<Axis> {
    let mut joined: Vec<Axis> = Vec::new();
    for &axis in axes.iter().filter(|axis| axis.len != 1) {
        match joined.last_mut() {
            Some(outer)
                if outer.source == axis.source * axis.len as isize
                    && outer.target == axis.target * axis.len =>
            {
                *outer = Axis {
                    len: outer.len * axis.len,
                    ..axis
                };
            }
            Some(_) | None => joined.push(axis),
        }
    }
    joined
}

/// The copy for elements of a type.
pub(super) fn copy_kernel(element: Element, p: CopyStrided) -> Kernel {
    match element {
        Element::F32 => Kernel::CopyStridedF32(p),
        Element::I8 => Kernel::CopyStridedS8(p),
        Element::U8 => Kernel::CopyStridedU8(p),
        Element::I16 | Element::U16 => Kernel::CopyStridedS16(p),
        Element::I32 | Element::U32 => Kernel::CopyStridedS32(p),
        Element::I64 => Kernel::CopyStridedS64(p),
    }
}

/// Emits a strided copy.
///
/// # Errors
/// If there is no copy kernel for the element type.
pub fn emit(
    node: &mut NodeLowering<'_>,
    p: CopyStrided,
    from: DraftOperand,
    to: BufferId,
) -> Result<(), LowerError> {
    let kernel = copy_kernel(element_of(node.output_type().dtype), p);
    node.step_to(kernel, &[from], &[], to);
    Ok(())
}

/// Emits a fill of the output with a real number; where integers stand for themselves with the integer part.
///
/// # Errors
/// If the output is to be quantized and has no quantization.
pub fn emit_fill(node: &mut NodeLowering<'_>, value: f32) -> Result<(), LowerError> {
    let y = node.output_type();
    let one = |element: Element, bytes: &[u8], node: &mut NodeLowering<'_>| {
        DraftOperand::Constant(node.add_constant("value of the fill", element, bytes))
    };
    let operand = match y.dtype {
        DType::F32 => {
            node.step(Kernel::FillF32(FillF32 { value }), &[], &[]);
            return Ok(());
        }
        DType::I8 => {
            let value = steps_of(value, y)?.clamp(-128.0, 127.0) as i8;
            node.step(Kernel::FillS8(FillS8 { value }), &[], &[]);
            return Ok(());
        }
        DType::I16 => {
            let value = steps_of(value, y)?.clamp(-32768.0, 32767.0) as i16;
            one(Element::I16, &value.to_le_bytes(), node)
        }
        DType::U8 => one(Element::U8, &[value as u8], node),
        DType::Bool => one(Element::U8, &[u8::from(value != 0.0)], node),
        DType::I32 => one(Element::I32, &(value as i32).to_le_bytes(), node),
        DType::I64 => one(Element::I64, &(value as i64).to_le_bytes(), node),
    };
    emit_repeat(node, operand)
}

/// A real number in steps of a quantized type, its zero point added, halves to even.
fn steps_of(value: f32, ty: &TensorType) -> Result<f64, LowerError> {
    let quant = super::arithmetic::params_of(ty)?;
    let steps = f64::from(value) / f64::from(quant.scale) + f64::from(quant.zero_point);
    Ok(steps.round_ties_even())
}

/// Emits a fill of the output with the one element of an operand.
///
/// # Errors
/// None: one axis is never too many.
pub fn emit_repeat(node: &mut NodeLowering<'_>, one: DraftOperand) -> Result<(), LowerError> {
    let axis = Axis {
        len: node.output_type().len(),
        source: 0,
        target: 1,
    };
    let (p, output) = (copy(&[axis], 0, 0)?, node.output());
    emit(node, p, one, output)
}

/// Emits a copy of rows by a table.
///
/// # Errors
/// If there is no kernel for the element type.
pub fn emit_gather(node: &mut NodeLowering<'_>, p: Gather, rows: &[u32]) -> Result<(), LowerError> {
    let kernel = match element_of(node.output_type().dtype) {
        Element::F32 => Kernel::GatherF32(p),
        Element::I8 => Kernel::GatherS8(p),
        Element::U8 => Kernel::GatherU8(p),
        Element::I16 | Element::U16 => Kernel::GatherS16(p),
        Element::I32 | Element::U32 => Kernel::GatherS32(p),
        Element::I64 => Kernel::GatherS64(p),
    };
    let table = node.add_constant("row numbers", Element::U32, rows);
    let x = node.operand(0)?;
    node.step(kernel, &[x], &[table]);
    Ok(())
}

/// Emits a copy of rows by row numbers that an earlier step of the node has computed.
///
/// # Errors
/// If there is no input.
pub fn emit_pick(node: &mut NodeLowering<'_>, p: Gather, rows: BufferId) -> Result<(), LowerError> {
    let kernel = match element_of(node.output_type().dtype) {
        Element::F32 => Kernel::PickF32(p),
        Element::I8 => Kernel::PickS8(p),
        Element::U8 => Kernel::PickU8(p),
        Element::I16 | Element::U16 => Kernel::PickS16(p),
        Element::I32 | Element::U32 => Kernel::PickS32(p),
        Element::I64 => Kernel::PickS64(p),
    };
    let x = node.operand(0)?;
    node.step(kernel, &[x, DraftOperand::Buffer(rows)], &[]);
    Ok(())
}
