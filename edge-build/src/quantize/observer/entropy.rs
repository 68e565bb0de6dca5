//! The range whose quantized distribution diverges least from the true one (Kullback-Leibler).

use super::Histogram;

/// Bins along the whole range.
const BINS: usize = 1024;

/// Steps of the search: both ends move together.
const STEPS: usize = 32;

/// int8 steps.
const LEVELS: usize = 255;

/// The range inside `whole`, which holds 0.
pub(super) fn range(histogram: &Histogram, whole: [f64; 2]) -> [f64; 2] {
    let width = (whole[1] - whole[0]) / BINS as f64;
    if !width.is_finite() || width <= 0.0 {
        return whole;
    }
    let mut counts = [0.0; BINS];
    for (middle, count) in histogram.bins() {
        let bin = ((middle - whole[0]) / width).max(0.0) as usize;
        counts[bin.min(BINS - 1)] += f64::from(count);
    }
    let mut best = (f64::INFINITY, whole);
    // From the whole range inwards, down to a quarter: below, there are fewer bins than levels.
    for step in (STEPS / 4..=STEPS).rev() {
        let share = step as f64 / STEPS as f64;
        let range = whole.map(|end| end * share);
        let first = ((range[0] - whole[0]) / width).round() as usize;
        let last = (((range[1] - whole[0]) / width).round() as usize).clamp(first + 1, BINS);
        let divergence = divergence(&counts, first.min(BINS - 1), last);
        if divergence < best.0 {
            best = (divergence, range);
        }
    }
    best.1
}

/// Divergence of the bins `first..last` after quantization from the distribution with clipped ends.
fn divergence(counts: &[f64; BINS], first: usize, last: usize) -> f64 {
    let inside = counts.get(first..last).unwrap_or(&[]);
    let below: f64 = counts.iter().take(first).sum();
    let above: f64 = counts.iter().skip(last).sum();
    let total: f64 = counts.iter().sum();
    let kept: f64 = inside.iter().sum();
    if kept <= 0.0 {
        return f64::INFINITY;
    }
    let mut sum = 0.0;
    let mut at = 0;
    for level in 0..LEVELS {
        let end = (level + 1) * inside.len() / LEVELS;
        let (mut mass, mut filled) = (0.0, 0.0);
        for &count in inside.get(at..end).unwrap_or(&[]) {
            mass += count;
            filled += f64::from(u8::from(count > 0.0));
        }
        while at < end {
            let mut p = inside.get(at).copied().unwrap_or(0.0);
            let q = if p > 0.0 { mass / filled / kept } else { 0.0 };
            p += if at == 0 { below } else { 0.0 };
            p += if at + 1 == inside.len() { above } else { 0.0 };
            if p > 0.0 {
                // An empty bin that takes the clipped numbers counts as a millionth.
                sum += p / total * (p / total / q.max(1e-6)).ln();
            }
            at += 1;
        }
    }
    sum
}
