//! A function of each element: a loop in float, one table of 256 bytes in int8, samples or lines in 16 bits.
//!
//! Source: ONNX `Relu`, `Clip`, `Sigmoid`, `HardSwish`, … ; one row of [`edge_core::params::UnaryFn`] each.

use super::{OpError, Operator, QuantRule};
use crate::ir::{Arithmetic, DType, QuantParams, TensorType};
use crate::lower::exact::unary::{FunctionS16, function_s16, table_s8};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params::{TableS8, TableS16, UnaryFn};
use edge_core::rt;

/// Functions of each element, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// The functions in the order in which they are applied; never empty.
    pub functions: Vec<UnaryFn>,
}

impl Unary {
    /// A single function.
    #[must_use]
    pub fn of(function: UnaryFn) -> Self {
        Self {
            functions: vec![function],
        }
    }
}

impl Operator for Unary {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>, OpError> {
        let &[x] = inputs else {
            return Err(OpError::new(
                format!("{} inputs", inputs.len()),
                "one tensor",
            ));
        };
        Ok(vec![TensorType {
            dtype: x.dtype,
            shape: x.shape.clone(),
            quant: None,
        }])
    }

    fn macs(&self, _inputs: &[&TensorType], _outputs: &[&TensorType]) -> u64 {
        0
    }

    fn quant_rule(&self) -> QuantRule {
        match self.functions.last() {
            Some(UnaryFn::Sigmoid) => QuantRule::Fixed(QuantParams {
                scale: 1.0 / 256.0,
                zero_point: -128,
            }),
            Some(UnaryFn::Tanh) => QuantRule::Fixed(QuantParams {
                scale: 1.0 / 128.0,
                zero_point: 0,
            }),
            _ => QuantRule::Calibrated,
        }
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        match node.output_type().dtype {
            DType::F32 => self.lower_f32(node),
            DType::I8 => self.lower_s8(node),
            DType::I16 if node.arithmetic() != Arithmetic::Onnx => self.lower_s16(node),
            other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
                Err(LowerError::of_dtype(other))
            }
        }
    }
}

impl Unary {
    fn lower_f32(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let len = node.output_type().len();
        let mut operand = node.operand(0)?;
        for (index, function) in self.functions.iter().enumerate() {
            let output = if index + 1 == self.functions.len() {
                node.output()
            } else {
                node.scratch(Element::F32, len)
            };
            node.step_to(Kernel::UnaryF32(*function), &[operand], &[], output);
            operand = crate::lower::DraftOperand::Buffer(output);
        }
        Ok(())
    }

    fn lower_s8(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let [from, to] = quants(node)?;
        let bytes = match node.arithmetic() {
            Arithmetic::TfLite => table_s8(self.only()?, from, to)?,
            Arithmetic::Native => table(&self.functions, from, to, |real, scale| {
                (f64::from(real) / f64::from(scale)).round_ties_even()
            }),
            Arithmetic::Onnx => rounded_table(&self.functions, from, to),
        };
        let table = node.add_constant("table of a function", Element::I8, &bytes);
        let len = node.output_type().len();
        let operand = node.operand(0)?;
        node.step(Kernel::TableS8(TableS8 { len }), &[operand], &[table]);
        Ok(())
    }

    fn lower_s16(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let [from, to] = quants(node)?;
        let len = node.output_type().len();
        let operand = node.operand(0)?;
        let (kernel, constants) = match function_s16(self.only()?, from, to)? {
            FunctionS16::Curve(p) => (Kernel::CurveS16(p), vec![]),
            FunctionS16::Lines(p) => (Kernel::LinesS16(p), vec![]),
            FunctionS16::Rsqrt(p) => (Kernel::RsqrtS16(p), vec![]),
            FunctionS16::Table(samples) => {
                let table = node.add_constant("samples of a function", Element::I16, &samples);
                (Kernel::TableS16(TableS16 { len }), vec![table])
            }
        };
        node.step(kernel, &[operand], &constants);
        Ok(())
    }

    /// The function, if it is one alone: several are one only where we choose the rounding.
    fn only(&self) -> Result<UnaryFn, LowerError> {
        match *self.functions.as_slice() {
            [function] => Ok(function),
            _ => Err(LowerError::new(
                format!("{} functions at once", self.functions.len()),
                "one function in the arithmetic of TFLite",
            )),
        }
    }
}

/// Scale and zero point of input and output.
fn quants(node: &NodeLowering<'_>) -> Result<[QuantParams; 2], LowerError> {
    let (x, y) = (node.input_type(0)?, node.output_type());
    if x.dtype != y.dtype {
        return Err(LowerError::of_dtype(x.dtype));
    }
    Ok([arithmetic::params_of(x)?, arithmetic::params_of(y)?])
}

/// The int8 output for every int8 input, −128 first, in single precision like ONNX `QuantizeLinear`.
pub(super) fn rounded_table(functions: &[UnaryFn], from: QuantParams, to: QuantParams) -> Vec<i8> {
    table(functions, from, to, |real, scale| {
        f64::from((real / scale).round_ties_even())
    })
}

/// The int8 output for every int8 input, −128 first; `steps` of a real number at a scale. A result that is not
/// a number counts as 0.
fn table(
    functions: &[UnaryFn],
    from: QuantParams,
    to: QuantParams,
    steps: impl Fn(f32, f32) -> f64,
) -> Vec<i8> {
    let entry = |q: i32| {
        let real = (q - from.zero_point) as f32 * from.scale;
        let result = functions
            .iter()
            .fold(real, |value, &function| rt::unary(function, value));
        let result = if result.is_nan() { 0.0 } else { result };
        (steps(result, to.scale) + f64::from(to.zero_point)).clamp(-128.0, 127.0) as i8
    };
    (-128..=127).map(entry).collect()
}
