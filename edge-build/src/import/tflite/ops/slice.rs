//! Parts of tensors: `SLICE`, `STRIDED_SLICE`.

use super::Reader;
use crate::import::builder::Datum;
use crate::import::problem::Problem;
use crate::import::tflite::node::OpCx;
use crate::import::tflite::schema::StridedSliceOptions;
use crate::ops::Slice;

pub(super) const OPS: &[(&str, Reader)] = &[("SLICE", slice), ("STRIDED_SLICE", strided_slice)];

/// Sizes of −1 reach to the end.
fn slice(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.moved(0, 0)?;
    let shape = cx.shape(&x);
    let (begin, size) = (cx.ints(1)?, cx.ints(2)?);
    let wrong = || {
        Problem::attribute(
            format!("{size:?} elements from {begin:?} on, of {shape:?}"),
            "a part of the tensor",
        )
    };
    if begin.len() != shape.len() || size.len() != shape.len() {
        return Err(wrong());
    }
    let (mut starts, mut lens) = (Vec::new(), Vec::new());
    for ((&dim, &begin), &size) in shape.iter().zip(&begin).zip(&size) {
        let start = usize::try_from(begin).ok().filter(|&start| start <= dim);
        let start = start.ok_or_else(wrong)?;
        lens.push(match size {
            -1 => dim - start,
            size => usize::try_from(size).map_err(|_| wrong())?,
        });
        starts.push(start);
    }
    let steps = vec![1; shape.len()];
    let op = Slice {
        starts,
        steps,
        lens,
    };
    let part = cx.slice(&x, op)?;
    cx.give(part)
}

fn strided_slice(cx: &mut OpCx<'_>) -> Result<Vec<Datum>, Problem> {
    let x = cx.moved(0, 0)?;
    let shape = cx.shape(&x);
    let options = cx.options::<StridedSliceOptions>()?.clone();
    let spec = Spec {
        begin: &cx.ints(1)?,
        end: &cx.ints(2)?,
        steps: &cx.ints(3)?,
        options: &options,
    };
    let op = spec.resolve(&shape)?;
    let part = cx.slice(&x, op)?;
    // Axes that are new or taken away have length 1: the rest is a matter of shape.
    cx.give_reshaped(&part)
}

/// What a `STRIDED_SLICE` asks for, item by item.
struct Spec<'a> {
    begin: &'a [i64],
    end: &'a [i64],
    steps: &'a [i64],
    options: &'a StridedSliceOptions,
}

impl Spec<'_> {
    /// The part of a tensor of a shape; axes that go have length 1.
    fn resolve(&self, shape: &[usize]) -> Result<Slice, Problem> {
        let items = self.begin.len();
        if self.end.len() != items || self.steps.len() != items {
            return Err(Problem::broken("begins, ends and steps differ in number"));
        }
        let new = |item: usize| has(self.options.new_axis_mask, item);
        let dots = |item: usize| has(self.options.ellipsis_mask, item);
        let named = (0..items).filter(|&item| !dots(item) && !new(item)).count();
        let mut skipped = shape.len().checked_sub(named).ok_or_else(|| {
            Problem::shape(
                format!("{named} ranges for {} axes", shape.len()),
                "a range per axis",
            )
        })?;
        let mut op = Slice {
            starts: Vec::new(),
            steps: Vec::new(),
            lens: Vec::new(),
        };
        for item in 0..items {
            if dots(item) {
                whole(&mut op, shape, skipped);
                skipped = 0;
            } else if !new(item) {
                let dim = shape.get(op.lens.len()).copied().unwrap_or(0);
                self.item(item, dim, &mut op)?;
            }
        }
        whole(&mut op, shape, skipped);
        Ok(op)
    }

    /// One range of an axis of a length.
    fn item(&self, item: usize, dim: usize, op: &mut Slice) -> Result<(), Problem> {
        let of = |list: &[i64]| list.get(item).copied().unwrap_or(0);
        let (begin, end, step) = (of(self.begin), of(self.end), of(self.steps));
        let wrong = || {
            Problem::attribute(
                format!("from {begin} to {end} by {step} of an axis of length {dim}"),
                "at least one element",
            )
        };
        if step == 0 {
            return Err(wrong());
        }
        let len = i64::try_from(dim).map_err(|_| wrong())?;
        let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
        let place = |at: i64| {
            let at = if at < 0 { at.saturating_add(len) } else { at };
            at.clamp(low, high)
        };
        let first = match (has(self.options.begin_mask, item), step > 0) {
            (true, true) => 0,
            (true, false) => len - 1,
            (false, _) => place(begin),
        };
        let last = match (has(self.options.end_mask, item), step > 0) {
            (true, true) => len,
            (true, false) => -1,
            (false, _) if self.options.offset => place(end.saturating_add(first)),
            (false, _) => place(end),
        };
        let count = if has(self.options.shrink_axis_mask, item) {
            1
        } else {
            let distance = if step > 0 { last - first } else { first - last };
            let step = i64::try_from(step.unsigned_abs()).unwrap_or(i64::MAX);
            if distance <= 0 {
                return Err(wrong());
            }
            (distance - 1) / step + 1
        };
        let first = usize::try_from(first).ok().filter(|&first| first < dim);
        op.starts.push(first.ok_or_else(wrong)?);
        // A step that leads nowhere may have any size.
        let step = if count == 1 { 1 } else { step };
        op.steps.push(isize::try_from(step).map_err(|_| wrong())?);
        op.lens.push(usize::try_from(count).map_err(|_| wrong())?);
        Ok(())
    }
}

/// Whether a mask names an item.
fn has(mask: i32, item: usize) -> bool {
    item < 32 && mask & (1 << item) != 0
}

/// The next `count` axes in whole.
fn whole(op: &mut Slice, shape: &[usize], count: usize) {
    for _ in 0..count {
        let Some(&dim) = shape.get(op.lens.len()) else {
            return;
        };
        op.starts.push(0);
        op.steps.push(1);
        op.lens.push(dim);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> StridedSliceOptions {
        StridedSliceOptions {
            begin_mask: 0,
            end_mask: 0,
            ellipsis_mask: 0,
            new_axis_mask: 0,
            shrink_axis_mask: 0,
            offset: false,
        }
    }

    /// Starts, steps and lengths.
    fn resolved(
        shape: &[usize],
        [begin, end, steps]: [&[i64]; 3],
        options: &StridedSliceOptions,
    ) -> Option<(Vec<usize>, Vec<isize>, Vec<usize>)> {
        let spec = Spec {
            begin,
            end,
            steps,
            options,
        };
        let op = spec.resolve(shape).ok()?;
        Some((op.starts, op.steps, op.lens))
    }

    #[test]
    fn ranges_count_from_the_end_and_are_cut() {
        let found = resolved(&[10], [&[-3], &[100], &[1]], &options());
        assert_eq!(found, Some((vec![7], vec![1], vec![3])));
        let found = resolved(&[10], [&[8], &[-100], &[-3]], &options());
        assert_eq!(found, Some((vec![8], vec![-3], vec![3])));
    }

    #[test]
    fn an_ellipsis_stands_for_the_axes_between() {
        let options = StridedSliceOptions {
            ellipsis_mask: 2,
            new_axis_mask: 4,
            shrink_axis_mask: 8,
            ..options()
        };
        let (begin, end, steps) = ([1, 0, 0, 2], [2, 0, 0, 3], [1, 1, 1, 1]);
        let found = resolved(&[4, 5, 6, 7], [&begin, &end, &steps], &options);
        let expected = (vec![1, 0, 0, 2], vec![1; 4], vec![1, 5, 6, 1]);
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn an_offset_counts_from_the_begin() {
        let options = StridedSliceOptions {
            offset: true,
            ..options()
        };
        let found = resolved(&[10], [&[3], &[4], &[2]], &options);
        assert_eq!(found, Some((vec![3], vec![2], vec![2])));
    }

    #[test]
    fn what_has_no_elements_is_refused() {
        let hostile: [[i64; 3]; 7] = [
            [0, 5, 0],
            [5, 5, 1],
            [5, 2, 1],
            [2, 5, -1],
            [i64::MIN, i64::MIN, i64::MIN],
            [i64::MAX, i64::MAX, 1],
            [0, 0, i64::MAX],
        ];
        for [begin, end, step] in hostile {
            let found = resolved(&[10], [&[begin], &[end], &[step]], &options());
            assert_eq!(found, None, "{begin} {end} {step}");
        }
        assert_eq!(
            resolved(&[3], [&[0, 0], &[1, 1], &[1, 1]], &options()),
            None
        );
        assert_eq!(resolved(&[3], [&[0], &[1], &[]], &options()), None);
    }

    #[test]
    fn extremes_do_not_overflow() {
        let (low, high) = (i64::MIN, i64::MAX);
        let found = resolved(&[10], [&[low], &[high], &[high]], &options());
        assert_eq!(found, Some((vec![0], vec![1], vec![1])));
        let found = resolved(&[10], [&[high], &[low], &[low]], &options());
        assert_eq!(found, Some((vec![9], vec![1], vec![1])));
        let options = StridedSliceOptions {
            shrink_axis_mask: 1,
            ..options()
        };
        assert_eq!(resolved(&[10], [&[10], &[0], &[1]], &options), None);
        let found = resolved(&[10], [&[-10], &[0], &[0]], &options);
        assert_eq!(found, None);
    }
}
