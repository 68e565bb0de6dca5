//! How much memory a draft needs with the kernels that will run, without packing their weights.

use super::cut::Cut;
use crate::lower::{Draft, DraftStep};
use crate::program::{Element, Kernel, Variant};

/// Estimates of memory.
pub(super) struct Estimate<'a> {
    /// The whole draft with its kernels chosen.
    pub chosen: &'a Draft,
}

impl Estimate<'_> {
    /// About the bytes that the arena of a cut draft will have.
    pub(super) fn bytes(&self, cut: &Cut) -> usize {
        let mut draft = cut.draft.clone();
        for index in 0..draft.steps.len() {
            let whole = &self.chosen.steps[cut.origins[index]];
            let kernel = &cut.draft.steps[index].kernel;
            draft.steps[index].lead = whole.lead.map(|most| lead(kernel).min(most));
            let scratch = self.scratch(whole, kernel);
            if scratch > 0 {
                draft.steps[index].scratch = Some(draft.add_buffer(Element::U8, scratch));
            }
        }
        crate::plan::least_bytes(&draft)
    }

    /// Bytes of the scratch memory. That of a kernel that copies planes shrinks with the image.
    fn scratch(&self, whole: &DraftStep, kernel: &Kernel) -> usize {
        let Some(scratch) = whole.scratch else {
            return 0;
        };
        let bytes = self.chosen.buffers[scratch.0].bytes();
        let planar = |step: &DraftStep| {
            let variant = step.choice.as_ref().map(|choice| choice.chosen.variant);
            variant == Some(Variant::Planar)
        };
        let rows = |whole: &DraftStep| {
            let crate::lower::DraftOperand::Buffer(input) = *whole.inputs.first()? else {
                return None;
            };
            let shape = kernel.row_wise()?;
            let all = self.chosen.buffers[input.0].len;
            Some((shape.in_rows * shape.in_row, all))
        };
        match rows(whole).filter(|_| planar(whole)) {
            Some((part, all)) => (bytes * part).div_ceil(all.max(1)),
            None => bytes,
        }
    }
}

/// How far the output of a kernel that walks row by row may reach into its input.
fn lead(kernel: &Kernel) -> usize {
    let Some(shape) = kernel.row_wise() else {
        return 0;
    };
    let at = |row: usize| {
        let needed = (row * shape.stride).saturating_sub(shape.pad);
        (row * shape.out_row).saturating_sub(needed * shape.in_row)
    };
    let size = kernel.output().size();
    (1..shape.out_rows).map(at).max().unwrap_or(0) * size
}
