//! Arithmetic of axis orders and of shapes that hold the same elements.
//!
//! A permutation `perm` says: axis `i` of the output is axis `perm[i]` of the input.

use crate::ir::Tensor;
use std::ops::Range;

/// The permutation that undoes another.
pub(super) fn inverse(perm: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; perm.len()];
    for (to, &from) in perm.iter().enumerate() {
        if let Some(slot) = inverse.get_mut(from) {
            *slot = to;
        }
    }
    inverse
}

/// `items[perm[0]], items[perm[1]], …`; `None` if the lengths differ.
pub(super) fn permute<T: Clone>(items: &[T], perm: &[usize]) -> Option<Vec<T>> {
    if items.len() != perm.len() {
        return None;
    }
    perm.iter().map(|&from| items.get(from).cloned()).collect()
}

/// Whether a transpose leaves the elements where they are: only axes of length 1 move.
pub(super) fn keeps_elements(shape: &[usize], perm: &[usize]) -> bool {
    let long = perm
        .iter()
        .filter(|&&axis| shape.get(axis).is_some_and(|&dim| dim != 1));
    long.is_sorted()
}

/// A tensor with its axes in another order.
pub(super) fn transposed(tensor: &Tensor, perm: &[usize]) -> Option<Tensor> {
    if tensor.shape().len() != perm.len() {
        return None;
    }
    macro_rules! each {
        ($($variant:ident),*) => {
            match tensor {
                $(Tensor::$variant(array) => {
                    let view = array.view().permuted_axes(perm.to_vec());
                    Tensor::$variant(view.as_standard_layout().into_owned())
                })*
            }
        };
    }
    Some(each!(F32, I8, U8, I16, I32, I64, Bool))
}

/// A tensor with another shape; `None` if it has another number of elements.
pub(super) fn reshaped(tensor: &Tensor, shape: &[usize]) -> Option<Tensor> {
    macro_rules! each {
        ($($variant:ident),*) => {
            match tensor {
                $(Tensor::$variant(array) => {
                    Tensor::$variant(array.clone().into_shape_with_order(shape).ok()?)
                })*
            }
        };
    }
    Some(each!(F32, I8, U8, I16, I32, I64, Bool))
}

/// `shape` with axes of length 1 in front up to `rank`; `None` if it has more.
pub(super) fn padded_shape(shape: &[usize], rank: usize) -> Option<Vec<usize>> {
    let mut padded = vec![1; rank.checked_sub(shape.len())?];
    padded.extend_from_slice(shape);
    Some(padded)
}

/// Axes that are not of length 1.
pub(super) fn long_axes(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).filter(|&axis| shape[axis] != 1).collect()
}

/// Axes of two shapes that hold the same elements. The lists leave out axes of length 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AxisGroup {
    /// Neighbouring axes of the first shape.
    pub first: Vec<usize>,
    /// Neighbouring axes of the second shape with the same number of elements.
    pub second: Vec<usize>,
}

/// The smallest groups of axes of two shapes that hold the same elements; `None` if there are none.
pub(super) fn axis_groups(first: &[usize], second: &[usize]) -> Option<Vec<AxisGroup>> {
    if first.contains(&0) || second.contains(&0) {
        return None;
    }
    let (mut long_first, mut long_second) = (
        long_axes(first).into_iter().peekable(),
        long_axes(second).into_iter().peekable(),
    );
    let mut groups = Vec::new();
    while long_first.peek().is_some() || long_second.peek().is_some() {
        let (i, j) = (long_first.next()?, long_second.next()?);
        let (mut left, mut right) = (first[i], second[j]);
        let mut group = AxisGroup {
            first: vec![i],
            second: vec![j],
        };
        while left != right {
            if left < right {
                let i = long_first.next()?;
                left = left.checked_mul(first[i])?;
                group.first.push(i);
            } else {
                let j = long_second.next()?;
                right = right.checked_mul(second[j])?;
                group.second.push(j);
            }
        }
        groups.push(group);
    }
    Some(groups)
}

/// For each axis of `second` that is not of length 1 the axis of `first` that it is; `None` if the shapes
/// differ by more than axes of length 1.
pub(super) fn unit_axis_map(first: &[usize], second: &[usize]) -> Option<Vec<Option<usize>>> {
    let (long_first, long_second) = (long_axes(first), long_axes(second));
    let dims = |shape: &[usize], axes: &[usize]| -> Vec<usize> {
        axes.iter().map(|&axis| shape[axis]).collect()
    };
    if dims(first, &long_first) != dims(second, &long_second) {
        return None;
    }
    let mut map = vec![None; second.len()];
    for (&from, &to) in long_first.iter().zip(&long_second) {
        map[to] = Some(from);
    }
    Some(map)
}

/// The least range that holds some axes, if all axes in between that are not of length 1 are among them.
/// `None` for no axes.
pub(super) fn contiguous(shape: &[usize], axes: &[usize]) -> Option<Range<usize>> {
    let long: Vec<usize> = axes
        .iter()
        .copied()
        .filter(|&axis| shape.get(axis).is_some_and(|&dim| dim != 1))
        .collect();
    let axes = if long.is_empty() { axes } else { &long };
    let (start, end) = (*axes.iter().min()?, *axes.iter().max()? + 1);
    let whole = (start..end).all(|axis| axes.contains(&axis) || shape.get(axis) == Some(&1));
    (whole && end <= shape.len()).then_some(start..end)
}

/// A transpose and a reshape in the other order: shape of the reshape, permutation of the transpose behind it;
/// `None` if there are none. `perm` leads from shape `source` to `middle`, the reshape from there to `target`.
pub(super) fn exchanged(
    source: &[usize],
    perm: &[usize],
    middle: &[usize],
    target: &[usize],
) -> Option<(Vec<usize>, Vec<usize>)> {
    let mut groups = axis_groups(middle, target)?;
    // Long axes of the source in order: where each stands among them.
    let ranks = long_axes(source);
    let rank = |axis: usize| {
        ranks
            .iter()
            .position(|&other| Some(&other) == perm.get(axis))
    };
    for group in &groups {
        let places: Option<Vec<usize>> = group.first.iter().map(|&axis| rank(axis)).collect();
        let neighbours = places?.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        if !neighbours {
            return None;
        }
    }
    groups.sort_by_key(|group| group.first.first().map(|&axis| perm[axis]));
    // Axes of length 1 go to the front.
    let short = (0..target.len()).filter(|&axis| target[axis] == 1);
    let order: Vec<usize> = short
        .chain(groups.iter().flat_map(|group| group.second.iter().copied()))
        .collect();
    let shape = order.iter().map(|&axis| target[axis]).collect();
    Some((shape, inverse(&order)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transpose_of_short_axes_keeps_elements() {
        assert!(keeps_elements(&[1, 8, 1, 5], &[0, 2, 1, 3]));
        assert!(keeps_elements(&[1, 1, 8, 8], &[0, 2, 3, 1]));
        assert!(!keeps_elements(&[1, 3, 8, 8], &[0, 2, 3, 1]));
    }

    #[test]
    fn groups_are_the_smallest() {
        let groups = axis_groups(&[1, 6, 1, 5, 2], &[2, 3, 10]).expect("same elements");
        let axes: Vec<_> = groups.into_iter().map(|g| (g.first, g.second)).collect();
        assert_eq!(axes, [(vec![1], vec![0, 1]), (vec![3, 4], vec![2])]);
        assert_eq!(axis_groups(&[4], &[5]), None);
        assert_eq!(axis_groups(&[0], &[0]), None);
        assert_eq!(axis_groups(&[1, 1], &[]), Some(Vec::new()));
    }

    #[test]
    fn unit_axes_map() {
        assert_eq!(
            unit_axis_map(&[1, 1, 9, 4], &[1, 9, 4]),
            Some(vec![None, Some(2), Some(3)])
        );
        assert_eq!(unit_axis_map(&[36], &[9, 4]), None);
    }

    #[test]
    fn ranges_jump_over_short_axes() {
        assert_eq!(contiguous(&[2, 3, 1, 4], &[1, 3]), Some(1..4));
        assert_eq!(contiguous(&[2, 3, 5, 4], &[1, 3]), None);
        assert_eq!(contiguous(&[2, 1, 1], &[2]), Some(2..3));
        assert_eq!(contiguous(&[2, 1, 4], &[2, 0]), Some(0..3));
    }

    #[test]
    fn inverse_undoes() {
        let perm = [0, 3, 1, 2];
        let there = permute(&['n', 'h', 'w', 'c'], &perm).expect("same length");
        assert_eq!(there, ['n', 'c', 'h', 'w']);
        let back = permute(&there, &inverse(&perm)).expect("same length");
        assert_eq!(back, ['n', 'h', 'w', 'c']);
    }

    #[test]
    fn wrappers_of_signals_exchange() {
        // [N,L,C] → [N,C,L] → [N,C,1,L] becomes [N,L,C] → [1,1,L,C] → [N,C,1,L].
        let found = exchanged(&[1, 9, 4], &[0, 2, 1], &[1, 4, 9], &[1, 4, 1, 9]);
        assert_eq!(found, Some((vec![1, 1, 9, 4], vec![0, 3, 1, 2])));
    }

    #[test]
    fn axes_split_and_merge() {
        let split = exchanged(&[2, 6], &[1, 0], &[6, 2], &[3, 2, 2]);
        assert_eq!(split, Some((vec![2, 3, 2], vec![1, 2, 0])));
        let merge = exchanged(&[2, 3, 4], &[2, 0, 1], &[4, 2, 3], &[4, 6]);
        assert_eq!(merge, Some((vec![6, 4], vec![1, 0])));
    }

    #[test]
    fn a_flattened_image_does_not_exchange() {
        assert_eq!(
            exchanged(&[1, 5, 4], &[0, 2, 1], &[1, 4, 5], &[1, 20]),
            None
        );
    }
}
