//! A function of each element: a loop in float, one table of 256 bytes in int8.
//!
//! Source: ONNX `Relu`, `Clip`, `Sigmoid`, `HardSwish`, … ; one row of [`edge_core::params::UnaryFn`] each.

use super::{OpError, Operator, QuantRule};
use crate::ir::{DType, QuantParams, TensorType};
use crate::lower::{LowerError, NodeLowering, arithmetic};
use crate::program::{Element, Kernel};
use edge_core::params::{TableS8, UnaryFn};
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
        let (x, y) = (node.input_type(0)?, node.output_type());
        let mut operand = node.operand(0)?;
        match y.dtype {
            DType::F32 => {
                for (index, function) in self.functions.iter().enumerate() {
                    let output = if index + 1 == self.functions.len() {
                        node.output()
                    } else {
                        node.scratch(Element::F32, y.len())
                    };
                    node.step_to(Kernel::UnaryF32(*function), &[operand], &[], output);
                    operand = crate::lower::DraftOperand::Buffer(output);
                }
            }
            DType::I8 => {
                let (from, to) = (arithmetic::params_of(x)?, arithmetic::params_of(y)?);
                let bytes = table(&self.functions, from, to);
                let table = node.add_constant("table of a function", Element::I8, &bytes);
                node.step(
                    Kernel::TableS8(TableS8 { len: y.len() }),
                    &[operand],
                    &[table],
                );
            }
            other @ (DType::U8 | DType::I16 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        }
        Ok(())
    }
}

/// The int8 output for every int8 input, −128 first. A result that is not a number counts as 0.
fn table(functions: &[UnaryFn], from: QuantParams, to: QuantParams) -> Vec<i8> {
    let entry = |q: i32| {
        let real = (q - from.zero_point) as f32 * from.scale;
        let result = functions
            .iter()
            .fold(real, |value, &function| rt::unary(function, value));
        let result = if result.is_nan() { 0.0 } else { result };
        let steps = (f64::from(result) / f64::from(to.scale)).round_ties_even();
        (steps + f64::from(to.zero_point)).clamp(-128.0, 127.0) as i8
    };
    (-128..=127).map(entry).collect()
}
