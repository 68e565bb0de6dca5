//! The range with the least mean squared error.

use super::Histogram;

/// Steps of the search along either end of the range.
const STEPS: usize = 64;

/// Sums over the bins before each bin.
struct Moments {
    middles: Vec<f64>,
    /// Count, sum and sum of squares.
    before: Vec<[f64; 3]>,
}

impl Moments {
    fn of(histogram: &Histogram) -> Self {
        let mut sums = [0.0; 3];
        let mut moments = Self {
            middles: Vec::new(),
            before: vec![sums],
        };
        for (middle, count) in histogram.bins() {
            let count = f64::from(count);
            sums = [
                sums[0] + count,
                sums[1] + count * middle,
                sums[2] + count * middle * middle,
            ];
            moments.middles.push(middle);
            moments.before.push(sums);
        }
        moments
    }

    /// Squared error of quantization to 255 steps: a twelfth of a squared step inside the range, the distance
    /// to its end outside. Exact zeros have none.
    fn error(&self, [lo, hi]: [f64; 2]) -> f64 {
        let zero = [0.0; 3];
        let sums_at = |x: f64| {
            let at = self.middles.partition_point(|middle| *middle < x);
            *self.before.get(at).unwrap_or(&zero)
        };
        let (below, above, all) = (
            sums_at(lo),
            sums_at(hi),
            *self.before.last().unwrap_or(&zero),
        );
        let distance = |[count, sum, squares]: [f64; 3], end: f64| {
            squares - 2.0 * end * sum + count * end * end
        };
        let beyond = [all[0] - above[0], all[1] - above[1], all[2] - above[2]];
        let step = (hi - lo) / 255.0;
        distance(below, lo) + distance(beyond, hi) + all[0] * step * step / 12.0
    }
}

/// The range inside `whole`, which holds 0.
pub(super) fn range(histogram: &Histogram, whole: [f64; 2]) -> [f64; 2] {
    let moments = Moments::of(histogram);
    let mut best = (moments.error(whole), whole);
    // One end after the other, twice: their errors hardly depend on each other.
    for end in [1, 0, 1, 0] {
        let from = best.1;
        for step in 1..STEPS {
            let mut range = from;
            range[end] = whole[end] * step as f64 / STEPS as f64;
            let error = moments.error(range);
            if error < best.0 {
                best = (error, range);
            }
        }
    }
    best.1
}
