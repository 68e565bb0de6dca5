//! Tensors of integers of any width, and their channels: the last axis.

use crate::ir::{DType, Tensor, TensorType};

/// Number of channels; a scalar has one.
pub(super) fn channels(ty: &TensorType) -> usize {
    ty.shape.last().copied().unwrap_or(1)
}

/// The elements of a tensor of integers.
pub(super) fn integers(tensor: &Tensor) -> Option<Vec<i64>> {
    fn of<T: Copy + Into<i64>>(numbers: &[T]) -> Vec<i64> {
        let mut wide = Vec::with_capacity(numbers.len());
        let mut i = 0;
        while i < numbers.len() {
            wide.push(numbers[i].into());
            i += 1;
        }
        wide
    }
    let narrow = tensor.as_i8().map(of).or_else(|| tensor.as_i16().map(of));
    let wide = || tensor.as_i32().map(of).or_else(|| tensor.as_i64().map(of));
    narrow.or_else(wide)
}

/// Integers as a tensor; `None` if one does not fit the type, or their number not the shape.
pub(super) fn tensor(dtype: DType, shape: &[usize], numbers: &[i64]) -> Option<Tensor> {
    fn of<T: TryFrom<i64>>(numbers: &[i64]) -> Option<Vec<T>> {
        numbers.iter().map(|&x| T::try_from(x).ok()).collect()
    }
    match dtype {
        DType::I8 => Tensor::from_i8(shape, of(numbers)?),
        DType::I16 => Tensor::from_i16(shape, of(numbers)?),
        DType::I32 => Tensor::from_i32(shape, of(numbers)?),
        DType::I64 => Tensor::from_i64(shape, of(numbers)?),
        DType::F32 | DType::U8 | DType::Bool => None,
    }
}

/// The indices of an axis that are kept, of a tensor of integers.
pub(super) fn kept(tensor_of: &Tensor, axis: usize, keep: &[bool]) -> Option<Tensor> {
    let mut shape = tensor_of.shape().to_vec();
    let inner: usize = shape.get(axis + 1..)?.iter().product();
    let len = *shape.get(axis)?;
    if len != keep.len() {
        return None;
    }
    let numbers = integers(tensor_of)?;
    let mut left = Vec::with_capacity(numbers.len());
    let mut start = 0;
    while start < numbers.len() {
        for &keep in keep {
            let end = start + inner;
            if keep {
                left.extend_from_slice(numbers.get(start..end)?);
            }
            start = end;
        }
        if len * inner == 0 {
            return None;
        }
    }
    *shape.get_mut(axis)? = keep.iter().filter(|&&keep| keep).count();
    tensor(tensor_of.dtype(), &shape, &left)
}
