//! A chain cut into strips.

use super::chain::Link;
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
pub(super) fn apply(from: &Cut, links: &[Link], plan: &Strips) -> Cut {
    let mut cut = from.clone();
    let (Some(first), Some(last)) = (links.first(), links.last()) else {
        return cut;
    };
    let inner = inner_images(&mut cut.draft, links, plan);
    let (mut steps, mut origins) = (Vec::new(), Vec::new());
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
            steps.push(DraftStep {
                what: format!("{}, rows {top}..{end}", whole.what),
                kernel: piece.kernel.clone(),
                inputs: vec![DraftOperand::Buffer(input)],
                output,
                ..whole.clone()
            });
            origins.push(from.origins[link.step]);
        }
    }
    let range = first.step..last.step + 1;
    cut.draft.steps.splice(range.clone(), steps);
    cut.origins.splice(range, origins);
    cut
}

/// A buffer for the rows of each inner image that a strip needs. An element-wise link overwrites its input.
fn inner_images(draft: &mut Draft, links: &[Link], plan: &Strips) -> Vec<BufferId> {
    let mut images: Vec<BufferId> = Vec::new();
    for (index, link) in links.iter().enumerate().take(links.len() - 1) {
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
