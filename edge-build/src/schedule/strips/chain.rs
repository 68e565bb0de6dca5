//! Chains of layers that could run strip by strip.

use super::dense::Dense;
use crate::lower::{BufferId, Draft, DraftOperand, DraftStep};
use crate::program::Kernel;

/// Layers of a chain, at most.
const LONGEST: usize = 8;

/// A layer of a chain.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Its step.
    pub step: usize,
    /// What it reads: the output of the link before it.
    pub input: BufferId,
    /// What it writes.
    pub output: BufferId,
    /// Its kernel.
    pub kernel: Kernel,
    /// Elements of an input row.
    pub in_row: usize,
    /// Rows of the output.
    pub out_rows: usize,
    /// Elements of an output row.
    pub out_row: usize,
    /// Work of an output row.
    pub taps: usize,
}

/// Layers that can run strip by strip.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// Layers of images, at least one.
    pub links: Vec<Link>,
    /// The layer behind them, if it takes the strips too.
    pub dense: Option<Dense>,
}

impl Chain {
    /// The last step.
    pub(super) fn last_step(&self) -> usize {
        let link = self.links.last().map_or(0, |link| link.step);
        self.dense.as_ref().map_or(link, |dense| dense.step)
    }

    /// How many images are held in strips.
    pub(super) fn inner_images(&self) -> usize {
        self.links.len() - usize::from(self.dense.is_none())
    }
}

/// All chains of two layers and more, the shorter ones within longer ones too.
pub(super) fn find(draft: &Draft) -> Vec<Chain> {
    let touches = touches(draft);
    let mut chains = Vec::new();
    for start in 0..draft.steps.len() {
        let mut links: Vec<Link> = Vec::new();
        for step in start..draft.steps.len().min(start + LONGEST) {
            // The image between two links is theirs alone: written once, read once.
            let inner = links.last().map(|before| before.output);
            if inner.is_some_and(|id| touches[id.0] != 2) {
                break;
            }
            let dense = inner.and_then(|id| Dense::of(&draft.steps[step], step, id));
            if dense.is_some() {
                chains.push(Chain {
                    links: links.clone(),
                    dense,
                });
            }
            let Some(link) = link(draft, step, links.last()) else {
                break;
            };
            if inner.is_some_and(|id| id != link.input) {
                break;
            }
            links.push(link);
            if links.len() > 1 {
                chains.push(Chain {
                    links: links.clone(),
                    dense: None,
                });
            }
        }
    }
    chains
}

fn link(draft: &Draft, index: usize, before: Option<&Link>) -> Option<Link> {
    let step = draft.steps.get(index)?;
    let (input, output) = (only_input(step)?, step.output);
    let writes = draft.steps.iter().filter(|step| step.output == output);
    let alone = writes.count() == 1 && !draft.filled_at_start(output) && input != output;
    if !alone || step.scratch.is_some() || draft.buffers[output.0].part.is_some() {
        return None;
    }
    let mut link = Link {
        step: index,
        input,
        output,
        kernel: step.kernel.clone(),
        in_row: 0,
        out_rows: 0,
        out_row: 0,
        taps: 0,
    };
    if let Some(shape) = step.kernel.row_wise() {
        link.in_row = shape.in_row;
        link.out_rows = shape.out_rows;
        link.out_row = shape.out_row;
        link.taps = shape.taps;
    } else {
        let image = before.filter(|_| step.kernel.is_element_wise())?;
        link.in_row = image.out_row;
        link.out_rows = image.out_rows;
        link.out_row = image.out_row;
        link.taps = image.out_row;
    }
    let whole = link.out_rows * link.out_row == draft.buffers[output.0].len;
    whole.then_some(link)
}

fn only_input(step: &DraftStep) -> Option<BufferId> {
    match step.inputs.as_slice() {
        [DraftOperand::Buffer(id)] => Some(*id),
        _ => None,
    }
}

/// How often each buffer is read or written, or is a port of the network.
fn touches(draft: &Draft) -> Vec<usize> {
    let mut touches = vec![0; draft.buffers.len()];
    let mut touch = |id: BufferId| touches[draft.place(id).0.0] += 1;
    for step in &draft.steps {
        for input in &step.inputs {
            if let DraftOperand::Buffer(id) = *input {
                touch(id);
            }
        }
        step.scratch.into_iter().for_each(&mut touch);
        touch(step.output);
    }
    let states = draft.states.iter().map(|state| state.buffer);
    let ports = draft.inputs.iter().chain(&draft.outputs).copied();
    ports.chain(states).for_each(touch);
    touches
}
