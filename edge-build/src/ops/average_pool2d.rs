//! Mean over windows of an NHWC image.
//!
//! Source: ONNX `AveragePool`, `TFLite` `AVERAGE_POOL_2D`.

use super::conv2d::NO_CLAMP;
use super::{OpError, Operator, QuantRule, Sliding};
use crate::ir::{Arithmetic, DType, QuantParams, TensorType};
use crate::lower::exact::binary::range;
use crate::lower::exact::pool;
use crate::lower::{DraftOperand, LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params::{self, UnaryFn};
use edge_core::quant::Rounding;

/// Mean over windows. Input: image `[n,h,w,c]`.
#[derive(Clone, Debug, PartialEq)]
pub struct AveragePool2d {
    /// Window, steps, padding.
    pub sliding: Sliding,
    /// Whether padding counts as zeros in the mean.
    pub count_pad: bool,
    /// How much of the bottom and right padding comes from rounding the output up, and never counts.
    pub ceil_pads: [usize; 2],
    /// Limits of the result, infinite where there is none.
    pub clamp: [f32; 2],
    /// How the mean of 8-bit elements is rounded in a graph of ONNX arithmetic.
    pub sums: Sums,
}

/// What is summed for the mean of 8-bit elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sums {
    /// Integers; the mean is rounded once.
    Integers,
    /// Floats, row by row.
    Rows,
    /// Floats: each column, then the sums of the columns.
    Columns,
}

impl Operator for AveragePool2d {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[image] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one image",
            ));
        };
        let channels = image.shape.last().copied().unwrap_or(0);
        let shape = self.sliding.infer(image, channels)?;
        Ok(vec![TensorType {
            dtype: image.dtype,
            shape,
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        QuantRule::Calibrated
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let open = self.clamp == NO_CLAMP;
        match (y.dtype, node.arithmetic()) {
            (DType::F32, _) => {
                let [pad_bottom, pad_right] = self.counted_pads();
                let p = params::AveragePool2dF32 {
                    window: self.sliding.window(x, y),
                    count_pad: self.count_pad,
                    pad_bottom,
                    pad_right,
                };
                clamped(node, Kernel::AveragePool2dF32(p), self.clamp)
            }
            (DType::I8, Arithmetic::Native) if open => self.lower_native(node),
            (DType::I8, Arithmetic::Onnx) if self.sums != Sums::Integers => self.lower_float(node),
            (DType::I8, Arithmetic::Native | Arithmetic::Onnx) => self.lower_real(node),
            (DType::I8, Arithmetic::TfLite)
            | (DType::I16, Arithmetic::TfLite | Arithmetic::Native)
                if !self.count_pad =>
            {
                self.lower_exact(node)
            }
            (other, _) => Err(LowerError::of_dtype(other)),
        }
    }
}

impl AveragePool2d {
    /// Padding below and to the right that counts, if padding does.
    fn counted_pads(&self) -> [usize; 2] {
        [0, 1].map(|i| self.sliding.pads[i + 2].saturating_sub(self.ceil_pads[i]))
    }

    fn lower_native(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let window = self.sliding.window(x, y);
        let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
        let most = window.kernel_h * window.kernel_w;
        let scale = f64::from(from.scale) / f64::from(to.scale);
        let real: Vec<f64> = (1..=most).map(|n| scale / n as f64).collect();
        let (multipliers, requant) = arithmetic::requant(&real, to.zero_point, 256 * most as i64)?;
        let what = "reciprocals of the window sizes";
        let table = node.add_constant(what, Element::I32, &multipliers);
        let [pad_bottom, pad_right] = self.counted_pads();
        let p = params::AveragePool2dS8 {
            window,
            input_zero: from.zero_point,
            count_pad: self.count_pad,
            pad_bottom,
            pad_right,
            requant,
        };
        let operand = node.operand(0)?;
        node.step(Kernel::AveragePool2dS8(p), &[operand], &[table]);
        Ok(())
    }

    fn lower_real(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
        let kernel = self.sliding.kernel;
        let padded = self.sliding.pads != [0; 4];
        let fewest = if padded {
            1
        } else {
            kernel[0].saturating_mul(kernel[1])
        };
        let ratio = f64::from(from.scale) / f64::from(to.scale);
        let factors = pool::factors(ratio, kernel, fewest)?;
        let what = "factors of the window sizes";
        let factors = node.add_constant(what, Element::I32, &factors);
        let [pad_bottom, pad_right] = self.counted_pads();
        let p = params::AveragePool2dReal {
            window: self.sliding.window(x, y),
            input_zero: from.zero_point,
            output_zero: to.zero_point,
            count_pad: self.count_pad,
            pad_bottom,
            pad_right,
            fewest,
            clamp: range(Rounding::Onnx, DType::I8, self.clamp, to)?,
        };
        let operand = node.operand(0)?;
        node.step(Kernel::AveragePool2dRealS8(p), &[operand], &[factors]);
        Ok(())
    }

    fn lower_float(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
        let [pad_bottom, pad_right] = self.counted_pads();
        let steps = |params: QuantParams| params::Quantize {
            scale: params.scale,
            zero_point: params.zero_point,
        };
        let p = params::AveragePool2dFloat {
            window: self.sliding.window(x, y),
            input: steps(from),
            output: steps(to),
            count_pad: self.count_pad,
            pad_bottom,
            pad_right,
            by_columns: self.sums == Sums::Columns,
            clamp: range(Rounding::Onnx, DType::I8, self.clamp, to)?,
        };
        let operand = node.operand(0)?;
        node.step(Kernel::AveragePool2dFloatS8(p), &[operand], &[]);
        Ok(())
    }

    fn lower_exact(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let p = params::AveragePool2dExact {
            window: self.sliding.window(x, y),
            clamp: pool::limits(x, y, self.clamp, self.sliding.kernel, Rounding::TfLite)?,
        };
        let kernel = if y.dtype == DType::I8 {
            Kernel::AveragePool2dExactS8(p)
        } else {
            Kernel::AveragePool2dExactS16(p)
        };
        let operand = node.operand(0)?;
        node.step(kernel, &[operand], &[]);
        Ok(())
    }
}

/// Emits a float kernel of one input, and behind it what keeps its result within limits.
pub(super) fn clamped(
    node: &mut NodeLowering<'_>,
    kernel: Kernel,
    clamp: [f32; 2],
) -> Result<(), LowerError> {
    let operand = node.operand(0)?;
    if clamp == NO_CLAMP {
        node.step(kernel, &[operand], &[]);
        return Ok(());
    }
    let open = node.scratch(Element::F32, node.output_type().len());
    node.step_to(kernel, &[operand], &[], open);
    let clip = Kernel::UnaryF32(UnaryFn::Clip(clamp[0], clamp[1]));
    node.step(clip, &[DraftOperand::Buffer(open)], &[]);
    Ok(())
}
