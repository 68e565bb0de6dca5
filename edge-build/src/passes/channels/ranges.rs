//! What is known of the numbers of a channel: between which they lie, whatever the input of the network.

use super::super::numbers::{channels, integers};
use crate::ir::{DType, Graph, ValueId};

/// The least and the greatest number of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Range {
    /// The range of two numbers.
    pub(super) fn of(a: i64, b: i64) -> Self {
        Self {
            low: a.min(b),
            high: a.max(b),
        }
    }

    /// All numbers of a type of quantized numbers.
    fn full(dtype: DType) -> Self {
        let half = if dtype == DType::I16 { 1 << 15 } else { 1 << 7 };
        Self::of(-half, half - 1)
    }

    /// The range of the numbers of both.
    pub(super) fn with(self, other: Self) -> Self {
        Self::of(self.low.min(other.low), self.high.max(other.high))
    }

    /// The number, if it is a single one.
    pub(super) fn fixed(self) -> Option<i64> {
        (self.low == self.high).then_some(self.low)
    }
}

/// The ranges of the channels of all values.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    /// By value; empty where nothing is known.
    of: Vec<Vec<Range>>,
}

impl Ranges {
    /// Sets the ranges of a value.
    pub(super) fn set(&mut self, id: ValueId, ranges: Vec<Range>) {
        if self.of.len() <= id.index() {
            self.of.resize(id.index() + 1, Vec::new());
        }
        self.of[id.index()] = ranges;
    }

    /// The ranges of a value, which is quantized or a constant.
    pub(super) fn of(&self, graph: &Graph, id: ValueId) -> Vec<Range> {
        let (ty, known) = (graph.ty(id), self.of.get(id.index()));
        if let Some(numbers) = graph.constant(id).and_then(|tensor| integers(tensor)) {
            return of_numbers(&numbers, channels(ty));
        }
        match known {
            Some(known) if !known.is_empty() => known.clone(),
            Some(_) | None => vec![Range::full(ty.dtype); channels(ty)],
        }
    }
}

/// The range of each channel of a tensor, which has elements.
pub(super) fn of_numbers(numbers: &[i64], channels: usize) -> Vec<Range> {
    let row = numbers.get(..channels).unwrap_or_default();
    let mut ranges: Vec<Range> = row.iter().map(|&x| Range::of(x, x)).collect();
    let mut i = channels;
    while i < numbers.len() {
        let range = &mut ranges[i % channels];
        range.low = range.low.min(numbers[i]);
        range.high = range.high.max(numbers[i]);
        i += 1;
    }
    ranges
}
