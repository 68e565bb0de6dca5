//! Observers: from the distribution of a tensor to the range that int8 covers.

mod entropy;
mod squared_error;

use super::histogram::Histogram;

/// What is known about the numbers of a tensor, or of tensors that share a quantization.
#[derive(Clone, Debug, Default)]
pub(super) struct Distribution {
    /// All numbers of all samples.
    pub(super) histogram: Histogram,
    /// Moving average of the least and greatest numbers.
    pub(super) average: [f32; 2],
}

impl Distribution {
    /// What is known of both together.
    pub(super) fn merge(&mut self, other: &Self) {
        self.average = if self.histogram.is_empty() {
            other.average
        } else if other.histogram.is_empty() {
            self.average
        } else {
            [
                self.average[0].min(other.average[0]),
                self.average[1].max(other.average[1]),
            ]
        };
        self.histogram.merge(&other.histogram);
    }
}

/// A way to choose a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Observer {
    /// All numbers.
    MinMax,
    /// The moving average of the least and greatest numbers.
    MovingAverage,
    /// All but this share of the numbers, in millionths, at either end.
    Percentile(u32),
    /// The range with the least mean squared error.
    SquaredError,
    /// The range whose quantized distribution diverges least from the true one.
    Entropy,
}

/// An observer, and how much wider than it says the range is: real data reaches further than samples of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    observer: Observer,
    /// In percent; inputs of the network have none.
    margin: u32,
}

impl Rule {
    /// The rules that are tried on real samples, in order; on equal error the first wins.
    pub(super) const ALL: [Self; 8] = [
        Self::of(Observer::MinMax, 0),
        Self::of(Observer::MinMax, 10),
        Self::of(Observer::SquaredError, 0),
        Self::of(Observer::SquaredError, 10),
        Self::of(Observer::Percentile(100), 0),
        Self::of(Observer::Percentile(1000), 0),
        Self::of(Observer::MovingAverage, 0),
        Self::of(Observer::Entropy, 0),
    ];

    /// The rule for made-up samples.
    pub(super) const ESTIMATE: Self = Self::of(Observer::MinMax, 25);

    const fn of(observer: Observer, margin: u32) -> Self {
        Self { observer, margin }
    }

    /// Name for reports.
    pub(super) fn name(self) -> String {
        let observer = match self.observer {
            Observer::MinMax => "min-max".to_owned(),
            Observer::MovingAverage => "moving average".to_owned(),
            Observer::Percentile(cut) => format!("percentile {}", f64::from(1_000_000 - cut) / 1e4),
            Observer::SquaredError => "mse".to_owned(),
            Observer::Entropy => "entropy".to_owned(),
        };
        if self.margin == 0 {
            observer
        } else {
            format!("{observer} + {} %", self.margin)
        }
    }

    /// The range, which holds 0, of an input of the network or of a tensor inside.
    pub(super) fn range(self, seen: &Distribution, is_input: bool) -> [f64; 2] {
        let margin = if is_input { 0 } else { self.margin };
        self.observer
            .range(seen)
            .map(|end| end * f64::from(100 + margin) / 100.0)
    }
}

impl Observer {
    /// The range, which holds 0.
    fn range(self, seen: &Distribution) -> [f64; 2] {
        let whole = with_zero(seen.histogram.range().map(f64::from));
        let range = match self {
            Self::MinMax => whole,
            Self::MovingAverage => seen.average.map(f64::from),
            Self::Percentile(cut) => percentile(&seen.histogram, f64::from(cut) / 1e6),
            Self::SquaredError => squared_error::range(&seen.histogram, whole),
            Self::Entropy => entropy::range(&seen.histogram, whole),
        };
        with_zero([range[0].max(whole[0]), range[1].min(whole[1])])
    }
}

fn with_zero([lo, hi]: [f64; 2]) -> [f64; 2] {
    [lo.min(0.0), hi.max(0.0)]
}

/// The range without a share of the numbers at either end.
fn percentile(histogram: &Histogram, share: f64) -> [f64; 2] {
    let mut bins = histogram.bins();
    let at = bins.partition_point(|(middle, _)| *middle < 0.0);
    let zeros = u32::try_from(histogram.zeros()).unwrap_or(u32::MAX);
    bins.insert(at, (0.0, zeros));
    let total: f64 = bins.iter().map(|(_, count)| f64::from(*count)).sum();
    let half = histogram.bin_width() / 2.0;
    let beyond = total * share;
    [
        first_beyond(bins.iter(), beyond) - half,
        first_beyond(bins.iter().rev(), beyond) + half,
    ]
}

/// The middle of the bin at which more than `beyond` numbers have been passed.
fn first_beyond<'a>(bins: impl Iterator<Item = &'a (f64, u32)>, beyond: f64) -> f64 {
    let mut passed = 0.0;
    for (middle, count) in bins {
        passed += f64::from(*count);
        if passed > beyond {
            return *middle;
        }
    }
    0.0
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::*;

    /// A bell curve of 20,000 numbers with two far outliers.
    fn bell() -> Distribution {
        let mut state = 7u32;
        let mut uniform = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0
        };
        let mut data: Vec<f32> = (0..20_000)
            .map(|_| (0..12).map(|_| uniform()).sum::<f32>() - 6.0)
            .collect();
        data.extend([-40.0, 50.0]);
        let mut seen = Distribution::default();
        seen.histogram.add(&data);
        seen.average = [-4.0, 4.0];
        seen
    }

    #[test]
    fn min_max_holds_everything_and_zero() {
        assert_eq!(Observer::MinMax.range(&bell()), [-40.0, 50.0]);
        let mut positive = Distribution::default();
        positive.histogram.add(&[3.0, 5.0]);
        for rule in Rule::ALL {
            let [lo, hi] = rule.range(&positive, true);
            assert!(
                lo <= 0.0 && (0.0..=5.0).contains(&hi),
                "{rule:?} [{lo}, {hi}]"
            );
        }
        let wider = Rule::of(Observer::MinMax, 10);
        assert_eq!(wider.range(&positive, false)[1], 5.5);
    }

    #[test]
    fn the_others_leave_outliers_out() {
        let seen = bell();
        assert_eq!(Observer::MovingAverage.range(&seen), [-4.0, 4.0]);
        let [lo, hi] = Observer::Entropy.range(&seen);
        assert!(
            lo > -20.0 && hi < 25.0 && lo < -4.0 && hi > 4.0,
            "[{lo}, {hi}]"
        );
        for observer in [Observer::Percentile(100), Observer::Percentile(1000)] {
            let [lo, hi] = observer.range(&seen);
            assert!(
                (-8.0..-2.0).contains(&lo) && (2.0..8.0).contains(&hi),
                "{observer:?} [{lo}, {hi}]"
            );
        }
        let [lo, hi] = Observer::SquaredError.range(&seen);
        assert!(
            lo > -40.0 && hi < 50.0 && lo < -3.0 && hi > 3.0,
            "[{lo}, {hi}]"
        );
    }

    #[test]
    fn percentile_counts_zeros() {
        let mut data = vec![0.0f32; 9980];
        data.extend([1.0f32; 20]);
        let mut seen = Distribution::default();
        seen.histogram.add(&data);
        let [lo, hi] = Observer::Percentile(1000).range(&seen);
        assert!(
            lo == 0.0 && (0.99..=1.01).contains(&hi),
            "20 of 10,000 are more than 0.1 %: [{lo}, {hi}]"
        );
        let [_, hi] = Observer::Percentile(2000).range(&seen);
        assert!(hi < 0.01, "{hi}");
    }
}
