//! Layers with weights as the packed kernels see them: one form for exact and native int8.

#[cfg(test)]
mod tests;

use super::Layer;
use crate::program::{Constant, Element, Kernel};
use edge_core::params::{ExactOutput, PackedRequant, PackedRounding, Window2d};
use edge_core::quant::{Requant, Rounding};

/// How weights and window belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Weights `[out_c, kernel_h, kernel_w, in_c]`.
    Convolution,
    /// Weights `[kernel_h, kernel_w, out_c]`.
    Depthwise,
    /// Weights `[out_c, in_c]`; rows are pixels of a `batch × 1` image.
    FullyConnected,
}

/// Right shifts for which the offset may have no room.
const LARGE_SHIFT: i32 = 22;

/// A record `[bias, multiplier, offset, shift]`; see [`PackedRequant`].
pub(super) type Record = [i32; 4];

/// A layer with int8 weights whose arithmetic the packed kernels have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weighted {
    pub(super) form: Form,
    pub(super) window: Window2d,
    /// What stands in the padding.
    pub(super) pad_value: i8,
    pub(super) weights: Vec<i8>,
    /// One per output channel.
    pub(super) records: Vec<Record>,
    pub(super) requant: PackedRequant,
}

/// What a kernel with weights has beside its constants.
struct Shape {
    form: Form,
    window: Window2d,
    pad_value: i32,
    output: Output,
}

#[derive(Clone, Copy)]
enum Output {
    Exact(ExactOutput),
    Native(Requant),
}

impl Weighted {
    /// The layer, if packed kernels yield its bits for every input and nothing can overflow on the way.
    pub(super) fn of(layer: &Layer<'_>) -> Option<Self> {
        let shape = shape(&layer.step.kernel)?;
        let constant = |index: usize| {
            let index = layer.step.constants.get(index)?;
            layer.constants.get(*index)
        };
        let weights = bytes_as_i8(constant(0)?)?;
        let bias = words(constant(1)?)?;
        let multipliers = words(constant(2)?)?;
        let (records, requant) = match shape.output {
            Output::Exact(output) => {
                let shifts = bytes_as_i8(constant(3)?)?;
                match output.rounding {
                    Rounding::TfLite => twice_records(&bias, &multipliers, &shifts, output)?,
                    Rounding::Onnx => {
                        let sums = |channel: usize, bias: i32| {
                            bounds(&filter(shape.form, &shape.window, &weights, channel), bias)
                        };
                        once_records(&bias, &multipliers, &shifts, output, sums)?
                    }
                }
            }
            Output::Native(requant) => native_records(&bias, &multipliers, requant),
        };
        let made = Self {
            form: shape.form,
            window: shape.window,
            pad_value: i8::try_from(shape.pad_value).ok()?,
            weights,
            records,
            requant,
        };
        (made.fits() && made.rounds()).then_some(made)
    }

    /// The weights of an output channel, in the order of memory.
    pub(super) fn filter(&self, channel: usize) -> Vec<i8> {
        filter(self.form, &self.window, &self.weights, channel)
    }

    /// The least and the greatest sum of a channel, bias included.
    pub(super) fn bounds(&self, channel: usize) -> [i64; 2] {
        bounds(&self.filter(channel), self.records[channel][0])
    }

    /// Whether no channel can leave 32 bits on its way from sum to output.
    fn fits(&self) -> bool {
        let room = i64::from(i32::MAX);
        let channel = |channel: usize| {
            let [low, high] = self.bounds(channel);
            let [_, multiplier, offset, _] = self.records[channel].map(i64::from);
            let most = low.abs().max(high.abs()) << self.requant.pre_shift;
            let scaled = i128::from(most) * i128::from(multiplier.abs());
            let scaled = (scaled >> 32) as i64 + 2;
            most <= room && scaled + offset.abs() <= room
        };
        self.records.len() == self.window.out_c && (0..self.records.len()).all(channel)
    }

    /// Whether halves of the last shift go where the reference has them.
    fn rounds(&self) -> bool {
        match self.requant.rounding {
            PackedRounding::Nearest | PackedRounding::Away => true,
            PackedRounding::Floor => (0..self.records.len()).all(|c| self.halves_are_even(c)),
        }
    }

    /// Whether halves of a channel go to the even neighbour, though they go up: whether no sum leads to a half between
    /// an even number and an odd one above it, both inside the range.
    fn halves_are_even(&self, channel: usize) -> bool {
        let [_, multiplier, offset, shift] = self.records[channel];
        // With a half above `below`, `sum · multiplier = (2·below + 1) · 2^(30 + shift)`. What powers of two the
        // multiplier lacks, the sum has.
        let power = i64::from(30 + shift);
        let lacks = power - i64::from(multiplier.trailing_zeros());
        // Sums have 31 bits, as `fits` found.
        if multiplier == 0 || lacks >= 31 {
            return true;
        }
        let [low, high] = self.bounds(channel);
        let [least, greatest] = self.requant.range.map(|bound| bound - (offset >> shift));
        let leads_there = |below: i32| {
            let product = (2 * i128::from(below) + 1) << power;
            let sum = product / i128::from(multiplier);
            let exact = product % i128::from(multiplier) == 0;
            exact && (i128::from(low)..=i128::from(high)).contains(&sum)
        };
        !(least..greatest).any(|below| below & 1 == 0 && leads_there(below))
    }
}

fn filter(form: Form, window: &Window2d, weights: &[i8], channel: usize) -> Vec<i8> {
    let out = window.out_c.max(1);
    match form {
        Form::Convolution | Form::FullyConnected => {
            let len = weights.len() / out;
            let taps = weights.get(channel * len..(channel + 1) * len);
            taps.unwrap_or_default().to_vec()
        }
        Form::Depthwise => {
            let taps = weights.iter().skip(channel).step_by(out);
            taps.copied().collect()
        }
    }
}

/// The least and the greatest sum of a filter and a bias.
fn bounds(filter: &[i8], bias: i32) -> [i64; 2] {
    let bias = i64::from(bias);
    let (mut low, mut high) = (bias, bias);
    for &weight in filter {
        let ends = [-128 * i64::from(weight), 127 * i64::from(weight)];
        low += ends[0].min(ends[1]);
        high += ends[0].max(ends[1]);
    }
    [low, high]
}

/// How weights and window of an int8 layer belong together.
pub(super) fn form(kernel: &Kernel) -> Option<Form> {
    Some(shape(kernel)?.form)
}

/// Multiplications per output of an int8 layer with weights.
pub(super) fn macs_per_output(kernel: &Kernel) -> Option<u64> {
    let Shape { form, window, .. } = shape(kernel)?;
    let taps = window.kernel_h * window.kernel_w;
    let each = match form {
        Form::Convolution | Form::FullyConnected => taps * window.in_c,
        Form::Depthwise => taps,
    };
    Some(each as u64)
}

fn shape(kernel: &Kernel) -> Option<Shape> {
    if let Kernel::Conv2dExactS8(p) = kernel {
        return (p.groups == 1).then_some(Shape {
            form: Form::Convolution,
            window: p.window,
            pad_value: p.pad_value,
            output: Output::Exact(p.output),
        });
    }
    if let Kernel::Conv2dS8(p) = kernel {
        return (p.groups == 1).then_some(Shape {
            form: Form::Convolution,
            window: p.window,
            pad_value: p.pad_value.into(),
            output: Output::Native(p.requant),
        });
    }
    if let Kernel::DepthwiseConv2dExactS8(p) = kernel {
        return Some(Shape {
            form: Form::Depthwise,
            window: p.window,
            pad_value: p.pad_value,
            output: Output::Exact(p.output),
        });
    }
    if let Kernel::DepthwiseConv2dS8(p) = kernel {
        return Some(Shape {
            form: Form::Depthwise,
            window: p.window,
            pad_value: p.pad_value.into(),
            output: Output::Native(p.requant),
        });
    }
    if let Kernel::FullyConnectedExactS8(p) = kernel {
        return Some(Shape {
            form: Form::FullyConnected,
            window: rows_of_pixels(p.batch, p.inputs, p.outputs),
            pad_value: 0,
            output: Output::Exact(p.output),
        });
    }
    if let Kernel::FullyConnectedS8(p) = kernel {
        return Some(Shape {
            form: Form::FullyConnected,
            window: rows_of_pixels(p.batch, p.inputs, p.outputs),
            pad_value: 0,
            output: Output::Native(p.requant),
        });
    }
    None
}

/// Rows are the pixels of an image one pixel wide, to which a matrix is a convolution.
fn rows_of_pixels(batch: usize, inputs: usize, outputs: usize) -> Window2d {
    Window2d {
        batch: 1,
        in_h: batch,
        in_w: 1,
        in_c: inputs,
        out_h: batch,
        out_w: 1,
        out_c: outputs,
        kernel_h: 1,
        kernel_w: 1,
        stride_h: 1,
        stride_w: 1,
        dilation_h: 1,
        dilation_w: 1,
        pad_top: 0,
        pad_left: 0,
    }
}

/// Records of the double rounding of `TFLite`: `None` where a factor is 1 or more, or the last shift is none and
/// its rounding counts.
fn twice_records(
    bias: &[i32],
    multipliers: &[i32],
    shifts: &[i8],
    output: ExactOutput,
) -> Option<(Vec<Record>, PackedRequant)> {
    // Below zero both roundings give the zero point or less, which the activation cuts off.
    let ties = output.range[0] < 0;
    let zero = output.zero_point;
    let record = |((&bias, &multiplier), &shift): ((&i32, &i32), &i8)| {
        let right = u32::try_from(-i32::from(shift)).ok()?;
        if ties && right == 0 {
            return None;
        }
        Some([bias, multiplier, offset(zero, right)?, right as i32])
    };
    let records = bias.iter().zip(multipliers).zip(shifts).map(record);
    let rounding = if ties {
        PackedRounding::Away
    } else {
        PackedRounding::Nearest
    };
    let requant = exact_requant(output, rounding);
    Some((records.collect::<Option<_>>()?, requant))
}

/// Records of the single rounding of ONNX, but for halves: `None` where a factor is ½ or more, which leaves no last
/// shift to round by. `sums` gives the bounds of a channel with some bias.
fn once_records(
    bias: &[i32],
    multipliers: &[i32],
    shifts: &[i8],
    output: ExactOutput,
    sums: impl Fn(usize, i32) -> [i64; 2],
) -> Option<(Vec<Record>, PackedRequant)> {
    let zero = output.zero_point;
    let record = |(channel, (&bias, (&multiplier, &shift))): (usize, (&i32, (&i32, &i8)))| {
        let right = -i32::from(shift);
        if multiplier == 0 || right > LARGE_SHIFT {
            let most = sums(channel, bias).into_iter().map(i64::abs).max()?;
            let product = i128::from(most) * i128::from(multiplier).abs();
            // Products have 62 bits.
            if multiplier == 0 || product < 1 << (30 + right.min(40)) {
                // Less than half a step, whatever the input.
                return Some([bias, 0, offset(zero, 1)?, 1]);
            }
        }
        let right = u32::try_from(right).ok().filter(|&right| right > 0)?;
        Some([bias, multiplier, offset(zero, right)?, right as i32])
    };
    let scales = multipliers.iter().zip(shifts);
    let records = bias.iter().zip(scales).enumerate().map(record);
    let requant = exact_requant(output, PackedRounding::Floor);
    Some((records.collect::<Option<_>>()?, requant))
}

fn exact_requant(output: ExactOutput, rounding: PackedRounding) -> PackedRequant {
    PackedRequant {
        pre_shift: 1,
        rounding,
        range: output.range.map(|bound| bound + output.zero_point),
    }
}

/// `(zero << shift) + (1 << shift >> 1)`, if it fits.
fn offset(zero: i32, shift: u32) -> Option<i32> {
    if shift > 30 {
        return None;
    }
    i32::try_from((i64::from(zero) << shift) + (1 << shift >> 1)).ok()
}

fn native_records(
    bias: &[i32],
    multipliers: &[i32],
    requant: Requant,
) -> (Vec<Record>, PackedRequant) {
    let record = |(&bias, &multiplier)| [bias, multiplier, requant.offset, requant.shift as i32];
    let all = PackedRequant {
        pre_shift: requant.pre_shift,
        rounding: PackedRounding::Nearest,
        range: [i32::from(i8::MIN), i32::from(i8::MAX)],
    };
    (bias.iter().zip(multipliers).map(record).collect(), all)
}

fn bytes_as_i8(constant: &Constant) -> Option<Vec<i8>> {
    (constant.element == Element::I8).then(|| constant.bytes.iter().map(|&b| b as i8).collect())
}

fn words(constant: &Constant) -> Option<Vec<i32>> {
    let word = |bytes: &[u8]| i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    (constant.element == Element::I32).then(|| constant.bytes.chunks_exact(4).map(word).collect())
}
