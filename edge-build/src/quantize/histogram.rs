//! Distribution of the numbers of a tensor.

/// Bins on either side of zero.
const HALF: usize = 4096;

/// Least binary exponent of the limit; smaller numbers all fall into the bins next to zero.
const LEAST_EXPONENT: i32 = -100;

/// Counts of numbers by size. The bins reach from `−2^e` to `2^e`, the same width each; `e` grows with the data by
/// joining bins in pairs, so that the result does not depend on the order of the numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Histogram {
    counts: Vec<u32>,
    exponent: i32,
    /// Numbers that are exactly 0; they are in no bin.
    zeros: u64,
    min: f32,
    max: f32,
    /// Whether a number was infinite or no number.
    not_finite: bool,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; 2 * HALF],
            exponent: LEAST_EXPONENT,
            zeros: 0,
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            not_finite: false,
        }
    }
}

impl Histogram {
    /// Counts numbers; yields the least and the greatest of them.
    pub(super) fn add(&mut self, data: &[f32]) -> [f32; 2] {
        let (mut min, mut max) = (f32::INFINITY, f32::NEG_INFINITY);
        let mut i = 0;
        while i < data.len() {
            let x = data[i];
            if x < min {
                min = x;
            }
            if x > max {
                max = x;
            }
            // All ones in the exponent: infinite or no number.
            if x.to_bits() & 0x7f80_0000 == 0x7f80_0000 {
                self.not_finite = true;
            }
            i += 1;
        }
        if data.is_empty() || self.not_finite {
            return [0.0, 0.0];
        }
        self.min = self.min.min(min);
        self.max = self.max.max(max);
        self.grow(exponent_above(min.abs().max(max.abs())));
        self.count(data);
        [min, max]
    }

    fn count(&mut self, data: &[f32]) {
        let per_unit = (12.0 - f64::from(self.exponent)).exp2() as f32;
        let counts = self.counts.as_mut_slice();
        let (mut i, mut zeros) = (0, 0);
        while i < data.len() {
            let x = data[i];
            i += 1;
            if x == 0.0 {
                zeros += 1;
                continue;
            }
            // The product is exact and the cast cuts towards zero: bins are the same however the limit grew.
            let step = (x * per_unit) as isize;
            let bin = if x < 0.0 {
                HALF as isize - 1 + step
            } else {
                HALF as isize + step
            };
            let bin = bin as usize;
            if bin < counts.len() {
                counts[bin] = counts[bin].saturating_add(1);
            }
        }
        self.zeros += zeros;
    }

    fn grow(&mut self, exponent: i32) {
        let by = exponent.saturating_sub(self.exponent);
        if by <= 0 {
            return;
        }
        let by = by.min(31) as u32;
        let old = std::mem::replace(&mut self.counts, vec![0; 2 * HALF]);
        for (bin, count) in old.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            let to = if bin < HALF {
                HALF - 1 - ((HALF - 1 - bin) >> by)
            } else {
                HALF + ((bin - HALF) >> by)
            };
            if let Some(slot) = self.counts.get_mut(to) {
                *slot = slot.saturating_add(count);
            }
        }
        self.exponent = exponent;
    }

    /// Counts what another histogram counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.grow(other.exponent);
        let mut other_grown;
        let other = if other.exponent < self.exponent {
            other_grown = other.clone();
            other_grown.grow(self.exponent);
            &other_grown
        } else {
            other
        };
        for (slot, count) in self.counts.iter_mut().zip(&other.counts) {
            *slot = slot.saturating_add(*count);
        }
        self.zeros += other.zeros;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.not_finite |= other.not_finite;
    }

    /// Whether a number was infinite or no number.
    pub(super) fn not_finite(&self) -> bool {
        self.not_finite
    }

    /// Least and greatest number; zeros if there is none.
    pub(super) fn range(&self) -> [f32; 2] {
        if self.min <= self.max {
            [self.min, self.max]
        } else {
            [0.0, 0.0]
        }
    }

    /// Whether nothing was counted.
    pub(super) fn is_empty(&self) -> bool {
        self.min > self.max
    }

    /// Number of exact zeros.
    pub(super) fn zeros(&self) -> u64 {
        self.zeros
    }

    /// Width of a bin.
    pub(super) fn bin_width(&self) -> f64 {
        f64::from(self.exponent - 12).exp2()
    }

    /// Middle and count of each bin that is not empty, from the least to the greatest.
    pub(super) fn bins(&self) -> Vec<(f64, u32)> {
        let width = self.bin_width();
        let middle = |bin: usize| (bin as f64 - HALF as f64 + 0.5) * width;
        let filled = self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0);
        filled.map(|(bin, &count)| (middle(bin), count)).collect()
    }
}

/// The least exponent whose power of two is greater than a number ≥ 0.
fn exponent_above(x: f32) -> i32 {
    // The exponent field of a normal number; zero and subnormal numbers yield the least.
    let field = (x.to_bits() >> 23) as i32 & 0xff;
    (field - 126).max(LEAST_EXPONENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(data: &[f32]) -> Histogram {
        let mut histogram = Histogram::default();
        histogram.add(data);
        histogram
    }

    #[test]
    fn exponent_is_the_next_power_of_two() {
        for (x, exponent) in [
            (1.0, 1),
            (0.999, 0),
            (6.0, 3),
            (255.0, 8),
            (256.0, 9),
            (0.0, LEAST_EXPONENT),
        ] {
            assert_eq!(exponent_above(x), exponent, "{x}");
        }
    }

    #[test]
    fn order_and_grouping_of_the_numbers_do_not_matter() {
        let mut state = 1u32;
        let data: Vec<f32> = (0..4000)
            .map(|i| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state as f32 / 2f32.powi(31) - 1.0) * 2f32.powi(i / 400 - 5)
            })
            .collect();
        let whole = of(&data);
        let mut parts = Histogram::default();
        for part in data.rchunks(77) {
            parts.merge(&of(part));
        }
        let mut one_by_one = Histogram::default();
        for x in &data {
            one_by_one.add(&[*x]);
        }
        assert_eq!(whole, parts);
        assert_eq!(whole, one_by_one);
        let counted: u64 = whole.bins().iter().map(|(_, n)| u64::from(*n)).sum();
        assert_eq!(counted + whole.zeros(), 4000);
    }

    #[test]
    fn bins_hold_the_numbers() {
        let h = of(&[-3.0, -3.0, 0.0, 0.5, 3.9]);
        let bins = h.bins();
        assert_eq!(bins.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [2, 1, 1]);
        for ((middle, _), x) in bins.iter().zip([-3.0, 0.5, 3.9f64]) {
            assert!((middle - x).abs() <= h.bin_width(), "{middle} {x}");
        }
        assert_eq!((h.zeros(), h.range()), (1, [-3.0, 3.9]));
    }

    #[test]
    fn notices_numbers_that_are_not_finite() {
        assert!(of(&[0.0, f32::NAN]).not_finite());
        assert!(of(&[f32::NEG_INFINITY]).not_finite());
        assert!(!of(&[f32::MAX, f32::MIN_POSITIVE, 1e-44]).not_finite());
    }
}
