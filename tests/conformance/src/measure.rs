//! How far outputs are from what they should be.

/// The greatest absolute difference.
#[must_use]
pub fn max_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |most, x| if x > most || x.is_nan() { x } else { most })
}

/// Greatest minus smallest number.
#[must_use]
pub fn range(data: &[f32]) -> f32 {
    let (low, high) = data
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &x| {
            (low.min(x), high.max(x))
        });
    high - low
}

/// Power of the signal over the power of the difference, in dB.
#[must_use]
pub fn sqnr_db(signal: &[f32], noisy: &[f32]) -> f64 {
    let power = |x: f32| f64::from(x) * f64::from(x);
    let wanted: f64 = signal.iter().map(|&x| power(x)).sum();
    let noise: f64 = signal.iter().zip(noisy).map(|(&a, &b)| power(a - b)).sum();
    10.0 * (wanted / noise).log10()
}

/// Share of rows whose greatest number stands where the label says, in percent.
#[must_use]
pub fn top1_percent(outputs: &[f32], labels: &[usize]) -> f64 {
    let classes = outputs.len() / labels.len();
    let right = outputs
        .chunks_exact(classes)
        .zip(labels)
        .filter(|&(row, &label)| greatest(row) == label)
        .count();
    100.0 * right as f64 / labels.len() as f64
}

/// The first place of the greatest number.
fn greatest(row: &[f32]) -> usize {
    let mut best = 0;
    for (place, &x) in row.iter().enumerate() {
        if x > row[best] {
            best = place;
        }
    }
    best
}

/// Mean squared difference.
#[must_use]
pub fn mean_squared_error(a: &[f32], b: &[f32]) -> f64 {
    let sum: f64 = a
        .iter()
        .zip(b)
        .map(|(&a, &b)| f64::from(a - b).powi(2))
        .sum();
    sum / a.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_that_is_not_a_number_is_kept() {
        assert!(max_difference(&[1.0, 2.0, 3.0], &[1.0, f32::NAN, 9.0]).is_nan());
        assert!((max_difference(&[1.0, 2.0], &[1.5, 2.0]) - 0.5).abs() < f32::EPSILON);
    }

    #[test]
    fn top1_counts_the_first_of_equals() {
        let outputs = [0.0, 1.0, 1.0, 0.0, 0.5, 0.5];
        assert!((top1_percent(&outputs, &[1, 0, 1]) - 200.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn sqnr_of_a_tenth_is_twenty_db() {
        assert!((sqnr_db(&[1.0, -1.0], &[1.1, -1.1]) - 20.0).abs() < 1e-3);
    }
}
