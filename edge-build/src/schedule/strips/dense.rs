//! Fully connected layers behind a chain, which take its last image strip by strip.

use super::cut::Cut;
use crate::lower::{BufferId, DraftOperand, DraftStep};
use crate::program::{Element, Kernel};
use edge_core::params::AddProducts;
use std::ops::Range;

/// A fully connected layer of one row whose input can come in pieces.
#[derive(Clone, Debug)]
pub(super) struct Dense {
    /// Its step.
    pub step: usize,
    inputs: usize,
    outputs: usize,
    /// What makes outputs of its sums.
    finish: Kernel,
}

/// Sums of its outputs so far.
pub(super) struct Sums(DraftOperand);

impl Dense {
    /// The layer, if a step is one that reads `image`.
    pub(super) fn of(step: &DraftStep, index: usize, image: BufferId) -> Option<Self> {
        let (rows, inputs, outputs, finish) = if let Kernel::FullyConnectedS8(p) = &step.kernel {
            (p.batch, p.inputs, p.outputs, Kernel::ScaleSumsS8(p.requant))
        } else if let Kernel::FullyConnectedExactS8(p) = &step.kernel {
            let finish = Kernel::ScaleSumsExactS8(p.output);
            (p.batch, p.inputs, p.outputs, finish)
        } else {
            return None;
        };
        let reads = step.inputs == [DraftOperand::Buffer(image)];
        (reads && rows == 1).then_some(Self {
            step: index,
            inputs,
            outputs,
            finish,
        })
    }

    /// The sums before the first piece: the biases of `whole`.
    pub(super) fn start(whole: &DraftStep) -> Option<Sums> {
        let bias = *whole.constants.get(1)?;
        Some(Sums(DraftOperand::Constant(bias)))
    }

    /// A step that adds the inputs of a range, which lie in `piece`.
    pub(super) fn add(
        &self,
        cut: &mut Cut,
        whole: &DraftStep,
        sums: &mut Sums,
        piece: BufferId,
        range: &Range<usize>,
    ) -> DraftStep {
        let output = cut.draft.add_buffer(Element::I32, self.outputs);
        let before = std::mem::replace(&mut sums.0, DraftOperand::Buffer(output));
        DraftStep {
            what: format!("{}, inputs {}..{}", whole.what, range.start, range.end),
            kernel: Kernel::AddProductsS8(AddProducts {
                inputs: self.inputs,
                first: range.start,
                len: range.len(),
                outputs: self.outputs,
            }),
            inputs: vec![DraftOperand::Buffer(piece), before],
            constants: whole.constants.iter().take(1).copied().collect(),
            output,
            ..whole.clone()
        }
    }

    /// The step that makes the outputs.
    pub(super) fn finish(&self, whole: &DraftStep, sums: &Sums) -> DraftStep {
        DraftStep {
            what: format!("{}, outputs", whole.what),
            kernel: self.finish.clone(),
            inputs: vec![sums.0],
            constants: whole.constants.iter().skip(2).copied().collect(),
            ..whole.clone()
        }
    }
}
