//! A chain cut into strips.

use super::chain::{Chain, Link};
use super::dense::{Dense, Sums};
use crate::lower::{BufferId, Draft, DraftOperand, DraftStep};
use crate::program::Kernel;
use std::ops::Range;

/// A draft with chains cut into strips.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// The draft.
    pub draft: Draft,
    /// For each step the one of the whole draft that it is, or is a strip of.
    pub origins: Vec<usize>,
}

/// A link of a strip.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    kernel: Kernel,
    /// Rows of the input image.
    reads: Range<usize>,
    /// Rows of the output image.
    writes: Range<usize>,
}

/// The strips of a chain.
#[derive(Clone, Debug)]
pub(super) struct Strips {
    /// The links of each strip.
    pub strips: Vec<Vec<Piece>>,
    /// Work of all strips over that of the whole images, in percent.
    pub work: usize,
}

/// Strips of `height` rows of the last image. `None` if a strip would read nothing but padding.
pub(super) fn plan(links: &[Link], height: usize) -> Option<Strips> {
    let rows = links.last()?.out_rows;
    let mut strips = Vec::new();
    let mut work = 0;
    let mut first = 0;
    while first < rows {
        let end = rows.min(first + height.max(1));
        let mut pieces = Vec::with_capacity(links.len());
        let mut writes = first..end;
        for link in links.iter().rev() {
            let (kernel, reads) = link.kernel.strip(&writes, link.out_row)?;
            work += link.taps * writes.len();
            pieces.push(Piece {
                kernel,
                reads: reads.clone(),
                writes,
            });
            writes = reads;
        }
        pieces.reverse();
        strips.push(pieces);
        first = end;
    }
    let whole: usize = links.iter().map(|link| link.taps * link.out_rows).sum();
    let work = (work * 100).div_ceil(whole.max(1));
    Some(Strips { strips, work })
}

/// Cuts a chain of the draft.
pub(super) fn apply(from: &Cut, chain: &Chain, plan: &Strips) -> Cut {
    let mut cut = from.clone();
    let links = &chain.links;
    let (Some(first), Some(last)) = (links.first(), links.last()) else {
        return cut;
    };
    let inner = inner_images(&mut cut.draft, chain, plan);
    let mut tail = Tail::of(from, chain);
    let mut steps = Vec::new();
    for pieces in &plan.strips {
        for (index, (link, piece)) in links.iter().zip(pieces).enumerate() {
            let draft = &mut cut.draft;
            let input = match index.checked_sub(1) {
                None => rows(draft, first.input, &piece.reads, link.in_row),
                Some(before) => rows(draft, inner[before], &(0..piece.reads.len()), link.in_row),
            };
            let output = match inner.get(index) {
                None => rows(draft, last.output, &piece.writes, link.out_row),
                Some(&image) => rows(draft, image, &(0..piece.writes.len()), link.out_row),
            };
            let whole = &from.draft.steps[link.step];
            let (top, end) = (piece.writes.start, piece.writes.end);
            let step = DraftStep {
                what: format!("{}, rows {top}..{end}", whole.what),
                kernel: piece.kernel.clone(),
                inputs: vec![DraftOperand::Buffer(input)],
                output,
                ..whole.clone()
            };
            steps.push((step, link.step));
        }
        if let (Some(tail), Some(&image), Some(piece)) = (&mut tail, inner.last(), pieces.last()) {
            let writes = piece.writes.start * last.out_row..piece.writes.end * last.out_row;
            steps.push((tail.add(&mut cut, image, &writes), tail.dense.step));
        }
    }
    if let Some(tail) = tail {
        steps.push((tail.dense.finish(tail.whole, &tail.sums), tail.dense.step));
    }
    let range = first.step..chain.last_step() + 1;
    let (steps, whole): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    let origins = whole.into_iter().map(|step| from.origins[step]);
    cut.origins.splice(range.clone(), origins);
    cut.draft.steps.splice(range, steps);
    cut
}

/// The layer behind a chain, as far as it is summed up.
struct Tail<'a> {
    dense: &'a Dense,
    whole: &'a DraftStep,
    sums: Sums,
}

impl<'a> Tail<'a> {
    fn of(from: &'a Cut, chain: &'a Chain) -> Option<Self> {
        let dense = chain.dense.as_ref()?;
        let whole = from.draft.steps.get(dense.step)?;
        let sums = Dense::start(whole)?;
        Some(Self { dense, whole, sums })
    }

    /// Adds a range of inputs, which lie at the start of `image`.
    fn add(&mut self, cut: &mut Cut, image: BufferId, range: &Range<usize>) -> DraftStep {
        let piece = rows(&mut cut.draft, image, &(0..range.len()), 1);
        self.dense
            .add(cut, self.whole, &mut self.sums, piece, range)
    }
}

/// A buffer for the rows of each inner image that a strip needs. An element-wise link overwrites its input.
fn inner_images(draft: &mut Draft, chain: &Chain, plan: &Strips) -> Vec<BufferId> {
    let mut images: Vec<BufferId> = Vec::new();
    for (index, link) in chain.links.iter().enumerate().take(chain.inner_images()) {
        let before = images.last().copied();
        let over = before
            .filter(|_| link.kernel.is_element_wise() && link.kernel.in_place_function().is_some());
        let heights = plan.strips.iter().map(|pieces| pieces[index].writes.len());
        let len = heights.max().unwrap_or(0) * link.out_row;
        let element = draft.buffers[link.output.0].element;
        images.push(over.unwrap_or_else(|| draft.add_buffer(element, len)));
    }
    images
}

/// Rows of an image as a buffer.
fn rows(draft: &mut Draft, image: BufferId, rows: &Range<usize>, row: usize) -> BufferId {
    let (first, len) = (rows.start * row, rows.len() * row);
    if first == 0 && len == draft.buffers[image.0].len {
        return image;
    }
    draft.add_part(image, first, len)
}
