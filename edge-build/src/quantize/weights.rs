//! Weights, biases and constant operands as integers.

use super::params;
use crate::ir::{QuantParams, Tensor};

/// Greatest accumulator, bias and folded zero point included: leaves room for the left shift of a
/// requantization whose factor is below one.
const BOUND: f64 = (1u64 << 28) as f64;

/// Kernels that add up two channels at once leave 24 bits to one of them. Where most of a sum is bias, coarser weights
/// make it fit, and their rounding is small beside the bias.
const NARROW: f64 = (1u64 << 23) as f64;

/// The integers of a layer with weights.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights {
    /// In the layout of the float weights, −127..=127.
    pub(super) bytes: Vec<i8>,
    /// One per output channel.
    pub(super) scales: Vec<f32>,
    /// In steps of input scale times weight scale.
    pub(super) bias: Vec<i32>,
}

/// Where the weights of the output channels lie in a tensor.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channels {
    /// Number of output channels.
    pub(super) count: usize,
    inner: usize,
}

impl Channels {
    /// The channels along an axis; `None` if there is no such axis.
    pub(super) fn of(shape: &[usize], axis: usize) -> Option<Self> {
        let count = *shape.get(axis)?;
        let inner = shape.get(axis + 1..)?.iter().product::<usize>();
        (count > 0 && inner > 0).then_some(Self { count, inner })
    }

    /// Indices of the weights of a channel in a tensor of `len` weights.
    pub(super) fn indices(self, channel: usize, len: usize) -> impl Iterator<Item = usize> {
        let block = self.inner * self.count;
        let starts = (channel * self.inner..len).step_by(block);
        starts.flat_map(move |start| start..start + self.inner)
    }
}

/// Quantizes a layer; `None` if bias and weights do not fit each other.
pub(super) fn quantize(
    weights: &[f32],
    channels: Channels,
    bias: &[f32],
    input: QuantParams,
) -> Option<Weights> {
    let mut quantized = Weights {
        bytes: vec![0; weights.len()],
        scales: Vec::with_capacity(channels.count),
        bias: Vec::with_capacity(channels.count),
    };
    let greatest = weights.iter().fold(0.0f32, |most, w| most.max(w.abs()));
    for channel in 0..channels.count {
        let bias = *bias.get(channel)?;
        let indices: Vec<usize> = channels.indices(channel, weights.len()).collect();
        let own: Vec<f32> = indices
            .iter()
            .map_while(|&at| weights.get(at).copied())
            .collect();
        let scale = scale(&own).unwrap_or(if greatest > 0.0 {
            greatest / 127.0
        } else {
            1.0
        });
        let (scale, bytes, bias) = channel_integers(&own, scale, bias, input)?;
        for (at, byte) in indices.into_iter().zip(bytes) {
            *quantized.bytes.get_mut(at)? = byte;
        }
        quantized.scales.push(scale);
        quantized.bias.push(bias);
    }
    Some(quantized)
}

/// The integers of a channel; the scale grows until no accumulator exceeds [`BOUND`], nor [`NARROW`] if it is mostly bias.
fn channel_integers(
    weights: &[f32],
    mut scale: f32,
    bias: f32,
    input: QuantParams,
) -> Option<(f32, Vec<i8>, i32)> {
    loop {
        let (bytes, sum, absolute) = rounded(weights, scale);
        let unit = f64::from(input.scale) * f64::from(scale);
        let steps = (f64::from(bias) / unit).round_ties_even();
        let folded = steps - f64::from(input.zero_point) * f64::from(sum);
        let products = 128.0 * f64::from(absolute);
        let greatest = folded.abs() + products;
        let mostly_bias = folded.abs() > 2.0 * products;
        let bound = if mostly_bias { NARROW - 1.0 } else { BOUND };
        if greatest <= bound && steps.abs() <= BOUND {
            return Some((scale, bytes, steps as i32));
        }
        scale *= 2.0;
        if !scale.is_finite() {
            return None;
        }
    }
}

/// Weights in steps of a scale, their sum and the sum of their absolute values.
fn rounded(weights: &[f32], scale: f32) -> (Vec<i8>, i32, i32) {
    let mut bytes = Vec::with_capacity(weights.len());
    let (mut sum, mut absolute) = (0i32, 0i32);
    let mut i = 0;
    while i < weights.len() {
        let byte = step(weights[i], scale);
        sum = sum.saturating_add(byte);
        absolute = absolute.saturating_add(byte.abs());
        bytes.push(byte as i8);
        i += 1;
    }
    (bytes, sum, absolute)
}

fn step(weight: f32, scale: f32) -> i32 {
    ((weight / scale).round_ties_even() as i32).clamp(-127, 127)
}

/// The scale for which the greatest weight becomes ±127; `None` if all weights are 0 or nearly so.
fn scale(weights: &[f32]) -> Option<f32> {
    let greatest = weights.iter().fold(0.0f32, |most, w| most.max(w.abs()));
    Some(greatest / 127.0).filter(|scale| scale.is_normal())
}

/// A constant operand in a given quantization.
pub(super) fn constant(tensor: &Tensor, quant: QuantParams) -> Option<Tensor> {
    let numbers = tensor.as_f32()?;
    let bytes = numbers
        .iter()
        .map(|&x| params::quantize(x, quant))
        .collect();
    Tensor::from_i8(tensor.shape(), bytes)
}

/// The quantization that covers a constant operand.
pub(super) fn covering(tensor: &Tensor) -> Option<QuantParams> {
    let numbers = tensor.as_f32()?;
    let range = numbers.iter().fold([0.0f64; 2], |range, &x| {
        [range[0].min(f64::from(x)), range[1].max(f64::from(x))]
    });
    Some(params::covering(range, crate::ops::conv2d::NO_CLAMP))
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "exact by construction")]
mod tests {
    use super::*;

    const INPUT: QuantParams = QuantParams {
        scale: 0.5,
        zero_point: 3,
    };

    fn per_row(weights: &[f32], shape: &[usize], bias: &[f32]) -> Weights {
        let channels = Channels::of(shape, 0).expect("an axis");
        quantize(weights, channels, bias, INPUT).expect("fits")
    }

    #[test]
    fn channels_lie_along_any_axis() {
        let of = |axis, channel| {
            Channels::of(&[2, 3, 2], axis)
                .expect("an axis")
                .indices(channel, 12)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(0, 1), [6, 7, 8, 9, 10, 11]);
        assert_eq!(of(1, 2), [4, 5, 10, 11]);
        assert_eq!(of(2, 0), [0, 2, 4, 6, 8, 10]);
        assert!(Channels::of(&[2], 1).is_none());
    }

    #[test]
    fn each_channel_has_its_scale() {
        let q = per_row(&[1.27, -0.635, 0.0, 0.01], &[2, 2], &[2.0, 0.5]);
        assert_eq!(q.bytes, [127, -64, 0, 127]);
        assert!((q.scales[0] - 0.01).abs() < 1e-8);
        assert_eq!(q.bias[0], 400);
    }

    #[test]
    fn sums_that_are_mostly_bias_fit_24_bits() {
        // In steps of 0.5 · 0.01 the biases are 2^23 − 128·254 − 1, one more, and 2^27.
        let most = f64::from(1 << 23) - 128.0 * 254.0 - 1.0;
        for (steps, doublings) in [(most, 0), (most + 1.0, 1), (f64::from(1 << 27), 5)] {
            let q = per_row(&[1.27, -1.27], &[1, 2], &[(steps * 0.005) as f32]);
            let growth = q.scales[0] / 0.01;
            assert!((growth - (1 << doublings) as f32).abs() < 1e-3, "{steps}");
            let sum = f64::from(q.bias[0]).abs() + 128.0 * 254.0 / f64::from(growth);
            assert!(sum < NARROW + 256.0, "{sum}");
        }
        // Weights that matter stay as they are.
        let wide = vec![1.27; 3000];
        let q = per_row(&wide, &[1, 3000], &[9e4]);
        assert_eq!(q.bytes, vec![127; 3000]);
        assert!(f64::from(q.bias[0]) > NARROW);
    }

    #[test]
    fn channels_without_weights_and_great_biases_fit() {
        let q = per_row(&[0.0, 0.0, 1.0, -1.0], &[2, 2], &[5.0, 1e9]);
        assert_eq!(q.bytes[..2], [0, 0]);
        assert_eq!(q.scales[0], 1.0 / 127.0);
        for (bias, (steps, scale)) in [5.0f64, 1e9].iter().zip(q.bias.iter().zip(&q.scales)) {
            let real = f64::from(*steps) * 0.5 * f64::from(*scale);
            assert!((real / bias - 1.0).abs() < 1e-3, "{real} for {bias}");
            assert!(steps.abs() <= 1 << 28);
        }
        let channels = Channels::of(&[1, 1], 0).expect("an axis");
        assert_eq!(quantize(&[1.0], channels, &[], INPUT), None);
    }
}
