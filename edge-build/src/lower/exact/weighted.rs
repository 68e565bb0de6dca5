//! Layers with weights of graphs that arrive quantized.

mod sums;

use super::multiplier::{activation_range, conv_factor, quantize_multiplier};
use crate::ir::{Arithmetic, DType, Quant, QuantParams, Tensor, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params::{ExactOutput, MatMul, MatMulExact};
use edge_core::quant::{Rounding, Scale};
use sums::{Bound, Channel};

/// How the weights of a layer lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A filter for each index of an axis; the zero point of the input is folded into the bias.
    Filters {
        /// Axis of the weights that counts output channels.
        axis: usize,
    },
    /// `[inputs, height, width, outputs / groups]`; the kernel takes the zero point of the input.
    Transposed {
        /// Number of groups.
        groups: usize,
    },
}

/// Which element types a layer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// int8 by int8.
    S8,
    /// int8 by 16-bit weights.
    S8W16,
    /// 16-bit by int8 with sums of 64 bits.
    S16,
    /// 16-bit by int8 with sums of 32 bits.
    S16B32,
}

impl Variant {
    /// The row of the table of kernels, of those for all variants in their order.
    pub fn kernel<P>(self, params: P, rows: [fn(P) -> Kernel; 4]) -> Kernel {
        let [s8, s8_w16, s16, s16_b32] = rows;
        let row = match self {
            Self::S8 => s8,
            Self::S8W16 => s8_w16,
            Self::S16 => s16,
            Self::S16B32 => s16_b32,
        };
        row(params)
    }

    fn of(x: DType, weights: DType, bias: DType) -> Option<Self> {
        if x == DType::I8 && bias == DType::I32 {
            return match weights {
                DType::I8 => Some(Self::S8),
                DType::I16 => Some(Self::S8W16),
                DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => None,
            };
        }
        if x != DType::I16 || weights != DType::I8 {
            return None;
        }
        match bias {
            DType::I64 => Some(Self::S16),
            DType::I32 => Some(Self::S16B32),
            DType::F32 | DType::I8 | DType::U8 | DType::I16 | DType::Bool => None,
        }
    }

    fn is_wide(self) -> bool {
        match self {
            Self::S16 => true,
            Self::S8 | Self::S8W16 | Self::S16B32 => false,
        }
    }
}

/// What the parameters of a kernel hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The element types.
    pub variant: Variant,
    /// How a sum becomes an output.
    pub output: ExactOutput,
    /// Zero point of the input.
    pub input_zero: i32,
}

/// Whether the native kernel of a layer gives what the node asks for.
#[must_use]
pub fn is_native(node: &NodeLowering<'_>, clamp: [f32; 2]) -> bool {
    let types = || {
        Some((
            node.input_type(1).ok()?.dtype,
            node.input_type(2).ok()?.dtype,
        ))
    };
    let y = node.output_type();
    // Native kernels have no limits but those of the type. Networks that we quantize keep inside the others but
    // for half a step.
    let free = y
        .params()
        .and_then(|quant| activation_range(y.dtype, clamp, quant).ok())
        .is_none_or(|[low, high]| low <= -127 && high >= 126);
    node.arithmetic() == Arithmetic::Native
        && y.dtype == DType::I8
        && types() == Some((DType::I8, DType::I32))
        && free
}

/// Emits a layer: input 1 is the weights, input 2 the bias. `kernel` makes the kernel of what has been decided.
///
/// # Errors
/// If weights or bias are not quantized constants of types that go together, or a sum could overflow.
pub fn lower(
    node: &mut NodeLowering<'_>,
    form: Form,
    clamp: [f32; 2],
    kernel: impl FnOnce(&Decided) -> Kernel,
) -> Result<(), LowerError> {
    let (x, y) = (node.input_type(0)?, node.output_type());
    let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
    let (weights, bias) = (node.input_tensor(1)?, node.input_tensor(2)?);
    let variant =
        Variant::of(x.dtype, weights.dtype(), bias.dtype()).filter(|_| x.dtype == y.dtype);
    let mut variant = variant.ok_or_else(|| {
        LowerError::new(
            format!(
                "input {x}, weights {}, bias {}, output {y}",
                weights.ty(),
                bias.ty()
            ),
            "i8 by i8 or i16 with an i32 bias, i16 by i8 with an i64 or i32 bias",
        )
    })?;
    let channels = sums::channels(weights, form, bias)?;
    let rounding = rounding(node.arithmetic());
    let scales = scales(node, form, channels.len(), from, to)?;
    let sums = sums::bounds(&channels, x.dtype, from.zero_point);
    if variant == Variant::S16B32 && rounding == Rounding::Onnx && !sums.iter().all(Bound::fits_i32)
    {
        // The result does not depend on the width of the sum.
        variant = Variant::S16;
    }
    for (sum, &scale) in sums.iter().zip(&scales) {
        sum.check(variant, scale, rounding)?;
    }
    let decided = Decided {
        variant,
        output: output(y.dtype, clamp, to, rounding)?,
        input_zero: from.zero_point,
    };
    let folded = match form {
        Form::Filters { .. } => from.zero_point,
        Form::Transposed { .. } => 0,
    };
    let constants = constants(node, weights, variant, &channels, folded, &scales);
    let operand = node.operand(0)?;
    node.step(kernel(&decided), &[operand], &constants);
    Ok(())
}

/// Emits a product of two matrices with their zero points.
///
/// # Errors
/// If the types differ, or a sum could overflow.
pub fn lower_product(node: &mut NodeLowering<'_>, product: MatMul) -> Result<(), LowerError> {
    let (a, b, y) = (node.input_type(0)?, node.input_type(1)?, node.output_type());
    let make = match y.dtype {
        DType::I8 => Kernel::MatMulExactS8,
        DType::I16 => Kernel::MatMulExactS16,
        DType::F32 | DType::U8 | DType::I32 | DType::I64 | DType::Bool => {
            return Err(LowerError::of_dtype(y.dtype));
        }
    };
    if a.dtype != y.dtype || b.dtype != y.dtype {
        return Err(LowerError::new(
            format!("{a} × {b} → {y}"),
            "matrices of one element type",
        ));
    }
    let (first, second, to) = (
        arithmetic::params_of(a)?,
        arithmetic::params_of(b)?,
        arithmetic::params_of(y)?,
    );
    let rounding = rounding(node.arithmetic());
    let scale = quantize_multiplier(conv_factor(first.scale, second.scale, to.scale))?;
    let greatest = |ty: &TensorType, zero: i32| {
        let [low, high] = sums::distances(ty.dtype, zero);
        high.max(-low)
    };
    let most = greatest(a, first.zero_point) * greatest(b, second.zero_point);
    let most = i64::try_from(product.inner)
        .unwrap_or(i64::MAX)
        .saturating_mul(most);
    let bound = Bound {
        low: -most,
        high: most,
    };
    let variant = if y.dtype == DType::I16 {
        Variant::S16
    } else {
        Variant::S8
    };
    bound.check(variant, scale, rounding)?;
    let p = MatMulExact {
        product,
        first_zero: first.zero_point,
        second_zero: second.zero_point,
        scale,
        output: output(y.dtype, [f32::NEG_INFINITY, f32::INFINITY], to, rounding)?,
    };
    let operands = [node.operand(0)?, node.operand(1)?];
    node.step(make(p), &operands, &[]);
    Ok(())
}

fn rounding(arithmetic: Arithmetic) -> Rounding {
    match arithmetic {
        Arithmetic::Onnx => Rounding::Onnx,
        Arithmetic::TfLite | Arithmetic::Native => Rounding::TfLite,
    }
}

fn output(
    dtype: DType,
    clamp: [f32; 2],
    to: QuantParams,
    rounding: Rounding,
) -> Result<ExactOutput, LowerError> {
    let [least, greatest] = if dtype == DType::I16 {
        [i32::from(i16::MIN), i32::from(i16::MAX)]
    } else {
        [i32::from(i8::MIN), i32::from(i8::MAX)]
    };
    let range = super::binary::range(rounding, dtype, clamp, to)?;
    Ok(ExactOutput {
        rounding,
        // Bounds may lie outside where the scale is coarse.
        range: range.map(|bound| bound.clamp(least, greatest) - to.zero_point),
        zero_point: to.zero_point,
    })
}

impl Form {
    /// Axis of the weights that counts output channels, of one group where there are several.
    fn axis(self) -> usize {
        match self {
            Self::Filters { axis } => axis,
            Self::Transposed { .. } => 3,
        }
    }
}

/// The factor of each channel.
fn scales(
    node: &NodeLowering<'_>,
    form: Form,
    channels: usize,
    from: QuantParams,
    to: QuantParams,
) -> Result<Vec<Scale>, LowerError> {
    let ty = node.input_type(1)?;
    let grouped = matches!(form, Form::Transposed { groups } if groups > 1);
    match &ty.quant {
        Some(Quant::PerChannel { axis, scales })
            if *axis == form.axis() && scales.len() == channels && !grouped =>
        {
            let factor =
                |&scale: &f32| quantize_multiplier(conv_factor(from.scale, scale, to.scale));
            scales.iter().map(factor).collect()
        }
        Some(Quant::PerTensor(params)) if params.zero_point == 0 => {
            let scale = quantize_multiplier(conv_factor(from.scale, params.scale, to.scale))?;
            Ok(vec![scale; channels])
        }
        Some(Quant::PerTensor(_) | Quant::PerChannel { .. }) | None => Err(LowerError::new(
            format!("weights {ty} whose scales do not fit {channels} output channels"),
            "symmetric weights, one scale per output channel or one for all",
        )),
    }
}

/// Weights, bias, multipliers and shifts for flash.
fn constants(
    node: &mut NodeLowering<'_>,
    weights: &Tensor,
    variant: Variant,
    channels: &[Channel],
    zero: i32,
    scales: &[Scale],
) -> Vec<usize> {
    let name = &node.node().name;
    let what = format!("{name} weights {}", weights.ty());
    let weights = match (weights.as_i8(), weights.as_i16()) {
        (None, Some(w)) => node.add_constant(&what, Element::I16, w),
        (w, _) => node.add_constant(&what, Element::I8, w.unwrap_or_default()),
    };
    let what = match zero {
        0 => format!("{name} bias"),
        _ => format!("{name} bias, input zero point folded"),
    };
    let folded: Vec<i64> = channels
        .iter()
        .map(|c| {
            let fold = i64::from(zero) * (c.positive - c.negative);
            c.bias.wrapping_sub(fold)
        })
        .collect();
    let bias = if variant.is_wide() {
        node.add_constant(&what, Element::I64, &folded)
    } else {
        // Sums are taken modulo 2³² and fit in the end.
        let folded: Vec<i32> = folded.iter().map(|&bias| bias as i32).collect();
        node.add_constant(&what, Element::I32, &folded)
    };
    let multipliers: Vec<i32> = scales.iter().map(|scale| scale.multiplier).collect();
    let shifts: Vec<i8> = scales.iter().map(|scale| scale.shift as i8).collect();
    vec![
        weights,
        bias,
        node.add_constant(&format!("{name} multipliers"), Element::I32, &multipliers),
        node.add_constant(&format!("{name} shifts"), Element::I8, &shifts),
    ]
}
