//! How great the sums of a layer may become.

use super::super::multiplier::{check_i32, check_i64};
use super::{Form, Variant};
use crate::ir::{DType, Tensor};
use crate::lower::LowerError;
use edge_core::quant::{Rounding, Scale};

/// The weights and the bias of one output channel.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Channel {
    pub(super) bias: i64,
    /// Sum of the weights above 0.
    pub(super) positive: i64,
    /// Sum of the weights below 0, without sign.
    pub(super) negative: i64,
}

/// The least and the greatest sum of a channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Bound {
    pub(super) fn fits_i32(&self) -> bool {
        i32::try_from(self.low).is_ok() && i32::try_from(self.high).is_ok()
    }

    /// Refuses sums that leave their type, or whose scaling does.
    pub(super) fn check(
        &self,
        variant: Variant,
        scale: Scale,
        rounding: Rounding,
    ) -> Result<(), LowerError> {
        let most = self.low.saturating_neg().max(self.high);
        let room = if variant.is_wide() {
            1 << 62
        } else {
            i64::from(i32::MAX)
        };
        if most > room {
            return Err(LowerError::new(
                format!("a sum of up to {most}"),
                format!("sums of {} bits", if variant.is_wide() { 63 } else { 32 }),
            ));
        }
        match (rounding, variant.is_wide()) {
            // A factor of 0 may be any below 2⁻³².
            (Rounding::Onnx, true) if scale.multiplier == 0 && most >= 1 << 31 => {
                Err(LowerError::new(
                    format!("a sum of up to {most} times less than 2^-32"),
                    "greater factors, or sums of 31 bits",
                ))
            }
            (Rounding::Onnx, _) => Ok(()),
            (Rounding::TfLite, false) => check_i32(scale, most),
            (Rounding::TfLite, true) => check_i64(scale, most),
        }
    }
}

/// The least and the greatest distance of an element from the zero point.
pub(super) fn distances(dtype: DType, zero: i32) -> [i64; 2] {
    let half = if dtype == DType::I16 { 1 << 15 } else { 1 << 7 };
    [-half - i64::from(zero), half - 1 - i64::from(zero)]
}

/// The sums that inputs of a type with a zero point lead to. Taps in the padding add nothing, and the reference
/// adds the bias last, so that the bounds hold for every part of the weights and without the bias.
pub(super) fn bounds(channels: &[Channel], dtype: DType, zero: i32) -> Vec<Bound> {
    let [least, greatest] = distances(dtype, zero);
    let bound = |c: &Channel| Bound {
        low: c
            .bias
            .min(0)
            .saturating_add(c.positive * least - c.negative * greatest),
        high: c
            .bias
            .max(0)
            .saturating_add(c.positive * greatest - c.negative * least),
    };
    channels.iter().map(bound).collect()
}

pub(super) fn channels(
    weights: &Tensor,
    form: Form,
    bias: &Tensor,
) -> Result<Vec<Channel>, LowerError> {
    let mut channels: Vec<Channel> = integers(bias)?
        .map(|bias| Channel {
            bias,
            ..Channel::default()
        })
        .collect();
    let shape = weights.shape();
    let product =
        |dims: Option<&[usize]>| dims.unwrap_or_default().iter().product::<usize>().max(1);
    let (count, axis) = (channels.len(), form.axis());
    let len = shape.get(axis).copied().unwrap_or(0).max(1);
    let inner = product(shape.get(axis + 1..));
    // A transposed filter begins anew with each input, and with each group at other channels.
    let inputs_of_group = shape
        .first()
        .map_or(1, |&inputs| (inputs * len).div_ceil(count.max(1)));
    let step = product(shape.get(1..));
    for (index, w) in integers(weights)?.enumerate() {
        let group = match form {
            Form::Filters { .. } => 0,
            Form::Transposed { .. } => index / step / inputs_of_group.max(1),
        };
        if let Some(channel) = channels.get_mut(group * len + index / inner % len) {
            channel.positive += w.max(0);
            channel.negative -= w.min(0);
        }
    }
    Ok(channels)
}

/// The elements of a tensor of integers.
fn integers(tensor: &Tensor) -> Result<Box<dyn Iterator<Item = i64> + '_>, LowerError> {
    fn of<'a, T: Copy + Into<i64>>(
        numbers: Option<&'a [T]>,
    ) -> Option<Box<dyn Iterator<Item = i64> + 'a>> {
        Some(Box::new(numbers?.iter().map(|&number| number.into())))
    }
    of(tensor.as_i8())
        .or_else(|| of(tensor.as_i16()))
        .or_else(|| of(tensor.as_i32()))
        .or_else(|| of(tensor.as_i64()))
        .ok_or_else(|| LowerError::of_dtype(tensor.dtype()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(form: Form, shape: &[usize], bias: usize) -> Vec<[i64; 2]> {
        let count: usize = shape.iter().product();
        let weights = (0..count).map(|i| [1i8, -2, 3, -4, 5][i % 5]).collect();
        let weights = Tensor::from_i8(shape, weights).unwrap();
        let bias = Tensor::from_i32(&[bias], vec![0; bias]).unwrap();
        let channels = channels(&weights, form, &bias).unwrap();
        channels.iter().map(|c| [c.positive, c.negative]).collect()
    }

    #[test]
    fn weights_belong_to_the_channels_of_their_axis() {
        let first = Form::Filters { axis: 0 };
        assert_eq!(sums(first, &[2, 1, 1, 3], 2), [[4, 2], [6, 4]]);
        let last = Form::Filters { axis: 2 };
        assert_eq!(sums(last, &[1, 2, 3], 3), [[1, 4], [5, 2], [4, 0]]);
    }

    #[test]
    fn transposed_weights_belong_to_the_channels_of_their_group() {
        // Inputs 0 and 1 reach outputs 0 and 1, inputs 2 and 3 outputs 2 and 3.
        let grouped = Form::Transposed { groups: 2 };
        let wanted = [[4, 0], [0, 6], [5, 2], [4, 0]];
        assert_eq!(sums(grouped, &[4, 1, 1, 2], 4), wanted);
        let whole = Form::Transposed { groups: 1 };
        assert_eq!(sums(whole, &[4, 1, 1, 2], 2), [[9, 2], [4, 6]]);
    }

    #[test]
    fn wide_sums_are_not_multiplied_by_nothing() {
        let none = Scale {
            multiplier: 0,
            shift: 0,
        };
        let check = |high| Bound { low: 0, high }.check(Variant::S16, none, Rounding::Onnx);
        assert!(check(1 << 31).is_err());
        assert!(check((1 << 31) - 1).is_ok());
    }

    #[test]
    fn bounds_hold_for_every_part_of_the_weights() {
        let channel = Channel {
            bias: 10,
            positive: 3,
            negative: 2,
        };
        let [bound] = bounds(&[channel], DType::I8, -128)[..] else {
            panic!("one channel");
        };
        assert_eq!((bound.low, bound.high), (-2 * 255, 10 + 3 * 255));
        let [bound] = bounds(&[channel], DType::I16, 0)[..] else {
            panic!("one channel");
        };
        let wanted = (-3 * 32768 - 2 * 32767, 10 + 3 * 32767 + 2 * 32768);
        assert_eq!((bound.low, bound.high), wanted);
    }
}
