//! Movement of elements: one strided copy serves transpose, slice, concatenation, padding and expansion.

use super::builder::element_of;
use super::{BufferId, DraftOperand, LowerError, NodeLowering};
use crate::ir::DType;
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

/// Emits a fill of the output with a real number.
///
/// # Errors
/// If there is no fill kernel for the element type.
pub fn emit_fill(node: &mut NodeLowering<'_>, value: f32) -> Result<(), LowerError> {
    let y = node.output_type();
    let kernel = match y.dtype {
        DType::F32 => Kernel::FillF32(FillF32 { value }),
        DType::I8 => {
            let quant = super::arithmetic::params_of(y)?;
            let steps = f64::from(value) / f64::from(quant.scale) + f64::from(quant.zero_point);
            Kernel::FillS8(FillS8 {
                value: steps.round_ties_even().clamp(-128.0, 127.0) as i8,
            })
        }
        other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
            return Err(LowerError::of_dtype(other));
        }
    };
    node.step(kernel, &[], &[]);
    Ok(())
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
