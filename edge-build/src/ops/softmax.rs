//! Softmax or log-softmax along an axis.
//!
//! Source: ONNX `Softmax`, `LogSoftmax`; `TFLite` `SOFTMAX`.

use super::{OpError, Operator, QuantRule};
use crate::ir::{Arithmetic, DType, QuantParams, TensorType};
use crate::lower::exact::softmax as exact;
use crate::lower::{DraftOperand, LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params::{self, UnaryFn};

/// What int8 results are held with.
const INT8: QuantParams = QuantParams {
    scale: 1.0 / 256.0,
    zero_point: -128,
};

/// Softmax along the axes `start..end` taken as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Softmax {
    /// First axis.
    pub start: usize,
    /// Axis behind the last.
    pub end: usize,
    /// Whether the logarithm of the result is wanted.
    pub log: bool,
    /// Factor of the input.
    pub beta: f32,
    /// Whether results of int8 inputs have 16 bits.
    pub wide: bool,
}

impl Operator for Softmax {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        if self.start >= self.end || self.end > x.shape.len() {
            return Err(OpError::new(
                format!("axes {}..{} of {x}", self.start, self.end),
                "axes of the tensor",
            ));
        }
        let dtype = if x.dtype == DType::I8 && self.wide {
            DType::I16
        } else {
            x.dtype
        };
        Ok(vec![TensorType {
            dtype,
            shape: x.shape.clone(),
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        if self.log {
            QuantRule::FloatOnly
        } else {
            QuantRule::Fixed(INT8)
        }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let x = node.input_type(0)?;
        let p = params::Softmax {
            outer: x.shape[..self.start].iter().product(),
            axis: x.shape[self.start..self.end].iter().product(),
            inner: x.shape[self.end..].iter().product(),
            log: self.log,
        };
        // Of what ONNX rounds once there are the 8-bit probabilities alone.
        let once = node.arithmetic() == Arithmetic::Onnx;
        match (x.dtype, node.output_type().dtype) {
            (DType::F32, _) => self.lower_f32(node, p),
            (DType::I8, DType::I8) if self.log && !once => lower_log_s8(node, p),
            (DType::I8, DType::I8) if !self.log => self.lower_s8(node, p),
            (DType::I8, DType::I16) if !self.log && !once => self.lower_s8_s16(node, p),
            (DType::I16, DType::I16) if !self.log && !once => self.lower_s16(node, p),
            (other, _) => Err(LowerError::of_dtype(other)),
        }
    }
}

impl Softmax {
    #[allow(clippy::float_cmp, reason = "1 itself is meant")]
    fn lower_f32(&self, node: &mut NodeLowering<'_>, p: params::Softmax) -> Result<(), LowerError> {
        let mut operand = node.operand(0)?;
        if self.beta != 1.0 {
            let scaled = node.scratch(Element::F32, node.output_type().len());
            let times = Kernel::UnaryF32(UnaryFn::Affine(self.beta, 0.0));
            node.step_to(times, &[operand], &[], scaled);
            operand = DraftOperand::Buffer(scaled);
        }
        node.step(Kernel::SoftmaxF32(p), &[operand], &[]);
        Ok(())
    }

    fn lower_s8(&self, node: &mut NodeLowering<'_>, p: params::Softmax) -> Result<(), LowerError> {
        let [from, to] = quants(node)?;
        let operand = node.operand(0)?;
        match node.arithmetic() {
            Arithmetic::TfLite => {
                expect_grid(to, 256.0, -128)?;
                let table = self.exponentials(node, from)?;
                node.step(Kernel::SoftmaxExactS8(p), &[operand], &[table]);
            }
            Arithmetic::Native if to == INT8 && self.beta >= 0.0 => {
                let scale = f64::from(from.scale) * f64::from(self.beta);
                let table: Vec<u16> = (0..256)
                    .map(|d| (65535.0 * (-f64::from(d) * scale).exp()).round_ties_even() as u16)
                    .collect();
                let table = node.add_constant("exponentials of differences", Element::U16, &table);
                node.step(Kernel::SoftmaxS8(p), &[operand], &[table]);
            }
            Arithmetic::Native | Arithmetic::Onnx => {
                let (p, table) = exact::softmax_real(p, self.beta, from.scale, to)?;
                let table = node.add_constant("exponentials of differences", Element::U32, &table);
                node.step(Kernel::SoftmaxRealS8(p), &[operand], &[table]);
            }
        }
        Ok(())
    }

    fn lower_s8_s16(
        &self,
        node: &mut NodeLowering<'_>,
        p: params::Softmax,
    ) -> Result<(), LowerError> {
        let [from, to] = quants(node)?;
        expect_grid(to, 65536.0, -32768)?;
        let table = self.exponentials(node, from)?;
        let operand = node.operand(0)?;
        node.step(Kernel::SoftmaxExactS8S16(p), &[operand], &[table]);
        Ok(())
    }

    fn lower_s16(&self, node: &mut NodeLowering<'_>, p: params::Softmax) -> Result<(), LowerError> {
        let [from, to] = quants(node)?;
        expect_grid(to, 32768.0, 0)?;
        let p = exact::softmax_s16(p, self.beta, from.scale)?;
        let [exponentials, reciprocals] = exact::samples();
        let tables = [
            node.add_constant("samples of eˣ", Element::I16, &exponentials),
            node.add_constant("samples of 1/(1+x)", Element::I16, &reciprocals),
        ];
        let operand = node.operand(0)?;
        node.step(Kernel::SoftmaxExactS16(p), &[operand], &tables);
        Ok(())
    }

    fn exponentials(
        &self,
        node: &mut NodeLowering<'_>,
        from: QuantParams,
    ) -> Result<usize, LowerError> {
        let table = exact::exponentials(self.beta, from.scale)?;
        Ok(node.add_constant("exponentials of differences", Element::I32, &table))
    }
}

fn lower_log_s8(node: &mut NodeLowering<'_>, p: params::Softmax) -> Result<(), LowerError> {
    let [from, to] = quants(node)?;
    expect_grid(to, 16.0, 127)?;
    let (p, table) = exact::log_softmax(p, from.scale)?;
    let table = node.add_constant("exponentials of differences", Element::I32, &table);
    let operand = node.operand(0)?;
    node.step(Kernel::LogSoftmaxExactS8(p), &[operand], &[table]);
    Ok(())
}

/// Scale and zero point of input and output.
fn quants(node: &NodeLowering<'_>) -> Result<[QuantParams; 2], LowerError> {
    Ok([
        arithmetic::params_of(node.input_type(0)?)?,
        arithmetic::params_of(node.output_type())?,
    ])
}

/// Refuses results that are no multiples of `1 / inverse_scale` around a zero point.
fn expect_grid(to: QuantParams, inverse_scale: f32, zero_point: i32) -> Result<(), LowerError> {
    if to.zero_point == zero_point && (to.scale * inverse_scale - 1.0).abs() <= 1e-3 {
        return Ok(());
    }
    Err(LowerError::new(
        format!(
            "a softmax to scale {:e} and zero point {}",
            to.scale, to.zero_point
        ),
        format!("scale 1/{inverse_scale} and zero point {zero_point}"),
    ))
}
