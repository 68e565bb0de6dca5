//! The integers that constants were made from, recovered from the grid they lie on.

use crate::ir::edit::Rewriter;
use crate::ir::{Quant, QuantParams, Tensor, ValueId};

/// How far, in steps of its grid, a float may lie from the integer that it was made from.
const TOLERANCE: f64 = 0.01;
/// Greatest absolute value of a bias, far from the limits of 32 bits.
const MAX_BIAS: f64 = (1u32 << 30) as f64;
/// The integer of a weight that is alone in its channel: its scale can be any, and with a fine one the bias is
/// fine as well.
const SINGLE: i16 = 1 << 12;
/// The bias, in steps of the accumulator, of a channel whose weights are all 0.
const CONSTANT: f64 = (1u32 << 24) as f64;

/// Integers with the real step of each channel.
struct Recovered {
    numbers: Vec<i32>,
    quant: Quant,
}

/// Weights and bias of a layer as integers; `None` if the weights lie on no grid that fits `axis`.
pub(super) fn of_layer(
    rewriter: &mut Rewriter<'_>,
    weights: ValueId,
    bias: ValueId,
    axis: usize,
    input: QuantParams,
) -> Option<[ValueId; 2]> {
    let mut recovered =
        recover(rewriter, weights, Some(axis)).or_else(|| singles(rewriter, weights, axis))?;
    let inner = rewriter.shape(weights).get(axis + 1..)?.iter().product();
    free_scales(&mut recovered, rewriter.floats(bias)?, inner, input)?;
    let bias = bias_in_steps(rewriter, bias, &recovered.quant, input)?;
    let name = rewriter.name(weights).to_owned();
    let tensor = narrow(rewriter.shape(weights), &recovered.numbers)?;
    let weights = rewriter.add_quantized(name, tensor, Some(recovered.quant));
    Some([weights, bias])
}

/// A constant operand as signed bytes; `None` if its numbers are no bytes on one grid.
pub(super) fn operand(rewriter: &mut Rewriter<'_>, id: ValueId) -> Option<ValueId> {
    let recovered = recover(rewriter, id, None)?;
    let Quant::PerTensor(params) = recovered.quant else {
        return None;
    };
    let least = recovered.numbers.iter().copied().min()?;
    let greatest = recovered.numbers.iter().copied().max()?;
    // Of the zero points that let all fit, that nearest to 0.
    let (low, high) = ((-128 - least).max(-128), (127 - greatest).min(127));
    if low > high {
        return None;
    }
    let zero_point = 0.clamp(low, high);
    let fits = |q: &i32| i8::try_from(q + zero_point).ok();
    let bytes: Option<Vec<i8>> = recovered.numbers.iter().map(fits).collect();
    let tensor = Tensor::from_i8(rewriter.shape(id), bytes?)?;
    let params = QuantParams {
        zero_point,
        ..params
    };
    let name = rewriter.name(id).to_owned();
    Some(rewriter.add_quantized(name, tensor, Some(Quant::PerTensor(params))))
}

/// Signed bytes, or 16 bits if there are greater numbers.
fn narrow(shape: &[usize], numbers: &[i32]) -> Option<Tensor> {
    let bytes: Option<Vec<i8>> = numbers.iter().map(|&q| i8::try_from(q).ok()).collect();
    if let Some(bytes) = bytes {
        return Tensor::from_i8(shape, bytes);
    }
    let words: Option<Vec<i16>> = numbers.iter().map(|&q| i16::try_from(q).ok()).collect();
    Tensor::from_i16(shape, words?)
}

/// The integers of a constant. Scales of channels must belong to `axis`, or be alike.
fn recover(rewriter: &Rewriter<'_>, id: ValueId, axis: Option<usize>) -> Option<Recovered> {
    let ty = rewriter.ty(id);
    let data = rewriter.floats(id)?;
    let (quant, scales, inner) = match ty.quant.as_ref()? {
        Quant::PerTensor(params) => (per_tensor(params.scale), vec![params.scale], data.len()),
        Quant::PerChannel { scales, .. } if alike(scales) => {
            let scale = *scales.first()?;
            (per_tensor(scale), vec![scale], data.len())
        }
        Quant::PerChannel { axis: own, scales } if Some(*own) == axis => {
            let inner = ty.shape.get(own + 1..)?.iter().product();
            let quant = Quant::PerChannel {
                axis: *own,
                scales: scales.clone(),
            };
            (quant, scales.clone(), inner)
        }
        Quant::PerChannel { .. } => return None,
    };
    let mut numbers = Vec::with_capacity(data.len());
    for (index, &x) in data.iter().enumerate() {
        let channel = (index / inner.max(1)) % scales.len().max(1);
        let steps = f64::from(x) / f64::from(*scales.get(channel)?);
        let nearest = steps.round();
        let near = (steps - nearest).abs() < TOLERANCE;
        if !near || nearest.abs() > f64::from(i16::MAX) {
            return None;
        }
        numbers.push(nearest as i32);
    }
    Some(Recovered { numbers, quant })
}

fn per_tensor(scale: f32) -> Quant {
    Quant::PerTensor(QuantParams {
        scale,
        zero_point: 0,
    })
}

fn alike(scales: &[f32]) -> bool {
    scales
        .windows(2)
        .all(|pair| pair[0].to_bits() == pair[1].to_bits())
}

/// Weights of which each channel has one: their scales are the weights themselves.
fn singles(rewriter: &Rewriter<'_>, id: ValueId, axis: usize) -> Option<Recovered> {
    let data = rewriter.floats(id)?;
    let channels = *rewriter.shape(id).get(axis)?;
    if channels != data.len() || !data.iter().all(|x| x.is_finite()) {
        return None;
    }
    let number = |&x: &f32| i32::from(SINGLE) * ((x > 0.0) as i32 - (x < 0.0) as i32);
    let step = |&x: &f32| x.abs() / f32::from(SINGLE);
    let scale = |x: &f32| Some(step(x)).filter(|&s| s > 0.0).unwrap_or(1.0);
    // A number too small for a scale of its own counts as 0.
    let numbers = data
        .iter()
        .map(|x| if step(x) > 0.0 { number(x) } else { 0 })
        .collect();
    Some(Recovered {
        numbers,
        quant: Quant::PerChannel {
            axis,
            scales: data.iter().map(scale).collect(),
        },
    })
}

/// Gives channels whose weights are all 0 a scale at which their bias is a sum of moderate size: that of the file
/// is as small as it likes.
fn free_scales(
    recovered: &mut Recovered,
    bias: &[f32],
    inner: usize,
    input: QuantParams,
) -> Option<()> {
    let Quant::PerChannel { scales, .. } = &mut recovered.quant else {
        return Some(());
    };
    let mut used = vec![false; scales.len()];
    for (index, &q) in recovered.numbers.iter().enumerate() {
        *used.get_mut((index / inner.max(1)) % scales.len().max(1))? |= q != 0;
    }
    for ((scale, bias), used) in scales.iter_mut().zip(bias).zip(used) {
        let fitting = (f64::from(bias.abs()) / (f64::from(input.scale) * CONSTANT)) as f32;
        if !used && fitting > 0.0 && fitting.is_finite() {
            *scale = fitting;
        }
    }
    Some(())
}

/// A bias in steps of the accumulator: input step times weight step.
fn bias_in_steps(
    rewriter: &mut Rewriter<'_>,
    bias: ValueId,
    weights: &Quant,
    input: QuantParams,
) -> Option<ValueId> {
    let data = rewriter.floats(bias)?;
    let mut numbers = Vec::with_capacity(data.len());
    for (channel, &x) in data.iter().enumerate() {
        let scale = match weights {
            Quant::PerTensor(params) => params.scale,
            Quant::PerChannel { scales, .. } => *scales.get(channel % scales.len().max(1))?,
        };
        let steps = f64::from(x) / (f64::from(input.scale) * f64::from(scale));
        let fits = steps.abs() <= MAX_BIAS;
        if !fits {
            return None;
        }
        numbers.push(steps.round_ties_even() as i32);
    }
    let tensor = Tensor::from_i32(rewriter.shape(bias), numbers)?;
    let name = rewriter.name(bias).to_owned();
    Some(rewriter.add_constant(name, tensor))
}
