//! Whose each byte of the arena is.

use crate::lower::Span;

/// Bytes of the arena that hold bytes of a buffer.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// First byte in the arena.
    from: usize,
    /// The byte behind the last.
    to: usize,
    /// The buffer.
    buffer: usize,
    /// Where the buffer starts.
    base: usize,
}

/// The arena: runs that do not overlap, in any order. What no run holds was never written.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    runs: Vec<Run>,
}

impl Memory {
    /// Writes bytes of a buffer that starts at `base`.
    pub(super) fn take(&mut self, buffer: usize, base: usize, span: Span) {
        let (from, to) = (base + span.from, base + span.to);
        let mut left = Vec::with_capacity(self.runs.len() + 2);
        for run in &self.runs {
            let below = Run {
                to: run.to.min(from),
                ..*run
            };
            let above = Run {
                from: run.from.max(to),
                ..*run
            };
            left.extend([below, above].into_iter().filter(|run| run.from < run.to));
        }
        if from < to {
            left.push(Run {
                from,
                to,
                buffer,
                base,
            });
        }
        self.runs = left;
    }

    /// A buffer that has overwritten bytes of another one, which starts at `base`.
    pub(super) fn stranger(&self, buffer: usize, base: usize, span: Span) -> Option<usize> {
        let (from, to) = (base + span.from, base + span.to);
        let strange = |run: &&Run| {
            run.from < to && from < run.to && (run.buffer != buffer || run.base != base)
        };
        self.runs.iter().find(strange).map(|run| run.buffer)
    }
}
