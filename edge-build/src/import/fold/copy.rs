//! Movement of elements.

use super::array;
use crate::ir::Tensor;
use crate::lower::movement::strides;
use crate::ops::{Gather, Pad, Slice};
use ndarray::ArrayD;

/// Elements of `data` walked along axes of these lengths and steps, the last axis fastest; `None` if the walk
/// leaves the data.
fn walk<T: Copy>(data: &[T], start: isize, lens: &[usize], steps: &[isize]) -> Option<Vec<T>> {
    let total = lens.iter().try_fold(1usize, |n, &len| n.checked_mul(len))?;
    let mut out = Vec::with_capacity(total);
    let (&inner, outer) = lens.split_last().unwrap_or((&1, &[]));
    let step = steps.last().copied().unwrap_or(0);
    let mut index = vec![0usize; outer.len()];
    let mut row = start;
    while out.len() < total {
        let mut at = row;
        let mut left = inner;
        while left > 0 {
            out.push(*data.get(usize::try_from(at).ok()?)?);
            at += step;
            left -= 1;
        }
        let mut axis = outer.len();
        while axis > 0 {
            axis -= 1;
            index[axis] += 1;
            row += steps[axis];
            if index[axis] < outer[axis] {
                break;
            }
            row -= steps[axis] * outer[axis] as isize;
            index[axis] = 0;
        }
    }
    Some(out)
}

pub(super) fn reshape<T: Copy>(a: &ArrayD<T>, shape: &[usize]) -> Option<ArrayD<T>> {
    array(shape, a.as_slice()?.to_vec())
}

pub(super) fn transpose<T: Copy>(
    a: &ArrayD<T>,
    perm: &[usize],
    shape: &[usize],
) -> Option<ArrayD<T>> {
    let own = strides(a.shape());
    let steps: Option<Vec<isize>> = perm
        .iter()
        .map(|&axis| own.get(axis).map(|&s| s as isize))
        .collect();
    array(shape, walk(a.as_slice()?, 0, shape, &steps?)?)
}

pub(super) fn slice<T: Copy>(a: &ArrayD<T>, op: &Slice) -> Option<ArrayD<T>> {
    let own = strides(a.shape());
    let start: usize = own.iter().zip(&op.starts).map(|(s, first)| s * first).sum();
    let steps: Vec<isize> = own
        .iter()
        .zip(&op.steps)
        .map(|(&s, &step)| s as isize * step)
        .collect();
    let data = walk(a.as_slice()?, start as isize, &op.lens, &steps)?;
    array(&op.lens, data)
}

pub(super) fn expand<T: Copy>(a: &ArrayD<T>, shape: &[usize]) -> Option<ArrayD<T>> {
    let own = strides(a.shape());
    let lead = shape.len().checked_sub(own.len())?;
    let step = |axis: usize| match axis.checked_sub(lead) {
        Some(at) if a.shape()[at] != 1 => own[at] as isize,
        Some(_) | None => 0,
    };
    let steps: Vec<isize> = (0..shape.len()).map(step).collect();
    array(shape, walk(a.as_slice()?, 0, shape, &steps)?)
}

pub(super) fn gather<T: Copy>(a: &ArrayD<T>, op: &Gather, shape: &[usize]) -> Option<ArrayD<T>> {
    let data = a.as_slice()?;
    let len = *a.shape().get(op.axis)?;
    let inner: usize = a.shape()[op.axis + 1..].iter().product();
    let outer: usize = a.shape()[..op.axis].iter().product();
    let mut out = Vec::with_capacity(shape.iter().product());
    for block in 0..outer {
        for &row in &op.rows {
            let first = (block * len + row as usize) * inner;
            out.extend_from_slice(data.get(first..first + inner)?);
        }
    }
    array(shape, out)
}

pub(super) fn concat(inputs: &[&Tensor], axis: usize, shape: &[usize]) -> Option<Tensor> {
    macro_rules! each {
        ($($variant:ident),*) => {
            match inputs.first()? {
                $(Tensor::$variant(_) => {
                    let arrays: Option<Vec<_>> = inputs
                        .iter()
                        .map(|tensor| if let Tensor::$variant(a) = tensor { Some(a) } else { None })
                        .collect();
                    concat_arrays(&arrays?, axis, shape).map(Tensor::$variant)
                })*
            }
        };
    }
    each!(F32, I8, U8, I16, I32, I64, Bool)
}

fn concat_arrays<T: Copy>(
    arrays: &[&ArrayD<T>],
    axis: usize,
    shape: &[usize],
) -> Option<ArrayD<T>> {
    let outer: usize = shape[..axis].iter().product();
    let mut out = Vec::with_capacity(shape.iter().product());
    for block in 0..outer {
        for a in arrays {
            let inner: usize = a.shape()[axis..].iter().product();
            out.extend_from_slice(a.as_slice()?.get(block * inner..(block + 1) * inner)?);
        }
    }
    array(shape, out)
}

pub(super) fn pad(x: &Tensor, op: &Pad, shape: &[usize]) -> Option<Tensor> {
    match x {
        Tensor::F32(a) => pad_array(a, op, shape, op.value).map(Tensor::F32),
        Tensor::I8(a) => pad_array(a, op, shape, op.value as i8).map(Tensor::I8),
        Tensor::U8(a) => pad_array(a, op, shape, op.value as u8).map(Tensor::U8),
        Tensor::I16(a) => pad_array(a, op, shape, op.value as i16).map(Tensor::I16),
        Tensor::I32(a) => pad_array(a, op, shape, op.value as i32).map(Tensor::I32),
        Tensor::I64(a) => pad_array(a, op, shape, op.value as i64).map(Tensor::I64),
        Tensor::Bool(a) => pad_array(a, op, shape, op.value != 0.0).map(Tensor::Bool),
    }
}

fn pad_array<T: Copy>(a: &ArrayD<T>, op: &Pad, shape: &[usize], value: T) -> Option<ArrayD<T>> {
    let mut out = vec![value; shape.iter().product()];
    let target = strides(shape);
    let start: usize = target.iter().zip(&op.before).map(|(s, pad)| s * pad).sum();
    let data = a.as_slice()?;
    let row = a.shape().last().copied().unwrap_or(1).max(1);
    let own = strides(a.shape());
    for (index, from) in data.chunks_exact(row).enumerate() {
        let mut rest = index * row;
        let mut at = start;
        for axis in 0..own.len() {
            at += rest / own[axis] * target[axis];
            rest %= own[axis];
        }
        out.get_mut(at..at + row)?.copy_from_slice(from);
    }
    array(shape, out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(shape: &[usize]) -> ArrayD<i64> {
        let len: usize = shape.iter().product();
        array(shape, (0..len as i64).collect()).unwrap()
    }

    #[test]
    fn transposes_like_ndarray() {
        let a = counting(&[2, 3, 4]);
        let expected = a.clone().permuted_axes(vec![2, 0, 1]);
        let found = transpose(&a, &[2, 0, 1], &[4, 2, 3]).unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn slices_backwards() {
        let op = Slice {
            starts: vec![1, 2],
            steps: vec![-1, -2],
            lens: vec![2, 2],
        };
        let found = slice(&counting(&[2, 3]), &op).unwrap();
        assert_eq!(found.as_slice().unwrap(), [5, 3, 2, 0]);
    }

    #[test]
    fn pads_and_joins() {
        let op = Pad {
            before: vec![1, 0],
            after: vec![0, 1],
            value: 9.0,
        };
        let x = Tensor::I64(counting(&[1, 2]));
        let padded = pad(&x, &op, &[2, 3]).unwrap();
        assert_eq!(padded.as_i64().unwrap(), [9, 9, 9, 0, 1, 9]);
        let joined = concat(&[&padded, &padded], 1, &[2, 6]).unwrap();
        assert_eq!(
            joined.as_i64().unwrap(),
            [9, 9, 9, 9, 9, 9, 0, 1, 9, 0, 1, 9]
        );
        assert!(
            concat(
                &[&padded, &Tensor::F32(ArrayD::zeros(vec![2, 3]))],
                1,
                &[2, 6]
            )
            .is_none()
        );
    }

    #[test]
    fn expands_and_gathers() {
        let a = counting(&[2, 1]);
        let wide = expand(&a, &[2, 2, 2]).unwrap();
        assert_eq!(wide.as_slice().unwrap(), [0, 0, 1, 1, 0, 0, 1, 1]);
        let op = Gather {
            axis: 0,
            rows: vec![1, 1, 0],
        };
        assert_eq!(
            gather(&a, &op, &[3, 1]).unwrap().as_slice().unwrap(),
            [1, 1, 0]
        );
    }
}
