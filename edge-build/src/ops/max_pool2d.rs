//! Maximum over windows of an NHWC image. Padding never wins.
//!
//! Source: ONNX `MaxPool`, `TFLite` `MAX_POOL_2D`.

use super::conv2d::NO_CLAMP;
use super::unary::rounded_table;
use super::{OpError, Operator, QuantRule, Sliding};
use crate::ir::{Arithmetic, DType, TensorType};
use crate::lower::{DraftOperand, LowerError, NodeLowering, arithmetic, exact};
use crate::program::{Element, Kernel};
use edge_core::params::{self, TableS8, UnaryFn};

/// Maximum over windows. Input: image `[n,h,w,c]`.
#[derive(Clone, Debug, PartialEq)]
pub struct MaxPool2d {
    /// Window, steps, padding.
    pub sliding: Sliding,
    /// Limits of the result, infinite where there is none.
    pub clamp: [f32; 2],
}

impl Operator for MaxPool2d {
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
        QuantRule::Same
    }

    fn lower(&self, node: &mut NodeLowering<'_>) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let window = self.sliding.window(x, y);
        let p = params::MaxPool2d { window };
        let open = self.clamp == NO_CLAMP;
        let kernel = match y.dtype {
            DType::F32 => {
                return super::average_pool2d::clamped(node, Kernel::MaxPool2dF32(p), self.clamp);
            }
            DType::I8 if open && x.quant == y.quant => Kernel::MaxPool2dS8(p),
            DType::I8 if x.quant != y.quant && node.arithmetic() != Arithmetic::TfLite => {
                return self.lower_rescaled(node, p);
            }
            DType::I8 | DType::I16 => {
                let clamp = exact::pool::limits(
                    x,
                    y,
                    self.clamp,
                    self.sliding.kernel,
                    exact::binary::rounding(node.arithmetic()),
                )?;
                let p = params::MaxPool2dQuantized { window, clamp };
                if y.dtype == DType::I8 {
                    Kernel::MaxPool2dQuantizedS8(p)
                } else {
                    Kernel::MaxPool2dQuantizedS16(p)
                }
            }
            other @ (DType::U8 | DType::I32 | DType::I64 | DType::Bool) => {
                return Err(LowerError::of_dtype(other));
            }
        };
        let x = node.operand(0)?;
        node.step(kernel, &[x], &[]);
        Ok(())
    }
}

impl MaxPool2d {
    /// The maximum, and behind it the change of scale and zero point.
    fn lower_rescaled(
        &self,
        node: &mut NodeLowering<'_>,
        p: params::MaxPool2d,
    ) -> Result<(), LowerError> {
        let (x, y) = (node.input_type(0)?, node.output_type());
        let [low, high] = self.clamp;
        let limits = [UnaryFn::Clip(low, high)];
        let bytes = rounded_table(
            &limits,
            arithmetic::params_of(x)?,
            arithmetic::params_of(y)?,
        );
        let table = node.add_constant("table of a change of scale", Element::I8, &bytes);
        let len = y.len();
        let (operand, greatest) = (node.operand(0)?, node.scratch(Element::I8, len));
        node.step_to(Kernel::MaxPool2dS8(p), &[operand], &[], greatest);
        let greatest = DraftOperand::Buffer(greatest);
        node.step(Kernel::TableS8(TableS8 { len }), &[greatest], &[table]);
        Ok(())
    }
}
