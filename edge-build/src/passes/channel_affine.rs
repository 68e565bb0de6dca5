//! Nodes seen as `scale[c]·x + shift[c]`, whatever operator writes them: batch normalization (a 1×1 depthwise
//! convolution), sums and products with constants, affine functions.

use super::weights::is_open;
use crate::ir::edit::Rewriter;
use crate::ir::{Node, ValueId};
use crate::ops::conv2d::NO_CLAMP;
use crate::ops::{Binary, DepthwiseConv2d, Op, Reshape, Sliding, Unary};
use edge_core::params::{BinaryKind, UnaryFn};

/// `scale[c]·x + shift[c]` along the last axis, then functions of each element.
#[derive(Clone, Debug)]
pub(super) struct ChannelAffine {
    /// What is scaled.
    pub input: ValueId,
    /// Functions of each element before: empty but for [`trailing`].
    pub before: Vec<UnaryFn>,
    /// One factor for all channels, or one each.
    pub scale: Vec<f32>,
    /// One summand for all channels, or one each; as many as factors.
    pub shift: Vec<f32>,
    /// Functions of each element behind.
    pub after: Vec<UnaryFn>,
}

/// The window of a function of single pixels.
const ONE_PIXEL: Sliding = Sliding {
    kernel: [1, 1],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0; 4],
};

impl ChannelAffine {
    /// Whether all channels are treated alike.
    pub(super) fn is_uniform(&self) -> bool {
        let alike = |numbers: &[f32]| {
            numbers
                .windows(2)
                .all(|pair| pair[0].total_cmp(&pair[1]).is_eq())
        };
        alike(&self.scale) && alike(&self.shift)
    }

    /// Whether nothing is added.
    pub(super) fn keeps_zero(&self) -> bool {
        self.shift.iter().all(|&shift| shift == 0.0)
    }

    /// Factor and summand of a channel.
    pub(super) fn at(&self, channel: usize) -> (f32, f32) {
        let of = |numbers: &[f32]| numbers.get(channel % numbers.len().max(1)).copied();
        (
            of(&self.scale).unwrap_or(1.0),
            of(&self.shift).unwrap_or(0.0),
        )
    }

    /// This behind another: one affine function. `None` if numbers overflow.
    pub(super) fn behind(&self, first: &Self) -> Option<Self> {
        let channels = self.scale.len().max(first.scale.len());
        let pairs = (0..channels).map(|channel| {
            let ((s1, t1), (s2, t2)) = (first.at(channel), self.at(channel));
            (s2 * s1, s2 * t1 + t2)
        });
        let (scale, shift): (Vec<f32>, Vec<f32>) = pairs.unzip();
        let finite = scale.iter().chain(&shift).all(|x| x.is_finite());
        finite.then(|| Self {
            input: first.input,
            before: first.before.clone(),
            scale,
            shift,
            after: self.after.clone(),
        })
    }
}

/// A node whose first act is affine.
pub(super) fn leading(rewriter: &Rewriter<'_>, node: &Node) -> Option<ChannelAffine> {
    match (&node.op, node.inputs.as_slice()) {
        (Op::Unary(op), &[input]) => {
            let (&UnaryFn::Affine(scale, shift), after) = op.functions.split_first()? else {
                return None;
            };
            Some(ChannelAffine {
                input,
                before: Vec::new(),
                scale: vec![scale],
                shift: vec![shift],
                after: after.to_vec(),
            })
        }
        (Op::DepthwiseConv2d(op), &[input, weights, bias]) => {
            let (scale, shift) = (rewriter.floats(weights)?, rewriter.floats(bias)?);
            let pointwise = Sliding {
                dilations: [1, 1],
                ..op.sliding
            } == ONE_PIXEL;
            let channels = *rewriter.shape(input).last()?;
            (pointwise && scale.len() == channels).then(|| ChannelAffine {
                input,
                before: Vec::new(),
                scale: scale.to_vec(),
                shift: shift.to_vec(),
                after: after_clamp(op.clamp),
            })
        }
        (Op::Binary(op), &[a, b]) => of_binary(rewriter, op, [a, b], *node.outputs.first()?),
        _ => None,
    }
}

/// A node whose last act is affine.
pub(super) fn trailing(rewriter: &Rewriter<'_>, node: &Node) -> Option<ChannelAffine> {
    if let (Op::Unary(op), &[input]) = (&node.op, node.inputs.as_slice()) {
        let (&UnaryFn::Affine(scale, shift), before) = op.functions.split_last()? else {
            return None;
        };
        return Some(ChannelAffine {
            input,
            before: before.to_vec(),
            scale: vec![scale],
            shift: vec![shift],
            after: Vec::new(),
        });
    }
    leading(rewriter, node).filter(|affine| affine.after.is_empty())
}

fn after_clamp(limits: [f32; 2]) -> Vec<UnaryFn> {
    if is_open(limits) {
        Vec::new()
    } else {
        vec![UnaryFn::Clip(limits[0], limits[1])]
    }
}

fn of_binary(
    rewriter: &Rewriter<'_>,
    op: &Binary,
    [a, b]: [ValueId; 2],
    output: ValueId,
) -> Option<ChannelAffine> {
    let (input, constant, swapped) = if rewriter.constant(b).is_some() {
        (a, b, false)
    } else {
        (b, a, true)
    };
    if rewriter.shape(input) != rewriter.shape(output) {
        return None;
    }
    let numbers = rewriter.floats(constant)?;
    let by_channel = match rewriter.shape(constant).split_last() {
        Some((&last, rest)) => {
            rest.iter().all(|&dim| dim == 1)
                && (last == 1 || Some(&last) == rewriter.shape(input).last())
        }
        None => true,
    };
    if !by_channel || !numbers.iter().all(|x| x.is_finite()) {
        return None;
    }
    let all = |number: f32| vec![number; numbers.len()];
    let each = |f: fn(f32) -> f32| numbers.iter().map(|&x| f(x)).collect::<Vec<f32>>();
    let (scale, shift) = match (op.kind, swapped) {
        (BinaryKind::Add, _) => (all(1.0), numbers.to_vec()),
        (BinaryKind::Sub, false) => (all(1.0), each(|x| -x)),
        (BinaryKind::Sub, true) => (all(-1.0), numbers.to_vec()),
        (BinaryKind::Mul, _) => (numbers.to_vec(), all(0.0)),
        (BinaryKind::Div, false) => (each(|x| 1.0 / x), all(0.0)),
        (BinaryKind::Div, true)
        | (BinaryKind::Min | BinaryKind::Max | BinaryKind::Pow | BinaryKind::PRelu, _) => {
            return None;
        }
    };
    scale.iter().all(|x| x.is_finite()).then(|| ChannelAffine {
        input,
        before: Vec::new(),
        scale,
        shift,
        after: after_clamp(op.clamp),
    })
}

/// Emits an affine function in its canonical form: a function of each element if all channels are treated
/// alike, else a 1×1 depthwise convolution, for which there is an int8 kernel with a scale per channel.
pub(super) fn emit(
    rewriter: &mut Rewriter<'_>,
    name: &str,
    affine: &ChannelAffine,
    output: ValueId,
) -> Option<()> {
    let mut input = affine.input;
    if affine.is_uniform() {
        let (scale, shift) = affine.at(0);
        let mut functions = affine.before.clone();
        functions.push(UnaryFn::Affine(scale, shift));
        functions.extend_from_slice(&affine.after);
        return rewriter.make_as(name, Unary { functions }, &[input], output);
    }
    if !affine.before.is_empty() {
        let functions = affine.before.clone();
        input = rewriter.make(name, Unary { functions }, &[input])?;
    }
    let shape = rewriter.shape(input).to_vec();
    let channels = *shape.last()?;
    if channels != affine.scale.len() || channels != affine.shift.len() {
        return None;
    }
    if shape.len() != 4 {
        let pixels = shape.iter().product::<usize>().checked_div(channels)?;
        let shape = vec![1, 1, pixels, channels];
        input = rewriter.make(name, Reshape { shape }, &[input])?;
    }
    let weights = rewriter.add_floats(
        &format!("{name}.scale"),
        &[1, 1, channels],
        affine.scale.clone(),
    )?;
    let bias = rewriter.add_floats(&format!("{name}.shift"), &[channels], affine.shift.clone())?;
    let (clamp, functions) = match affine.after.split_first() {
        Some((&UnaryFn::Clip(lo, hi), rest)) if lo <= 0.0 && 0.0 <= hi => ([lo, hi], rest),
        Some(_) | None => (NO_CLAMP, affine.after.as_slice()),
    };
    let op = DepthwiseConv2d {
        sliding: ONE_PIXEL,
        clamp,
    };
    let inputs = [input, weights, bias];
    if shape.len() == 4 && functions.is_empty() {
        return rewriter.make_as(name, op, &inputs, output);
    }
    let mut value = rewriter.make(name, op, &inputs)?;
    if functions.is_empty() {
        return rewriter.make_as(name, Reshape { shape }, &[value], output);
    }
    if shape.len() != 4 {
        value = rewriter.make(name, Reshape { shape }, &[value])?;
    }
    let functions = functions.to_vec();
    rewriter.make_as(name, Unary { functions }, &[value], output)
}
